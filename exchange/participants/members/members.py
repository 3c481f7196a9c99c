"""Organisations and the people who act for them. Only the operator verifies, suspends and restores, and nobody
decides about an organisation of their own."""

import secrets
from collections.abc import Iterable
from datetime import timedelta
from uuid import UUID

from allauth.account.models import EmailAddress
from django.contrib.auth.models import User
from django.db import IntegrityError, transaction
from django.db.models import QuerySet

from exchange.kernel import events, text
from exchange.kernel.actors import Actor, Kind, Scope
from exchange.kernel.canonical import Fact
from exchange.kernel.errors import Conflict, Forbidden, NotFound
from exchange.kernel.states import transition
from exchange.participants import queries
from exchange.participants.actors.actors import ROLE_SCOPES, actor_of_member
from exchange.participants.members import entries, particulars
from exchange.participants.models import Invitation, Member, Participant

INVITATION_LASTS = timedelta(days=7)
_INVITATIONS_A_DAY = 100


@transaction.atomic
def apply(
    user: User,
    *,
    name: str,
    country: str,
    registration_number: str = "",
    website: str = "",
    sector: str = "",
    vat_id: str = "",
    by: Actor,
) -> Participant:
    """Ask to take part, as an organisation that nobody has verified yet; `user` becomes its manager."""
    said = particulars.said(name, country, registration_number, website, sector, vat_id)
    participant = Participant.objects.create(**said, created_at=by.at)
    manager = _admit(user, participant, Member.Role.MANAGER, by)
    acting = actor_of_member(manager, by.at)
    events.record("participant.applied", participant, by=acting, typed=particulars.as_typed(participant))
    events.record("member.joined", manager, by=acting)
    return participant


@transaction.atomic
def correct(
    participant: Participant,
    *,
    name: str,
    country: str,
    registration_number: str = "",
    website: str = "",
    sector: str = "",
    vat_id: str = "",
    by: Actor,
) -> Participant:
    """Put right what an application says, as long as nobody has decided about it."""
    require_to_manage(participant, by)
    waiting = Participant.objects.filter(pk=participant.pk, state=Participant.State.APPLIED)
    said = particulars.said(name, country, registration_number, website, sector, vat_id)
    if not waiting.update(**said):
        raise Conflict("the operator has decided about this application already", code="application_decided")
    participant.refresh_from_db()
    events.record("participant.corrected", participant, by=by, typed=particulars.as_typed(participant))
    return participant


@transaction.atomic
def verify(
    participant: Participant,
    *,
    country: str,
    evidence: str,
    certifications: Iterable[str] = (),
    sector: str = "",
    by: Actor,
) -> Participant:
    """Let an organisation trade, on the `evidence` that was seen of its establishment in `country` and, where it is
    known, of its sector."""
    _require_to_decide_about(participant, by)
    seen = particulars.seen(country, evidence, certifications, sector)
    facts, typed = particulars.told(seen), {"evidence": seen["evidence"]}
    return transition(participant, "verify", by=by, facts=facts, typed=typed, **seen, verified_at=by.at)


@transaction.atomic
def amend(
    participant: Participant,
    *,
    country: str,
    evidence: str,
    certifications: Iterable[str] = (),
    sector: str = "",
    by: Actor,
) -> Participant:
    """Put right what was seen of an organisation that was verified; rights follow at their next use."""
    _require_to_decide_about(participant, by)
    seen = particulars.seen(country, evidence, certifications, sector)
    known = Participant.objects.filter(pk=participant.pk, verified_at__isnull=False)
    if not known.exclude(state=Participant.State.CLOSED).update(**seen, verified_at=by.at):
        raise Conflict("only an organisation that was verified can be put right", code="wrong_state")
    participant.refresh_from_db()
    typed = {"evidence": seen["evidence"]}
    events.record("participant.amended", participant, by=by, facts=particulars.told(seen), typed=typed)
    return participant


@transaction.atomic
def suspend(participant: Participant, *, reason: str, by: Actor) -> Participant:
    """Stop an organisation from selling and buying; it still sees what it is a party to."""
    _require_to_decide_about(participant, by)
    return transition(participant, "suspend", by=by, typed={"reason": text.reason(reason)})


@transaction.atomic
def restore(participant: Participant, *, reason: str, by: Actor) -> Participant:
    """Let a suspended organisation trade again."""
    _require_to_decide_about(participant, by)
    return transition(participant, "restore", by=by, typed={"reason": text.reason(reason)})


@transaction.atomic
def close(participant: Participant, *, reason: str, by: Actor) -> Participant:
    """End an organisation's part for good, by its own manager or the operator; nobody acts for it any more."""
    if by.acts_for(participant.pk) and not by.can(Scope.OPERATE):
        by.require(Scope.MANAGE)
    else:
        _require_to_decide_about(participant, by)
    _require_not_the_operators(participant)
    return transition(participant, "close", by=by, typed={"reason": text.reason(reason)})


