"""Notices to recipients as a page shows them: names beside ids, codes in words, a bar of where recipients stand."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from compliance import labels
from compliance.models import NoticeAnswer, NoticeAttempt, NoticeRow, RecipientNotice
from compliance.notices import queries, words
from compliance.notices.kinds import FITTING, UNDONE, Action
from compliance.notices.queries import Tally
from compliance.words import Mark, Words
from exchange.kernel.actors import Actor
from exchange.look.formats import short
from exchange.participants.notices import queries as notice_queries

_GROUPS: Sequence[tuple[str, tuple[str, ...]]] = (
    ("e-ok", ("done", "impossible")),
    ("k1", ("read", "acknowledged")),
    ("k2", ("sent", "delivered", "queued")),
    ("k3", ("refused", "undelivered")),
)
"""The parts of a bar, each with the states that it counts."""


@dataclass(frozen=True)
class Part:
    """One part of a bar, in thousandths of its width."""

    classes: str
    start: int
    width: int


@dataclass(frozen=True)
class Shown:
    """One notice with its names and where its recipients stand."""

    notice: RecipientNotice
    title: str
    seller: str
    kind: Words
    mark: Mark
    revisions: list[str]
    replaced_by: str
    occasion: str
    tally: Tally
    parts: list[Part]
    counts: list[tuple[Mark, int]]

    @property
    def closed(self) -> int:
        return self.tally.rows - self.tally.open


@dataclass(frozen=True)
class ShownAnswer:
    answer: NoticeAnswer
    action: Words


@dataclass(frozen=True)
class ShownAttempt:
    attempt: NoticeAttempt
    channel: Words


@dataclass(frozen=True)
class ShownRow:
    """One recipient of a notice."""

    row: NoticeRow
    name: str
    mark: Mark
    contradiction: Words
    answers: list[ShownAnswer]
    attempts: list[ShownAttempt]

    @property
    def last_answer(self) -> ShownAnswer | None:
        return self.answers[-1] if self.answers else None


def notices(found: Sequence[RecipientNotice], *, by: Actor) -> list[Shown]:
    """Notices by name; one question for each kind of name."""
    titles = labels.names("dataset", [one.dataset_id for one in found])
    sellers = notice_queries.names([one.seller_id for one in found if one.seller_id])
    ids = [UUID(revision) for one in found for revision in one.revisions]
    numbers = labels.names("revision", [*ids, *(one.replaced_by_id for one in found)])
    tallies = queries.tallies(found)
    return [_shown(one, titles, sellers, numbers, tallies[one.pk]) for one in found]


def rows(found: Sequence[NoticeRow]) -> list[ShownRow]:
    """Recipients of notices by name, with what they answered and how ways to them ended."""
    names = notice_queries.names([one.buyer_id for one in found])
    answers, attempts = queries.answers_of(found), queries.attempts_of(found)
    return [
        ShownRow(
            one,
            names.get(one.buyer_id) or short(one.buyer_id),
            words.STATES[one.state],
            words.CONTRADICTIONS.get(one.contradiction, one.contradiction),
            [ShownAnswer(said, words.ACTIONS[said.action]) for said in answers.get(one.pk, [])],
            [ShownAttempt(way, words.CHANNELS[way.channel]) for way in attempts.get(one.pk, [])],
        )
        for one in found
    ]


def choices(kind: str) -> list[tuple[str, Words]]:
    """What a recipient may say to a notice of this kind."""
    return [(action, words.ACTIONS[action]) for action in (*FITTING[kind], Action.ACKNOWLEDGED, *UNDONE)]


def _shown(
    one: RecipientNotice,
    titles: dict[UUID, str],
    sellers: dict[UUID, str],
    numbers: dict[UUID, str],
    tally: Tally,
) -> Shown:
    return Shown(
        notice=one,
        title=titles.get(one.dataset_id) or short(one.dataset_id),
        seller=sellers.get(one.seller_id, "–") if one.seller_id else "–",
        kind=words.KINDS[one.kind],
        mark=words.SETTLED[one.state],
        revisions=[numbers.get(UUID(revision)) or short(UUID(revision)) for revision in one.revisions],
        replaced_by=numbers.get(one.replaced_by_id, "") if one.replaced_by_id else "",
        occasion=one.occasion.partition(":")[0],
        tally=tally,
        parts=_parts(tally),
        counts=[(mark, tally.states[state]) for state, mark in words.STATES.items() if tally.states.get(state)],
    )


def _parts(tally: Tally) -> list[Part]:
    parts, start = [], 0
    for classes, states in _GROUPS:
        count = sum(tally.states.get(state, 0) for state in states)
        width = count * 1_000 // tally.rows if tally.rows else 0
        if width:
            parts.append(Part(classes, start, width))
            start += width
    return parts
