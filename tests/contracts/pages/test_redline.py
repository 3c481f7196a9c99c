"""The redline: either side changes single clauses, sees the difference by words and marks, and sends it."""

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from contracts.models import Negotiation
from contracts.negotiations import negotiations
from exchange.kernel.actors import Actor
from exchange.participants.members import members
from tests import dataset_makers, makers, sales
from tests.contracts.pages.conftest import Reader, text_of
from tests.doors.page_forms import forms_of

pytestmark = pytest.mark.django_db
Open = Callable[..., Reader]


@pytest.fixture
def asked(seller: Actor, buyer: Actor) -> Negotiation:
    return sales.request(sales.offer(dataset_makers.published(seller), seller, plan=dict(sales.PAID)), buyer)


def path(asked: Negotiation, rest: str = "/redline") -> str:
    return f"/negotiations/{asked.pk}{rest}"


def filled(browser: Reader, asked: Negotiation, **changes: Any) -> dict[str, Any]:
    """The form as it stands on the page, with some answers changed."""
    page = browser.get(path(asked))
    [form] = [one for one in forms_of(page, path(asked)) if one.action == path(asked)]
    return {**form.untouched(), **changes}


def test_one_clause_is_changed_and_the_other_side_sees_which(
    asked: Negotiation, seller: Actor, buyer: Actor, reader: Open
) -> None:
    browser = reader(buyer)
    values = filled(browser, asked, **{"copies-max": "5", "note": "Our team has five desks."})
    assert browser.post(path(asked), **values)["Location"] == path(asked, "")
    asked.refresh_from_db()
    assert (asked.state, asked.round) == ("requested", 2)
    assert {"kind": "copies", "max": 5} in asked.terms and len(asked.terms) == len(sales.TERMS)
    page = text_of(reader(seller).get(path(asked, "")))
    assert "What has changed" in page and "Our team has five desks." in page
    assert re.search(r"<del>2</del>|<del>twice</del>|<del>two", page) and "<ins>5</ins>" in page
    assert "Was" in page and "Now" in page


def test_a_form_that_nobody_touched_changes_nothing(asked: Negotiation, seller: Actor, reader: Open) -> None:
    browser = reader(seller)
    answer = browser.post(path(asked), **filled(browser, asked))
    assert answer.status_code == 422 and "leaves the terms and the price as they are" in text_of(answer)
    asked.refresh_from_db()
    assert asked.round == 1


def test_a_seller_adds_removes_reprices_and_sets_a_deadline(
    asked: Negotiation, seller: Actor, buyer: Actor, reader: Open, now: datetime
) -> None:
    browser = reader(seller)
    day = (now + timedelta(days=10)).date()
    values = filled(
        browser,
        asked,
        **{
            "deletion-turn": "on",
            "deletion-days": "30",
            "duration-turn": "on",
            "amount": "250.00",
            "accept_on": day.isoformat(),
        },
    )
    assert browser.post(path(asked), **values).status_code == 302
    asked.refresh_from_db()
    assert asked.state == "offered" and asked.plan["price"]["amount_minor"] == 25_000
    assert {clause["kind"] for clause in asked.terms} == {"purpose", "copies", "deletion"}
    assert asked.accept_by == datetime(day.year, day.month, day.day, tzinfo=UTC) + timedelta(days=1)
    page = text_of(reader(buyer).get(path(asked, "")))
    for words in ("Added", "Removed", "€100.00", "€250.00", "To be signed by", "Sign and go to payment"):
        assert words in page, words


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"copies-max": ""}, "Fill this in."),
        ({"copies-max": "0"}, "Enter a number from 1 to 10000"),
        ({"deletion-turn": "on"}, "Fill this in."),
        ({"amount": ""}, "the answer above asks for it"),
        ({"amount": "250.555"}, "at most 2 decimals"),
        ({"accept_on": "2020-01-01"}, "must lie ahead"),
        ({"purpose-any_of": "model_training"}, "purpose and model_training contradict"),
    ],
)
def test_what_cannot_be_sent_is_said_at_its_field(
    changes: dict[str, str], said: str, asked: Negotiation, seller: Actor, reader: Open
) -> None:
    browser = reader(seller)
    answer = browser.post(path(asked), **filled(browser, asked, **changes))
    assert answer.status_code == 422 and said in text_of(answer), text_of(answer)[:3_000]
    asked.refresh_from_db()
    assert asked.round == 1


def test_the_preview_shows_the_difference_and_does_nothing(
    asked: Negotiation, buyer: Actor, reader: Open
) -> None:
    browser = reader(buyer)
    values = filled(browser, asked, **{"copies-max": "5"})
    assert "<ins>5</ins>" in text_of(browser.post(path(asked, "/redline/preview"), **values))
    answer = browser.post(path(asked), **values, preview="yes")
    assert answer.status_code == 200 and "<ins>5</ins>" in text_of(answer)
    asked.refresh_from_db()
    assert asked.round == 1


def test_a_redline_of_an_older_round_is_not_sent(
    asked: Negotiation, seller: Actor, buyer: Actor, reader: Open
) -> None:
    browser = reader(buyer)
    values = filled(browser, asked, **{"copies-max": "5"})
    negotiations.counter(asked, changes=[{"kind": "copies", "set": {"max": 1}}], by=seller)
    answer = browser.post(path(asked), **values)
    assert answer.status_code == 409 and "have changed since you read them" in text_of(answer)
    asked.refresh_from_db()
    assert asked.round == 2


def test_all_rounds_are_told_and_the_outsider_finds_none(
    asked: Negotiation, seller: Actor, buyer: Actor, outsider: Actor, reader: Open
) -> None:
    negotiations.counter(asked, changes=[{"kind": "copies", "remove": True}], note="As you like.", by=seller)
    page = text_of(reader(buyer).get(path(asked, "/rounds")))
    for words in ("Round 1", "Round 2", "Unbroken", asked.proposal, "As you like.", "Seller 1/1"):
        assert words in page, words
    for rest in ("/rounds", "/redline"):
        assert reader(outsider).get(path(asked, rest)).status_code == 404


def test_two_members_sign_on_the_page(asked: Negotiation, seller: Actor, reader: Open) -> None:
    members.ask_for_second_member(makers.participant_of(seller), wanted=True, by=seller)
    first, second = reader(seller), reader(seller)
    first.post(path(asked, "/approve"), shown=asked.proposal)
    assert "Half signed" in text_of(second.get(path(asked, "")))
    again = first.post(path(asked, "/approve"), shown=asked.proposal)
    assert again.status_code == 409 and "You have signed already" in text_of(again)
    second.post(path(asked, "/approve"), shown=asked.proposal)
    asked.refresh_from_db()
    assert asked.state == "approved"


def test_the_redline_speaks_french(asked: Negotiation, buyer: Actor, reader: Open) -> None:
    page = text_of(reader(buyer).get(path(asked), "fr"))
    assert "Demander d’autres conditions" in page and "Ask for other terms" not in page
