"""How a request ends: answered once nothing is open any more, refused on a ground of the law, or taken back by the
person. What sellers were asked for it ends with it."""

from django.db import transaction

from compliance import notices
from compliance.models import SellerSearch, SubjectRequest
from compliance.requests import answer_pack, clock, consequences, identity, law, letters, seller_search
from exchange.kernel import events, text
from exchange.kernel.actors import Actor, Scope
from exchange.kernel.errors import Conflict
from exchange.kernel.states import transition
from exchange.participants import vault

_CLOSED = "The request that this search was for is closed."


@transaction.atomic
def start(request: SubjectRequest, *, by: Actor) -> SubjectRequest:
    """Begin to work on a request whose person is known."""
    identity.require_officer(request, by)
    return transition(request, "start", by=by)


@transaction.atomic
def answer(request: SubjectRequest, words: str, *, by: Actor, delay_reason: str = "") -> SubjectRequest:
    """Answer the person: all that is known is put together, sealed, and waits on their page. Nothing may be open: no
    question to them, no search of a seller, no recipient that has not done what it was told. After its time it needs
    the reason of the delay."""
    identity.require_officer(request, by)
    said = text.prose(words, name="answer", at_least=10, at_most=10_000)
    identity.take_turns(request)
    if request.paused_at is not None:
        raise Conflict("the clock of this request stands still; let it run first", code="request_paused")
    if request.state != SubjectRequest.State.IN_PROGRESS:
        raise Conflict(f"cannot answer this request: it is {request.state}", code="wrong_state")
    if seller_search.is_open(request):
        raise Conflict(
            "sellers have not all answered: wait, or go on without them for a reason", code="searches_open"
        )
    if request.kind in consequences.TOLD and consequences.to_tell(request) and request.told_at is None:
        raise Conflict("the recipients have not been told yet what to do", code="recipients_not_told")
    notices.require_settled(consequences.occasion_of(request))
    late = clock.delay_reason(request, delay_reason, at=by.at)
    consequences.limit_if_held(request, by=by)
    pack = answer_pack.make(request, said, by=by)
    record, sealed = vault.seal(request.vault_name, answer_pack.as_sealed(pack), by.at)
    answered = transition(
        request,
        "answer",
        by=by,
        facts={"sha256": pack.sha256, "sealed": {"record": str(record), "sha256": sealed}},
        typed={"answer": said} | _typed(late),
        answer=record,
        answer_sha256=pack.sha256,
        delay_reason=late,
        closed_at=by.at,
    )
    letters.write(request, "answered", words=said, at=by.at)
    return answered


@transaction.atomic
def refuse(
    request: SubjectRequest, ground: str, words: str, *, by: Actor, delay_reason: str = ""
) -> SubjectRequest:
    """Refuse on one of the law's grounds; the person is told why, and where to complain. After its time it needs the
    reason of the delay."""
    identity.require_officer(request, by)
    identity.take_turns(request)
    known = law.ground(request, ground)
    said = text.prose(words, name="reason", at_least=10, at_most=4_000)
    late = clock.delay_reason(request, delay_reason, at=by.at)
    refused = transition(
        request,
        "refuse",
        by=by,
        facts={"ground": known.code},
        typed={"reason": said} | _typed(late),
        ground=known.code,
        delay_reason=late,
        paused_at=None,
        closed_at=by.at,
    )
    _end_searches(request, by)
    letters.write(request, "refused", words=f"{law.ground_in_words(request, known)}\n\n{said}", at=by.at)
    return refused


@transaction.atomic
def withdraw(request: SubjectRequest, *, by: Actor) -> SubjectRequest:
    """End a request that the person took back: on their own page, or by word to an officer."""
    if by.name != request.person:
        identity.require_officer(request, by)
    withdrawn = transition(request, "withdraw", by=by, paused_at=None, closed_at=by.at)
    _end_searches(request, by)
    letters.write(request, "withdrawn", at=by.at)
    return withdrawn


@transaction.atomic
def write(request: SubjectRequest, words: str, *, by: Actor) -> None:
    """Write a letter to the person."""
    identity.require_officer(request, by)
    said = text.prose(words, name="message", at_least=2, at_most=10_000)
    if not request.is_confirmed:
        raise Conflict("the person has not confirmed the address yet", code="not_confirmed")
    letters.write(request, "message", words=said, at=by.at)
    events.record("subjectrequest.written", request, by=by, typed={"message": said})


def _typed(late: str) -> dict[str, str]:
    """The reason of the delay as the Event has it: not at all where there was none."""
    return {"delay_reason": late} if late else {}


def _end_searches(request: SubjectRequest, by: Actor) -> None:
    system = by.as_system("close_request")
    assert system.can(Scope.AUDIT)
    for search in request.searches.filter(state=SellerSearch.State.ASKED):
        seller_search.dismiss(search, _CLOSED, by=system)
