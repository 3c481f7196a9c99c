"""Builds the register of processing of an organisation from what the log says: one activity for each purpose and role
in which it decides, or is told to, about personal data. Only what was added by hand is read besides."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime
from typing import TypeVar
from uuid import UUID

from compliance import legal
from compliance.activities import completions, observed, own, vocabulary, warnings
from compliance.activities.observed import Observed, Stated
from compliance.activities.shape import (
    CONTROLLER,
    PROCESSOR,
    Activity,
    Completed,
    Derived,
    Kept,
    Kind,
    Register,
    Reviewed,
    Role,
    Warning,
)
from compliance.models import ActivityReview, AgreedUse, DeclaredDataset
from exchange.look.formats import zone
from exchange.participants.models import Participant

Value = TypeVar("Value", str, UUID)


def build(participant: Participant, *, now: datetime) -> Register:
    """Both registers of an organisation as they follow from the log at `now`, what does not agree first.

    A seller has one activity for each dataset, because each is declared with purposes, sources and grounds of its own;
    a buyer one for each purpose; the exchange one for each controller whose data it keeps, and one for each thing
    that it decides itself.
    """
    drafts = [*_provided(participant.pk, now), *_used(participant.pk, now)]
    if participant.is_operator:
        drafts += _of_exchange(now)
    keys = [draft.key for draft in drafts]
    added = completions.latest(participant.pk, ["", *keys])
    reviewed = _reviews(participant, drafts, now)
    made = [draft.activity(added[draft.key], reviewed[draft.key]) for draft in drafts]
    made.sort(key=lambda one: (not one.warnings, not one.reviewed.is_stale, one.key))
    return Register(participant.pk, added[""], made)


class _Draft:
    """An activity before what people added to it is known."""

    def __init__(
        self,
        key: str,
        kind: Kind,
        role: Role,
        derived: Derived,
        moments: Iterable[datetime | None],
        found: Sequence[Warning] = (),
    ) -> None:
        known = [moment for moment in moments if moment is not None]
        self.key, self.kind, self.role, self.derived, self.found = key, kind, role, derived, tuple(found)
        self.since = min(known, default=None)
        self.changed_at = max(known, default=None)

    def activity(self, completed: Completed, reviewed: Reviewed) -> Activity:
        times = [moment for moment in (self.changed_at, completed.at) if moment]
        stale = (Warning("review_due"),) if reviewed.is_stale else ()
        return Activity(
            key=self.key,
            kind=self.kind,
            role=self.role,
            derived=self.derived,
            since=self.since,
            changed_at=max(times, default=None),
            completed=completed,
            reviewed=reviewed,
            warnings=(*self.found, *stale),
        )


def _provided(seller_id: UUID, now: datetime) -> list[_Draft]:
    """What a seller hands to buyers, dataset by dataset."""
    seen = observed.of_seller(seller_id, now)
    return [
        _draft(f"provide:{row.pk}", "provide", CONTROLLER, [row], seen, now)
        for row in seen.datasets.values()
        if row.stage == "published" or seen.sent[row.pk] or seen.agreed[row.pk]
    ]


def _used(buyer_id: UUID, now: datetime) -> list[_Draft]:
    """What a buyer does with what it got, purpose by purpose."""
    seen = observed.of_buyer(buyer_id, now)
    by_purpose: dict[str, list[AgreedUse]] = defaultdict(list)
    for agreed in seen.agreed.values():
        for one in agreed:
            if one.purpose:
                by_purpose[one.purpose].append(one)
    return [_use(purpose, agreed, seen) for purpose, agreed in sorted(by_purpose.items())]


def _use(purpose: str, agreed: list[AgreedUse], seen: Observed) -> _Draft:
    ids = {one.dataset_id for one in agreed}
    rows = [row for row in seen.datasets.values() if row.pk in ids]
    derived = replace(
        _described(rows, seen),
        purposes=(purpose,),
        counterparties=_distinct(row.seller_id for row in rows),
        sent=observed.summed(one for row in rows for one in seen.sent[row.pk]),
        kept=tuple(sorted({Kept("licence", days=one.deletion_days) for one in agreed}, key=str)),
        agreements=len(agreed),
        origins=observed.origins(rows, agreed),
    )
    late = sum(seen.overdue.get(row.pk, 0) for row in rows)
    found = warnings.of_use(agreed, rows, overdue=late)
    moments = [moment for one in agreed for moment in (one.signed_at, one.ended_at)]
    return _Draft(f"use:{purpose}", "use", CONTROLLER, derived, moments, found)


def _of_exchange(now: datetime) -> list[_Draft]:
    """What the exchange keeps for each controller, and what it decides itself."""
    seen = observed.of_all(now)
    by_seller: dict[UUID, list[DeclaredDataset]] = defaultdict(list)
    for row in seen.datasets.values():
        if row.seller_id is not None:
            by_seller[row.seller_id].append(row)
    hosted = [
        _draft(f"host:{seller_id}", "host", PROCESSOR, rows, seen, now)
        for seller_id, rows in sorted(by_seller.items())
    ]
    profile = legal.current()
    published = [row for row in seen.datasets.values() if row.stage == "published"]
    decided = [_Draft(one.key, one.kind, CONTROLLER, one.derived, ()) for one in own.activities(profile)]
    if published:
        shown = replace(
            _described(published, seen),
            purposes=("service_provision",),
            legal_bases=("6.1.f",),
            counterparties=_distinct(row.seller_id for row in published),
            kept=(Kept("while_published"),),
            origins=observed.origins(published, ()),
        )
        moments = [row.declared_at for row in published]
        decided.append(_Draft("publication", "publication", CONTROLLER, shown, moments))
    return [*decided, *hosted]


def _draft(
    key: str, kind: Kind, role: Role, rows: Sequence[DeclaredDataset], seen: Observed, now: datetime
) -> _Draft:
    """An activity about datasets of one seller."""
    agreed = [one for row in rows for one in seen.agreed[row.pk]]
    recipients = _distinct(buyer for row in rows for buyer in seen.recipients[row.pk])
    derived = replace(
        _described(rows, seen),
        purposes=_purposes(rows, agreed),
        legal_bases=_distinct(row.legal_basis for row in rows),
        counterparties=_distinct(row.seller_id for row in rows) if role == PROCESSOR else (),
        recipients=recipients[: observed.MOST_NAMED],
        has_others=len(recipients) > observed.MOST_NAMED,
        sent=observed.summed(one for row in rows for one in seen.sent[row.pk]),
        kept=_kept(rows),
        agreements=sum(warnings.is_live(one, now) for one in agreed),
        origins=observed.origins(rows, agreed if kind == "provide" else ()),
    )
    found = [
        one
        for row in rows
        for one in warnings.of_dataset(
            row,
            seen.sent[row.pk],
            seen.agreed[row.pk],
            overdue=seen.overdue.get(row.pk, 0),
            were_free=row.pk in seen.sent_free,
        )
    ]
    moments = [moment for row in rows for moment in (row.declared_at, row.measured_at)]
    moments += [moment for one in agreed for moment in (one.signed_at, one.ended_at)]
    return _Draft(key, kind, role, derived, moments, found)


def _described(rows: Sequence[DeclaredDataset], seen: Observed) -> Derived:
    """What some datasets hold, of whom, and where it came from: declared, and found where it was not declared."""
    data = {code for row in rows for code in (*row.processing.get("data", ()), *row.found)}
    persons = {code for row in rows for code in row.processing.get("persons", ())}
    stated = [seen.stated.get(row.pk, Stated()) for row in rows]
    return Derived(
        grounds=_distinct(row.article_9_ground for row in rows),
        data=tuple(code for code in vocabulary.DATA if code in data),
        special=tuple(code for code in vocabulary.DATA if code in data & vocabulary.SPECIAL),
        persons=tuple(code for code in vocabulary.PERSONS if code in persons),
        stated_purposes=_distinct(words for one in stated for words in one.purposes),
        stated_sources=_distinct(one.source for one in stated),
        dpias=_distinct(one.dpia for one in stated),
        datasets=tuple(row.pk for row in rows),
    )


def _purposes(rows: Iterable[DeclaredDataset], agreed: Iterable[AgreedUse]) -> tuple[str, ...]:
    declared = (code for row in rows for code in row.processing.get("passed_on_for", ()))
    return tuple(sorted({*declared, *(one.purpose for one in agreed if one.purpose)}))


def _kept(rows: Iterable[DeclaredDataset]) -> tuple[Kept, ...]:
    months = {row.processing.get("retention_months") for row in rows}
    found = [Kept("by_recipients", months=one) for one in sorted(one for one in months if one)]
    return (*found, Kept("while_published"))


def _reviews(participant: Participant, drafts: Sequence[_Draft], now: datetime) -> dict[str, Reviewed]:
    """When each was looked at; what nobody ever looked at is due a period after it began."""
    profile = legal.current()
    rows = ActivityReview.objects.filter(participant_id=participant.pk).order_by("reviewed_at")
    last = {row.activity: row for row in rows}
    found = {}
    for draft in drafts:
        if (row := last.get(draft.key)) is not None:
            found[draft.key] = Reviewed(row.reviewed_at, row.next_at, row.next_at < now)
            continue
        since = draft.since or participant.created_at
        due = legal.deadlines.due(profile, "activity.review", since, country=participant.country, zone=zone())
        found[draft.key] = Reviewed(None, due, due < now)
    return found


def _distinct(values: Iterable[Value | None]) -> tuple[Value, ...]:
    return tuple(dict.fromkeys(value for value in values if value))
