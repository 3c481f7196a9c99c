"""The desk's overview, its log, the publish gate, and who received what."""

import json
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from compliance import gates
from compliance.classification.classification import classify
from compliance.models import Review
from compliance.proofs import drawing as proof_drawing
from compliance.verifier.merkle import node_hash, root_of
from compliance.work import day_chart
from exchange.kernel.models import Event

pytestmark = pytest.mark.django_db
REASON = "checked with the seller: the codes are of machines"
PERSONAL = classify({"email": ["ada@example.org", "grace@example.org"] * 6, "speed": ["1", "2"]})


def text(answer: Any) -> str:
    return str(answer.content.decode())


@pytest.fixture
def review(seller: Any) -> Review:
    found = gates.examine(
        subject="dataset:0192f0c1-7a3b-7c4d-8e5f-0123456789ab",
        version="r1/d1",
        seller_id=seller.participant_id,
        declared={"email": "none"},
        default="none",
        findings=PERSONAL,
        by=seller,
    )
    assert found is not None
    return found


def test_the_overview_counts_today_and_what_waits(
    desk: Client, story: Callable[..., Any], public_log: Any, review: Review
) -> None:
    now = timezone.now()
    story(at=now).whole()
    story(at=now).refused("copies_spent")
    story(at=now - timedelta(days=3)).whole()
    public_log.publish(now)
    shown = desk.get("/compliance").context["shown"]
    assert (shown.transfers, shown.refused, shown.open_reviews) == (1, 1, 1)
    assert (shown.chart.total, shown.chart.refused) == (2, 1)
    assert "1 thing waits for you." in text(desk.get("/compliance"))


def test_the_header_says_how_many_wait(desk: Client, public_log: Any, review: Review) -> None:
    assert 'Publish gate <span class="n">1</span>' in text(desk.get("/compliance/transfers"))


def test_an_overview_with_nothing_to_show_says_so(desk: Client, public_log: Any) -> None:
    page = text(desk.get("/compliance"))
    assert "Nothing waits for you" in page


def test_a_log_that_is_late_is_said_loudly(desk: Client, told: Any, story: Callable[..., Any]) -> None:
    story(at=timezone.now() - timedelta(minutes=10)).tell("started")
    for path in ("/compliance", "/compliance/log"):
        assert "The log is late, or its signer has stopped" in text(desk.get(path))


def test_the_log_page_lists_its_heads(desk: Client, told: Any, public_log: Any) -> None:
    answer = desk.get("/compliance/log")
    [head] = answer.context["heads"]
    assert head.root_hex in text(answer)
    assert public_log.vkey() in text(answer)


def test_a_held_dataset_is_approved_with_a_reason(desk: Client, review: Review) -> None:
    page = text(desk.get("/compliance/reviews"))
    assert f"/compliance/reviews/{review.pk}" in page and "Seller SA" in page
    path = f"/compliance/reviews/{review.pk}"
    page = text(desk.get(path))
    for words in ("email", "e-mail addresses", "No personal data", "Personal data"):
        assert words in page
    answer = desk.post(path, {"reason": REASON, "verdict": "approve"})
    assert (answer.status_code, answer["Location"]) == (302, path)
    review.refresh_from_db()
    assert (review.state, review.reason) == ("approved", REASON)
    page = text(desk.get(path))
    assert REASON in page and "Approve this version" not in page
    assert "No dataset is held" in text(desk.get("/compliance/reviews"))
    assert str(review.pk) in text(desk.get("/compliance/reviews?state=approved"))


def test_a_held_dataset_is_refused_with_a_reason(desk: Client, review: Review) -> None:
    desk.post(f"/compliance/reviews/{review.pk}", {"reason": REASON, "verdict": "refuse"})
    review.refresh_from_db()
    assert (review.state, review.reason) == ("refused", REASON)


@pytest.mark.parametrize("reason", ["", "no", "a" * 513, "ten letters \u202e turned", "nul \x00 in the middle"])
def test_a_bad_reason_changes_nothing_and_stays_in_its_field(desk: Client, review: Review, reason: str) -> None:
    before = Event.objects.filter(name__startswith="review.").count()
    answer = desk.post(f"/compliance/reviews/{review.pk}", {"reason": reason, "verdict": "approve"})
    assert answer.status_code == 422
    assert 'class="error"' in text(answer)
    review.refresh_from_db()
    assert review.state == "open"
    assert Event.objects.filter(name__startswith="review.").count() == before


