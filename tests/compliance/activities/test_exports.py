"""Every form of a register says the same, no spreadsheet runs a cell, and what is added by hand comes back whole."""

import csv
import io
import json
import zipfile
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from openpyxl import load_workbook
from pyld import jsonld

from compliance.activities import as_csv, as_jsonld, as_paper, codes, completions, desk, parts, queries
from compliance.activities.shape import Activity, Completed, Derived, Register, Reviewed, Sent
from compliance.activities.words import Called
from compliance.models import ActivityVersion
from exchange.kernel.errors import Conflict, Forbidden, Invalid
from exchange.kernel.ids import new_id
from exchange.kernel.models import Event
from tests import makers

pytestmark = pytest.mark.one_database

HOSTILE = '=HYPERLINK("http://evil.example","click")\n\'quoted\n+1 -1 @x'
HEAD = {"security_measures": "TLS, two factors.\n" + HOSTILE}
CONTACTS = {"controller": "Seller SA, 1 rue de la Paix", "dpo": "-dpo@seller.example"}


@pytest.fixture
def filled(world: Any) -> Any:
    """The world, with a transfer and with all that a manager may add."""
    world.agreed("research")
    world.sent("BR", "adequacy")
    world.log.seal()
    completions.complete("", HEAD, CONTACTS, by=manager(world))
    key = f"provide:{world.dataset.pk}"
    said = {name: f"{name}: {HOSTILE}"[:80] for name in parts.OF_ACTIVITY}
    completions.complete(key, said, {"owner": "'Data office"}, by=manager(world))
    completions.review(key, "All is as it was.", by=manager(world))
    return world


def manager(world: Any) -> Any:
    """A client of the seller's that may manage."""
    seller = makers.participant_of(world.seller)
    return makers.client(seller, world.seller.at + timedelta(hours=1), ("read", "manage"))


def test_all_forms_say_the_same_and_no_cell_is_run(filled: Any) -> None:
    by = manager(filled)
    files = {form: desk.export(form, by=by) for form in desk.FORMS}
    rows = list(csv.DictReader(io.StringIO(files["csv"].content.decode(), newline="")))
    document = json.loads(files["jsonld"].content)
    sheets = load_workbook(io.BytesIO(files["xlsx"].content))
    french = load_workbook(io.BytesIO(files["cnil"].content))
    assert len(rows) - 1 == len(document["hasRecordOfActivity"]) == len(sheets.sheetnames) - 1 == 1
    assert rows[1]["transfers"] == "BR:adequacy:1"
    assert document["hasRecordOfActivity"][0]["transfers"][0]["count"] == 1
    cells = [cell for sheet in (*sheets, *french) for line in sheet.iter_rows() for cell in line]
    assert all(cell.data_type != "f" for cell in cells)
    assert any("Brazil: 1 transfer" in str(cell.value) for cell in cells)
    assert any("Brésil" in str(cell.value) for cell in cells)
    assert french.sheetnames[0] == "Liste des traitements"
    for row in rows:
        assert not any(value[:1] in "=+-@\t\r" for value in row.values() if value)
    assert files["pdf"].content.startswith(b"%PDF")
    found = queries.register_visible_to(by)
    drawn = as_paper.html(found, Called({}, {}), at=by.at)
    assert "Brazil: 1 transfer" in drawn and "&#x27;quoted" in drawn
    assert not Event.objects.filter(name="officer.exported").exists(), "it is the seller's own register"
    desk.export("csv", by=filled.officer)
    [exported] = Event.objects.filter(name="officer.exported")
    facts = json.loads(bytes(exported.leaf))["facts"]
    assert (facts["what"], facts["form"], facts["activities"]) == ("activities", "csv", 4)


def test_the_same_register_at_the_same_moment_is_the_same_bytes(filled: Any) -> None:
    by = manager(filled)
    for form in desk.FORMS:
        assert desk.export(form, by=by).content == desk.export(form, by=by).content
    made = zipfile.ZipFile(io.BytesIO(desk.export("xlsx", by=by).content))
    assert {one.date_time for one in made.infolist()} == {(1980, 1, 1, 0, 0, 0)}


