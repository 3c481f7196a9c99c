"""What the desk shows that nobody asked for: alarms that stand, rows that are behind the log, and guesses at links."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client

from compliance.health import counters
from compliance.log.sealing import seal_batch
from compliance.models import Alarm, Comparison, Mismatch
from exchange.kernel.errors import Forbidden

pytestmark = pytest.mark.django_db
BEHIND = "leaves behind the log"


def text(answer: Any) -> str:
    return str(answer.content.decode())


def raised(kind: str, at: Any, **more: Any) -> Alarm:
    return Alarm.objects.create(kind=kind, sentence=f"entry 4 of a log: {kind}", raised_at=at, **more)


@pytest.mark.parametrize("path", ["/compliance", "/compliance/log"])
def test_alarms_that_stand_are_shown_until_they_end(desk: Client, told: Any, officer: Any, path: str) -> None:
    assert "The monitor raises" not in text(desk.get(path))
    raised("stale", told.at, cleared_at=told.at)
    assert "The monitor raises" not in text(desk.get(path))
    alarm = raised("no_agreement", told.at)
    page = text(desk.get(path))
    for words in ("The monitor raises an alarm", "A transfer began without a signed contract", "no_agreement."):
        assert words in page
    Alarm.objects.filter(pk=alarm.pk).update(cleared_at=officer.at)
    assert "The monitor raises" not in text(desk.get(path))


def test_the_api_says_what_the_monitor_found_and_how_far_the_rows_are(
    told: Any, door: Any, officer: Any, operator: Any, story: Any, public_log: Any
) -> None:
    def health(actor: Any) -> Any:
        return door(actor).get("/api/v1/log/health").json()

    assert {health(actor)["unfollowed_count"] for actor in (officer, operator)} == {0}
    public_log.publish()
    assert health(officer)["oldest_unfollowed_seconds"] is None
    raised("right_over", told.at)
    assert health(officer)["is_well"] is True, "what an entry once said is no fault of the log now"
    alarm = raised("inconsistency", told.at)
    for actor in (officer, operator):
        found = health(actor)
        assert found["is_well"] is False
        assert found["alarms"][0]["id"] == str(alarm.pk)
        assert [one["kind"] for one in found["alarms"]] == ["inconsistency", "right_over"]
    story().whole()
    seal_batch(told.at)
    assert health(officer)["unfollowed_count"] >= 2
    assert health(officer)["oldest_unfollowed_seconds"] >= 0


@pytest.mark.parametrize("path", ["/compliance", "/compliance/transfers", "/compliance/recipients"])
def test_rows_that_are_behind_the_log_say_so(
    desk: Client, told: Any, story: Any, public_log: Any, path: str
) -> None:
    story().whole()
    seal_batch(told.at)
    page = text(desk.get(path))
    assert BEHIND in page, "the Events of tests are of a past that is over a minute old"
    assert "they follow by themselves" in page
    public_log.seal()
    assert BEHIND not in text(desk.get(path))


def test_rows_that_are_behind_by_a_moment_say_it_in_passing(
    desk: Client, told: Any, story: Any, now: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    from compliance import queries

    monkeypatch.setattr(queries, "LATE_SECONDS", 10**9)
    story().whole()
    seal_batch(now)
    page = text(desk.get("/compliance/transfers"))
    assert "follow in a moment." in page and BEHIND not in page


def test_guesses_are_shown_by_day_and_kind(
    desk: Client, told: Any, officer: Any, seller: Any, door: Any
) -> None:
    from django.utils import timezone

    assert "None in thirty days" in text(desk.get("/compliance/log"))
    today = timezone.now().date()
    for code, days, count in (
        ("token_forged", 0, 4_123),
        ("token_malformed", 0, 17),
        ("token_forged", 2, 1),
        ("token_wrong_kind", 30, 1),
    ):
        counters.add(code, today - timedelta(days=days), count)
    answer = desk.get("/compliance/log")
    guesses = answer.context["shown"].guesses
    assert guesses.count == 4_141
    assert [(one.day, one.count) for one in guesses.days] == [(today, 4_140), (today - timedelta(days=2), 1)]
    assert "4,123 not signed here, 17 no link at all" in text(answer)
    listed = door(officer).get("/api/v1/desk/refusal-counts").json()["items"]
    assert {(row["code"], row["count"]) for row in listed} >= {("token_forged", 4_123), ("token_wrong_kind", 1)}
    assert door(seller).get("/api/v1/desk/refusal-counts").status_code == 403
    with pytest.raises(Forbidden):
        counters.counts_visible_to(seller)


def test_what_is_unmatched_says_what_to_look_at(desk: Client, told: Any, door: Any, officer: Any) -> None:
    path = "/compliance/log/unmatched"
    assert "Not compared yet" in text(desk.get(path)) and "Nothing unmatched is known" in text(desk.get(path))
    Comparison.objects.create(
        tokens=3, transfers=2, unmatched=0, since=told.at, until=told.at, compared_at=told.at
    )
    assert "Everything matches" in text(desk.get(path)) and "Last compared" in text(desk.get(path))
    assert f'href="{path}"' in text(desk.get("/compliance")), "the count leads there, also when it is none"
    found = Mismatch.objects.create(
        kind="unknown_token", subject="token:" + "ab" * 16, detail=f"transfer:{uuid4()}", found_at=told.at
    )
    page = text(desk.get(path))
    assert found.detail in page and "have the operator replace it" in page
    [row] = door(officer).get("/api/v1/desk/unmatched").json()["items"]
    assert (row["kind"], row["subject"], row["sent_bytes"]) == ("unknown_token", found.subject, None)