@transaction.atomic
def set_up_operator(name: str, country: str, by: Actor) -> Participant:
    """Make the operator's own organisation, verified at once. An exchange has one; only its setup makes it."""
    if not by.is_system:
        raise Forbidden("the operator's organisation is made where the exchange is set up")
    place = entries.country(country)
    try:
        with transaction.atomic():
            participant = Participant.objects.create(
                name=text.line(name, name="name"), country=place, is_operator=True, created_at=by.at
            )
    except IntegrityError:
        raise Conflict("this exchange has its operator already", code="operator_exists") from None
    events.record("participant.applied", participant, by=by, typed=particulars.as_typed(participant))
    return transition(participant, "verify", by=by, verified_country=place, verified_at=by.at)


@transaction.atomic
def invite(
    participant: Participant, *, email: str, role: str, language: str = "en", by: Actor
) -> tuple[Invitation, str]:
    """Offer membership to whoever proves to own `email`, instead of any offer that waits there; the token is
    answered this once."""
    require_to_manage(participant, by)
    if participant.state == Participant.State.CLOSED:
        raise Conflict("a closed organisation takes no members", code="wrong_state")
    given_role = entries.role(role, participant)
    by.require(*ROLE_SCOPES[given_role])
    address = entries.email(email)
    own = Invitation.objects.filter(participant=participant)
    if own.filter(created_at__gt=by.at - timedelta(days=1)).count() >= _INVITATIONS_A_DAY:
        raise Conflict(
            f"an organisation invites at most {_INVITATIONS_A_DAY} times a day; go on tomorrow",
            code="too_many_invitations",
        )
    for earlier in own.filter(email__iexact=address, used_at=None, withdrawn_at=None, expires_at__gt=by.at):
        withdraw_invitation(earlier, by)
    token = secrets.token_urlsafe(32)
    invitation = Invitation.objects.create(
        participant=participant,
        email=address,
        role=given_role,
        language=entries.language(language),
        token_hash=queries.hash_of_token(token),
        created_at=by.at,
        expires_at=by.at + INVITATION_LASTS,
    )
    events.record("member.invited", invitation, by=by)
    return invitation, token


@transaction.atomic
def withdraw_invitation(invitation: Invitation, by: Actor) -> Invitation:
    """Close an invitation that nobody has accepted; its link opens nothing any more."""
    require_to_manage(invitation.participant, by)
    if not Invitation.objects.filter(pk=invitation.pk, used_at=None, withdrawn_at=None).update(
        withdrawn_at=by.at
    ):
        raise Conflict("this invitation has been accepted or withdrawn", code="wrong_state")
    invitation.refresh_from_db()
    events.record("member.invitation_withdrawn", invitation, by=by)
    return invitation


@transaction.atomic
def invite_again(invitation: Invitation, by: Actor) -> tuple[Invitation, str]:
    """Replace an invitation that nobody has accepted by a new one to the same person; the old link closes."""
    if invitation.used_at is not None or invitation.withdrawn_at is not None:
        raise Conflict("this invitation has been accepted or withdrawn", code="wrong_state")
    if invitation.expires_at <= by.at:
        withdraw_invitation(invitation, by)
    return invite(
        invitation.participant,
        email=invitation.email,
        role=invitation.role,
        language=invitation.language,
        by=by,
    )


def join(token: str, user: User, by: Actor) -> Member:
    """Accept an invitation by its token, as the person who owns its e-mail address."""
    invitation = queries.invitation_by(token)
    if invitation is None:
        raise NotFound("no invitation has this token", code="invitation_not_found")
    return accept(invitation, user, by)


def accept(invitation: Invitation, user: User, by: Actor) -> Member:
    """Accept an invitation, as the person who owns its e-mail address."""
    if not EmailAddress.objects.filter(user=user, email__iexact=invitation.email, verified=True).exists():
        raise Forbidden(
            "this invitation is for an e-mail address that your account has not confirmed",
            code="invitation_for_another",
        )
    if invitation.withdrawn_at is not None:
        raise Conflict("this invitation was withdrawn; ask for a new one", code="invitation_withdrawn")
    if invitation.expires_at <= by.at:
        raise Conflict("this invitation has expired; ask for a new one", code="invitation_expired")
    if invitation.participant.state == Participant.State.CLOSED:
        raise Conflict("a closed organisation takes no members", code="wrong_state")
    with transaction.atomic():
        if not Invitation.objects.filter(pk=invitation.pk, used_at=None, withdrawn_at=None).update(
            used_at=by.at
        ):
            raise Conflict("this invitation has been used", code="invitation_used")
        member = _admit(user, invitation.participant, Member.Role(invitation.role), by)
        events.record("member.joined", member, by=actor_of_member(member, by.at))
    return member


