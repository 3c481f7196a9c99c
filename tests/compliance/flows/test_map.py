"""The transfer map says what left, by country and mechanism, as a picture and as a table."""

import re
from collections.abc import Callable
from datetime import date
from typing import Any
from urllib.parse import parse_qs

import pytest
from hypothesis import given
from hypothesis import strategies as st

from compliance.flows import drawing, pages, queries
from compliance.flows.drawing import Way
from compliance.flows.outline import world
from compliance.flows.queries import Asked
from compliance.models import Flow, TransferRecord
from exchange.kernel.errors import Forbidden

COUNTRIES = sorted({*world().land, *world().middles} - {""})


@pytest.mark.django_db
def test_the_map_counts_what_the_records_say_and_leads_to_them(
    story: Callable[..., Any], public_log: Any, officer: Any, seller: Any, buyer: Any
) -> None:
    for country, mechanism, times in (("DE", "eea", 2), ("BR", "adequacy", 1), ("SG", "scc", 1)):
        for _ in range(times):
            changed = {"country_to": country, "mechanism": mechanism}
            story(seller.participant_id, buyer.participant_id, changed=changed).whole()
    story(seller.participant_id, buyer.participant_id).refused("destination_refused")
    public_log.seal()
    ways = queries.ways(officer, Asked())
    assert [(one.country_to, one.mechanism, one.transfers, one.sent_bytes) for one in ways] == [
        ("DE", "eea", 2, 2_000),
        ("BR", "adequacy", 1, 1_000),
        ("SG", "scc", 1, 1_000),
    ]
    november = Asked(since=date(2026, 11, 1), until=date(2026, 11, 1), seller=seller.participant_id)
    assert queries.ways(officer, november) == ways
    assert queries.ways(officer, Asked(until=date(2026, 10, 1))) == []
    picture = drawing.draw(ways, world())
    for row in pages._rows(ways, november, picture):
        asked = {name: value for name, [value] in parse_qs(row.query).items()}
        assert asked["since"] == "2026-11-01" and asked["until"] == "2026-11-30"
        behind = TransferRecord.objects.filter(country_to=asked["country"], mechanism=asked["mechanism"])
        assert behind.count() == row.transfers
    with pytest.raises(Forbidden):
        queries.ways(seller, Asked())


@pytest.mark.django_db
def test_one_question_draws_the_map_however_many_transfers_there_were(
    officer: Any, django_assert_num_queries: Any
) -> None:
    some = {
        "seller_id": None,
        "dataset_id": None,
        "country_from": "FR",
        "personal_data": "personal",
        "purpose": "",
    }
    Flow.objects.bulk_create(
        Flow(
            id=f"{number:032x}",
            month=date(2026, 1 + number % 12, 1),
            country_to=COUNTRIES[number % len(COUNTRIES)],
            mechanism="eea",
            transfers=1_000,
            sent_bytes=10**12,
            **some,
        )
        for number in range(500)
    )
    with django_assert_num_queries(1):
        ways = queries.ways(officer, Asked())
    assert sum(one.transfers for one in ways) == 500_000


countries = st.sampled_from([*COUNTRIES, "AQ", "XX", ""])
mechanisms = st.sampled_from([*drawing.MECHANISMS, "another"])
ways_anywhere = st.lists(st.builds(Way, countries, countries, mechanisms, st.integers(-1, 10**6)), max_size=20)


@given(ways=ways_anywhere)
def test_every_country_with_a_transfer_is_drawn_or_named(ways: list[Way]) -> None:
    picture = drawing.draw(ways, world())
    drawn = {one.code for one in picture.shapes if one.kind} | {one.code for one in picture.dots if one.kind}
    drawn |= set(picture.unplaced)
    assert drawn == {way.country_to for way in ways if way.transfers > 0}
    assert {sign.mechanism for sign in picture.signs} <= {way.mechanism for way in ways}
    for line in picture.lines:
        assert re.fullmatch(r"M\d+ \d+Q-?\d+ -?\d+ \d+ \d+", line.path)
        assert 1 <= line.width <= 6


def test_the_outlines_are_paths_of_whole_numbers_inside_the_picture() -> None:
    for code, path in world().land.items():
        assert re.fullmatch(r"(M\d+ \d+l-?\d+[ -]\d+([ -]\d+[ -]\d+)*z)+", path), code
    assert {"FR", "DE", "US", "BR", "JP"} <= world().land.keys()
    assert all(0 <= x <= world().width and 0 <= y <= world().height for x, y in world().middles.values())
