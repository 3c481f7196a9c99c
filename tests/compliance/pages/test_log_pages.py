"""The log's page for its officers, and the page on which parties see what the log holds of one thing."""

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client

from compliance.health import view as log_view
from compliance.log import standing
from compliance.log.standing import Standing
from compliance.models import Comparison, Mismatch
from exchange.kernel.models import Event
from tests import makers
from tests.compliance.pages.conftest import signed_in

pytestmark = pytest.mark.django_db


def text(answer: Any) -> str:
    return str(answer.content.decode())


@pytest.fixture
def buyers_member(buyer: Any) -> Any:
    return makers.member(makers.participant_of(buyer), "viewer", buyer.at)


def test_the_log_page_shows_logs_keys_lag_and_places(desk: Client, told: Any, public_log: Any) -> None:
    told.tell("interrupted", minutes=2)
    public_log.publish(told.at + timedelta(minutes=2, seconds=7))
    answer = desk.get("/compliance/log")
    page, shown = text(answer), answer.context["shown"]
    for words in ("Nobody cosigns this log yet", "Grows", public_log.vkey(), "Empty places"):
        assert words in page
    assert (shown.lag.middle, shown.lag.longest, shown.lag.heads) == (7.0, 7.0, 1)
    last = Event.objects.exclude(leaf_index=None).count()
    assert (shown.gaps.places, shown.gaps.empty) == (last, 0)
    assert [(one.log.name, one.signed == one.sealed) for one in shown.logs] == [("2026", True)]


def test_an_empty_place_is_counted(told: Any, officer: Any, without_triggers: Callable[[str], Any]) -> None:
    with without_triggers("kernel_event"):
        Event.objects.filter(leaf_index=1).update(leaf_index=None)
    assert log_view.shown(by=officer).gaps.empty == 1


def test_each_witness_shows_how_it_stands(desk: Client, told: Any, public_log: Any, officer: Any) -> None:
    origin = public_log.vkey().partition("+")[0]
    at = int(officer.at.timestamp())
    standing.write(
        [
            Standing("association.example/w", origin, 10**6, at, ""),
            Standing("seller.example/w", origin, 1, at - 3_600, ""),
            Standing("authority.example/w", origin, 0, None, "too_late"),
            Standing("rival.example/w", origin, 1, at, "contradiction"),
        ]
    )
    marks = [one.mark.words for one in log_view.shown(by=officer).witnesses]
    assert marks == ["Agrees", "Behind", "Does not answer", "Contradicts"]
    page = text(desk.get("/compliance/log"))
    for words in ("association.example/w", "it took too long", "it has seen another past of this log"):
        assert words in page


def test_a_year_that_is_over_stays_on_the_page(told: Any, public_log: Any, officer: Any, story: Any) -> None:
    later = told.at.replace(year=2027)
    story(at=later).whole()
    public_log.publish(later)
    marks = {one.log.name: one.mark.words for one in log_view.shown(by=officer).logs}
    assert marks == {"2027": "Grows", "2026": "Its year is over"}


def test_a_party_sees_what_the_log_holds_of_its_transfer(told: Any, buyers_member: Any) -> None:
    browser = signed_in(buyers_member)
    answer = browser.get(f"/proofs/transfer/{told.row.pk}")
    page = text(answer)
    assert [moment.event.name for moment in answer.context["moments"]] == [
        "transfer.started",
        "transfer.completed",
    ]
    proof = answer.context["proof"]
    assert proof.event.name == "transfer.completed" and proof.address == "/log/2026/"
    assert f'data-place="{proof.place}"' in page and "compliance/verify" in page
    first = Event.objects.get(name="transfer.started", subject=told.subject).leaf_index
    assert browser.get(f"/proofs/transfer/{told.row.pk}?leaf={first}").context["proof"].place == first


def test_any_leaf_of_any_event_has_its_page_for_those_who_may_see_it(
    desk: Client, buyers_member: Any, told: Any, public_log: Any
) -> None:
    organisation = f"/proofs/participant/{buyers_member.participant_id}"
    assert signed_in(buyers_member).get(organisation).context["proof"].event.subject.startswith("participant:")
    record = Event.objects.get(name="log.opened")
    public_log.publish()
    answer = desk.get(f"/proofs/log/{record.subject_id}")
    assert answer.context["proof"].event == record
    look = json.loads(bytes(Event.objects.filter(name="officer.viewed").latest("id").leaf))["facts"]
    assert (look["noun"], look["subject_id"]) == ("log", record.subject_id)
    assert signed_in(buyers_member).get(f"/proofs/log/{record.subject_id}").status_code == 404


@pytest.mark.parametrize("path", ["transfer/{other}", "transfer/x", "nothing/{row}", "transfer/{row}:1"])
def test_nobody_sees_what_is_none_of_theirs(told: Any, outsider: Any, path: str) -> None:
    member = makers.member(makers.participant_of(outsider), "manager", outsider.at)
    browser = signed_in(member)
    assert browser.get(f"/proofs/transfer/{told.row.pk}").status_code == 404
    assert browser.get("/proofs/" + path.format(other=uuid4(), row=told.row.pk)).status_code == 404
    assert Client().get(f"/proofs/transfer/{told.row.pk}").status_code == 302


def test_before_it_is_signed_the_page_says_so(
    buyers_member: Any, buyer: Any, story: Any, public_log: Any
) -> None:
    waiting = story(buyer_id=buyer.participant_id)
    waiting.tell("started")
    answer = signed_in(buyers_member).get(f"/proofs/transfer/{waiting.row.pk}")
    assert answer.context["proof"] is None
    assert "Not proven yet" in text(answer) and "data-verify" not in text(answer)


def test_what_does_not_match_is_counted_and_shown(desk: Client, told: Any, officer: Any) -> None:
    page = text(desk.get("/compliance/log"))
    assert "Not compared yet" in page
    times = {"since": told.at, "until": told.at, "compared_at": told.at}
    Comparison.objects.create(tokens=3, transfers=2, unmatched=2, **times)
    missing = uuid4()
    for kind, subject, sent in (
        ("unlogged", f"transfer:{missing}", 4_711),
        ("fewer_bytes", told.subject, 10),
        ("unknown_token", "token:" + "ab" * 16, None),
    ):
        Mismatch.objects.create(kind=kind, subject=subject, sent_bytes=sent, found_at=told.at)
    for path in ("/compliance/log", "/compliance/log/unmatched"):
        page = text(desk.get(path))
        for words in (
            "Bytes left, and the log has no start of their transfer",
            f"transfer:{missing}",
            f'href="/compliance/transfers/{told.row.pk}"',
            ">4.7",
        ):
            assert words in page
        assert f'href="/compliance/transfers/{missing}"' not in page
    assert desk.get("/compliance").context["shown"].unmatched == 3
