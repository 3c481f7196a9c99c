"""Data intermediation as a profile: nothing of it is there until the operator was notified; then a public page, its own
fees that are frozen, and the log of each data holder, which anybody can check."""

import csv
import io
import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import DatabaseError, transaction
from django.test import Client

from compliance.intermediation import holder_log, price_lists
from compliance.models import PriceList
from exchange.kernel.actors import Actor
from exchange.kernel.errors import Conflict, Forbidden, Invalid, NotFound
from exchange.kernel.ids import new_id
from exchange.kernel.models import Event
from infra.checks import intermediation as check
from tests import makers
from tests.compliance.pages.conftest import desk, person, signed_in  # noqa: F401 (fixtures)
from tests.doors.intermediation_rows import NOTIFIED

pytestmark = pytest.mark.django_db
API = "/api/v1/compliance/intermediation"
FEES = "Five per cent of each sale.\n\nNothing for buyers."


@pytest.fixture
def notified(settings: Any) -> None:
    for name, value in NOTIFIED.items():
        setattr(settings, name, value)


@pytest.fixture
def house(operator: Actor) -> Client:
    """The browser of an operator."""
    member = makers.member(makers.participant_of(operator), "operator", operator.at)
    return signed_in(member, second_factor=True)


def test_without_a_notification_nothing_is_there(seller: Actor, operator: Actor, house: Client) -> None:
    for path in ("", "/log", "/prices"):
        assert house.get(f"/intermediation{path}").status_code == 404
    assert "/intermediation" not in Client().get("/log").content.decode()
    door = makers.Door(seller)
    for path in ("", "/price-lists", "/log"):
        assert door.get(f"{API}{path}").status_code == 404
    for act in (
        lambda: price_lists.publish(FEES, applies_from=operator.at.date(), by=operator),
        lambda: holder_log.take(None, form="csv", by=seller),
    ):
        with pytest.raises(NotFound):
            act()
    assert not PriceList.objects.exists() and check(None) == []


def test_everybody_reads_who_was_notified(notified: None, seller: Actor, settings: Any) -> None:
    shown = Client().get("/intermediation").content.decode()
    for words in ("FR-2026-0042", "Arcep", "2026-01-15", "Exchange House Intermediation SAS", "Neutrality"):
        assert words in shown
    assert "No fees are published yet" in shown and "Publish a new version" not in shown
    assert 'href="/intermediation"' in Client().get("/log").content.decode()
    said = json.loads(makers.Door(seller).get(API).content)
    assert said == {
        "reference": "FR-2026-0042",
        "authority": "Arcep",
        "notified_on": "2026-01-15",
        "entity": "Exchange House Intermediation SAS",
        "price_list": None,
    }
    french = Client(headers={"Accept-Language": "fr"}).get("/intermediation").content.decode()
    assert "Intermédiation de données" in french and "Neutralité" in french
    settings.EXCHANGE_INTERMEDIATION_DATE = ""
    assert [one.id for one in check(None)] == ["infra.E011"]


def test_fees_are_published_in_versions_that_nobody_changes(
    notified: None, operator: Actor, seller: Actor, officer: Actor, house: Client
) -> None:
    today = operator.at.date()
    first = price_lists.publish(FEES, applies_from=today, by=operator)
    assert price_lists.publish(FEES, applies_from=today, by=operator) == first  # said again
    later = price_lists.publish(f"{FEES} <b>", applies_from=today + timedelta(days=30), by=operator)
    assert (first.number, later.number) == (1, 2)
    event = Event.objects.get(subject=f"pricelist:{later.pk}")
    assert json.loads(bytes(event.leaf))["facts"]["document_sha256"] == later.sha256
    for day in (today - timedelta(days=1), today + timedelta(days=29)):
        with pytest.raises(Invalid) as refusal:
            price_lists.publish(FEES, applies_from=day, by=operator)
        assert refusal.value.code == "price_list_too_early"
    for actor in (seller, officer):
        with pytest.raises(Forbidden):
            price_lists.publish("Ours are better.", applies_from=today, by=actor)
    for change in (
        lambda: PriceList.objects.filter(pk=first.pk).update(body="Less."),
        lambda: PriceList.objects.filter(pk=first.pk).delete(),
    ):
        with pytest.raises(DatabaseError), transaction.atomic():
            change()
    assert [one.body for one in PriceList.objects.order_by("number")] == [FEES, f"{FEES} <b>"]
    shown = Client().get("/intermediation").content.decode()
    assert "Version 1" in shown and "Version 2" in shown and "&lt;b&gt;" in shown
    assert shown.count("applies today") == 1
    assert "Publish a new version" in house.get("/intermediation").content.decode()
    listed = json.loads(makers.Door(seller).get(f"{API}/price-lists").content)["items"]
    assert [one["number"] for one in listed] == [2, 1]


