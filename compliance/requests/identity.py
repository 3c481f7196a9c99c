"""Who asks, and who may work on it: the check of identity, of which a method and a result are kept and no copy of a
document, and the rule that no officer works on a request of their own."""

from collections.abc import Mapping

from allauth.account.models import EmailAddress
from django.db import transaction

from compliance import desk
from compliance.models import SubjectRequest
from exchange.kernel import events
from exchange.kernel.actors import Actor, Kind, Scope
from exchange.kernel.errors import Conflict, Forbidden, Invalid
from exchange.kernel.states import transition
from exchange.participants import vault


@transaction.atomic
def identify(request: SubjectRequest, method: str, *, by: Actor) -> SubjectRequest:
    """Note that the person is who they say, and by what that was seen. A clock that stood still for it must run
    again first."""
    require_officer(request, by)
    _require_method(request, method)
    if request.paused_at is not None:
        raise Conflict("the clock of this request stands still; let it run first", code="request_paused")
    return transition(
        request,
        "identify",
        by=by,
        facts={"method": str(method), "result": "confirmed"},
        check_method=method,
        identified_at=by.at,
    )


@transaction.atomic
def doubt(request: SubjectRequest, method: str, *, by: Actor) -> SubjectRequest:
    """Note that a check did not show who asks. The request waits: ask the person again, or refuse it."""
    require_officer(request, by)
    _require_method(request, method)
    if request.state != SubjectRequest.State.RECEIVED:
        raise Conflict("this request is past the check of identity", code="wrong_state")
    events.record(
        "subjectrequest.doubted", request, by=by, facts={"method": str(method), "result": "not_confirmed"}
    )
    return request


@transaction.atomic
def look_at(request: SubjectRequest, *, by: Actor) -> Mapping[str, str]:
    """Show an officer who asks; that the request was looked at is an Event."""
    require_officer(request, by)
    desk.note("officer.viewed", by, {"what": "subject_request", "request": str(request.pk)})
    return particulars(request)


def require_officer(request: SubjectRequest, by: Actor) -> None:
    """Refuse who is no officer, and an officer who is the person that asks."""
    by.require(Scope.AUDIT)
    if is_own(request, by):
        raise Forbidden("this request is your own; another officer works on it", code="own_request")


def take_turns(request: SubjectRequest) -> None:
    """Make officers who act on one request at once take turns, and see how it stands now; SQLite's writers do so
    anyway."""
    SubjectRequest.objects.select_for_update().get(pk=request.pk)
    request.refresh_from_db()


def is_own(request: SubjectRequest, by: Actor) -> bool:
    """Whether the actor is, by the addresses of its account, the person who asks."""
    if by.kind is not Kind.MEMBER:
        return False
    said = particulars(request)
    mine = EmailAddress.objects.filter(user__memberships__pseudonyms__name=by.name)
    return bool(said.get("email")) and said["email"].casefold() in {
        address.casefold() for address in mine.values_list("email", flat=True)
    }


def particulars(request: SubjectRequest) -> Mapping[str, str]:
    """Who asks, where to write, and in which words; empty once the vault's key was destroyed."""
    return vault.read(request.particulars) or {}


def _require_method(request: SubjectRequest, method: str) -> None:
    if method not in SubjectRequest.Check.values:
        raise Invalid(f"a check is one of {', '.join(SubjectRequest.Check.values)}")
    if method == SubjectRequest.Check.ADDRESS and request.confirmed_at is None:
        raise Conflict("the person has not opened the link that was sent to the address", code="not_confirmed")
