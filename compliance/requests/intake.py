"""How a request comes in: by the public form, whose address is confirmed by a link, or by an officer's hand. The answer
to the form is the same for everybody, known here or not."""

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction

from compliance import legal
from compliance.models import SubjectRequest
from compliance.requests import clock, letters
from compliance.requests.queries import hash_of_token
from compliance.retention import legal_holds
from exchange.kernel import events, text
from exchange.kernel.actors import Actor, Kind, Scope
from exchange.kernel.canonical import Fact
from exchange.kernel.errors import Conflict, Invalid
from exchange.kernel.states import transition
from exchange.participants import queries, vault
from exchange.participants.members import entries

UNCONFIRMED_KEPT = timedelta(days=30)
_OLDEST = timedelta(days=366)

Channel = SubjectRequest.Channel


@dataclass(frozen=True)
class Asked:
    """What a person asks. `email` or `address` says where to write; `words` are the person's own."""

    kind: str
    name: str
    words: str = ""
    email: str = ""
    address: str = ""
    language: str = "en"


@transaction.atomic
def ask(asked: Asked, *, by: Actor) -> SubjectRequest:
    """Take what a visitor typed into the form, and send the link that confirms it. Its clock runs from now on."""
    if not asked.email:
        raise Invalid("an e-mail address is needed: the link to confirm goes there")
    request = _keep(asked, Channel.FORM, by.at, by)
    letters.write(request, letters.FIRST, at=by.at)
    return request


@transaction.atomic
def confirm(request: SubjectRequest, *, by: Actor) -> SubjectRequest:
    """Note that whoever asked reads the address that was given; a second time changes nothing."""
    waiting = SubjectRequest.objects.filter(
        pk=request.pk, confirmed_at=None, state=SubjectRequest.State.RECEIVED
    )
    if waiting.update(confirmed_at=by.at):
        request.refresh_from_db()
        events.record("subjectrequest.confirmed", request, by=as_person(request, by))
        letters.write(request, "received", at=by.at)
    return request


@transaction.atomic
def take_in(asked: Asked, *, channel: str, received_at: datetime, by: Actor) -> SubjectRequest:
    """Take in, by an officer, what came by e-mail or letter, or was said in person. The clock runs from when it came,
    not from now."""
    by.require(Scope.AUDIT)
    if channel not in (Channel.EMAIL, Channel.LETTER, Channel.IN_PERSON):
        raise Invalid(f"a request comes in by {Channel.EMAIL}, {Channel.LETTER} or {Channel.IN_PERSON}")
    if not by.at - _OLDEST <= received_at <= by.at:
        raise Invalid("a request was received before now, and not more than a year ago", code="received_wrong")
    request = _keep(asked, Channel(channel), received_at, by)
    letters.write(request, "received", at=by.at)
    return request


@transaction.atomic
def write_in(request: SubjectRequest, words: str, *, by: Actor) -> SubjectRequest:
    """Keep a message of the person to the officers, written on the page of the request."""
    if not request.is_open or not request.is_confirmed:
        raise Conflict("this request takes no more messages", code="request_closed")
    letters.take(request, words, at=by.at)
    events.record("subjectrequest.message_received", request, by=as_person(request, by))
    return request


def as_person(request: SubjectRequest, by: Actor) -> Actor:
    """The person who asks, under the pseudonym of the request."""
    return Actor(Kind.MEMBER, request.person, None, frozenset(), by.at)


def lapse(*, now: datetime, at_most: int = 100) -> int:
    """Forget requests by form whose address nobody confirmed: their row and Events stay, and say nothing of anybody;
    answers how many."""
    waiting = SubjectRequest.objects.filter(
        state=SubjectRequest.State.RECEIVED,
        channel=Channel.FORM,
        confirmed_at=None,
        received_at__lt=now - UNCONFIRMED_KEPT,
    )
    by, count = Actor.system("lapse_requests", at=now), 0
    for request in waiting.order_by("pk")[:at_most]:
        made = (request.received_at, request.received_at)
        if legal_holds.covering(request_id=request.pk, person=request.person, made=made, at=now):
            continue
        with transaction.atomic():
            transition(request, "lapse", by=by, closed_at=now)
            vault.shred(request.vault_name, "Nobody confirmed the address within the time.", by)
        count += 1
    return count


def _keep(asked: Asked, channel: SubjectRequest.Channel, received_at: datetime, by: Actor) -> SubjectRequest:
    if asked.kind not in SubjectRequest.Kind.values:
        raise Invalid(f"a request is one of {', '.join(SubjectRequest.Kind.values)}")
    particulars = _said(asked)
    profile, operator = legal.current(), queries.operators_organisation()
    country = (operator.verified_country or operator.country) if operator else ""
    legal.keep(profile, now=by.at)
    request = SubjectRequest(
        person=f"dp_{secrets.token_hex(12)}",
        kind=asked.kind,
        channel=channel,
        language=entries.language(asked.language),
        country=country,
        received_at=received_at,
        due_at=clock.first_due(profile, received_at, country),
        profile_version=profile.version,
        profile_sha256=profile.sha256,
    )
    if particulars["email"]:
        particulars["token"] = secrets.token_urlsafe(32)
        request.token_hash = hash_of_token(particulars["token"])
    request.particulars, digest = vault.seal(request.vault_name, particulars, by.at)
    request.save(force_insert=True)
    facts: dict[str, Fact] = {
        "channel": str(channel),
        "sealed": {"record": str(request.particulars), "sha256": digest},
    }
    who = as_person(request, by) if channel == Channel.FORM else by
    events.record("subjectrequest.received", request, by=who, facts=facts)
    return request


def _said(asked: Asked) -> dict[str, str]:
    if not (asked.email or asked.address):
        raise Invalid("say where to write to the person: an e-mail address, or a postal one", code="no_address")
    return {
        "name": text.line(asked.name, name="name"),
        "email": entries.email(asked.email) if asked.email else "",
        "address": text.prose(asked.address, name="address", at_most=500),
        "words": text.prose(asked.words, name="words", at_most=10_000),
    }
