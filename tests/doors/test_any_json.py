"""Whatever JSON is sent to the doors that take the most: it is taken whole, or refused whole."""

import copy
import json
from typing import Any

import pytest
from hypothesis import HealthCheck, event, given, settings
from hypothesis import strategies as st

from tests.doors import whole_sale
from tests.doors.answers import flaws
from tests.doors.operations import Operation, guarded
from tests.doors.whole_sale import House

MOST_COMPLEX = (
    "POST /datasets",
    "PATCH /datasets/{dataset_id}",
    "POST /datasets/{dataset_id}/declare",
    "POST /revisions/{revision_id}/assets",
    "POST /offers",
    "POST /participants/{participant_id}/clients",
    "POST /participants/{participant_id}/invitations",
    "POST /negotiations/{negotiation_id}/counter",
    "POST /negotiations",
    "POST /entitlements/{entitlement_id}/tokens",
)
BY_BUYER = MOST_COMPLEX[-2:]

anything = st.characters(exclude_categories=())  # lone surrogates too
words = st.sampled_from(
    """kind any_of free one_off price amount_minor currency EUR XXX JPY purpose research country DE EEA copies max
    duration days end_date on 2027-01-01 recipients addresses 192.0.2.0/24 model_training allowed yes title terms plan
    audience public participants sale instant theme language fr personal special 6.1.a 9.2.a name scopes read audit role
    manager email asset transfer text/csv""".split()
)
text = st.one_of(words, st.text(anything, max_size=40), st.uuids().map(str), st.dates().map(str))
numbers = st.one_of(
    st.integers(-5, 400), st.integers(), st.sampled_from([2**31, 2**63, 10**13, 10**400]), st.floats()
)
leaves = st.one_of(st.none(), st.booleans(), numbers, text)
any_json = st.recursive(
    leaves,
    lambda inner: st.one_of(st.lists(inner, max_size=4), st.dictionaries(text, inner, max_size=4)),
    max_leaves=12,
)


@st.composite
def bent(draw: st.DrawFn, good: Any) -> Any:
    """A good body with up to two of its values, at any depth, changed, added or taken away."""
    body = copy.deepcopy(good)
    for _ in range(draw(st.integers(0, 2))):
        inner = body
        while True:
            keys = list(inner) if isinstance(inner, dict) else list(range(len(inner)))
            if not keys:
                break
            key = draw(st.sampled_from(keys))
            if isinstance(inner[key], dict | list) and draw(st.booleans()):
                inner = inner[key]
                continue
            change = draw(st.sampled_from(["other", "gone", "more"]))
            if change == "other":
                inner[key] = draw(st.one_of(text, numbers, any_json))
            elif change == "gone":
                del inner[key]
            elif isinstance(inner, list):
                inner.append(draw(any_json))
            else:
                inner[draw(text)] = draw(any_json)
            break
    return body


def _tried() -> list[Operation]:
    known = {str(operation): operation for operation in guarded()}
    return [known[name] for name in MOST_COMPLEX]


@pytest.fixture(scope="module")
def last_seen(house: House) -> list[dict[str, list[str]]]:
    """Every row as it was after the last example."""
    return [whole_sale.rows()]


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(data=st.data())
def test_any_json_is_taken_whole_or_refused_whole(
    house: House, last_seen: list[dict[str, list[str]]], data: st.DataObject
) -> None:
    operation = data.draw(st.sampled_from(_tried()), label="operation")
    path = data.draw(st.sampled_from(operation.paths(house.ids)), label="path")
    body = data.draw(st.one_of(*[bent(operation.body(house))] * 3, any_json), label="body")
    client = house.http(house.buyer if str(operation) in BY_BUYER else house.seller)
    answer = client.generic(operation.method, path, json.dumps(body), content_type="application/json")
    event(f"answered {answer.status_code}")
    before, now = last_seen.pop(), whole_sale.rows()
    last_seen.append(now)
    if answer.status_code >= 300:
        assert flaws(answer) == []
        assert now == before
