"""Organisations and the people who act for them. Only the operator verifies, suspends and restores, and nobody
decides about an organisation of their own."""

import hashlib
import re
import secrets
from collections.abc import Iterable
from datetime import timedelta
from uuid import UUID

import pycountry
from allauth.account.models import EmailAddress
from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.core.validators import URLValidator, validate_email
from django.db import IntegrityError, transaction
from django.db.models import QuerySet

from exchange.kernel import events, text
from exchange.kernel.actors import Actor, Scope
from exchange.kernel.canonical import Fact
from exchange.kernel.errors import Conflict, Forbidden, Invalid, NotFound
from exchange.kernel.states import transition
from exchange.participants.actors import ROLE_SCOPES, actor_of_member
from exchange.participants.models import Invitation, Member, Participant

INVITATION_LASTS = timedelta(days=7)
_CERTIFICATION = re.compile(r"[a-z][a-z0-9_]{0,31}")
_is_web_address = URLValidator(schemes=["https", "http"])


@transaction.atomic
def apply(
    user: User, *, name: str, country: str, registration_number: str = "", website: str = "", by: Actor
) -> Participant:
    """Ask to take part, as an organisation that nobody has verified yet; `user` becomes its manager."""
    participant = Participant.objects.create(
        name=text.line(name, name="name"),
        country=_country(country),
        registration_number=text.line(registration_number, name="registration_number", at_least=0, at_most=64),
        website=_web_address(website),
        created_at=by.at,
    )
    manager = _admit(user, participant, Member.Role.MANAGER, by)
    acting = actor_of_member(manager, by.at)
    events.record("participant.applied", participant, by=acting, typed=_as_typed(participant))
    events.record("member.joined", manager, by=acting)
    return participant


@transaction.atomic
def verify(
    participant: Participant, *, country: str, evidence: str, certifications: Iterable[str] = (), by: Actor
) -> Participant:
    """Let an organisation trade, on the `evidence` that was seen of its establishment in `country`."""
    _require_to_decide_about(participant, by)
    seen = text.prose(evidence, name="evidence", at_least=10, at_most=2_000)
    words = _certifications(certifications)
    return transition(
        participant,
        "verify",
        by=by,
        facts={"certifications": words},
        typed={"evidence": seen},
        verified_country=_country(country),
        certifications=words,
        evidence=seen,
        verified_at=by.at,
    )


@transaction.atomic
def amend(
    participant: Participant, *, country: str, evidence: str, certifications: Iterable[str] = (), by: Actor
) -> Participant:
    """Put right what was seen of an organisation that was verified; rights follow at their next use."""
    _require_to_decide_about(participant, by)
    seen = text.prose(evidence, name="evidence", at_least=10, at_most=2_000)
    words, place = _certifications(certifications), _country(country)
    known = Participant.objects.filter(pk=participant.pk, verified_at__isnull=False)
    if not known.exclude(state=Participant.State.CLOSED).update(
        verified_country=place, certifications=words, evidence=seen, verified_at=by.at
    ):
        raise Conflict("only an organisation that was verified can be put right", code="wrong_state")
    participant.refresh_from_db()
    facts: dict[str, Fact] = {"certifications": words}
    events.record("participant.amended", participant, by=by, facts=facts, typed={"evidence": seen})
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
    place = _country(country)
    try:
        with transaction.atomic():
            participant = Participant.objects.create(
                name=text.line(name, name="name"), country=place, is_operator=True, created_at=by.at
            )
    except IntegrityError:
        raise Conflict("this exchange has its operator already", code="operator_exists") from None
    events.record("participant.applied", participant, by=by, typed=_as_typed(participant))
    return transition(participant, "verify", by=by, verified_country=place, verified_at=by.at)


@transaction.atomic
def invite(participant: Participant, *, email: str, role: str, by: Actor) -> tuple[Invitation, str]:
    """Offer membership to whoever proves to own `email`; the token is answered this once."""
    _require_to_manage(participant, by)
    if participant.state == Participant.State.CLOSED:
        raise Conflict("a closed organisation takes no members", code="wrong_state")
    given_role = _role(role, participant)
    by.require(*ROLE_SCOPES[given_role])
    token = secrets.token_urlsafe(32)
    invitation = Invitation.objects.create(
        participant=participant,
        email=_email(email),
        role=given_role,
        token_hash=_hash(token),
        created_at=by.at,
        expires_at=by.at + INVITATION_LASTS,
    )
    events.record("member.invited", invitation, by=by)
    return invitation, token


def join(token: str, user: User, by: Actor) -> Member:
    """Accept an invitation, as the person who owns its e-mail address."""
    invitation = Invitation.objects.select_related("participant").filter(token_hash=_hash(token)).first()
    if invitation is None:
        raise NotFound("no invitation has this token", code="invitation_not_found")
    if not EmailAddress.objects.filter(user=user, email__iexact=invitation.email, verified=True).exists():
        raise Forbidden(
            "this invitation is for an e-mail address that your account has not confirmed",
            code="invitation_for_another",
        )
    if invitation.expires_at <= by.at:
        raise Conflict("this invitation has expired; ask for a new one", code="invitation_expired")
    with transaction.atomic():
        if not Invitation.objects.filter(pk=invitation.pk, used_at=None).update(used_at=by.at):
            raise Conflict("this invitation has been used", code="invitation_used")
        member = _admit(user, invitation.participant, Member.Role(invitation.role), by)
        events.record("member.joined", member, by=actor_of_member(member, by.at))
    return member


