"""The process is killed between the intent and the commit of each step of a sale's money, and another goes on: nothing
is booked twice, and nothing is lost."""

import importlib
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest

from exchange.kernel import events
from exchange.kernel.actors import Actor
from exchange.kernel.models import Delivery
from exchange.kernel.money import Money
from payments import queries
from payments.checkouts import pretended_payments
from payments.holds import holds
from payments.inbox import inbox
from payments.ledger import ledger
from payments.models import Charge, Dispute, Hold, Operation, Posting, Refund
from payments.refunds import refunds
from tests.payments.refund_stories import WHY, tell_disputed
from tests.payments.stories import new_charge

BEFORE, AFTER = "before", "after"
POINTS: dict[str, tuple[str, str]] = {
    # asked for
    "the charge is not written": ("payments.charges.charges._insert", BEFORE),
    "the charge is written, its sale not committed": ("payments.charges.charges._insert", AFTER),
    # paid
    "the provider’s word is not kept": ("payments.inbox.inbox.keep", BEFORE),
    "the provider’s word is kept, not committed": ("payments.inbox.inbox.keep", AFTER),
    "the provider’s word is read, not acted on": ("payments.inbox.inbox._apply", BEFORE),
    "the charge is paid, not booked": ("payments.charges.charges._book", BEFORE),
    "the charge is booked, not held": ("payments.holds.holds.open_many", BEFORE),
    "the money is held, the word not marked": ("payments.inbox.inbox._apply", AFTER),
    # given back
    "the refund is not frozen": ("payments.holds.givebacks.shares", BEFORE),
    "the refund is reserved, not booked": ("payments.holds.givebacks.book", BEFORE),
    "the refund is booked, the hold not moved": ("payments.holds.givebacks.take", BEFORE),
    "the hold is moved, the act not planned": ("payments.providers.operations.plan", BEFORE),
    "the act is planned, not committed": ("payments.providers.operations.plan", AFTER),
    "the act is committed, not sent": ("payments.providers.operations._send", BEFORE),
    "the act is sent, the provider not asked": ("payments.providers.operations._ask", BEFORE),
    "the provider has answered, nothing is stored": ("payments.providers.operations._ask", AFTER),
    "the answer is stored, the inbox not told": ("payments.providers.operations._end", AFTER),
    "the refund is not settled": ("payments.refunds.refunds._settle", BEFORE),
    "the refund is settled, not committed": ("payments.refunds.refunds._settle", AFTER),
    # released
    "the hold is not released": ("payments.holds.holds._locked_open", AFTER),
    "the hold is released, not booked": ("payments.holds.holds._release_key", BEFORE),
    "the release is booked, not committed": ("payments.holds.holds.release", AFTER),
    # taken back by a bank
    "the dispute is not written": ("payments.refunds.disputes._open", BEFORE),
    "the dispute is booked, not committed": ("payments.refunds.disputes._open", AFTER),
    "the dispute is not decided": ("payments.refunds.disputes._lose", BEFORE),
    "the dispute is booked as lost, not committed": ("payments.refunds.disputes._lose", AFTER),
}


class Killed(BaseException):
    """The process is gone: no `except Exception` sees it."""


def kill_once(monkeypatch: pytest.MonkeyPatch, point: str) -> list[str]:
    """Die at this point, the first time that anybody comes there; answers where somebody died."""
    path, when = POINTS[point]
    module, name = path.rsplit(".", 1)
    found = getattr(importlib.import_module(module), name)
    died: list[str] = []

    def dying(*args: Any, **kwargs: Any) -> Any:
        if died:
            return found(*args, **kwargs)
        if when == AFTER:
            found(*args, **kwargs)
        died.append(point)
        raise Killed

    monkeypatch.setattr(f"{module}.{name}", dying)
    return died


