"""Data intermediation in a browser: what everybody reads, the operator's form, and incidents with non-personal data as
officers and holders see them. Beside them, what a buyer says before it takes personal data."""

from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import transaction
from django.utils import timezone

from compliance.incidents import holders, register, telling
from compliance.incidents.reach import Asked
from compliance.incidents.register import Found
from compliance.intermediation import price_lists
from compliance.models import Incident, IncidentHolder
from exchange.kernel.actors import Actor
from exchange.kernel.states import transition
from exchange.look import formats
from tests import dataset_makers, makers, sales
from tests.browser.axe import look_at, readers
from tests.browser.conftest import PageAt
from tests.compliance.conftest import PublicLog
from tests.compliance.legal import laws
from tests.contracts.test_negotiations import personal_offer
from tests.doors.intermediation_rows import NOTIFIED

FILES = ("Bus stops of the region", "Hourly counts of passengers on every line", "Delays by stop and by hour")
WHAT = (
    "A key of the storage stood in a public repository from 9 to 10 in the morning. Whoever had it could read files "
    "of these datasets.\nThe key was replaced at 10:04."
)
MEASURES = "The key was replaced, and what it was used for is being read. Tell whoever you promised to tell."


@pytest.fixture
def people(exchange: str, settings: Any) -> dict[str, Any]:
    """An operator that was notified and published its fees twice."""
    for name, value in NOTIFIED.items():
        setattr(settings, name, value)
    by = makers.operator(timezone.now())
    fees = "Sellers: {} % of each sale, at least EUR 1.\nBuyers: nothing."
    today = by.at.astimezone(formats.zone()).date()
    price_lists.publish(fees.format(5), applies_from=today, by=by)
    price_lists.publish(fees.format(4), applies_from=today + timedelta(days=60), by=by)
    house = makers.participant_of(by)
    return {role: makers.member(house, role, by.at) for role in ("officer", "operator")}


@pytest.fixture
def incidents(people: dict[str, Any], tmp_path: Path, settings: Any) -> dict[str, Any]:
    """One incident that four holders were told of, each elsewhere with it, and one of each other state; one buyer that
    has still to say that it knows of its duty to inform."""
    settings.EXCHANGE_LOG_DIR, settings.EXCHANGE_SIGNER_DIR = tmp_path / "log", tmp_path / "signer"
    settings.EXCHANGE_LEGAL_PROFILE_KEY = laws.trusted()
    now = timezone.now()
    officer, taker = makers.officer(now), makers.trader("Halden Analytics", "DE", now)
    names = ("Cartouche Mobility Lab", "Quai Nord Research", "Old Mill Data", "Vela Insurance")
    sellers = [makers.trader(name, "FR", now) for name in names]
    for seller in sellers:
        for title in FILES if seller is sellers[0] else FILES[:1]:
            dataset = dataset_makers.draft(seller, title=title)
            dataset_makers.declare_free(dataset, seller)
            dataset_makers.measured(dataset, seller)
            dataset = dataset_makers.datasets.publish(dataset, seller)
            right = sales.sold(sales.offer(dataset, seller), taker, seller)
            sales.start(sales.link(right, taker), now)
    right = sales.sold(personal_offer(sellers[0]), taker, sellers[0])
    sales.start(sales.link(right, taker), now)
    PublicLog(tmp_path / "log", tmp_path / "signer").publish(now)
    assert taker.participant_id is not None
    told = _entered(["access", "use"], Asked(participant=taker.participant_id), officer)
    register.confirm(told, by=officer)
    telling.send_due(now=now)
    rows = [IncidentHolder.objects.get(incident=told, holder_id=one.participant_id) for one in sellers]
    holders.acknowledge(rows[1], by=sellers[1])
    _not_reached(rows[2], now)
    telling.remind(now=now + timedelta(days=30))
    asked = Asked(
        participant=sellers[0].participant_id, since=now - timedelta(days=2), until=now + timedelta(1)
    )
    dropped = _entered(["transfer"], asked, officer)
    register.drop(dropped, "It was a test of our own people.", by=officer)
    entered = _entered(["transfer", "access", "use"], Asked(participant=taker.participant_id), officer)
    laws.install(officer, lambda raw: raw.update(informing_first_from=date(2020, 1, 1).isoformat()))
    for name, one in (("seller", sellers[0]), ("knows", sellers[1]), ("buyer", taker)):
        people[name] = makers.member(makers.participant_of(one), "manager", now)
    return {"told": told, "dropped": dropped, "entered": entered, "rows": rows, "right": right}


