"""People of the cast who have signed in, and sales as their pages find them."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest
from django.http import HttpResponse
from django.test import Client
from django.utils import timezone

from exchange.kernel.actors import Actor
from tests import makers
from tests.browser.sessions import cookie_of


class Reader:
    """A member's browser, already signed in; forms carry the CSRF token."""

    def __init__(self, member: Any, *, second_factor: bool = False) -> None:
        self.client = Client(enforce_csrf_checks=True)
        cookie = cookie_of(member, second_factor)
        self.client.cookies[cookie["name"]] = cookie["value"]

    def get(self, path: str, language: str = "en", **headers: str) -> HttpResponse:
        return self.client.get(path, headers={"Accept": "text/html", "Accept-Language": language, **headers})

    def post(self, path: str, *, csrf: bool = True, opened: str = "/my-data", **form: str) -> HttpResponse:
        """POST a form as it stands on a page of ours."""
        if "csrftoken" not in self.client.cookies:
            self.get(opened)
        token = self.client.cookies["csrftoken"].value if csrf else ""
        headers = {"Accept": "text/html", "X-CSRFToken": token}
        return self.client.post(path, form, headers=headers)


@pytest.fixture
def now() -> datetime:
    """Pages take the time from the clock, so what they show is made at the same time."""
    return timezone.now().replace(microsecond=0)


@pytest.fixture
def reader(now: datetime) -> Callable[..., Reader]:
    """`reader(actor)`: a signed-in trader of the organisation that an actor acts for."""

    def signed_in(actor: Actor, role: str = "trader", *, second_factor: bool = False) -> Reader:
        member = makers.member(makers.participant_of(actor), role, now)
        return Reader(member, second_factor=second_factor)

    return signed_in


def text_of(answer: HttpResponse) -> str:
    """What a page says, as its reader gets it."""
    return answer.content.decode()