def test_an_operator_publishes_on_a_page_and_by_the_api(notified: None, operator: Actor, house: Client) -> None:
    early = {"body": FEES, "applies_from": "2020-01-01"}
    refused = house.post("/intermediation/prices", early)
    assert refused.status_code == 422 and "applies from today on" in refused.content.decode()
    assert not PriceList.objects.exists()
    sent = house.post("/intermediation/prices", early | {"applies_from": "2099-01-01"})
    assert (sent.status_code, sent["Location"]) == (302, "/intermediation")
    assert FEES.partition("\n")[0] in house.get("/intermediation/prices").content.decode()  # to begin from
    answer = makers.Door(operator).post(f"{API}/price-lists", {"body": FEES, "applies_from": "2099-02-01"})
    assert answer.status_code == 201 and json.loads(answer.content)["number"] == 2


def test_a_holder_takes_its_own_log_and_anybody_checks_it(
    notified: None,
    public_log: Any,
    story: Any,
    verify: Any,
    seller: Actor,
    buyer: Actor,
    tmp_path: Path,
) -> None:
    story(seller.participant_id, buyer.participant_id).whole()
    with pytest.raises(Conflict) as refusal:
        holder_log.take(None, form="csv", by=seller)
    assert refusal.value.code == "not_sealed_yet"
    story(new_id(), new_id()).whole()  # of others
    public_log.publish()
    story(seller.participant_id, buyer.participant_id).tell("started")  # not proven yet
    before = Event.objects.count()
    lines = taken(seller, "jsonl")
    meta, *rows, end = (json.loads(line) for line in lines.splitlines())
    mine = makers.participant_of(seller).pk
    own = Event.objects.filter(parties__participant_id=mine, leaf_index__isnull=False)
    assert meta["meta"]["format"] == "comptoir.intermediation/1" and meta["meta"]["checkpoint"]["size"]
    assert {row["leaf_index"] for row in rows} == set(own.values_list("leaf_index", flat=True))
    assert end == {"end": {"rows": len(rows)}} and "transfer.completed" in {row["name"] for row in rows}
    proof = tmp_path / "leaf.proof"
    proof.write_text(rows[-1]["proof"])
    checked = verify("proof", proof, "--vkey", public_log.vkey())
    assert checked.returncode == 0, checked.stderr
    table = list(csv.DictReader(io.StringIO(taken(seller, "csv"))))
    assert [row["leaf"] for row in table] == [row["leaf"] for row in rows]
    answer = makers.Door(seller).get(f"{API}/log", format="csv")
    assert b"".join(answer).decode() == taken(seller, "csv")
    assert answer["Comptoir-Checkpoint"].split()[1] == str(meta["meta"]["checkpoint"]["size"])
    assert Event.objects.count() == before


def test_only_an_officer_takes_the_log_of_another_and_that_is_recorded(
    notified: None,
    public_log: Any,
    story: Any,
    seller: Actor,
    buyer: Actor,
    officer: Actor,
    operator: Actor,
    desk: Client,  # noqa: F811
) -> None:
    story(seller.participant_id, buyer.participant_id).whole()
    public_log.publish()
    before = Event.objects.count()
    for actor in (buyer, operator):
        with pytest.raises(Forbidden):
            holder_log.take(seller.participant_id, form="csv", by=actor)
    with pytest.raises(NotFound):
        holder_log.take(new_id(), form="csv", by=officer)
    assert Event.objects.count() == before
    export = holder_log.take(seller.participant_id, form="csv", by=officer)
    assert b"".join(export.pieces).decode() == taken(seller, "csv")
    look = Event.objects.latest("id")
    facts = json.loads(bytes(look.leaf))["facts"]
    assert (look.name, facts["of"]) == ("officer.exported", str(seller.participant_id))
    name = makers.participant_of(seller).name
    answer = desk.get("/intermediation/log", {"form": "csv", "participant": name})
    assert b"".join(answer).decode() == taken(seller, "csv")
    assert 'name="participant"' in desk.get("/intermediation").content.decode()
    refused = makers.Door(buyer).get(f"{API}/log", participant=str(seller.participant_id))
    assert refused.status_code == 403


def taken(actor: Actor, form: Any) -> str:
    """The whole file that an organisation takes of itself."""
    return b"".join(holder_log.take(None, form=form, by=actor).pieces).decode()