def _entered(kinds: list[str], asked: Asked, officer: Actor) -> Incident:
    found = Found(kinds, WHAT, officer.at - timedelta(hours=3), MEASURES)
    return register.enter(found, asked, by=officer)


def _not_reached(row: IncidentHolder, now: datetime) -> None:
    """Neither its mail server nor its webhook took it."""
    ways = [
        {"channel": way, "is_taken": False, "tries": tries, "code": "", "at": now.isoformat()}
        for way, tries in (("email", 5), ("webhook", 12))
    ]
    with transaction.atomic():
        transition(row, "fail", by=makers.system(now), facts={"tries": 17}, ways=ways, next_step_at=None)


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
        look_at(page, name)


@readers
def test_every_page_of_an_incident(
    page_at: PageAt,
    people: dict[str, Any],
    incidents: dict[str, Any],
    width: int,
    language: str,
    theme: str,
) -> None:
    desk, rows = "/compliance/incidents", incidents["rows"]
    page = page_at(width, language, theme, member=people["officer"], second_factor=True)
    for name, path in (
        ("incidents", desk),
        ("incident-new", f"{desk}/new"),
        ("incident-preview", f"{desk}/{incidents['entered'].pk}"),
        ("incident-drop", f"{desk}/{incidents['entered'].pk}/drop"),
        ("incident-told", f"{desk}/{incidents['told'].pk}"),
        ("incident-dropped", f"{desk}/{incidents['dropped'].pk}"),
        ("incident-holder", f"{desk}/holders/{rows[0].pk}"),
        ("incident-not-reached", f"{desk}/holders/{rows[2].pk}"),
        ("incident-desk", "/compliance"),
    ):
        answer = page.goto(path)
        assert answer is not None and answer.status == 200, path
        look_at(page, name)
    # All sections of the desk stand in one row, also in the longer language.
    tops = page.locator(".sub a").evaluate_all("links => [...new Set(links.map(one => one.offsetTop))]")
    assert len(tops) == 1
    page.goto(f"{desk}/new")
    page.locator("main form button.main").click()
    look_at(page, "incident-new-refused")
    for role, name, path in (
        ("seller", "incidents-own", "/sell/incidents"),
        ("seller", "incident-own", f"/sell/incidents/{rows[0].pk}"),
        ("knows", "incident-own-known", f"/sell/incidents/{rows[1].pk}"),
        ("buyer", "incidents-none", "/sell/incidents"),
    ):
        page = page_at(width, language, theme, member=people[role])
        answer = page.goto(path)
        assert answer is not None and answer.status == 200, path
        look_at(page, name)


@readers
def test_what_a_buyer_says_before_it_takes_personal_data(
    page_at: PageAt,
    people: dict[str, Any],
    incidents: dict[str, Any],
    width: int,
    language: str,
    theme: str,
) -> None:
    place = f"/my-data/{incidents['right'].pk}"
    page = page_at(width, language, theme, member=people["buyer"])
    page.goto(place)
    look_at(page, "inform-first")
    page.goto(f"{place}/inform")
    look_at(page, "inform")
    page.select_option("select[name=exemption]", "14.5.b")
    page.locator("main form button.main").click()
    page.wait_for_selector(".errors, [aria-invalid=true]")
    look_at(page, "inform-refused")
