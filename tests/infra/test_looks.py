"""What an officer reads is recorded before it is answered."""

import json
from typing import Any

import pytest

from exchange.kernel.models import Event
from tests import dataset_makers, sales


@pytest.fixture
def dataset(seller: Any, settings: Any, tmp_path: Any) -> Any:
    settings.EXCHANGE_STORAGE_DIR = tmp_path
    dataset = dataset_makers.published(seller)
    sales.offer(dataset, seller)
    return dataset


def looks() -> list[Any]:
    events = Event.objects.filter(name="officer.viewed").order_by("id")
    return [json.loads(bytes(event.leaf))["facts"] for event in events]


def test_an_officers_look_is_an_event(dataset: Any, officer: Any, door: Any) -> None:
    assert door(officer).get(f"/api/v1/datasets/{dataset.pk}").status_code == 200
    assert door(officer).get("/api/v1/transfers").status_code == 200
    assert [(look["what"], look.get("dataset_id")) for look in looks()] == [
        ("datasets/<uuidstr:dataset_id>", str(dataset.pk)),
        ("transfers", None),
    ]


def test_what_was_not_shown_is_no_look(officer: Any, door: Any) -> None:
    assert door(officer).get("/api/v1/datasets/01a20000-0000-7000-8000-000000000000").status_code == 404
    assert looks() == []


def test_others_look_without_an_event(dataset: Any, seller: Any, buyer: Any, door: Any) -> None:
    for actor in (seller, buyer):
        assert door(actor).get(f"/api/v1/datasets/{dataset.pk}").status_code == 200
    assert looks() == []


def test_a_look_that_cannot_be_recorded_shows_nothing(
    dataset: Any, officer: Any, door: Any, monkeypatch: Any
) -> None:
    from infra import looks as module

    def broken(*_: object, **__: object) -> None:
        raise RuntimeError("the log is unreachable")

    monkeypatch.setattr(module.events, "record", broken)
    http = door(officer)
    http.http.raise_request_exception = False
    answer = http.get(f"/api/v1/datasets/{dataset.pk}")
    assert answer.status_code == 500 and b"Cities" not in answer.content
