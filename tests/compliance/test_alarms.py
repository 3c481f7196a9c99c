"""An alarm that was dealt with is acknowledged by an officer: it stays in the list, and hides nothing that is new."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from compliance import queries
from compliance.health import alarms, monitoring
from compliance.models import Alarm
from exchange.kernel.errors import Conflict, ExchangeError, Forbidden, Invalid
from exchange.kernel.models import Event
from tests import makers
from tests.compliance.pages.conftest import signed_in

pytestmark = pytest.mark.django_db
REASON = "The log was closed, and its successor names the gap."
SENTENCE = "demo.example/log/2026 contradicts itself: leaves were taken away"


@pytest.fixture
def desk(officer: Any) -> Client:
    person = makers.member(makers.participant_of(officer), "officer", officer.at)
    return signed_in(person, second_factor=True)


@pytest.fixture
def fork(now: Any) -> Alarm:
    return Alarm.objects.create(kind="inconsistency", sentence=SENTENCE, raised_at=now)


def text(answer: Any) -> str:
    return str(answer.content.decode())


@contextmanager
def refused(kind: type[ExchangeError], code: str) -> Iterator[None]:
    before = list(Alarm.objects.values()), acknowledged()
    with pytest.raises(kind) as caught:
        yield
    assert caught.value.code == code
    assert (list(Alarm.objects.values()), acknowledged()) == before


def acknowledged() -> int:
    return Event.objects.filter(name="alarm.acknowledged").count()


def test_what_was_acknowledged_stays_in_the_list_and_troubles_nobody(fork: Alarm, officer: Any) -> None:
    assert queries.log_health(now=officer.at, visible_to=officer).fault == fork
    alarms.acknowledge(fork, REASON, by=officer)
    health = queries.log_health(now=officer.at, visible_to=officer)
    assert (health.fault, health.alarms, health.alarms_unanswered) == (None, [fork], [])
    event = Event.objects.get(name="alarm.acknowledged")
    assert (event.subject, event.detail.body) == (f"alarm:{fork.pk}", {"reason": REASON})
    assert REASON.encode() not in bytes(event.leaf)


def test_a_look_raises_no_second_alarm_for_it_and_a_new_one_for_what_is_new(
    fork: Alarm, officer: Any, now: Any
) -> None:
    alarms.acknowledge(fork, REASON, by=officer)
    found = {("inconsistency", SENTENCE)}
    monitoring._keep(found, now)
    assert queries.alarms_visible_to(officer).get() == fork
    monitoring._keep(found | {("inconsistency", "another log contradicts itself")}, now)
    health = queries.log_health(now=officer.at, visible_to=officer)
    assert [one.sentence for one in health.alarms_unanswered] == ["another log contradicts itself"]
    monitoring._keep(set(), now + timedelta(minutes=1))
    assert not queries.alarms_visible_to(officer).exists(), "a look that finds it well ends it"
    monitoring._keep(found, now + timedelta(minutes=2))
    assert queries.alarms_visible_to(officer).get().acknowledged_at is None, "it came back: a new alarm"


def test_it_is_acknowledged_once_while_it_stands_with_a_reason_by_an_officer(
    fork: Alarm, officer: Any, operator: Any, seller: Any
) -> None:
    for actor in (operator, seller):
        with refused(Forbidden, "scope_missing"):
            alarms.acknowledge(fork, REASON, by=actor)
    with refused(Invalid, "invalid"):
        alarms.acknowledge(fork, "well", by=officer)
    Alarm.objects.update(cleared_at=officer.at)
    with refused(Conflict, "alarm_not_standing"):
        alarms.acknowledge(fork, REASON, by=officer)
    Alarm.objects.update(cleared_at=None)
    assert acknowledged() == 0
    alarms.acknowledge(fork, REASON, by=officer)
    with refused(Conflict, "alarm_not_standing"):
        alarms.acknowledge(fork, "A second thought about it.", by=officer)
    assert (Alarm.objects.get().reason, acknowledged()) == (REASON, 1)


def test_the_page_asks_for_a_reason_and_shows_it_afterwards(desk: Client, fork: Alarm) -> None:
    path = f"/compliance/log/alarms/{fork.pk}"
    for page in ("/compliance", "/compliance/log"):
        assert f'href="{path}"' in text(desk.get(page))
    assert "Acknowledge this alarm?" in text(desk.get(path))
    assert desk.post(path, {"reason": "well"}).status_code == 422
    assert acknowledged() == 0
    page = text(desk.post(path, {"reason": REASON}, follow=True))
    assert "Acknowledged alarms" in page and REASON in page and "The monitor raises" not in page
    assert "The monitor raises" not in text(desk.get("/compliance"))
    assert "acknowledged before" in text(desk.post(path, {"reason": REASON}, follow=True))
    assert acknowledged() == 1


def test_the_api_acknowledges_too(fork: Alarm, door: Any, officer: Any, operator: Any) -> None:
    api = f"/api/v1/desk/alarms/{fork.pk}/acknowledge"
    assert door(operator).post(api, {"reason": REASON}).status_code == 403
    answer = door(officer).post(api, {"reason": REASON})
    assert (answer.status_code, answer.json()["reason"]) == (200, REASON)
    assert door(officer).post(api, {"reason": REASON}).status_code == 409
    [listed] = door(operator).get("/api/v1/log/health").json()["alarms"]
    assert (listed["id"], listed["reason"]) == (str(fork.pk), REASON) and listed["acknowledged_at"]
    Alarm.objects.update(cleared_at=officer.at)
    assert door(officer).post(api, {"reason": REASON}).status_code == 404