def until_done(act: Callable[[], object], is_done: Callable[[], object]) -> None:
    """Somebody acts, and acts again where the process died and nothing came of it."""
    for _ in range(3):
        if is_done():
            return
        try:
            act()
        except Killed:
            continue
    assert is_done()


def run_on(now: datetime) -> None:
    """Workers run the reactions of payments until none is left; one that died is waited for as long as its lease."""
    for round_ in range(8):
        waiting = Delivery.objects.filter(done_at=None, reaction__startswith="payments.tasks")
        for delivery_id in list(waiting.order_by("pk").values_list("pk", flat=True)):
            try:
                events.react(delivery_id, now=now + timedelta(hours=round_))
            except Killed:
                continue
        if not waiting.exists():
            return
    raise AssertionError("a reaction never came to its end")


def sale(operator: Actor, buyer: Actor, seller: Actor, now: datetime) -> tuple[object, ...]:
    """Paid, a part given back, released, and lost to the buyer's bank; what stands in the books of it at the end."""
    before = set(Charge.objects.values_list("pk", flat=True))
    made = Charge.objects.exclude(pk__in=before)
    until_done(lambda: new_charge(buyer, seller, 9_999), made.all().exists)
    charge = made.get()
    until_done(lambda: pretended_payments.make(charge, by=buyer), lambda: pretended_payments.is_made(charge))
    run_on(now)
    until_done(
        lambda: refunds.give(queries.charge(charge.pk), gross=Money(3_333, "EUR"), reason=WHY, by=seller),
        lambda: Refund.objects.filter(charge=charge).exists(),
    )
    run_on(now)
    hold = Hold.objects.get(charge=charge)
    end = hold.releases_at
    until_done(
        lambda: holds.release_due(end), lambda: Hold.objects.filter(charge=charge, state="released").exists()
    )
    for word in ("", "lost"):
        until_done(
            lambda word=word: inbox.act(tell_disputed(charge, now, end=word).pk, now),  # type: ignore[misc]
            lambda word=word: Dispute.objects.filter(charge=charge, state=word or "open").exists(),  # type: ignore[misc]
        )
    run_on(now)
    return _books(charge)


def _books(charge: Charge) -> tuple[object, ...]:
    charge.refresh_from_db()
    postings = Posting.objects.filter(reference=charge.reference)
    booked = sorted(
        (posting.kind, entry.account.code, entry.amount_minor)
        for posting in postings.prefetch_related("entries__account")
        for entry in posting.entries.all()
    )
    refund = Refund.objects.get(charge=charge)
    acts = list(Operation.objects.filter(target=f"refund:{refund.pk}").values_list("state", flat=True))
    dispute = Dispute.objects.get(charge=charge)
    return (
        booked,
        charge.state,
        charge.refunded_minor,
        refund.state,
        acts,
        dispute.state,
        dispute.allotted_minor,
    )


@pytest.mark.parametrize("is_long", [False, pytest.param(True, marks=pytest.mark.slow)])
def test_a_kill_at_any_point_books_nothing_twice_and_loses_nothing(
    own_database: None,
    operator: Actor,
    buyer: Actor,
    seller: Actor,
    now: datetime,
    monkeypatch: pytest.MonkeyPatch,
    is_long: bool,
) -> None:
    """In the short form at every third point."""
    whole = sale(operator, buyer, seller, now)
    assert whole[1:] == ("paid", 9_999, "settled", ["done"], "lost", 6_666)
    for point in list(POINTS)[:: 1 if is_long else 3]:
        with monkeypatch.context() as patched:
            died = kill_once(patched, point)
            assert sale(operator, buyer, seller, now) == whole, point
            assert died == [point], f"nobody came to the point where {point}"
        assert ledger.trial_balance().is_sound, point


def test_every_point_is_a_function_of_these_modules() -> None:
    for path, _when in POINTS.values():
        module, name = path.rsplit(".", 1)
        assert callable(getattr(importlib.import_module(module), name)), path
