"""Reconciliation: what a provider says of its balance beside what the ledger says of it. A difference is found, shown
and explained by a person; nothing is ever mended by itself."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import islice
from typing import Any
from uuid import UUID

from django.db import transaction

from exchange.kernel import events, text
from exchange.kernel.actors import Actor, Scope
from exchange.kernel.outside import require_no_transaction
from exchange.kernel.states import transition
from payments import providers
from payments.models import (
    Account,
    BalanceLine,
    Charge,
    Difference,
    Dispute,
    Entry,
    Payout,
    Reconciliation,
    Refund,
)
from payments.providers import BalanceLineFact

GRACE = timedelta(hours=2)
"""How long either side may be behind the other before that is a difference."""
_OVERLAP = timedelta(days=1)
_START = datetime(2000, 1, 1, tzinfo=UTC)
_BATCH = 200

_NAMED: tuple[Any, ...] = (Charge, Refund, Dispute, Payout)
"""Rows that a provider has a name for."""

Place = tuple[str, str]
"""currency, and what the money is about: the id of a row of ours, or the provider's name for what we do not know"""


@dataclass(slots=True)
class _Side:
    """What one side says of one thing: how much, in how many lines, and when it was last heard."""

    minor: int
    newest: datetime
    name: str


@transaction.atomic
def ask(provider: str, *, by: Actor) -> Reconciliation:
    """Have a provider's books compared; a reaction does it. Where a comparison waits already, that one is answered."""
    if not by.is_system:
        by.require(Scope.OPERATE)
    providers.named(provider)
    row = Reconciliation(provider=provider, asked_at=by.at)
    Reconciliation.objects.bulk_create([row], ignore_conflicts=True)
    waiting = Reconciliation.objects.filter(provider=provider).order_by("pk").last()
    assert waiting is not None
    if waiting.pk == row.pk:
        events.record("reconciliation.asked", waiting, by=by)
    return waiting


def ask_each(*, by: Actor) -> int:
    """Have the books of every provider compared at which money has ever stood, and that can still be asked; answers
    how many."""
    places = Account.objects.filter(code=Account.Code.CLEARING).values_list("provider", flat=True)
    asked = [ask(name, by=by) for name in sorted(set(places)) if providers.is_set_up(name)]
    return len(asked)


def compare(reconciliation_id: UUID, now: datetime) -> Reconciliation:
    """Take the provider's new balance lines, then compare all that it ever said with the ledger, in one transaction.

    Lines are kept as they come: where the provider breaks off, the next try goes on from the last whole comparison.
    """
    require_no_transaction()
    row = Reconciliation.objects.get(pk=reconciliation_id)
    if row.state == Reconciliation.State.DONE:
        return row
    lines = providers.named(row.provider).balance_lines(_read_until(row.provider))
    for batch in _batches(lines):
        _keep(row.provider, batch, now)
    with transaction.atomic():
        row = Reconciliation.objects.select_for_update().get(pk=reconciliation_id)
        return row if row.state == Reconciliation.State.DONE else _judge(row, now)


@transaction.atomic
def explain(difference: Difference, *, reason: str, by: Actor) -> Difference:
    """Say why the two sides differ here: it alarms nobody any more. The ledger stays as it is."""
    by.require(Scope.OPERATE)
    why = text.reason(reason)
    return transition(difference, "explain", by=by, typed={"reason": why}, reason=why, closed_at=by.at)


def _read_until(provider: str) -> datetime:
    """From when on the provider's lines are read: each whole comparison has read all that was there when it began."""
    done = Reconciliation.objects.filter(provider=provider, state=Reconciliation.State.DONE)
    last = done.order_by("pk").last()
    return last.asked_at - _OVERLAP if last else _START


def _batches(lines: Iterable[BalanceLineFact]) -> Iterator[Sequence[BalanceLineFact]]:
    going = iter(lines)
    while batch := list(islice(going, _BATCH)):
        yield batch


def _keep(provider: str, facts: Sequence[BalanceLineFact], now: datetime) -> None:
    rows = [
        BalanceLine(
            provider=provider,
            external_id=fact.id,
            at=fact.at,
            kind=fact.kind[:64],
            currency=fact.amount.currency,
            amount_minor=fact.amount.minor,
            cost_minor=fact.cost.minor,
            source=fact.source,
            kept_at=now,
        )
        for fact in facts
    ]
    BalanceLine.objects.bulk_create(rows, ignore_conflicts=True)


