"""What the exchange itself keeps of the person who asks, found by the confirmed address of an account: counts for the
officer, all of it for the person's answer."""

from collections.abc import Mapping
from typing import Any

from allauth.account.models import EmailAddress
from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import QuerySet

from compliance.models import SubjectRequest
from compliance.requests import identity
from compliance.retention import legal_holds
from exchange.kernel import events, text
from exchange.kernel.actors import Actor
from exchange.kernel.errors import Conflict
from exchange.kernel.text import timestamp
from exchange.participants import vault
from exchange.participants.models import Invitation, Member, Notice, Pseudonym, VaultRecord

State = SubjectRequest.State
_WORKED_ON = (State.IDENTIFIED, State.IN_PROGRESS)


@transaction.atomic
def search(request: SubjectRequest, *, by: Actor) -> Mapping[str, int]:
    """How much of each kind is kept of the person, once it is known who asks; that it was searched is an Event."""
    identity.require_officer(request, by)
    _require_known(request)
    found = counts(request)
    events.record("subjectrequest.searched", request, by=by, facts=dict(found))
    return found


def counts(request: SubjectRequest) -> dict[str, int]:
    """How much of each kind is kept of the person."""
    people, address = _accounts(request), identity.particulars(request).get("email", "")
    return {
        "accounts": people.count(),
        "memberships": Member.objects.filter(user__in=people).count(),
        "invitations": Invitation.objects.filter(email__iexact=address).count() if address else 0,
        "notices": Notice.objects.filter(member__user__in=people).count(),
        "names": _names(people).count(),
        "sealed": VaultRecord.objects.filter(key__in=_names(people), sealed__isnull=False).count(),
    }


def everything(request: SubjectRequest) -> dict[str, Any]:
    """All of it, for the person; what was erased is not there any more."""
    people, address = _accounts(request), identity.particulars(request).get("email", "")
    members = Member.objects.filter(user__in=people).select_related("participant").order_by("joined_at", "pk")
    invited = Invitation.objects.filter(email__iexact=address).select_related("participant").order_by("pk")
    return {
        "accounts": [_account(person) for person in people.order_by("pk")],
        "memberships": [
            {
                "organisation": member.participant.name,
                "role": str(member.role),
                "from": timestamp(member.joined_at),
                "until": timestamp(member.removed_at) if member.removed_at else None,
            }
            for member in members
        ],
        "invitations": [
            {"organisation": one.participant.name, "role": one.role, "at": timestamp(one.created_at)}
            for one in (invited if address else invited.none())
        ],
        "notices": Notice.objects.filter(member__user__in=people).count(),
        "downloads": list(_sealed(people)),
    }


@transaction.atomic
def erase(request: SubjectRequest, reason: str, *, by: Actor) -> int:
    """Destroy what the vault keeps of the person's downloads, under every name, of all years; answers how many keys.
    What a legal hold covers is refused."""
    identity.require_officer(request, by)
    given = text.reason(reason)
    if request.kind != SubjectRequest.Kind.ERASURE or request.state != State.IN_PROGRESS:
        raise Conflict("this is for a request of erasure that is being worked on", code="wrong_state")
    keys = 0
    for person in _accounts(request).order_by("pk"):
        for name in Pseudonym.objects.filter(member__user=person).values_list("name", flat=True):
            legal_holds.require_free(person=name, request_id=request.pk, at=by.at)
        if VaultRecord.objects.filter(key__in=_names(User.objects.filter(pk=person.pk))).exists():
            keys += vault.shred_person(person.pk, given, by)
    if not keys:
        raise Conflict("the vault keeps nothing of this person's downloads", code="nothing_kept")
    events.record(
        "subjectrequest.own_records_erased", request, by=by, facts={"keys": keys}, typed={"reason": given}
    )
    return keys


def _accounts(request: SubjectRequest) -> QuerySet[User]:
    address = identity.particulars(request).get("email", "")
    if not address:
        return User.objects.none()
    confirmed = EmailAddress.objects.filter(email__iexact=address, verified=True)
    return User.objects.filter(pk__in=confirmed.values("user"))


def _names(people: QuerySet[User]) -> QuerySet[Pseudonym]:
    return Pseudonym.objects.filter(member__user__in=people).values("name")  # type: ignore[return-value]


def _account(person: User) -> dict[str, Any]:
    addresses = EmailAddress.objects.filter(user=person).order_by("pk").values_list("email", flat=True)
    return {"addresses": list(addresses), "since": timestamp(person.date_joined), "is_active": person.is_active}


def _sealed(people: QuerySet[User]) -> Any:
    rows = VaultRecord.objects.filter(key__in=_names(people), sealed__isnull=False).select_related("key")
    for row in rows.order_by("created_at", "pk").iterator(chunk_size=500):
        said = vault.read(row.pk)
        if said is not None:
            yield {"at": timestamp(row.created_at), **{key: said[key] for key in sorted(said)}}


def _require_known(request: SubjectRequest) -> None:
    if request.state not in _WORKED_ON:
        raise Conflict("first it must be known who asks", code="not_identified")
