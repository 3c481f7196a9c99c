"""Who may enter the operator's pages: operators with a second factor, and nobody else."""

from typing import Any
from uuid import UUID

import pytest
from django.test import Client

from exchange.kernel.models import Event
from tests import makers
from tests.compliance.pages.conftest import signed_in

pytestmark = pytest.mark.django_db
ID = UUID("01a20000-0000-7000-8000-000000000001")
ONE = f"/operate/participants/{ID}"
DOORS = [
    "/operate/participants",
    ONE,
    f"{ONE}/verify",
    f"{ONE}/suspend",
    f"{ONE}/restore",
    f"{ONE}/close",
    "/operate/members",
    "/operate/system",
    "/operate/settings",
]
POSTS = [f"{ONE}/verify", f"{ONE}/suspend", f"{ONE}/restore", f"{ONE}/close", f"/operate/system/reactions/{ID}"]


@pytest.mark.parametrize("path", DOORS)
def test_a_visitor_is_led_to_sign_in_and_back(client: Client, path: str) -> None:
    answer = client.get(path)
    assert answer.status_code == 302
    assert answer["Location"].startswith("/accounts/login/?next=%2Foperate")


@pytest.mark.parametrize("path", DOORS)
@pytest.mark.parametrize("role", ["manager", "officer"])
def test_members_of_other_organisations_operate_nothing(outsider: Any, path: str, role: str) -> None:
    member = makers.member(makers.participant_of(outsider), role, outsider.at)
    assert signed_in(member, second_factor=True).get(path).status_code == 403


@pytest.mark.parametrize("path", DOORS)
@pytest.mark.parametrize("role", ["manager", "officer", "viewer"])
def test_other_roles_of_the_operators_organisation_do_not_operate(operator: Any, path: str, role: str) -> None:
    member = makers.member(makers.participant_of(operator), role, operator.at)
    assert signed_in(member, second_factor=True).get(path).status_code == 403


@pytest.mark.parametrize("path", DOORS)
def test_an_operator_without_a_second_factor_is_told_what_is_missing(person: Any, path: str) -> None:
    answer = signed_in(person).get(path, headers={"Accept": "text/html"})
    assert answer.status_code == 403
    assert "second_factor_missing" in answer.content.decode()


@pytest.mark.parametrize("path", [path for path in DOORS if str(ID) in path])
def test_what_is_not_there_is_a_404(desk: Client, path: str) -> None:
    assert desk.get(path).status_code == 404


@pytest.mark.parametrize("path", POSTS)
def test_a_post_of_an_outsider_changes_nothing(outsider: Any, path: str) -> None:
    member = makers.member(makers.participant_of(outsider), "manager", outsider.at)
    browser, before = signed_in(member, second_factor=True), Event.objects.count()
    assert browser.post(path, {"reason": "ten letters and more", "shown": "verified"}).status_code == 403
    assert Event.objects.count() == before
