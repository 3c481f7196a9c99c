"""The registers as pages: each organisation its own, what is added by hand, what is looked at, and files."""

import os
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from compliance.models import ActivityReview, ActivityVersion
from exchange.kernel.models import Event
from tests import makers

pytestmark = [pytest.mark.django_db, pytest.mark.one_database]


def signed_in(member: Any, second_factor: bool = False) -> Client:
    from tests.browser.sessions import cookie_of

    browser = Client()
    cookie = cookie_of(member, second_factor)
    browser.cookies[cookie["name"]] = cookie["value"]
    return browser


def keep(name: str, answer: Any) -> str:
    text = str(answer.content.decode())
    if folder := os.environ.get("PICS"):
        (Path(folder) / f"{name}.html").write_text(text)
    return text


@pytest.fixture
def sellers(world: Any) -> Client:
    """The browser of a manager of the seller's."""
    return signed_in(makers.member(makers.participant_of(world.seller), "manager", world.seller.at))


@pytest.fixture
def officers(world: Any) -> Client:
    """The browser of an officer."""
    return signed_in(makers.member(makers.participant_of(world.officer), "officer", world.officer.at), True)


def test_an_organisation_completes_and_reviews_its_own_register(world: Any, sellers: Client) -> None:
    world.agreed("marketing")
    world.sent("BR", "adequacy")
    world.log.seal()
    page = keep("register", sellers.get("/organisation/activities"))
    key = f"provide:{world.dataset.pk}"
    assert "Licensing of “Customers of Lyon”" in page and f"/compliance/activities/{key}" in page
    assert "Observed: Brazil" in page and "The register is not whole" in page
    assert "Desk" not in page.partition("<main")[0], "the desk is the operator's"
    added = {
        "number": "0",
        "security_measures": "TLS",
        "controller": "Seller SA",
        "dpo": "",
        "representative": "",
    }
    assert sellers.post("/compliance/activities/register/edit", added).status_code == 302
    edit = keep("edit", sellers.get(f"/compliance/activities/{key}/edit"))
    assert "How the period is decided" in edit
    typed = {"number": "0", "name": "Addresses for research", "retention": "As long as the licence."}
    assert sellers.post(f"/compliance/activities/{key}/edit", typed).status_code == 302
    stale = sellers.post(f"/compliance/activities/{key}/edit", typed)
    assert stale.status_code == 422 and "somebody else changed" in stale.content.decode().lower()
    assert sellers.post(f"/compliance/activities/{key}/review", {"remark": "Right."}).status_code == 302
    shown = keep("activity", sellers.get(f"/compliance/activities/{key}"))
    assert "Addresses for research" in shown and "Agreed purposes that the declaration does not name" in shown
    assert f"/proofs/dataset/{world.dataset.pk}" in shown and "/proofs/activityversion/" in shown
    assert (ActivityVersion.objects.count(), ActivityReview.objects.count()) == (2, 1)
    assert "The register is not whole" not in sellers.get("/organisation/activities").content.decode()


def test_a_file_is_shown_before_it_is_taken_over(world: Any, sellers: Client) -> None:
    world.log.seal()
    content = sellers.get("/compliance/activities/export/csv").content
    file = SimpleUploadedFile("register.csv", content.replace(b",research,", b",marketing,"))
    preview = sellers.post("/compliance/activities/import", {"file": file})
    text = keep("import", preview)
    assert "What the log says otherwise" in text and "Nothing: the file says" in text
    bad = sellers.post("/compliance/activities/import", {"file": SimpleUploadedFile("x.csv", b"nonsense")})
    assert bad.status_code == 422 and "not a register that was exported here" in bad.content.decode()
    assert sellers.post("/compliance/activities/import", {}).status_code == 422
    assert ActivityVersion.objects.count() == 0


def test_officers_see_the_operators_registers_and_the_map(world: Any, officers: Client) -> None:
    for country, mechanism in (
        ("BR", "adequacy"),
        ("DE", "eea"),
        ("SG", "scc"),
        ("US", "adequacy"),
        ("JP", "adequacy"),
    ):
        world.sent(country, mechanism)
    world.log.seal()
    page = keep("desk", officers.get("/compliance/activities"))
    assert "Keeping and delivering the data of Seller SA" in page and "Proof of transfers" in page
    assert "Licensing of" not in page, "a seller's own register is the seller's"
    shown = keep("map", officers.get("/compliance/map"))
    assert "5 transfers went to 5 countries." in shown
    assert "mechanism=scc" in shown and "country=SG" in shown
    assert (
        keep("map-none", officers.get("/compliance/map?mechanism=bcr")).count(
            "Nothing left under these filters"
        )
        == 1
    )
    assert officers.get("/compliance/map?since=2020-01-01").status_code == 422
    looks = Event.objects.filter(name="officer.viewed")
    assert b'"what":"map"' in b"".join(bytes(one.leaf) for one in looks)


def test_nobody_else_gets_in(world: Any) -> None:
    viewer = signed_in(makers.member(makers.participant_of(world.seller), "viewer", world.seller.at))
    key = f"provide:{world.dataset.pk}"
    world.log.seal()
    assert viewer.get("/organisation/activities").status_code == 200
    assert viewer.get(f"/compliance/activities/{key}/edit").status_code == 403
    assert viewer.get("/compliance/map").status_code == 403
    buyers = signed_in(makers.member(makers.participant_of(world.buyer), "manager", world.buyer.at))
    assert buyers.get(f"/compliance/activities/{key}").status_code == 404
    assert buyers.get("/compliance/activities/provide:x").status_code == 404


def test_a_row_names_the_countries_that_most_went_to_and_counts_the_rest(world: Any, sellers: Client) -> None:
    world.agreed("research")
    for country in ("DE", "BE", "NL", "IT", "ES", "AT", "PT", "FI"):
        world.sent(country, "eea")
    world.sent("FI", "eea")
    world.log.seal()
    page = sellers.get("/organisation/activities").content.decode()
    row = page.partition("Licensing of")[2].partition("</tr>")[0]
    assert "Finland" in row and "and 2 more" in row and row.count("Finland") == 1
    sellers.cookies["django_language"] = "fr"
    own = sellers.get(f"/compliance/activities/provide:{world.dataset.pk}").content.decode()
    assert "12 mois" in own and "Finlande : 2 transferts" in own.replace("\xa0", " ")
