"""Who may enter the desk's pages: officers with a second factor, and nobody else."""

from typing import Any
from uuid import UUID

import pytest
from django.test import Client

from exchange.kernel.models import Event
from tests import makers
from tests.compliance.pages.conftest import signed_in

pytestmark = pytest.mark.django_db
ID = UUID("01a20000-0000-7000-8000-000000000001")
DOORS = [
    "/compliance",
    "/compliance/transfers",
    "/compliance/transfers/export/csv",
    f"/compliance/transfers/{ID}",
    f"/compliance/transfers/{ID}/receipt",
    f"/compliance/transfers/{ID}/address",
    f"/compliance/transfers/{ID}/erase",
    "/compliance/recipients",
    f"/compliance/recipients?dataset={ID}",
    "/compliance/log",
    "/compliance/log/unmatched",
    "/compliance/reviews",
    f"/compliance/reviews/{ID}",
]


@pytest.mark.parametrize("path", DOORS)
def test_a_visitor_is_led_to_sign_in_and_back(client: Client, path: str) -> None:
    answer = client.get(path)
    assert answer.status_code == 302
    assert answer["Location"].startswith("/accounts/login/?next=%2Fcompliance")


@pytest.mark.parametrize("path", DOORS)
@pytest.mark.parametrize("role", ["manager", "officer"])
def test_members_of_other_organisations_have_no_desk(outsider: Any, path: str, role: str) -> None:
    member = makers.member(makers.participant_of(outsider), role, outsider.at)
    assert signed_in(member, second_factor=True).get(path).status_code == 403
    assert not Event.objects.filter(name__startswith="officer.").exists()


@pytest.mark.parametrize("path", DOORS)
def test_an_officer_without_a_second_factor_is_told_what_is_missing(person: Any, path: str) -> None:
    answer = signed_in(person).get(path, headers={"Accept": "text/html"})
    assert answer.status_code == 403
    assert "second_factor_missing" in answer.content.decode()


@pytest.mark.parametrize("path", [path for path in DOORS if str(ID) in path and "recipients" not in path])
def test_what_is_not_there_is_a_404_and_no_look(desk: Client, path: str) -> None:
    answer = desk.get(path)
    assert answer.status_code == 404, answer.content
    assert not Event.objects.filter(name__startswith="officer.").exists()


def test_the_page_about_the_log_is_for_everybody(client: Client, told: Any, public_log: Any) -> None:
    page = client.get("/log").content.decode()
    assert public_log.vkey() in page.replace("&#x27;", "'")
    assert "comptoir-verify receipt receipt.json" in page
    assert 'href="/log/2026/checkpoint"' in page


def test_before_the_first_head_the_page_says_so(client: Client, public_log: Any) -> None:
    assert "The log is not signed yet" in client.get("/log").content.decode()


def test_the_seal_line_leads_to_that_page(client: Client, told: Any) -> None:
    assert '<a href="/log">Check it yourself</a>' in client.get("/log").content.decode()
