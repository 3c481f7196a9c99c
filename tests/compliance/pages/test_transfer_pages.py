"""The officer's pages of transfers: filters, paging, exports, one transfer with its proof, and the sealed address."""

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from compliance.models import TransferRecord
from compliance.verifier.merkle import node_hash
from exchange.kernel.models import Event
from exchange.participants import vault
from tests.compliance.pages.conftest import signed_in

pytestmark = pytest.mark.django_db
LIST = "/compliance/transfers"


def looks(name: str = "officer.viewed") -> list[dict[str, Any]]:
    found = Event.objects.filter(name=name).order_by("id")
    return [json.loads(bytes(event.leaf))["facts"] for event in found]


def text(answer: Any) -> str:
    return str(answer.content.decode())


def test_the_list_names_both_sides_and_is_recorded(desk: Client, told: Any) -> None:
    page = text(desk.get(LIST))
    for word in ("Buyer GmbH", "Seller SA", "Germany", "Completed", f"{LIST}/{told.row.pk}"):
        assert word in page
    assert [look["what"] for look in looks()] == ["transfers"]


def test_filters_take_names_and_days(
    desk: Client, told: Any, story: Callable[..., Any], public_log: Any
) -> None:
    other = story(told.seller_id, at=told.at + timedelta(days=1), changed={"country_to": "BR"})
    other.tell("started")
    public_log.publish()
    for query, wanted in (
        ("buyer=buyer+gmbh", {told}),
        ("seller=Seller", {told, other}),
        (f"dataset={other.row.dataset_id}", {other}),
        ("country=BR", {other}),
        ("result=completed", {told}),
        ("since=2026-11-23", {other}),
        ("until=2026-11-22", {told}),
        ("personal_data=none", set()),
    ):
        page = text(desk.get(f"{LIST}?{query}"))
        shown = {one for one in (told, other) if str(one.row.pk) in page}
        assert shown == wanted, query
    assert looks()[0]["buyer"] == str(told.buyer_id)


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("buyer=Nobody+Ltd", "No organisation is called like that. You entered “Nobody Ltd”."),
        ("seller=e", "Several are called like that"),
        ("dataset=nothing", "No dataset is called like that."),
        ("since=soon", "Enter a day"),
        ("since=2026-11-23&until=2026-11-22", "Choose a day that is not before the first one."),
        ("result=lost", "Choose one of the entries shown."),
        ("dataset=%3Cscript%3E%F0%9F%98%80", "No dataset is called like that."),
    ],
)
def test_a_question_that_cannot_be_asked_says_why_and_is_no_look(
    desk: Client, told: Any, outsider: Any, query: str, said: str
) -> None:
    answer = desk.get(f"{LIST}?{query}")
    assert answer.status_code == 422
    assert said in text(answer)
    assert "<script>😀" not in text(answer)
    assert looks() == []


def test_older_and_newer_lead_there_and_back(desk: Client, story: Callable[..., Any], public_log: Any) -> None:
    stories = [story(at=story().at + timedelta(minutes=n)).whole() for n in range(60)]
    public_log.publish()
    ids = [str(pk) for pk in TransferRecord.objects.order_by("-pk").values_list("pk", flat=True)]
    assert len(ids) == len(stories)

    def shown(answer: Any) -> list[str]:
        return [str(row.record.pk) for row in answer.context["rows"]]

    first = desk.get(LIST)
    second = desk.get(LIST, {"cursor": first.context["page"].next_cursor})
    third = desk.get(LIST, {"cursor": second.context["page"].next_cursor})
    assert [*shown(first), *shown(second), *shown(third)] == ids
    assert third.context["page"].next_cursor is None
    back = desk.get(LIST, {"cursor": third.context["page"].newer_cursor})
    assert shown(back) == shown(second)
    assert shown(desk.get(LIST, {"cursor": back.context["page"].newer_cursor})) == shown(first)
    assert desk.get(LIST, {"cursor": "~nonsense"}).status_code == 422


def test_a_longer_list_asks_no_more_questions(desk: Client, story: Callable[..., Any], public_log: Any) -> None:
    story().whole()
    public_log.publish()
    desk.get(LIST)
    with CaptureQueriesContext(connection) as few:
        desk.get(LIST)
    for _ in range(20):
        story().whole()
    public_log.publish()
    with CaptureQueriesContext(connection) as many:
        desk.get(LIST)
    assert len(few) == len(many) <= 30


@pytest.mark.parametrize(("form", "start"), [("csv", b"id,"), ("jsonl", b'{"meta"')])
def test_an_export_takes_the_filters_along_and_is_recorded(
    desk: Client, told: Any, form: str, start: bytes
) -> None:
    answer = desk.get(f"{LIST}/export/{form}?country=DE")
    data = b"".join(answer.streaming_content)  # type: ignore[attr-defined]
    assert data.startswith(start)
    assert str(told.row.pk).encode() in data
    assert "attachment" in answer["Content-Disposition"]
    [look] = looks("officer.exported")
    assert (look["form"], look["country"]) == (form, "DE")


