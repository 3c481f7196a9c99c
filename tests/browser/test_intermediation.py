"""Data intermediation in a browser: what everybody reads, what officers may do there, and the operator's form."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from compliance.intermediation import price_lists
from tests import makers
from tests.browser.axe import look_at, readers
from tests.browser.conftest import PageAt
from tests.doors.intermediation_rows import NOTIFIED


@pytest.fixture
def people(exchange: str, settings: Any) -> dict[str, Any]:
    """An operator that was notified and published its fees twice."""
    for name, value in NOTIFIED.items():
        setattr(settings, name, value)
    by = makers.operator(timezone.now())
    price_lists.publish(
        "Sellers: 5 % of each sale, at least EUR 1.\nBuyers: nothing.", applies_from=by.at.date(), by=by
    )
    later = by.at.date() + timedelta(days=60)
    price_lists.publish(
        "Sellers: 4 % of each sale, at least EUR 1.\nBuyers: nothing.", applies_from=later, by=by
    )
    house = makers.participant_of(by)
    return {role: makers.member(house, role, by.at) for role in ("officer", "operator")}


@pytest.mark.slow
@readers
def test_every_page_of_intermediation(
    page_at: PageAt, people: dict[str, Any], width: int, language: str, theme: str
) -> None:
    for role, name, path in (
        ("", "intermediation", "/intermediation"),
        ("officer", "intermediation-officer", "/intermediation"),
        ("operator", "intermediation-prices", "/intermediation/prices"),
    ):
        page = page_at(width, language, theme, member=people.get(role), second_factor=True)
        page.goto(path)
        look_at(page, f"{name}-{width}-{language}-{theme}")
