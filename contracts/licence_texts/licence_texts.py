"""Documents of sellers that become part of contracts, by their SHA-256. They are kept as they came and never opened
here: what is in them is for the two sides to read."""

import hashlib
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import Q, QuerySet

from contracts import queries
from contracts.models import LicenceText
from contracts.terms.terms import Terms
from exchange.kernel import events, text
from exchange.kernel.actors import Actor, Scope
from exchange.kernel.errors import Conflict, Forbidden, Invalid, NotFound
from exchange.kernel.ids import new_id
from exchange.participants.members import members

LARGEST_BYTES = 5 * 1024 * 1024
MOST = 200  # of one seller
_PDF = b"%PDF-"


@transaction.atomic
def keep(content: bytes, *, title: str, by: Actor) -> LicenceText:
    """Keep a PDF of 5 MiB at most for the acting seller. The same bytes a second time are the same document."""
    by.require(Scope.SELL)
    if by.participant_id is None:
        raise Forbidden("only a seller keeps documents for contracts")
    members.require_cleared(by.participant_id)
    if not content.startswith(_PDF):
        raise Invalid("This is not a PDF: it does not begin with %PDF-.", code="licence_text_malformed")
    if len(content) > LARGEST_BYTES:
        raise Invalid("The document has more than 5 MiB.", code="licence_text_too_large")
    title, sha256 = text.line(title, name="title"), hashlib.sha256(content).hexdigest()
    rows = LicenceText.objects.filter(seller_id=by.participant_id)
    if (known := rows.filter(sha256=sha256).first()) is not None:
        return known
    if rows.count() >= MOST:
        raise Conflict(f"a seller keeps {MOST} documents at most", code="too_many_licence_texts")
    try:
        with transaction.atomic():
            kept = LicenceText.objects.create(
                id=new_id(),
                seller_id=by.participant_id,
                title=title,
                sha256=sha256,
                size_bytes=len(content),
                content=content,
                kept_at=by.at,
            )
    except IntegrityError:  # another process kept it in the same moment
        return rows.get(sha256=sha256)
    events.record("licence_text.kept", kept, by=by, typed={"title": title})
    return kept


def require_kept(terms: Terms, *, seller_id: UUID) -> None:
    """Refuse terms that name a document which their seller has not kept, or by another title."""
    for clause in terms.clauses:
        if clause.kind == "licence" and clause.has("sha256"):
            rows = LicenceText.objects.filter(seller_id=seller_id, sha256=clause.words("sha256"))
            if not rows.filter(title=clause.words("title")).exists():
                raise Invalid(
                    "The document that the clause (licence) names is not kept here under this title: keep it first.",
                    code="no_such_licence_text",
                )


def licence_texts_visible_to(actor: Actor) -> QuerySet[LicenceText]:
    """Without their content: the actor's own, and those that an offer, a negotiation or an agreement names which the
    actor may read."""
    rows = LicenceText.objects.defer("content").select_related("seller")
    if actor.is_system or actor.can(Scope.AUDIT):
        return rows
    may_read = actor.participant_id is not None and actor.can(Scope.READ)
    named = Q(seller_id=actor.participant_id) if may_read else Q(pk__in=[])
    for found in (queries.offers_visible_to(actor), queries.negotiations_visible_to(actor)):
        sources = found.filter(terms__icontains='"sha256"').values_list("seller_id", "terms")
        for seller_id, terms in sources:
            digests = [
                clause["sha256"] for clause in terms if clause.get("kind") == "licence" and "sha256" in clause
            ]
            named |= Q(seller_id=seller_id, sha256__in=digests)
    return rows.filter(named)


def licence_text_visible_to(actor: Actor, licence_text_id: UUID) -> LicenceText:
    found = licence_texts_visible_to(actor).filter(pk=licence_text_id).first()
    if found is None:
        raise NotFound("there is no such document")
    return found


def kept_by(actor: Actor) -> list[tuple[str, str]]:
    """The acting seller's own, newest first: SHA-256 and title, as the terms builder offers them."""
    rows = licence_texts_visible_to(actor).filter(seller_id=actor.participant_id).order_by("-id")
    return list(rows.values_list("sha256", "title"))
