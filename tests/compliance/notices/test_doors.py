"""Notices by page and by API: the officer's board, the recipient's answer in a browser without script, the seller's
view, and the sealed statement that the verifier checks offline."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from compliance.models import NoticeAnswer, NoticeRow
from compliance.notices import opening, sending
from exchange.kernel import signing
from exchange.kernel.ids import new_id
from exchange.kernel.models import Event
from tests import makers
from tests.compliance.pages.conftest import signed_in

pytestmark = pytest.mark.django_db
API = "/api/v1/compliance"


def text(answer: Any) -> str:
    return str(answer.content.decode())


@pytest.fixture
def asked(received: Any, opened: Any, buyer: Any, now: Any) -> NoticeRow:
    received.take(buyer.participant_id, 300)
    received.take(new_id())
    received.seal()
    notice = opened()
    received.seal()
    while opening.fill(now=now):
        pass
    sending.send_due(now=now)
    return NoticeRow.objects.select_related("notice").get(notice=notice, buyer_id=buyer.participant_id)


@pytest.fixture
def desk(officer: Any) -> Client:
    return signed_in(makers.member(makers.participant_of(officer), "officer", officer.at), second_factor=True)


def test_the_recipient_answers_in_its_browser(
    asked: NoticeRow, buyer: Any, seller: Any, desk: Client, now: Any
) -> None:
    manager = signed_in(makers.member(makers.participant_of(buyer), "trader", now))
    assert "Waits for you" in text(manager.get("/my-data/notices"))
    path = f"/my-data/notices/{asked.pk}"
    page = text(manager.get(path))
    for words in (
        "Delete the data that the notice names",
        "Delete the rows of the person",
        "in part",
        "Seller SA",
    ):
        assert words in page
    asked.refresh_from_db()
    assert asked.state == "read"
    assert manager.post(path, {}).status_code == 422
    assert manager.post(path, {"action": "refused"}).status_code == 422
    assert not NoticeAnswer.objects.exists()
    done = manager.post(path, {"action": "deleted", "copies": "2", "passed_on": "Ada Ltd"}, follow=True)
    assert "Recorded." in text(done) and "Ada Ltd" in text(done)
    assert "Nothing waits for your answer" in text(manager.get("/my-data/notices"))
    french = text(manager.get("/my-data/notices?which=all", headers={"accept-language": "fr"}))
    assert "Effacement" in french

    for who, place, status in (
        (seller, f"/sell/notices/{asked.notice_id}", 200),
        (buyer, f"/sell/notices/{asked.notice_id}", 404),
    ):
        browser = signed_in(makers.member(makers.participant_of(who), "trader", now))
        assert browser.get(place).status_code == status, place
    assert manager.get(f"/my-data/notices/{NoticeRow.objects.exclude(pk=asked.pk).get().pk}").status_code == 404
    board = text(desk.get("/compliance/notices"))
    assert "1 of 2 closed" in board
    one = text(desk.get(f"/compliance/notices/{asked.notice_id}"))
    assert "Buyer GmbH" in one and "We have deleted it" in one


def test_the_officer_acts_for_one_recipient(asked: NoticeRow, desk: Client) -> None:
    other = NoticeRow.objects.exclude(pk=asked.pk).get()
    path = f"/compliance/notices/recipients/{other.pk}"
    assert "Close: impossible" in text(desk.get(path))
    for given, status in (
        ({"act": "excuse", "words": "short"}, 422),
        ({"act": "eat"}, 422),
        ({"act": "deliver", "words": ""}, 422),
        ({"act": "deliver", "words": "Registered letter of Monday."}, 302),
        ({"act": "deliver", "words": "Registered letter of Monday."}, 409),
        ({"act": "return", "words": "The letter came back on Friday."}, 302),
        ({"act": "chase"}, 302),
        ({"act": "escalate"}, 302),
        ({"act": "escalate"}, 409),
        ({"act": "excuse", "words": "The company does not exist any more."}, 302),
    ):
        assert desk.post(path, given).status_code == status, given
    other.refresh_from_db()
    assert other.state == "impossible" and "Closed, because" in text(desk.get(path))
    names = Event.objects.filter(subject=f"noticerow:{other.pk}").order_by("id").values_list("name", flat=True)
    assert list(names)[1:] == [
        "noticerow.delivered",
        "noticerow.undelivered",
        "noticerow.repeated",
        "noticerow.escalated",
        "noticerow.excused",
    ]


def test_programs_do_the_same(
    asked: NoticeRow, buyer: Any, seller: Any, officer: Any, outsider: Any, door: Any
) -> None:
    mine = door(buyer).get(f"{API}/notices-to-answer").json()["items"]
    assert [(one["id"], one["kind"], one["fitting"]) for one in mine] == [
        (str(asked.pk), "erasure", ["deleted"])
    ]
    one = f"{API}/notices-to-answer/{asked.pk}"
    assert door(outsider).get(one).status_code == door(seller).get(one).status_code == 404
    assert door(buyer).post(f"{one}/read").json()["state"] == "read"
    assert door(buyer).post(f"{one}/answers", {"action": "restricted"}).status_code == 422
    given = door(buyer).post(f"{one}/answers", {"action": "deleted", "copies": 1})
    assert given.status_code == 201 and given.json()["state"] == "done"

    for who, count in ((officer, 1), (seller, 1), (buyer, 0), (outsider, 0)):
        assert len(door(who).get(f"{API}/notices").json()["items"]) == count
    found = door(officer).get(f"{API}/notices/{asked.notice_id}").json()
    assert found["recipients"] == {"done": 1, "sent": 1}
    rows = door(officer).get(f"{API}/notices/{asked.notice_id}/recipients", state="sent").json()["items"]
    act = f"{API}/notice-recipients/{rows[0]['id']}"
    assert door(seller).post(f"{act}/excuse", {"reason": "We do not like to wait."}).status_code == 403
    assert door(outsider).post(f"{act}/chase").status_code == 404
    assert (
        door(officer).post(f"{act}/deliver", {"evidence": "Handed over in person."}).json()["state"]
        == "delivered"
    )
    assert door(officer).post(f"{act}/escalate").json()["escalated_at"]
    asked_again = {
        "occasion": f"request:{new_id()}",
        "kind": "restriction",
        "dataset_id": str(asked.notice.dataset_id),
    }
    made = door(officer).post(f"{API}/notices", {**asked_again, "message": "Do not use it any more."})
    assert made.status_code == 201 and made.json()["revision_ids"] is None
    assert door(buyer).post(f"{API}/notices", {**asked_again, "message": "Do not use it."}).status_code == 403


def test_the_statement_is_sealed_and_checked_offline(
    asked: NoticeRow,
    buyer: Any,
    officer: Any,
    desk: Client,
    door: Any,
    verify: Callable[..., Any],
    tmp_path: Path,
) -> None:
    door(buyer).post(f"{API}/notices-to-answer/{asked.pk}/answers", {"action": "deleted", "copies": 1})
    stated = door(officer).post(f"{API}/notices/{asked.notice_id}/statement").json()
    file = tmp_path / "notice.json"
    file.write_text(json.dumps(stated))
    [key] = [one for one in signing.public_keys()["keys"] if one["comptoir_purpose"] == "statement"]
    seal_key = f"{key['kid']}:{key['x']}"
    good = verify("statement", file, "--seal-key", seal_key)
    assert good.returncode == 0, good.stderr
    assert "checked: 1 recipients are done" in good.stdout and "Buyer" not in file.read_text()

    for change in (
        {"counts": {"done": 2}},
        {"recipients": stated["statement"]["recipients"] * 2},
        {"kind": "restriction"},
        {"message_sha256": "0" * 64},
    ):
        file.write_text(json.dumps({**stated, "statement": {**stated["statement"], **change}}))
        assert verify("statement", file, "--seal-key", seal_key).returncode == 1, change

    paper = desk.get(f"/compliance/notices/{asked.notice_id}/statement.pdf")
    assert (
        paper.content.startswith(b"%PDF") and Event.objects.filter(name="recipientnotice.stated").count() == 2
    )
    assert desk.get(f"/compliance/notices/{asked.notice_id}/statement.txt").status_code == 404
