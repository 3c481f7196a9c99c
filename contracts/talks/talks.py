"""The thread of a negotiation: questions and answers of its two sides, with files. It stays open once the contract is
signed, and nobody else reads it but officers."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet

from contracts import queries
from contracts.models import Attachment, Message, Negotiation, Side
from exchange.kernel import events, text
from exchange.kernel.actors import Actor, Scope
from exchange.kernel.errors import Conflict, Forbidden, Invalid, NotFound
from exchange.kernel.ids import new_id

LARGEST_BYTES = 5 * 1024 * 1024
MOST_ATTACHMENTS = 20
LONGEST_BODY = 4_000


@dataclass(frozen=True)
class File:
    """A file as it was sent."""

    name: str
    content: bytes


@transaction.atomic
def post(negotiation: Negotiation, body: str, *, files: Sequence[File] = (), by: Actor) -> Message:
    """Write to the other side. The last message said again by its author is the same message, not another."""
    side = _side(negotiation, by)
    said = text.prose(body, name="body", at_least=1, at_most=LONGEST_BODY)
    negotiation.refresh_from_db(from_queryset=Negotiation.objects.select_for_update(of=("self",)))
    if negotiation.state == Negotiation.State.TERMINATED:
        raise Conflict("this negotiation has ended without a contract", code="wrong_state")
    last = Message.objects.filter(negotiation=negotiation).order_by("pk").last()
    if not files and last and (last.author, last.body) == (by.name, said) and not last.attachments.exists():
        return last
    message = Message(
        id=new_id(), negotiation=negotiation, side=side, author=by.name, body=said, posted_at=by.at
    )
    attachments = _attachments(message, files)
    message.save(force_insert=True)
    Attachment.objects.bulk_create(attachments)
    events.record(
        "message.posted",
        message,
        by=by,
        facts={"attachments": [one.sha256 for one in attachments]},
        typed={"body": said},
    )
    return message


def messages_visible_to(actor: Actor, negotiation_id: UUID) -> QuerySet[Message]:
    """The thread of a negotiation that the actor may see, the first message first."""
    talk = queries.negotiation_visible_to(actor, negotiation_id)
    return Message.objects.filter(negotiation=talk).order_by("pk")


def files_of(messages: Sequence[Message]) -> dict[UUID, list[Attachment]]:
    """The files of each message, without their bytes."""
    found: dict[UUID, list[Attachment]] = {}
    rows = Attachment.objects.filter(message__in=messages).defer("content").order_by("pk")
    for row in rows:
        found.setdefault(row.message_id, []).append(row)
    return found


def attachment_visible_to(actor: Actor, attachment_id: UUID) -> Attachment:
    """A file of a thread that the actor may see."""
    mine = queries.negotiations_visible_to(actor).values("pk")
    found = Attachment.objects.filter(pk=attachment_id, message__negotiation__in=mine).first()
    if found is None:
        raise NotFound("there is no such attachment")
    return found


def _side(negotiation: Negotiation, by: Actor) -> str:
    if by.participant_id == negotiation.seller_id:
        by.require(Scope.SELL)
        return Side.SELLER
    by.require(Scope.BUY)
    if by.participant_id != negotiation.buyer_id:
        raise Forbidden("only the seller or the buyer may do this")
    return Side.BUYER


def _attachments(message: Message, files: Sequence[File]) -> list[Attachment]:
    kept = Attachment.objects.filter(message__negotiation=message.negotiation).count()
    if kept + len(files) > MOST_ATTACHMENTS:
        raise Invalid(
            f"a negotiation holds {MOST_ATTACHMENTS} attachments at most; it has {kept}",
            code="too_many_attachments",
        )
    for file in files:
        if not 0 < len(file.content) <= LARGEST_BYTES:
            raise Invalid(
                f"an attachment has from 1 to {LARGEST_BYTES} bytes; this one has {len(file.content)}",
                code="attachment_too_large",
            )
    return [
        Attachment(
            id=new_id(),
            message=message,
            name=text.line(file.name, name="the name of an attachment"),
            size_bytes=len(file.content),
            sha256=hashlib.sha256(file.content).hexdigest(),
            content=file.content,
        )
        for file in files
    ]