def test_a_second_decision_on_a_stale_page_is_refused(desk: Client, review: Review, officer: Any) -> None:
    gates.refuse(review, REASON, by=officer)
    answer = desk.post(f"/compliance/reviews/{review.pk}", {"reason": REASON, "verdict": "approve"})
    assert answer.status_code == 409
    review.refresh_from_db()
    assert review.state == "refused"


def test_a_decision_without_a_verdict_decides_nothing(desk: Client, review: Review) -> None:
    assert desk.post(f"/compliance/reviews/{review.pk}", {"reason": REASON}).status_code == 422
    review.refresh_from_db()
    assert review.state == "open"


def test_recipients_are_found_even_in_part(
    desk: Client, story: Callable[..., Any], public_log: Any, buyer: Any, outsider: Any
) -> None:
    whole = story(buyer_id=buyer.participant_id).whole()
    part = story(buyer_id=outsider.participant_id)
    part.row.dataset_id, part.row.revision_id = whole.row.dataset_id, whole.row.revision_id
    part.tell("started")
    part.tell("interrupted", 410, minutes=1, code="idle")
    part.refused("copies_spent")
    public_log.publish()
    answer = desk.get("/compliance/recipients", {"dataset": str(whole.row.dataset_id)})
    found = {row.name: row.received for row in answer.context["recipients"]}
    assert set(found) == {"Buyer GmbH", "Outsider BV"}
    assert found["Buyer GmbH"].is_whole and not found["Outsider BV"].is_whole
    assert found["Outsider BV"].revisions[0].sent_bytes == 410
    one = {"dataset": str(whole.row.dataset_id), "revision": str(whole.row.revision_id)}
    assert len(desk.get("/compliance/recipients", one).context["recipients"]) == 2
    looks = [
        json.loads(bytes(e.leaf))["facts"] for e in Event.objects.filter(name="officer.viewed").order_by("id")
    ]
    assert [look["what"] for look in looks] == ["recipients", "recipients"]
    assert looks[1]["revision"] == str(whole.row.revision_id)


@pytest.mark.parametrize("query", ["dataset=", "dataset=nothing+such", "dataset=%00"])
def test_a_dataset_that_is_not_found_is_no_look(desk: Client, told: Any, query: str) -> None:
    assert desk.get(f"/compliance/recipients?{query}").status_code == 422
    assert not Event.objects.filter(name="officer.viewed").exists()


def test_nobody_received_what_never_left(desk: Client, told: Any, story: Callable[..., Any]) -> None:
    page = text(desk.get(f"/compliance/recipients?dataset={story().row.dataset_id}"))
    assert "Nobody received a byte of it" in page


@pytest.mark.parametrize("size", [1, 2, 3, 7, 8, 9, 64, 125])
def test_the_drawn_steps_lead_to_the_root(size: int) -> None:
    from compliance.log.proofs import inclusion_proof
    from compliance.log.tiles import grow
    from compliance.verifier.merkle import leaf_hash

    entries = [str(n).encode() for n in range(size)]
    files = grow(0, entries, lambda path: b"")
    root = root_of([leaf_hash(entry) for entry in entries])
    for index in range(size):
        steps = proof_drawing.steps(index, size, inclusion_proof(index, size, files.__getitem__))
        found = leaf_hash(entries[index])
        for step in steps:
            given = bytes.fromhex(step.hash_hex)
            assert root_of([leaf_hash(one) for one in entries[step.first : step.last + 1]]) == given
            found = node_hash(given, found) if step.side == "left" else node_hash(found, given)
        assert found == root
        for picture in (proof_drawing.wide(steps), proof_drawing.tall(steps)):
            assert all(mark.y < picture.leaf_y for mark in picture.marks)
            assert picture.leaf_y < picture.height


def test_no_column_of_the_chart_leaves_its_frame() -> None:
    days = [day_chart.Day(date(2026, 11, 1 + n), n * 7, n % 3, 31 if n == 12 else 0) for n in range(30)]
    chart = day_chart.draw(days)
    assert all(8 <= part.y <= 188 and part.y + part.height <= 189 for c in chart.columns for part in c.parts)
    assert chart.lines[0].value == 0 and chart.lines[-1].value >= max(day.total for day in days)
    assert [len(column.parts) for column in day_chart.draw(days[:1]).columns] == [0]
