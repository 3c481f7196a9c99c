"""What providers say beside the ledger, in a browser: no money yet, both sides the same, and every kind of difference;
at both widths, in both languages, light and dark."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest

from exchange.kernel.actors import Actor
from exchange.participants.models import Member
from payments import providers
from payments.models import Difference
from payments.reconciliation import reconciliation
from tests import makers
from tests.browser.axe import look_at, readers
from tests.browser.conftest import PageAt
from tests.payments.books import Books, booked, compared, line

BEFORE = timedelta(hours=5)


@pytest.fixture
def books(monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.setitem(providers._ADAPTERS, "demo", "tests.payments.books.Books")
    Books.lines, Books.breaks_at = [], None
    yield
    Books.lines = []


@pytest.fixture
def member(own_database: None, now: datetime, operator: Actor, books: None) -> Member:
    """An operator at the board."""
    return makers.member(makers.participant_of(operator), "operator", now)


def differ(at: datetime) -> dict[str, Difference]:
    """One difference of each kind, by what both sides call it."""
    line("ch_unknown", 1_250, at)
    line("py_fee", -480, at)
    booked("cs_missing", 92_500, at)
    booked("cs_left", -3_000, at)
    booked("cs_other", 20_000, at)
    line("cs_other", 19_950, at, cost=590)
    compared(at + BEFORE)
    return {row.about: row for row in Difference.objects.all()}


@readers
def test_every_state_of_the_books(
    page_at: PageAt,
    member: Member,
    operator: Actor,
    now: datetime,
    react: Callable[..., int],
    width: int,
    language: str,
    theme: str,
) -> None:
    page = page_at(width, language, theme, member=member, second_factor=True)

    def look(name: str, path: str = "/operate/money") -> None:
        answer = page.goto(path)
        assert answer is not None and answer.status == 200, path
        page.evaluate("() => document.querySelectorAll('main details').forEach(one => one.open = true)")
        look_at(page, name)

    look("books-none")
    then = now - timedelta(hours=8)
    booked("cs_same", 148_000, then)
    look("books-not-compared")
    line("cs_same", 148_000, then)
    compared(now - timedelta(hours=1))
    look("books-same")
    found = differ(then)
    react()
    look("books-differ")
    for about in ("ch_unknown", "py_fee", "cs_missing", "cs_other"):
        look(f"difference-{about}", f"/operate/money/differences/{found[about].pk}")
    look("books-notice", "/notices")
    for row in found.values():
        reconciliation.explain(row, reason="The bank took its fee of the month from the account.", by=operator)
    look("books-explained")