def test_an_export_of_an_unknown_form_is_nowhere(desk: Client, told: Any) -> None:
    assert desk.get(f"{LIST}/export/xlsx").status_code == 404
    assert desk.get(f"{LIST}/export/csv?country=Germany").status_code == 422
    assert looks("officer.exported") == []


def test_one_transfer_shows_why_and_proves_itself(desk: Client, told: Any) -> None:
    answer = desk.get(f"{LIST}/{told.row.pk}")
    page = text(answer)
    for words in ("Why it was allowed", "A copy of this file was left", "Inside the European", "Enforced"):
        assert words in page
    proof = answer.context["shown"].proof
    found = bytes.fromhex(proof.hash_hex)
    for step in proof.steps:
        given = bytes.fromhex(step.hash_hex)
        found = node_hash(given, found) if step.side == "left" else node_hash(found, given)
        assert step.hash_hex in page
    assert found.hex() == proof.root_hex
    assert page.count('<svg class="narrow"') == page.count('<svg class="proof"') == 1
    assert "style=" not in page


def test_each_leaf_has_its_own_proof(desk: Client, told: Any) -> None:
    record = TransferRecord.objects.get(pk=told.row.pk)
    first = desk.get(f"{LIST}/{told.row.pk}?leaf={record.first_leaf}").context["shown"]
    assert first.proof.event.name == "transfer.started"
    for odd in ("", "x", "-1", "99999999999999999999", str(record.last_leaf)):
        last = desk.get(f"{LIST}/{told.row.pk}?leaf={odd}").context["shown"]
        assert last.proof.event.name == "transfer.completed"


def test_a_leaf_that_is_not_signed_yet_has_no_proof(
    desk: Client, story: Callable[..., Any], public_log: Any
) -> None:
    told = story().whole()
    public_log.seal()
    page = text(desk.get(f"{LIST}/{told.row.pk}"))
    assert "Not proven yet" in page
    assert "Sealed, waits for the signature" in page


def test_a_refused_attempt_says_why(desk: Client, story: Callable[..., Any], public_log: Any) -> None:
    event = story().refused("copies_spent")
    public_log.publish()
    page = text(desk.get(f"{LIST}/{event.pk}"))
    assert "Why it was refused" in page
    assert "every licensed copy was taken" in page.lower()


def test_the_receipt_is_a_file_that_verifies(desk: Client, told: Any, verify: Any, tmp_path: Any) -> None:
    answer = desk.get(f"{LIST}/{told.row.pk}/receipt")
    assert "attachment" in answer["Content-Disposition"]
    (tmp_path / "receipt.json").write_bytes(answer.content)
    assert verify("receipt", tmp_path / "receipt.json").returncode == 0
    assert [look["what"] for look in looks()] == ["receipt"]


@pytest.fixture
def sealed(story: Callable[..., Any], public_log: Any, officer: Any) -> Any:
    record_id, digest = vault.seal("system:gateway", {"address": "192.0.2.7", "agent": "curl/8"}, officer.at)
    told = story(changed={"sealed": {"record": str(record_id), "sha256": digest}}).whole()
    public_log.publish()
    return told


def test_the_address_stays_sealed_until_the_officer_confirms(desk: Client, sealed: Any) -> None:
    path = f"{LIST}/{sealed.row.pk}/address"
    assert "192.0.2.7" not in text(desk.get(f"{LIST}/{sealed.row.pk}"))
    question = desk.get(path)
    assert "Open and record it" in text(question)
    assert "192.0.2.7" not in text(question)
    assert not Event.objects.filter(name="vault.opened").exists()
    answer = desk.post(path)
    assert "192.0.2.7" in text(answer) and "curl/8" in text(answer)
    assert "no-store" in answer["Cache-Control"]
    assert Event.objects.filter(name="vault.opened").count() == 1


def test_the_address_needs_the_csrf_token_and_the_scope(person: Any, sealed: Any) -> None:
    path = f"{LIST}/{sealed.row.pk}/address"
    assert signed_in(person, second_factor=True, enforce_csrf_checks=True).post(path).status_code == 403
    assert signed_in(person).post(path).status_code == 403
    assert Client().post(path).status_code == 302
    assert not Event.objects.filter(name="vault.opened").exists()


def test_the_pages_speak_french(desk: Client, told: Any) -> None:
    french = {"Accept-Language": "fr"}
    page = text(desk.get(LIST, headers=french))
    for words in ("Achevé", "Allemagne", "Données personnelles", "Exporter en CSV"):
        assert words in page
    page = text(desk.get(f"{LIST}/{told.row.pk}", headers=french))
    assert "Pourquoi il a été autorisé" in page
    assert "De cette feuille à la racine signée" in page
