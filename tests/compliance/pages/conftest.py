"""People at the desk's pages: an officer with a second factor, and everybody else who tries its doors."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from tests import makers


def signed_in(member: Any, second_factor: bool = False, **more: Any) -> Client:
    """A browser in which this person has signed in."""
    from tests.browser.sessions import cookie_of

    browser = Client(**more)
    cookie = cookie_of(member, second_factor)
    browser.cookies[cookie["name"]] = cookie["value"]
    return browser


@pytest.fixture
def person(officer: Any) -> Any:
    """An officer of the exchange, as a member."""
    return makers.member(makers.participant_of(officer), "officer", officer.at)


@pytest.fixture
def desk(person: Any) -> Client:
    """The officer's browser."""
    return signed_in(person, second_factor=True)


@pytest.fixture
def told(public_log: Any, story: Callable[..., Any], seller: Any, buyer: Any) -> Any:
    """A finished transfer from seller to buyer, sealed and signed."""
    found = story(seller.participant_id, buyer.participant_id).whole()
    public_log.publish()
    return found