@transaction.atomic
def remove(member: Member, by: Actor) -> Member:
    """End a membership, but not the last manager's."""
    require_to_manage(member.participant, by)
    _end(member, by)
    events.record("member.removed", member, by=by)
    return member


@transaction.atomic
def change_role(member: Member, *, role: str, by: Actor) -> Member:
    """Give a member another role: one membership ends and another begins, so that each role keeps its time."""
    require_to_manage(member.participant, by)
    given_role = entries.role(role, member.participant)
    by.require(*ROLE_SCOPES[given_role])
    if given_role == member.role:
        raise Conflict("the member has this role already", code="same_role")
    _end(member, by)
    changed = _admit(member.user, member.participant, given_role, by)
    member.notices.update(member=changed)
    facts: dict[str, Fact] = {"role_before": member.role, "member_before": str(member.pk)}
    events.record("member.role_changed", changed, by=by, facts=facts)
    return changed


def _end(member: Member, by: Actor) -> None:
    if member.role == Member.Role.MANAGER:
        # Two managers who remove each other take turns here; SQLite's writers do so anyway.
        Participant.objects.select_for_update().get(pk=member.participant_id)
        managers = Member.objects.filter(participant=member.participant, role=member.role, removed_at=None)
        if not managers.exclude(pk=member.pk).exists():
            raise Conflict("an organisation keeps one manager; name another first", code="last_manager")
    if not Member.objects.filter(pk=member.pk, removed_at=None).update(removed_at=by.at):
        raise Conflict("this member has been removed", code="wrong_state")
    member.refresh_from_db()


@transaction.atomic
def ask_for_second_member(participant: Participant, *, wanted: bool, by: Actor) -> Participant:
    """Have two of its members sign every contract from now on, or one. What one has signed already under the rule
    still waits for the other."""
    require_to_manage(participant, by)
    if not Participant.objects.filter(pk=participant.pk, asks_second_member=not wanted).update(
        asks_second_member=wanted
    ):
        raise Conflict("this rule is as you want it already", code="same_rule")
    participant.refresh_from_db()
    facts: dict[str, Fact] = {"asks_second_member": wanted}
    events.record("participant.signing_rule_changed", participant, by=by, facts=facts)
    return participant


def member_behind(by: Actor) -> Member | None:
    """The member who acts under a pseudonym; None for a machine and for the exchange itself."""
    if by.kind is not Kind.MEMBER:
        return None
    return Member.objects.get(pseudonyms__name=by.name)


def require_cleared(participant_id: UUID | None) -> Participant:
    """The participant, if it is verified at this moment: what every act of selling and buying asks first."""
    cleared = _verified().filter(pk=participant_id).first() if participant_id else None
    if cleared is None:
        raise Forbidden(
            "only a verified organisation may do this; the operator verifies yours, or has suspended it",
            code="participant_not_verified",
        )
    return cleared


def cleared(participant_ids: Iterable[UUID]) -> dict[UUID, Participant]:
    """Those of these participants that are verified at this moment."""
    return _verified().in_bulk(list(participant_ids))


def is_cleared(participant_id: UUID | None) -> bool:
    """Whether the participant is verified at this moment."""
    return participant_id is not None and _verified().filter(pk=participant_id).exists()


def _verified() -> QuerySet[Participant]:
    return Participant.objects.filter(state=Participant.State.VERIFIED)


def may_decide_about(participant: Participant, by: Actor) -> bool:
    """Whether the actor may verify, suspend, restore or close this organisation, as far as its state allows."""
    return by.can(Scope.OPERATE) and not participant.is_operator and not _is_own(participant, by)


def _require_to_decide_about(participant: Participant, by: Actor) -> None:
    by.require(Scope.OPERATE)
    if _is_own(participant, by):
        raise Forbidden("nobody decides about an organisation of their own", code="own_organisation")
    _require_not_the_operators(participant)


def _is_own(participant: Participant, by: Actor) -> bool:
    """Whether the actor acts for the organisation, or is a person who could."""
    if by.participant_id == participant.pk:
        return True
    members = Member.objects.filter(participant=participant, removed_at=None)
    return members.filter(user__memberships__pseudonyms__name=by.name).exists()


def _require_not_the_operators(participant: Participant) -> None:
    if participant.is_operator:
        raise Conflict("the operator's own organisation stays as it is", code="operator_organisation")


def require_to_manage(participant: Participant, by: Actor) -> None:
    """Refuse who is no manager of the participant."""
    if not by.acts_for(participant.pk):
        raise Forbidden("only its own managers may do this", code="other_organisation")
    by.require(Scope.MANAGE)


def _admit(user: User, participant: Participant, role: Member.Role, by: Actor) -> Member:
    try:
        with transaction.atomic():
            return Member.objects.create(user=user, participant=participant, role=role, joined_at=by.at)
    except IntegrityError:
        raise Conflict("this person is a member already", code="already_member") from None
