"""How long the exchange has for a request. The law's period runs from the receipt; while the person is asked for
something it stands still, so its start is moved by as much. A request keeps the legal profile it began under."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from django.db import transaction

from compliance.legal import deadlines
from compliance.legal.profile import LegalProfile
from compliance.models import RequestPause, SubjectRequest
from compliance.requests import identity, law, letters
from exchange.kernel import events, text
from exchange.kernel.actors import Actor
from exchange.kernel.errors import Conflict, Invalid
from exchange.look import formats

ANSWER, EXTENSION = "request.answer", "request.extension"

Why = RequestPause.Why
State = SubjectRequest.State


def first_due(profile: LegalProfile, received_at: datetime, country: str) -> datetime:
    """Until when a request that came then is to be answered."""
    return deadlines.due(profile, ANSWER, received_at, country=country, zone=formats.zone())


def is_late(request: SubjectRequest, at: datetime) -> bool:
    """Whether the person should have had the answer by then; not while the clock stands still."""
    return request.is_open and request.paused_at is None and at > request.due_at


def delay_reason(request: SubjectRequest, given: str, *, at: datetime) -> str:
    """Why a request ends late, as it was given; Invalid where none was. Empty for one that ends in time."""
    if not is_late(request, at):
        return ""
    if not given.strip():
        raise Invalid("the time to answer was over: say why the answer is late", code="late_reason_missing")
    return text.reason(given)


@transaction.atomic
def pause(request: SubjectRequest, why: str, question: str, *, by: Actor) -> SubjectRequest:
    """Ask the person who they are, or what they mean, and let the clock stand still until they say. Identity is asked
    before it is known, clarity after."""
    identity.require_officer(request, by)
    if why not in Why.values:
        raise Invalid(f"a request waits for {' or '.join(Why.values)}")
    asked = text.prose(question, name="question", at_least=10, at_most=4_000)
    may_start = (State.RECEIVED,) if why == Why.IDENTITY else (State.IDENTIFIED, State.IN_PROGRESS)
    running = SubjectRequest.objects.filter(
        pk=request.pk, state__in=may_start, paused_at=None, due_at__gte=by.at
    )
    if not running.update(paused_at=by.at):
        raise Conflict(
            "the clock of this request cannot be stopped now: it stands still already, its time is over, or "
            "its state is another",
            code="cannot_pause",
        )
    request.refresh_from_db()
    RequestPause.objects.create(request=request, why=why, started_at=by.at)
    events.record("subjectrequest.paused", request, by=by, facts={"why": str(why)}, typed={"question": asked})
    letters.write(request, f"ask_{why}", words=asked, at=by.at)
    return request


@transaction.atomic
def resume(request: SubjectRequest, *, by: Actor) -> SubjectRequest:
    """Note that the person has said what they were asked; the clock goes on, and they are told until when."""
    identity.require_officer(request, by)
    pause = RequestPause.objects.filter(request=request, ended_at=None).first()
    paused = SubjectRequest.objects.filter(
        pk=request.pk, paused_at__isnull=False, state__in=SubjectRequest.OPEN
    )
    if pause is None or not paused.update(paused_at=None):
        raise Conflict("the clock of this request runs", code="not_paused")
    RequestPause.objects.filter(pk=pause.pk, ended_at=None).update(ended_at=by.at)
    request.refresh_from_db()
    moved = _due(request, extended_at=request.extended_at)
    SubjectRequest.objects.filter(pk=request.pk).update(due_at=moved)
    request.refresh_from_db()
    events.record("subjectrequest.resumed", request, by=by, facts={"why": str(pause.why)})
    letters.write(request, "resumed", at=by.at)
    return request


@transaction.atomic
def extend(request: SubjectRequest, reason: str, *, by: Actor) -> SubjectRequest:
    """Take the longer time that the law allows, once, before the first is over and for a reason that the person is
    told."""
    identity.require_officer(request, by)
    given = text.reason(reason)
    if request.extended_at is not None:
        raise Conflict("this request was extended before; the law allows it once", code="extended_before")
    if request.paused_at is not None:
        raise Conflict("the clock of this request stands still; let it run first", code="request_paused")
    until = _due(request, extended_at=by.at)
    first = SubjectRequest.objects.filter(
        pk=request.pk,
        state__in=SubjectRequest.OPEN,
        extended_at=None,
        paused_at=None,
        due_at=request.due_at,
    )
    if not first.update(extended_at=by.at, due_at=until):
        raise Conflict("this request has changed meanwhile; look at it again", code="wrong_state")
    request.refresh_from_db()
    events.record("subjectrequest.extended", request, by=by, typed={"reason": given})
    letters.write(request, "extended", words=given, at=by.at)
    return request


def _due(request: SubjectRequest, *, extended_at: datetime | None) -> datetime:
    """When the time is over, with the pauses that have ended and the extension that was told then."""
    profile, zone = law.profile_of(request), formats.zone()
    start = request.received_at + _stood_still(request.pauses.all())
    if extended_at is None:
        return deadlines.due(profile, ANSWER, start, country=request.country, zone=zone)
    return deadlines.extended(
        profile, ANSWER, EXTENSION, start, told_at=extended_at, country=request.country, zone=zone
    )


def _stood_still(pauses: Iterable[RequestPause]) -> timedelta:
    return sum((one.ended_at - one.started_at for one in pauses if one.ended_at), timedelta())