def _judge(row: Reconciliation, now: datetime) -> Reconciliation:
    by = Actor.system("payments.reconcile", at=now)
    _recognise(row.provider)
    ours, theirs = _ours(row.provider), _theirs(row.provider)
    fresh = {place for place in ours.keys() | theirs.keys() if _newest(place, ours, theirs) > now - GRACE}
    found = {
        one.key: one
        for place in (ours.keys() | theirs.keys()) - fresh
        if (one := _difference(row.provider, place, ours.get(place), theirs.get(place), now))
    }
    news = _note(row.provider, found, by)
    _clear(row.provider, found, fresh, by)
    standing = Difference.objects.filter(provider=row.provider, state=Difference.State.OPEN).count()
    verb = "differ" if news else "match"
    return transition(row, verb, by=by, compared_at=now, open_count=standing)


def _recognise(provider: str) -> None:
    """Find out which row of ours each line is about that names none yet."""
    unknown = BalanceLine.objects.filter(provider=provider, subject=None).exclude(source="")
    sources = sorted(set(unknown.values_list("source", flat=True)))
    for start in range(0, len(sources), _BATCH):
        for source, subject in _subjects(provider, sources[start : start + _BATCH]).items():
            unknown.filter(source=source).update(subject=subject)


def _subjects(provider: str, sources: Sequence[str]) -> Mapping[str, UUID]:
    """The rows of ours that bear these names at the provider."""
    found: dict[str, UUID] = {}
    for model in _NAMED:
        rows = model.objects.filter(provider=provider, provider_reference__in=sources)
        found |= dict(rows.values_list("provider_reference", "pk"))
    return found


def _ours(provider: str) -> dict[Place, _Side]:
    """What the ledger booked at the provider, by what it was for, as the posting's key names it."""
    entries = Entry.objects.filter(account__code=Account.Code.CLEARING, account__provider=provider)
    booked = entries.values_list(
        "currency", "amount_minor", "posting__key", "posting__occurred_at", "posting__reference"
    )
    found: dict[Place, _Side] = {}
    for currency, minor, key, at, reference in booked.iterator():
        _add(found, (currency, key.partition(":")[2] or key), minor, at, reference)
    return found


def _theirs(provider: str) -> dict[Place, _Side]:
    lines = BalanceLine.objects.filter(provider=provider).values_list(
        "currency", "amount_minor", "cost_minor", "subject", "source", "external_id", "at"
    )
    found: dict[Place, _Side] = {}
    for currency, minor, cost, subject, source, external_id, at in lines.iterator():
        about = str(subject or source or external_id)
        _add(found, (currency, about), minor - cost, at, source or external_id)
    return found


def _add(sides: dict[Place, _Side], place: Place, minor: int, at: datetime, name: str) -> None:
    side = sides.setdefault(place, _Side(0, at, name))
    side.minor += minor
    side.newest = max(side.newest, at)


def _newest(place: Place, *sides: Mapping[Place, _Side]) -> datetime:
    return max(side[place].newest for side in sides if place in side)


def _difference(
    provider: str, place: Place, ours: _Side | None, theirs: _Side | None, now: datetime
) -> Difference | None:
    currency, about = place
    ours_minor, theirs_minor = ours.minor if ours else 0, theirs.minor if theirs else 0
    if ours_minor == theirs_minor:
        return None
    kind = Difference.Kind.AMOUNT
    if not ours_minor or not theirs_minor:
        kind = Difference.Kind.IN_THEIRS if theirs_minor else Difference.Kind.IN_OURS
    return Difference(
        key=f"{provider}:{currency}:{about}:{ours_minor}:{theirs_minor}",
        provider=provider,
        currency=currency,
        kind=kind,
        about=about,
        source=theirs.name if theirs else "",
        reference=ours.name if ours else "",
        ours_minor=ours_minor,
        theirs_minor=theirs_minor,
        found_at=now,
    )


def _note(provider: str, found: Mapping[str, Difference], by: Actor) -> int:
    """Write down what is found for the first time, or again; answers how many."""
    known = {row.key: row for row in Difference.objects.filter(provider=provider) if row.key in found}
    for key, row in found.items():
        if key not in known:
            row.save(force_insert=True)
            events.record("difference.found", row, by=by)
    back = [row for row in known.values() if row.state == Difference.State.GONE]
    for row in back:
        transition(row, "come_back", by=by, closed_at=None)
    return len(found) - len(known) + len(back)


def _clear(provider: str, found: Mapping[str, Difference], fresh: set[Place], by: Actor) -> None:
    """What both sides agree on by now is gone; where either was heard of just now, it waits."""
    for row in Difference.objects.filter(provider=provider, state=Difference.State.OPEN):
        if row.key not in found and (row.currency, row.about) not in fresh:
            transition(row, "clear", by=by, closed_at=by.at)
