"""Notices: a member of the right role is told, once, of what happened to their organisation. What is told is a table
that each app hands over (`news`); who is told is decided here."""

import json
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from uuid import UUID

from exchange.kernel.actors import Actor, Scope
from exchange.kernel.canonical import Fact
from exchange.kernel.models import Event
from exchange.participants.actors.actors import DESK_SCOPES, ROLE_SCOPES
from exchange.participants.models import MailPreference, Member, Notice, Participant, Pseudonym
from exchange.participants.news import EXCHANGE, Facts, News, Tells, drawing_up, of_clock, of_event, spread
from exchange.participants.notices import preferences

REACTION = "exchange.participants.tasks.tell_members"
_TOO_LATE_TO_MAIL = timedelta(days=3)  # after a restore or a long halt, the site alone tells


@dataclass(frozen=True)
class _Occasion:
    """What happened: `actor` is who did it, `acting` for which participant; empty where the clock did."""

    key: str
    facts: Facts
    at: datetime
    actor: str = ""
    acting: str = ""


def tell_of(event_name: str, subject_id: str, *, now: datetime) -> int:
    """Tell of each Event of this name about a subject that asks for it; returns early for what was told."""
    subjects = {f"{one.subject_noun}:{subject_id}" for one in of_event(event_name)}
    asked = Event.objects.filter(name=event_name, subject__in=subjects, deliveries__reaction=REACTION)
    return tell_together(list(asked.order_by("id")), now=now)


def tell_together(found: Sequence[Event], *, now: datetime) -> int:
    """Tell of all these Events; returns early for what was told."""
    occasions = [
        (one, _of(event))
        for event in found
        for one in of_event(event.name)
        if event.subject.partition(":")[0] == one.subject_noun
    ]
    return _tell(occasions, now)


def tell_by_clock(name: str, occasions: Mapping[str, Facts], *, now: datetime) -> int:
    """Tell what the clock has brought about: key -> facts. A key that was told is left alone."""
    count = 0
    for news in of_clock(name):
        known = Notice.objects.filter(news=news.key, key__in=list(occasions)).values_list("key", flat=True)
        fresh = sorted(set(occasions) - set(known))
        count += _tell([(news, _Occasion(key, spread(occasions[key]), now)) for key in fresh], now)
    return count


def read(notice: Notice, *, by: Actor) -> None:
    """Take note of it; a second time changes nothing."""
    Notice.objects.filter(pk=notice.pk, read_at=None).update(read_at=by.at)


def read_all(*, until: UUID, by: Actor) -> int:
    """Take note of all that the member was shown, `until` the newest of it; what came since stays unread."""
    mine = Pseudonym.objects.filter(name=by.name).values("member")
    return Notice.objects.filter(member__in=mine, read_at=None, pk__lte=until).update(read_at=by.at)


def _tell(occasions: Sequence[tuple[News, _Occasion]], now: datetime) -> int:
    """Write the notices of all of these. Who is where, and wants which mail, is read once for all."""
    with drawing_up(occasion.facts for _, occasion in occasions):
        told = [(news, occasion, _addressees(news, occasion)) for news, occasion in occasions]
    people = _People.among({row_id for _, _, found in told for row_id in found}, [one for _, one, _ in told])
    rows = [
        Notice(
            member=member,
            news=news.key,
            key=occasion.key,
            facts={**occasion.facts, **found[member.participant_id]},
            created_at=occasion.at,
            mail_due_at=preferences.due(people.chosen.get(member.user_id), news.group, now)
            if occasion.at > now - _TOO_LATE_TO_MAIL
            else None,
        )
        for news, occasion, found in told
        for member in people.told_of(news, occasion, found)
    ]
    Notice.objects.bulk_create(rows, ignore_conflicts=True)
    return len(rows)


@dataclass(frozen=True)
class _People:
    """Members who may be told of something, what they chose, and who stands behind a pseudonym."""

    members: Mapping[UUID, Sequence[Member]]
    chosen: Mapping[int, MailPreference]
    behind: Mapping[str, UUID]

    @classmethod
    def among(cls, told: Iterable[UUID], occasions: Iterable[_Occasion]) -> "_People":
        """Those of these participants."""
        current = Member.objects.filter(participant__in=set(told), removed_at=None, user__is_active=True)
        rows = current.exclude(participant__state=Participant.State.CLOSED).select_related("participant")
        members = list(rows.order_by("pk"))
        if not members:
            return cls({}, {}, {})
        theirs = defaultdict(list)
        for member in members:
            theirs[member.participant_id].append(member)
        pseudonyms = Pseudonym.objects.filter(name__in={one.actor for one in occasions if one.actor})
        return cls(
            theirs,
            MailPreference.objects.in_bulk([member.user_id for member in members]),
            dict(pseudonyms.values_list("name", "member_id")),
        )

    def told_of(self, news: News, occasion: _Occasion, found: Collection[UUID]) -> Iterable[Member]:
        """The members of these participants who have the role for it, and do not know it by their own act."""
        roles, acted = _roles(news.scope), self.behind.get(occasion.actor)
        is_desks = news.scope in (Scope.AUDIT, Scope.OPERATE)
        for member in (one for row_id in found for one in self.members.get(row_id, ())):
            knows = news.tells == Tells.COLLEAGUES and member.pk == acted
            is_there = member.participant.is_operator or not is_desks
            if is_there and member.role in roles and not knows:
                yield member


def _addressees(news: News, occasion: _Occasion) -> Mapping[UUID, Facts]:
    """The participants to tell, each with its own facts, but not the one that acted where it knows anyway."""
    found: Mapping[UUID, Facts]
    if news.audience is not None:
        found = news.audience(occasion.facts)
    elif news.to == EXCHANGE:
        found = {
            row_id: {} for row_id in Participant.objects.filter(is_operator=True).values_list("pk", flat=True)
        }
    else:
        named = occasion.facts.get(news.to)
        found = {UUID(str(named)): {}} if named else {}
    if news.tells == Tells.OTHERS and occasion.acting:
        return {row_id: facts for row_id, facts in found.items() if str(row_id) != occasion.acting}
    return found


@cache
def _roles(scope: Scope) -> Collection[str]:
    """The roles that may act on it, once a second factor is shown."""
    return [role for role in Member.Role if scope in ROLE_SCOPES[role] | DESK_SCOPES.get(role, frozenset())]


def _of(event: Event) -> _Occasion:
    leaf = json.loads(bytes(event.leaf))
    facts: dict[str, Fact] = spread(leaf["facts"])
    return _Occasion(str(event.pk), facts, event.at, leaf["actor"], leaf["actor_participant"] or "")
