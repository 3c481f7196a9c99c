"""The register of transfer bases: what is recorded, by whom it is confirmed, what of it stays, and who reads it."""

import json
from datetime import date, timedelta
from typing import Any

import pytest
from django.db import DatabaseError, transaction
from django.utils import timezone

from compliance.destinations import bases, desk
from compliance.destinations.desk import Question
from compliance.models import TransferBasis
from exchange.kernel.actors import Actor
from exchange.kernel.errors import Conflict, ExchangeError, Forbidden, Invalid, NotFound
from exchange.kernel.ids import new_id
from exchange.kernel.models import Event, EventDetail
from tests import makers
from tests.compliance.legal import laws

API = "/api/v1/compliance/destinations"


@pytest.fixture
def importer(database: None, now: Any) -> Actor:
    return makers.trader("Banyan Analytics", "IN", now)


def test_what_is_recorded_counts_once_another_officer_has_confirmed_it(
    importer: Actor, officer: Actor, now: Any, settings: Any
) -> None:
    basis = bases.record(laws.entry(importer, "IN", measures="Encrypted in France."), by=officer)
    assert (basis.state, basis.review_due) == ("recorded", date(2027, 11, 22))
    with pytest.raises(Forbidden) as refusal:
        bases.confirm(basis, by=officer)
    assert refusal.value.code == "same_person"
    other = makers.officer(now)
    assert bases.confirm(basis, by=other).state == "confirmed"
    with pytest.raises(Conflict):
        bases.confirm(basis, by=other)
    ended = bases.revoke(basis, "The clauses were cancelled.", by=officer)
    assert (ended.state, ended.revoked_for) == ("revoked", "The clauses were cancelled.")
    with pytest.raises(Conflict):
        bases.revoke(basis, "The clauses were cancelled twice.", by=officer)
    told = Event.objects.filter(subject=f"transferbasis:{basis.pk}").order_by("at", "pk")
    assert {event.name for event in told} == {
        "transferbasis.recorded",
        "transferbasis.confirmed",
        "transferbasis.revoked",
    }
    recorded = told.get(name="transferbasis.recorded")
    leaf = bytes(recorded.leaf)
    facts = json.loads(leaf)["facts"]
    assert (facts["mechanism"], facts["module"], facts["country"]) == ("scc", "1", "IN")
    assert b"France" not in leaf and b"paper" not in leaf
    assert EventDetail.objects.get(pk=recorded.pk).body["measures"] == "Encrypted in France."
    settings.EXCHANGE_BASIS_FOUR_EYES = False
    assert bases.confirm(bases.record(laws.entry(importer, "IN"), by=officer), by=officer).state == "confirmed"


def test_what_cannot_be_a_basis_is_refused(importer: Actor, officer: Actor, seller: Actor, now: Any) -> None:
    today = now.date()
    wrong: list[tuple[dict[str, Any], type[ExchangeError], str]] = [
        ({"module": "5"}, Invalid, "basis_malformed"),
        ({"module": ""}, Invalid, "basis_malformed"),
        ({"mechanism": "bcr"}, Invalid, "basis_malformed"),
        ({"mechanism": "handshake"}, Invalid, "basis_malformed"),
        ({"ground": "49(1)(a)"}, Invalid, "basis_malformed"),
        ({"dataset_id": new_id()}, Invalid, "basis_malformed"),
        ({"mechanism": "derogation", "module": "", "ground": "49(1)(z)"}, Invalid, "basis_malformed"),
        ({"document_sha256": "AB" * 32}, Invalid, "basis_malformed"),
        ({"document": " "}, Invalid, "invalid"),
        ({"importer_id": new_id()}, Invalid, "unknown_organisation"),
        ({"exporter_id": new_id()}, Invalid, "unknown_organisation"),
        ({"country": "XX"}, Invalid, "country_malformed"),
        ({"country": "NO"}, Conflict, "no_basis_needed"),
        ({"assessed_on": today + timedelta(days=1)}, Invalid, "basis_malformed"),
        ({"review_due": today + timedelta(days=366)}, Invalid, "review_late"),
        ({"review_due": today}, Invalid, "review_late"),
        ({"valid_to": today - timedelta(days=1)}, Invalid, "basis_over"),
        (
            {"valid_from": today + timedelta(days=9), "valid_to": today + timedelta(days=8)},
            Invalid,
            "basis_over",
        ),
    ]
    for changes, kind, code in wrong:
        with pytest.raises(kind) as refusal:
            bases.record(laws.entry(importer, **{"country": "IN", **changes}), by=officer)
        assert refusal.value.code == code, changes
    with pytest.raises(Invalid, match="reasons must have 10"):
        bases.record(laws.derogation(importer, "IN", new_id(), reasons="because"), by=officer)
    for actor in (seller, importer):
        with pytest.raises(Forbidden):
            bases.record(laws.entry(importer, "IN"), by=actor)
    assert not TransferBasis.objects.exists()
    assert not Event.objects.filter(name__startswith="transferbasis.").exists()


