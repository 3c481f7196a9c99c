"""A seller who answers while the buyer closes or changes what it looks for: one wins, and the other is told why."""

from functools import partial
from typing import Any

import pytest

from contracts.data_requests import data_requests
from contracts.models import DataRequest
from exchange.kernel.actors import Actor
from tests import dataset_makers, sales, wishes
from tests.rivals import codes, race

pytestmark = [pytest.mark.transactional, pytest.mark.usefixtures("own_database")]

TRIES = 3


def copies_of(row: DataRequest) -> list[Any]:
    return [DataRequest.objects.get(pk=row.pk) for _ in range(2)]


def test_an_answer_and_the_close_cannot_pass_each_other(seller: Actor, buyer: Actor) -> None:
    offer = sales.offer(dataset_makers.published(seller), seller)
    for _ in range(TRIES):
        asked = wishes.published(buyer)
        mine, theirs = copies_of(asked)
        said = codes(
            race(
                [
                    partial(data_requests.answer, mine, offer, by=seller),
                    partial(data_requests.close, theirs, outcome="not_found", seen=0, by=buyer),
                ]
            )
        )
        assert said in (["won", "unseen_answer"], ["data_request_closed", "won"])
        asked.refresh_from_db()
        assert (asked.state == "open") == asked.answers.exists() == (said[0] == "won")


def test_nobody_answers_what_was_changed_at_that_moment(seller: Actor, buyer: Actor) -> None:
    offer = sales.offer(dataset_makers.published(seller), seller)
    for _ in range(TRIES):
        asked = wishes.published(buyer)
        mine, theirs = copies_of(asked)
        said = codes(
            race(
                [
                    partial(data_requests.answer, mine, offer, edition=1, by=seller),
                    partial(data_requests.change, theirs, wishes.wish(buyer), edition=1, by=buyer),
                ]
            )
        )
        assert said in (["won", "data_request_answered"], ["stale_data_request", "won"])
        asked.refresh_from_db()
        assert (asked.edition == 1) == asked.answers.exists()


def test_the_limit_holds_for_two_at_once(seller: Actor, buyer: Actor, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(data_requests, "MOST", 1)
    said = codes(race([lambda: wishes.published(buyer) for _ in range(2)]))
    assert sorted(said) == ["too_many_data_requests", "won"]
    assert DataRequest.objects.count() == 1
