"""What a provider says of its balance is compared with the ledger: each kind of difference is found, none is found
falsely, and a person explains what stands."""

import contextlib
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import DatabaseError, transaction
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from exchange.kernel.actors import Actor
from exchange.kernel.errors import Conflict, Forbidden, Unavailable
from exchange.kernel.models import Event
from exchange.kernel.money import Money
from payments import providers
from payments.models import BalanceLine, Difference, Posting, Reconciliation
from payments.money_board import money_board
from payments.reconciliation import reconciliation
from tests.payments.books import Books, booked, compared, line
from tests.payments.stories import REASON, paid_charge, tell_paid

pytestmark = pytest.mark.django_db
Kind = Difference.Kind
HOUR = timedelta(hours=1)


@pytest.fixture
def books(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The demo provider answers what the test has told it to."""
    monkeypatch.setitem(providers._ADAPTERS, "demo", "tests.payments.books.Books")
    Books.lines, Books.breaks_at = [], None
    yield
    Books.lines, Books.breaks_at = [], None


def found() -> dict[str, tuple[str, int, int]]:
    rows = Difference.objects.filter(state=Difference.State.OPEN)
    return {row.about: (row.kind, row.ours_minor, row.theirs_minor) for row in rows}


def test_a_sale_by_the_demo_provider_is_the_same_on_both_sides(
    buyer: Actor, seller: Actor, operator: Actor, now: datetime
) -> None:
    charge = paid_charge(buyer, seller)
    done = compared(now + 3 * HOUR)
    assert (done.state, done.open_count, found()) == ("done", 0, {})
    kept = BalanceLine.objects.get()
    assert (kept.subject, kept.amount_minor, kept.source) == (charge.pk, 10_000, f"demo-{charge.pk}")
    (row,) = money_board.providers_of(by=operator)
    assert row.is_same and row.ours == Money(10_000, "EUR") and row.compared_at == now + 3 * HOUR


def test_each_kind_of_difference_is_found_and_told_once(books: None, database: None, now: datetime) -> None:
    for name, ours, theirs in (("same", 500, 500), ("ours", 700, 0), ("theirs", 0, 900), ("both", 300, 290)):
        if ours:
            booked(name, ours, now)
        if theirs:
            line(name, theirs, now)
    first = compared(now + 3 * HOUR)
    assert found() == {
        "ours": (Kind.IN_OURS, 700, 0),
        "theirs": (Kind.IN_THEIRS, 0, 900),
        "both": (Kind.AMOUNT, 300, 290),
    }
    assert first.open_count == 3
    before = Posting.objects.count()
    second = compared(now + 27 * HOUR)
    assert (second.open_count, len(found()), Posting.objects.count()) == (3, 3, before)
    names = ("reconciliation.differed", "reconciliation.matched", "difference.found")
    assert [Event.objects.filter(name=name).count() for name in names] == [1, 1, 3]


def test_the_providers_cost_is_part_of_what_is_compared(books: None, database: None, now: datetime) -> None:
    booked("sale", 10_000, now, kind="charge.paid")
    line("txn_1", 10_000, now, cost=320, source="sale")
    compared(now + 3 * HOUR)
    assert found() == {"sale": (Kind.AMOUNT, 10_000, 9_680)}
    booked("sale", -320, now + 4 * HOUR, kind="charge.cost")
    compared(now + 27 * HOUR)
    assert found() == {}
    assert Difference.objects.get().state == Difference.State.GONE


def test_currencies_are_never_mixed(books: None, database: None, now: datetime) -> None:
    booked("sale", 1_000, now, currency="JPY")
    line("sale", 1_000, now, currency="EUR")
    compared(now + 3 * HOUR)
    rows = Difference.objects.order_by("currency").values_list("currency", "kind")
    assert list(rows) == [("EUR", Kind.IN_THEIRS), ("JPY", Kind.IN_OURS)]


def test_what_went_and_came_back_on_one_side_alone_is_no_difference(
    books: None, database: None, now: datetime
) -> None:
    booked("refund", -400, now, kind="refund.held")
    booked("refund", 400, now + HOUR, kind="refund.failed")
    compared(now + 4 * HOUR)
    assert found() == {}


def test_a_difference_that_comes_again_is_told_again(books: None, database: None, now: datetime) -> None:
    booked("sale", 500, now)
    compared(now + 3 * HOUR)
    line("sale", 500, now + 4 * HOUR)
    compared(now + 7 * HOUR)
    assert found() == {}
    line("sale_undone", -500, now + 8 * HOUR, source="sale")
    compared(now + 11 * HOUR)
    assert found() == {"sale": (Kind.IN_OURS, 500, 0)}
    assert Event.objects.filter(name="difference.returned").count() == 1
    line("sale_done_again", 500, now + 12 * HOUR, source="sale")
    booked("sale", 500, now + 12 * HOUR, kind="twice")
    compared(now + 15 * HOUR)
    assert found() == {"sale": (Kind.AMOUNT, 1_000, 500)}


def test_a_page_that_breaks_off_is_read_again_and_nothing_is_lost(
    books: None, database: None, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reconciliation, "_BATCH", 2)
    for number in range(5):
        booked(f"sale{number}", 100, now + number * HOUR)
        line(f"sale{number}", 100, now + number * HOUR)
    Books.breaks_at = 3
    with pytest.raises(Unavailable):
        compared(now + 8 * HOUR)
    assert (BalanceLine.objects.count(), found()) == (2, {})
    assert Reconciliation.objects.get().state == Reconciliation.State.ASKED
    Books.breaks_at = None
    compared(now + 9 * HOUR)
    assert (BalanceLine.objects.count(), found()) == (5, {})
    line("sale_late", 100, now + 9 * HOUR)
    compared(now + 33 * HOUR)
    assert BalanceLine.objects.count() == 6 and list(found()) == ["sale_late"]


def test_asked_twice_the_books_are_compared_once(books: None, database: None, now: datetime) -> None:
    by = Actor.system("tests", at=now)
    assert reconciliation.ask("demo", by=by) == reconciliation.ask("demo", by=by)
    assert Event.objects.filter(name="reconciliation.asked").count() == 1
    row = Reconciliation.objects.get()
    assert reconciliation.compare(row.pk, now) == reconciliation.compare(row.pk, now + HOUR)
    assert Reconciliation.objects.get().compared_at == now


def test_an_operator_explains_a_difference_and_nobody_else(
    books: None, operator: Actor, seller: Actor, officer: Actor, now: datetime
) -> None:
    line("po_1", -5_000, now)
    compared(now + 3 * HOUR)
    row = Difference.objects.get()
    for other in (seller, officer):
        with pytest.raises(Forbidden):
            reconciliation.explain(row, reason=REASON, by=other)
    assert Difference.objects.get().state == Difference.State.OPEN
    explained = reconciliation.explain(row, reason="Sent to our own bank account.", by=operator)
    assert (explained.state, explained.closed_at) == (Difference.State.EXPLAINED, operator.at)
    with pytest.raises(Conflict, match="cannot explain"):
        reconciliation.explain(row, reason=REASON, by=operator)
    assert compared(now + 27 * HOUR).open_count == 0
    line("po_1_cost", -50, now + 28 * HOUR, source="po_1")
    compared(now + 31 * HOUR)
    assert found() == {"po_1": (Kind.IN_THEIRS, 0, -5_050)}


def test_the_database_keeps_lines_and_findings_as_they_are(books: None, database: None, now: datetime) -> None:
    line("theirs", 900, now)
    compared(now + 3 * HOUR)
    for rows, change in (
        (BalanceLine.objects.all(), {"amount_minor": 1}),
        (Difference.objects.all(), {"theirs_minor": 1}),
        (Reconciliation.objects.all(), {"open_count": 0}),
    ):
        with pytest.raises(DatabaseError), transaction.atomic():
            rows.update(**change)
        with pytest.raises(DatabaseError), transaction.atomic():
            rows.delete()


def test_a_message_that_was_set_aside_is_no_line(
    buyer: Actor, seller: Actor, now: datetime, react: Any
) -> None:
    charge = paid_charge(buyer, seller)
    tell_paid(charge, now, event_id="another", amount_minor=1)
    react(now)
    compared(now + 3 * HOUR)
    assert found() == {}


MOVES = st.lists(
    st.tuples(
        st.integers(min_value=-10_000, max_value=10_000).filter(bool),
        st.integers(min_value=0, max_value=119),  # minutes by which the ledger is late
        st.integers(min_value=0, max_value=119),  # and the provider
        st.sampled_from(["both", "both", "both", "ours", "theirs", "amount"]),
    ),
    max_size=8,
)


@hypothesis_settings(
    max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(moves=MOVES, looks=st.lists(st.integers(min_value=0, max_value=600), max_size=3))
def test_delays_are_never_told_and_what_differs_always_is(
    books: None, database: None, now: datetime, moves: list[tuple[int, int, int, str]], looks: list[int]
) -> None:
    """Sides that are less than two hours apart, looked at in any moment: only planted differences are ever open."""
    with undone():
        _play(now, moves, sorted(looks))
        planted = {f"move{place}": kind for place, (_, _, _, kind) in enumerate(moves) if kind != "both"}
        compared(now + timedelta(days=2))
        kinds = {"ours": Kind.IN_OURS, "theirs": Kind.IN_THEIRS, "amount": Kind.AMOUNT}
        assert {about: kind for about, (kind, _, _) in found().items()} == {
            about: kinds[kind] for about, kind in planted.items()
        }


@contextlib.contextmanager
def undone() -> Iterator[None]:
    """Takes back what is done in it, as the block around a test does; so a provider may be asked."""
    block = transaction.atomic()
    block._from_testcase = True  # type: ignore[attr-defined]
    with block:
        yield
        transaction.set_rollback(True)


def _play(now: datetime, moves: list[tuple[int, int, int, str]], looks: list[int]) -> None:
    Books.lines = []
    happenings: list[tuple[int, Callable[[], object]]] = []
    planted = set()
    for place, (minor, late, later, kind) in enumerate(moves):
        name, begin = f"move{place}", place * 40
        if kind != "both":
            planted.add(name)
        if kind != "theirs":
            at = now + timedelta(minutes=begin + late)
            happenings.append((begin + late, lambda n=name, m=minor, t=at: booked(n, m, t)))  # type: ignore[misc]
        if kind != "ours":
            at, said = now + timedelta(minutes=begin + later), minor + (7 if kind == "amount" else 0)
            said = said or 7
            happenings.append((begin + later, lambda n=name, m=said, t=at: line(n, m, t)))  # type: ignore[misc]
    for minute in looks:
        happenings.append((minute, lambda m=minute: _look(now + timedelta(minutes=m), planted)))  # type: ignore[misc]
    for _minute, happen in sorted(happenings, key=lambda one: one[0]):
        happen()


def _look(at: datetime, planted: set[str]) -> None:
    compared(at)
    assert set(found()) <= planted