def test_the_database_keeps_what_was_recorded(importer: Actor, officer: Actor) -> None:
    basis = laws.confirmed(laws.entry(importer, "IN"), officer)
    mine = TransferBasis.objects.filter(pk=basis.pk)
    for change in ({"country": "BR"}, {"review_due": "2099-01-01"}, {"document": "another"}, {"state": "odd"}):
        with pytest.raises(DatabaseError), transaction.atomic():
            mine.update(**change)
    with pytest.raises(DatabaseError), transaction.atomic():
        mine.update(state="spent")
    with pytest.raises(DatabaseError), transaction.atomic():
        mine.delete()
    basis.refresh_from_db()
    assert (basis.state, basis.country) == ("confirmed", "IN")


def test_a_derogation_is_recorded_again_where_the_first_was_never_used(importer: Actor, officer: Actor) -> None:
    dataset = new_id()
    first = laws.confirmed(laws.derogation(importer, "IN", dataset), officer)
    with pytest.raises(Conflict) as refusal:
        bases.record(laws.derogation(importer, "IN", dataset, ground="49(1)(e)"), by=officer)
    assert refusal.value.code == "derogation_repeated"
    assert bases.record(laws.derogation(importer, "IN", new_id()), by=officer).state == "recorded"
    bases.revoke(first, "The persons withdrew their consent.", by=officer)
    assert bases.record(laws.derogation(importer, "IN", dataset), by=officer).state == "recorded"


def test_each_sees_its_own_and_an_officers_look_is_kept(
    importer: Actor, officer: Actor, seller: Actor, outsider: Actor, operator: Actor, now: Any
) -> None:
    one = laws.confirmed(laws.entry(importer, "IN", exporter_id=seller.participant_id), officer)
    two = bases.record(laws.entry(importer, "BR"), by=officer)
    assert [row.pk for row in bases.bases_visible_to(officer)] == [two.pk, one.pk]
    assert {row.pk for row in bases.bases_visible_to(importer)} == {one.pk, two.pk}
    assert [row.pk for row in bases.bases_visible_to(seller)] == [one.pk]
    assert not bases.bases_visible_to(outsider).exists()
    with pytest.raises(NotFound):
        desk.open_basis(one.pk, by=outsider)
    for actor in (importer, seller, operator):
        with pytest.raises(Forbidden):
            desk.law_in_force(by=actor)
        with pytest.raises(Forbidden):
            desk.ask(Question("IN", "personal", now.date()), by=actor)
    looks = Event.objects.filter(name="officer.viewed")
    before = looks.count()
    question = Question("IN", "personal", now.date(), importer.participant_id, seller.participant_id)
    assert desk.ask(question, by=officer).destination.mechanism == "scc"
    elsewhere = Question("IN", "personal", now.date(), importer.participant_id, outsider.participant_id)
    assert desk.ask(elsewhere, by=officer).destination.reason == "no_adequacy_decision"
    with pytest.raises(Invalid):
        desk.ask(Question("IN", "personal", now.date(), new_id()), by=officer)
    desk.look_at_bases(cursor=None, limit=10, by=officer)
    assert looks.count() == before + 3


def test_the_whole_of_it_by_the_api(officer: Actor, settings: Any, door: Any) -> None:
    settings.EXCHANGE_LEGAL_PROFILE_KEY = laws.trusted()
    now = timezone.now()
    importer = makers.trader("Banyan Analytics", "IN", now)
    api, other = door(officer), door(makers.officer(now))
    asked = {"country": "IN", "importer_id": str(importer.participant_id)}
    assert api.get(API, **asked).json()["reason"] == "no_adequacy_decision"
    body = {
        "importer_id": asked["importer_id"],
        "country": "IN",
        "mechanism": "scc",
        "module": "2",
        "document": "Clauses",
        "valid_from": now.date().isoformat(),
        "assessed_on": now.date().isoformat(),
    }
    made = api.post(f"{API}/bases", body).json()
    one = f"{API}/bases/{made['id']}"
    assert (made["state"], made["module"]) == ("recorded", "2")
    assert api.post(f"{one}/confirm").status_code == 403
    assert other.post(f"{one}/confirm").json()["state"] == "confirmed"
    answer = api.get(API, **asked).json()
    assert (answer["allowed"], answer["mechanism"], answer["basis_id"]) == (True, "scc", made["id"])
    assert answer["decision"] == "(EU) 2021/914"
    assert api.get(API, country="US", shown="dpf").json()["mechanism"] == "adequacy"
    assert [row["id"] for row in door(importer).get(f"{API}/bases").json()["items"]] == [made["id"]]
    assert door(importer).get(one).json()["document"] == "Clauses"
    assert api.post(f"{one}/revoke", {"reason": "The clauses were cancelled."}).json()["state"] == "revoked"
    law = api.get(f"{API}/law").json()
    assert (law["source"], law["serial"], law["installed"]) == ("packaged", 1, [])
    note = laws.signed(laws.written(2)).decode()
    assert api.post(f"{API}/law", {"note": note}).json()["serial"] == 2
    assert api.post(f"{API}/law", {"note": note}).json()["type"].endswith(":legal_profile_older")
    law = api.get(f"{API}/law").json()
    assert (law["source"], [one["signed_by"] for one in law["installed"]]) == ("installed", [laws.PUBLISHER])
