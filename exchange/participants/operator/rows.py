"""What the operator's pages show of organisations and the people who act for them. Reads only. Of people elsewhere
the operator sees role, second factor and last sign-in; an address only of managers, to whom it writes."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from allauth.mfa.models import Authenticator
from django.db.models import Count, Q, QuerySet

from exchange.kernel.actors import Actor, Scope
from exchange.kernel.models import Event
from exchange.participants import words as operator_words
from exchange.participants.members import members
from exchange.participants.models import Member, Participant, Pseudonym
from exchange.participants.queries import participants_visible_to
from exchange.participants.words import Mark, Words

MOST_WAITING = 5
MOST_EVENTS = 50
MOST_MEMBERS = 100
_TYPED = ("evidence", "reason", "name", "registration_number", "website", "vat_id", "street", "city")
_FACTORS = (Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN)


@dataclass(frozen=True)
class ParticipantRow:
    participant: Participant
    mark: Mark
    country: str
    member_count: int


@dataclass(frozen=True)
class MemberRow:
    """`email` is empty where the operator may not know it."""

    member: Member
    role: Words
    email: str
    has_second_factor: bool
    needs_second_factor: bool


@dataclass(frozen=True)
class Happening:
    """One Event about an organisation: what, when, by whom, and what was typed."""

    at: datetime
    mark: Mark
    who: str
    typed: list[str] = field(default_factory=list)
    country: str = ""
    certifications: list[str] = field(default_factory=list)
    sector: str = ""


def waiting(actor: Actor) -> int:
    """How many applications wait for this operator; none for anybody else."""
    return _waiting(actor).count() if actor.can(Scope.OPERATE) else 0


def oldest_waiting(actor: Actor) -> list[Participant]:
    """The applications that have waited longest."""
    return list(_waiting(actor).order_by("created_at", "pk")[:MOST_WAITING])


def state_counts(actor: Actor, name: str = "") -> dict[str, int]:
    """How many organisations whose name holds `name` are in each state."""
    rows = _named(actor, name).order_by().values_list("state").annotate(count=Count("pk"))
    return dict.fromkeys(Participant.State.values, 0) | dict(rows)


def participants(actor: Actor, *, state: str = "", name: str = "") -> QuerySet[Participant]:
    """Organisations in a state, or in any, whose name or number holds `name`."""
    rows = _named(actor, name)
    counted = Count("members", filter=Q(members__removed_at=None))
    return (rows.filter(state=state) if state else rows).annotate(member_count=counted)


def participant_rows(found: Iterable[Participant]) -> list[ParticipantRow]:
    """Rows of `participants()`, as a table takes them."""
    return [
        ParticipantRow(
            row,
            operator_words.STATES[row.state],
            row.verified_country or row.country,
            getattr(row, "member_count", 0),
        )
        for row in found
    ]


def people(actor: Actor, *, words: str = "", role: str = "", factor: str = "") -> QuerySet[Member]:
    """Who acts for an organisation that is not closed. `words` is of the organisation's name, or of an address that
    the operator may know; `factor` is "on", "off" or empty."""
    actor.require(Scope.OPERATE)
    rows = Member.objects.select_related("participant", "user").filter(removed_at=None)
    rows = rows.exclude(participant__state=Participant.State.CLOSED)
    if words:
        known = Q(role=Member.Role.MANAGER) | Q(participant_id=actor.participant_id)
        rows = rows.filter(Q(participant__name__icontains=words) | known & Q(user__email__icontains=words))
    if role:
        rows = rows.filter(role=role)
    if factor:
        with_factor = Authenticator.objects.filter(type__in=_FACTORS).values("user_id")
        rows = rows.filter(user_id__in=with_factor) if factor == "on" else rows.exclude(user_id__in=with_factor)
    return rows


def people_of(actor: Actor, participant_id: UUID) -> list[MemberRow]:
    """Who acts for one organisation, managers first."""
    found = people(actor).filter(participant_id=participant_id).order_by("role", "pk")[:MOST_MEMBERS]
    rows = member_rows(list(found), by=actor)
    return sorted(rows, key=lambda row: row.member.role != Member.Role.MANAGER)


def member_rows(found: Sequence[Member], *, by: Actor) -> list[MemberRow]:
    """Rows of `people()`, as a table takes them; one query however many there are."""
    users = {member.user_id for member in found}
    rows = Authenticator.objects.filter(user_id__in=users, type__in=_FACTORS)
    protected = set(rows.values_list("user_id", flat=True))
    return [
        MemberRow(
            member,
            operator_words.ROLES[member.role],
            member.user.email if _knows_address(member, by) else "",
            member.user_id in protected,
            member.participant.is_operator and member.role in (Member.Role.OFFICER, Member.Role.OPERATOR),
        )
        for member in found
    ]


def unprotected(actor: Actor) -> int:
    """How many officers and operators of this exchange have no second factor, and so no desk."""
    desk = people(actor, factor="off").filter(participant__is_operator=True)
    return desk.filter(role__in=(Member.Role.OFFICER, Member.Role.OPERATOR)).count()


def history(actor: Actor, participant: Participant) -> list[Happening]:
    """What was decided about an organisation, newest first, with who decided it."""
    actor.require(Scope.OPERATE)
    about = Event.objects.filter(subject=f"participant:{participant.pk}", name__in=operator_words.EVENTS)
    found = list(about.select_related("detail").order_by("-pk")[:MOST_EVENTS])
    leaves = [json.loads(bytes(event.leaf)) for event in found]
    names = _names({leaf["actor"] for leaf in leaves if leaf["actor_kind"] == "member"}, actor)
    return [
        Happening(
            event.at,
            operator_words.EVENTS[event.name],
            names.get(leaf["actor"], "" if leaf["actor_kind"] == "member" else leaf["actor"]),
            _typed(event),
            leaf["facts"].get("country", ""),
            leaf["facts"].get("certifications", []),
            leaf["facts"].get("sector", ""),
        )
        for event, leaf in zip(found, leaves, strict=True)
    ]


def may_decide(actor: Actor, participant: Participant) -> bool:
    """Whether this page offers a decision."""
    return participant.state != Participant.State.CLOSED and members.may_decide_about(participant, actor)


def _waiting(actor: Actor) -> QuerySet[Participant]:
    return participants_visible_to(actor).filter(state=Participant.State.APPLIED)


def _named(actor: Actor, name: str) -> QuerySet[Participant]:
    actor.require(Scope.OPERATE)
    rows = participants_visible_to(actor)
    return rows.filter(Q(name__icontains=name) | Q(registration_number__icontains=name)) if name else rows


def _knows_address(member: Member, by: Actor) -> bool:
    return member.role == Member.Role.MANAGER or by.acts_for(member.participant_id)


def _names(pseudonyms: Iterable[str], by: Actor) -> Mapping[str, str]:
    """The addresses behind pseudonyms, as far as the operator may know them."""
    rows = Pseudonym.objects.filter(name__in=pseudonyms).select_related("member__user")
    return {row.name: row.member.user.email for row in rows if _knows_address(row.member, by)}


def _typed(event: Event) -> list[str]:
    detail = getattr(event, "detail", None)
    body = detail.body if detail else {}
    return [str(body[key]) for key in _TYPED if body.get(key)]