@pytest.mark.parametrize("form", ["csv", "jsonld"])
def test_export_and_import_are_inverse(filled: Any, form: Any) -> None:
    by = manager(filled)
    content = desk.export(form, by=by).content
    before = queries.register_visible_to(by)
    nothing = desk.preview(content, by=by)
    assert (nothing.changes, nothing.mismatches, nothing.unknown, nothing.missing) == ([], [], [], [])
    for key, added in codes.by_key(before).items():  # an empty register of what is added by hand
        empty = dict.fromkeys(added.parts, ""), dict.fromkeys(added.contacts, "")
        completions.complete(key, *empty, by=by)
    assert not any(one.parts or one.contacts for one in codes.by_key(queries.register_visible_to(by)).values())
    count = ActivityVersion.objects.count()
    changes = desk.preview(content, by=by).changes
    assert ActivityVersion.objects.count() == count, "a preview changes nothing"
    assert len(changes) == len(HEAD) + len(CONTACTS) + len(parts.OF_ACTIVITY) + 1
    desk.take_over(content, by=by)
    after = codes.by_key(queries.register_visible_to(by))
    for key, added in codes.by_key(before).items():
        assert (after[key].parts, after[key].contacts) == (added.parts, added.contacts)


def test_a_file_that_contradicts_the_log_changes_nothing_of_what_was_derived(filled: Any) -> None:
    by = manager(filled)
    document = json.loads(desk.export("jsonld", by=by).content)
    document["hasRecordOfActivity"][0]["derived"]["transfers"] = []
    document["hasRecordOfActivity"].append({"key": "provide:another", "parts": {"name": "Another"}})
    done = desk.take_over(json.dumps(document).encode(), by=by)
    assert [(one.field, one.in_log, one.in_file) for one in done.mismatches] == [
        ("transfers", ["BR:adequacy:1"], [])
    ]
    assert (done.unknown, list(done.changes)) == (["provide:another"], [])
    assert queries.register_visible_to(by).activities[0].derived.sent[0].country == "BR"


def test_every_term_of_the_document_is_of_the_vocabulary(filled: Any) -> None:
    document = json.loads(desk.export("jsonld", by=manager(filled)).content)
    [expanded] = jsonld.expand(document)
    dpv, gdpr = "https://w3id.org/dpv#", "https://w3id.org/dpv/legal/eu/gdpr#"
    assert expanded["@type"] == [f"{dpv}RecordsOfActivities"]
    [activity] = expanded[f"{dpv}hasRecordOfActivity"]
    assert activity["@type"] == [f"{dpv}DataProcessingRecord"]
    ids = {name: [one["@id"] for one in activity[f"{dpv}{name}"]] for name in ("hasPurpose", "hasLegalBasis")}
    assert ids == {"hasPurpose": [f"{dpv}ResearchAndDevelopment"], "hasLegalBasis": [f"{gdpr}A6-1-a"]}
    data = [one["@id"] for one in activity[f"{dpv}hasPersonalData"]]
    assert data == ["https://w3id.org/dpv/pd#EmailAddress", "https://w3id.org/dpv/pd#BankAccount"]
    [transfer] = activity["urn:comptoir:activities:1#transfers"]
    assert transfer[f"{dpv}hasCountry"] == [{"@id": "https://w3id.org/dpv/loc#BR"}]
    assert transfer[f"{dpv}hasLegalBasis"] == [{"@id": f"{gdpr}A45-3"}]
    for name in ("key", "kept", "derived", "parts", "contacts"):
        assert f"urn:comptoir:activities:1#{name}" in activity or name == "kept"