@transaction.atomic
def remove(member: Member, by: Actor) -> Member:
    """End a membership, but not the last manager's."""
    _require_to_manage(member.participant, by)
    if member.role == Member.Role.MANAGER:
        # Two managers who remove each other take turns here; SQLite's writers do so anyway.
        Participant.objects.select_for_update().get(pk=member.participant_id)
        managers = Member.objects.filter(participant=member.participant, role=member.role, removed_at=None)
        if not managers.exclude(pk=member.pk).exists():
            raise Conflict("an organisation keeps one manager; name another first", code="last_manager")
    if not Member.objects.filter(pk=member.pk, removed_at=None).update(removed_at=by.at):
        raise Conflict("this member has been removed", code="wrong_state")
    member.refresh_from_db()
    events.record("member.removed", member, by=by)
    return member


def require_cleared(participant_id: UUID | None) -> Participant:
    """The participant, if it is verified at this moment: what every act of selling and buying asks first."""
    cleared = _verified().filter(pk=participant_id).first() if participant_id else None
    if cleared is None:
        raise Forbidden(
            "only a verified organisation may do this; the operator verifies yours, or has suspended it",
            code="participant_not_verified",
        )
    return cleared


def is_cleared(participant_id: UUID | None) -> bool:
    """Whether the participant is verified at this moment."""
    return participant_id is not None and _verified().filter(pk=participant_id).exists()


def _verified() -> QuerySet[Participant]:
    return Participant.objects.filter(state=Participant.State.VERIFIED)


def _require_to_decide_about(participant: Participant, by: Actor) -> None:
    by.require(Scope.OPERATE)
    own = by.participant_id == participant.pk
    if (
        own
        or Member.objects.filter(
            participant=participant, removed_at=None, user__memberships__pseudonyms__name=by.name
        ).exists()
    ):
        raise Forbidden("nobody decides about an organisation of their own", code="own_organisation")
    _require_not_the_operators(participant)


def _require_not_the_operators(participant: Participant) -> None:
    if participant.is_operator:
        raise Conflict("the operator's own organisation stays as it is", code="operator_organisation")


def _require_to_manage(participant: Participant, by: Actor) -> None:
    if not by.acts_for(participant.pk):
        raise Forbidden("only its own managers may do this", code="other_organisation")
    by.require(Scope.MANAGE)


def _admit(user: User, participant: Participant, role: Member.Role, by: Actor) -> Member:
    try:
        with transaction.atomic():
            return Member.objects.create(user=user, participant=participant, role=role, joined_at=by.at)
    except IntegrityError:
        raise Conflict("this person is a member already", code="already_member") from None


def _as_typed(participant: Participant) -> dict[str, str]:
    given = {
        "name": participant.name,
        "registration_number": participant.registration_number,
        "website": participant.website,
    }
    return {key: value for key, value in given.items() if value}


def _country(code: str) -> str:
    if (
        len(code) != 2
        or not code.isascii()
        or not code.isupper()
        or pycountry.countries.get(alpha_2=code) is None
    ):
        raise Invalid(
            f"country must be an ISO 3166-1 code of two capitals, such as FR; it is {ascii(code)[:40]}",
            code="unknown_country",
        )
    return code


def _certifications(words: Iterable[str]) -> list[str]:
    found = sorted(set(words))
    for word in found:
        if not _CERTIFICATION.fullmatch(word):
            raise Invalid(
                f"a certification is a word of small letters, such as dpf; given {ascii(word)[:40]}",
                code="unknown_certification",
            )
    if len(found) > 20:
        raise Invalid(f"at most 20 certifications; given {len(found)}", code="unknown_certification")
    return found


def _role(word: str, participant: Participant) -> Member.Role:
    if word not in Member.Role:
        raise Invalid(
            f"role must be one of {', '.join(Member.Role)}; given {ascii(word)[:40]}", code="unknown_role"
        )
    if word == Member.Role.OPERATOR and not participant.is_operator:
        raise Invalid("only the operator's organisation has operators", code="unknown_role")
    return Member.Role(word)


def _email(address: str) -> str:
    try:
        validate_email(address)
    except ValidationError:
        raise Invalid("email must be an e-mail address", code="bad_email") from None
    if len(address) > 254:
        raise Invalid("email must have at most 254 characters", code="bad_email")
    return address


def _web_address(address: str) -> str:
    if not address:
        return ""
    try:
        _is_web_address(address)
    except ValidationError:
        raise Invalid(
            "website must be a web address, such as https://example.org", code="bad_website"
        ) from None
    return text.line(address, name="website")


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