UNREADABLE = (
    b"",
    b"\xff\xfe",
    b"{",
    b"[]",
    b'{"own:format":"comptoir.activities/1"}',
    b'{"own:format":"comptoir.activities/1","hasRecordOfActivity":[{"parts":{}}]}',
    b'{"own:format":"comptoir.activities/1","hasRecordOfActivity":[],"parts":{"dpo":1}}',
    b'{"own:format":"comptoir.activities/1","hasRecordOfActivity":[],"parts":{"dpo":"x"}}',
    b"a,b\r\n1,2\r\n",
    b"activity,role\r\nx\r\n",
    b"activity,activity\r\nx,y\r\n",
    b'activity,role\r\n"x\r\n',
    b"activity\r\nx\r\nx\r\n",
    b"{" * 100_000,
)


def test_a_file_that_is_no_register_is_refused_and_changes_nothing(
    seller: Any, refused: Callable[..., Any]
) -> None:
    for content in UNREADABLE:
        with refused(Invalid):
            desk.take_over(content, by=seller)
    assert ActivityVersion.objects.count() == 0


def test_only_a_manager_or_an_officer_adds_and_nobody_over_anothers_change(
    filled: Any, refused: Callable[..., Any]
) -> None:
    key, by = f"provide:{filled.dataset.pk}", manager(filled)
    count = ActivityVersion.objects.count()
    reader = makers.client(makers.participant_of(filled.seller), filled.seller.at, ("read",))
    with refused(Forbidden, "scope_missing"):
        completions.complete(key, {"name": "Mine"}, {}, by=reader)
    with refused(Forbidden, "scope_missing"):
        completions.review(key, "", by=reader)
    with refused(Conflict, "register_changed"):
        completions.complete(key, {"name": "Late"}, {}, shown=0, by=by)
    with refused(Invalid):
        completions.complete(key, {"purpose": "misspelt"}, {}, by=by)
    assert ActivityVersion.objects.count() == count
    same = completions.complete(key, {"name": f"name: {HOSTILE}"[:80]}, {}, by=by)
    assert (same.number, ActivityVersion.objects.count()) == (1, count), "what changes nothing is no version"


def test_what_is_added_is_an_event_and_who_can_be_asked_is_in_no_leaf(filled: Any) -> None:
    added = Event.objects.filter(name="activity.completed").select_related("detail")
    assert added.count() == 2
    written = b"".join(bytes(one.leaf) for one in Event.objects.all()).decode()
    for said in ("-dpo@seller.example", "1 rue de la Paix", "TLS, two factors", "-Data office"):
        assert said not in written
    head = next(one for one in added if b'"activity":null' in bytes(one.leaf))
    assert head.detail.body == HEAD and "dpo" not in str(head.detail.body)
    assert not ActivityVersion.objects.filter(parts__icontains="dpo@").exists()
    reviewed = json.loads(bytes(Event.objects.get(name="activity.reviewed").leaf))["facts"]
    assert reviewed["profile_sha256"] and reviewed["next_at"].startswith("2027-11-22")


line = st.text(
    st.characters(codec="utf-8", exclude_categories=["Cc", "Cs", "Co", "Cn", "Zl", "Zp"]), max_size=40
)


@settings(suppress_health_check=[HealthCheck.too_slow])
@given(said=st.dictionaries(st.sampled_from(list(parts.OF_ACTIVITY)), line, max_size=3), owner=line)
def test_any_text_comes_back_from_both_forms(said: dict[str, str], owner: str) -> None:
    filled = {name: value for name, value in said.items() if value}
    added = Completed(1, filled, {"owner": owner} if owner else {})
    derived = Derived(purposes=("research",), stated_sources=("a\nb", "=c"), sent=(Sent("BR", "", 2, 5),))
    activity = Activity(
        "use:research", "use", "controller", derived, None, None, added, Reviewed(None, None, False), ()
    )
    found = Register(new_id(), Completed(), [activity])
    at = datetime(2026, 11, 22, tzinfo=UTC)
    for entries in (
        as_csv.read(as_csv.write(found)),
        as_jsonld.read(as_jsonld.write(found, Called({}, {}), at=at)),
    ):
        [_, entry] = entries
        assert (entry.parts, entry.contacts) == (filled, added.contacts)
    assert replace(found) == found
