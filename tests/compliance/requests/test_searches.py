"""Sellers search their own datasets: by an index that only their secret reads, or by hand. What they find leads to the
recipients, and the request is not answered before these have done what they were told."""

import csv
import io
import json
import subprocess
import sys
import zipfile
from collections.abc import Callable
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core import mail
from hypothesis import given
from hypothesis import strategies as st

from compliance.models import NoticeRow, PersonsIndex, SearchedRevision, SellerSearch, SubjectRequest
from compliance.persons_index import digests, files
from compliance.requests import (
    answer_codes,
    answer_pack,
    consequences,
    decisions,
    index_files,
    intake,
    letters,
    own_records,
    queries,
    reminders,
    seller_search,
)
from compliance.retention import legal_holds
from exchange.kernel.actors import Actor
from exchange.kernel.errors import Conflict, Forbidden, Invalid, NotFound
from exchange.kernel.models import Event
from exchange.participants import vault
from tests import makers

ROOT = Path(__file__).resolve().parents[3]
Make = Callable[..., Any]


def tool(*arguments: object, words: str = "") -> "subprocess.CompletedProcess[str]":
    """`comptoir-persons` as its own process."""
    command = [sys.executable, "-m", "compliance.persons_index", *map(str, arguments)]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, input=words, check=False)


def made_index(folder: Path, *people: str) -> tuple[bytes, bytes]:
    """A secret and an index under it, made as a seller does."""
    key, table, index = folder / "persons.key", folder / "people.csv", folder / "persons.idx"
    assert tool("secret", "--out", key).returncode == 0
    table.write_text("id,email\n" + "".join(f"{n},{one}\n" for n, one in enumerate(people)))
    made = tool("make", "--secret", key, "--column", "email", "--out", index, table)
    assert made.returncode == 0, made.stderr
    return key.read_bytes(), index.read_bytes()


def pieces(data: bytes, size: int = 7) -> list[bytes]:
    return [data[start : start + size] for start in range(0, len(data), size)]


@given(st.sets(st.binary(min_size=16, max_size=16), max_size=40), st.integers(1, 50))
def test_an_index_finds_what_it_holds_and_nothing_else(some: set[bytes], size: int) -> None:
    written = io.BytesIO()
    assert files.write(some, written) == len(some)
    assert b"".join(files.checked(pieces(written.getvalue(), size))) == written.getvalue()
    other = bytes(16)
    for one in some | {other}:
        assert files.holds(written, one) is (one in some)


@given(st.text(max_size=30))
def test_one_person_has_one_digest_however_the_key_is_written(key: str) -> None:
    secret = b"s" * 32
    if digests.normal(key):
        assert digests.digest(secret, f"  {key} ") == digests.digest(secret, digests.normal(key))
        assert digests.digest(secret, key) != digests.digest(b"t" * 32, key)


@pytest.mark.parametrize(
    "data",
    [
        *(b"", b"comptoir", b"another/1\n" + bytes(32), files.FIRST_LINE + b"short"),
        *(files.FIRST_LINE + b"b" * 16 + b"a" * 16, files.FIRST_LINE + b"a" * 32),
    ],
)
def test_what_is_no_index_is_refused(data: bytes) -> None:
    with pytest.raises(digests.Unusable):
        list(files.checked(pieces(data)))


def test_the_tool_says_what_is_wrong(tmp_path: Path) -> None:
    (tmp_path / "short.key").write_bytes(b"x")
    (tmp_path / "a.csv").write_text("id\n1\n")
    key, out = tmp_path / "short.key", tmp_path / "out"
    for said in (
        tool("make", "--secret", key, "--column", "email", "--out", out, tmp_path / "a.csv"),
        tool("digest", "--secret", key, words="jane@person.example\n"),
        tool("digest", "--secret", tmp_path / "none.key", words="\n"),
    ):
        assert (said.returncode, said.stdout) == (3, "") and said.stderr.startswith("comptoir-persons: ")
    assert not out.exists()


@pytest.mark.django_db
def test_an_index_answers_for_its_seller_alone(
    now: datetime, seller: Actor, buyer: Actor, officer: Actor, asked: Make, personal: Make, public_log: Any
) -> None:
    revision, by_hand = personal(seller), personal(seller)
    public_log.seal()
    folder = Path(public_log.public).parent
    key, index = made_index(folder, "jane@person.example", "john@person.example")
    for wrong in (index[:-1], index + bytes(16), b"{}"):
        with pytest.raises(Invalid):
            index_files.file_index(revision.pk, pieces(wrong), by=seller)
    with pytest.raises(NotFound):
        index_files.file_index(revision.pk, [index], by=buyer)
    assert PersonsIndex.objects.count() == 0 and list(folder.glob("persons/*")) == []
    filed = index_files.file_index(revision.pk, pieces(index), by=seller)
    assert filed.persons == 2 and index_files.path_of(filed.pk).read_bytes() == index

    request = asked("erasure", by=officer)
    sellers = list(seller_search.personal_revisions())
    assert sellers == [seller.participant_id]
    [search] = seller_search.ask(request, sellers, "jane@person.example", by=officer)
    assert seller_search.ask(request, sellers, "jane@person.example", by=officer) == []
    assert now < search.due_at <= request.due_at
    with pytest.raises(Forbidden):
        seller_search.look_up(search, "00" * 16, by=buyer)
    with pytest.raises(Forbidden):
        seller_search.read_told(search, by=officer)
    assert seller_search.read_told(search, by=seller) == "jane@person.example"
    for wrong_digest in ("", "xyz", "00" * 15, "00" * 32):
        with pytest.raises(Invalid):
            seller_search.look_up(search, wrong_digest, by=seller)
    (folder / "k").write_bytes(key)
    said = tool("digest", "--secret", folder / "k", words=" JANE@person.example\n").stdout
    assert seller_search.look_up(search, said, by=seller).state == "asked"
    with pytest.raises(Conflict):
        seller_search.look_up(search, said, by=seller)
    found = seller_search.answer_by_hand(search, {by_hand.pk: False}, by=seller)
    assert found.state == "answered"
    rows = dict(SearchedRevision.objects.values_list("revision_id", "finding"))
    assert rows == {revision.pk: "found", by_hand.pk: "not_found"}
    with pytest.raises(Conflict):
        seller_search.read_told(search, by=seller)
    leaves = " ".join(bytes(one).decode() for one in Event.objects.values_list("leaf", flat=True))
    assert "person.example" not in leaves and said.strip() not in leaves


@pytest.fixture
def found(
    now: datetime,
    seller: Actor,
    officer: Actor,
    personal: Make,
    took: Make,
    public_log: Any,
    buyer: Actor,
    outsider: Actor,
) -> Any:
    """A revision that two took, one of them in part."""
    revision = personal(seller)
    took(revision, buyer)
    took(revision, outsider, sent_bytes=10)
    public_log.publish()
    return revision


def searched(request: SubjectRequest, revision: Any, officer: Actor, seller: Actor) -> SellerSearch:
    """The seller was asked, and found the person in the revision."""
    [search] = seller_search.ask(request, [seller.participant_id], "Jane Roe", by=officer)  # type: ignore[list-item]
    return seller_search.answer_by_hand(search, {revision.pk: True}, by=seller)


@pytest.mark.django_db
def test_an_access_is_answered_with_who_received_it_by_name(
    now: datetime, officer: Actor, seller: Actor, found: Any, asked: Make
) -> None:
    people = makers.participant_of(seller)
    makers.member(people, "viewer", now, email="jane@person.example")
    request = asked("access", by=officer)
    counts = own_records.search(request, by=officer)
    assert (counts["accounts"], counts["memberships"], counts["invitations"]) == (1, 1, 1)
    [search] = seller_search.ask(request, [seller.participant_id], "Jane Roe", by=officer)  # type: ignore[list-item]
    with pytest.raises(Conflict) as refused:
        decisions.answer(request, "Here is all that we have.", by=officer)
    assert refused.value.code == "searches_open"
    seller_search.answer_by_hand(search, {found.pk: True}, by=seller)
    request = decisions.answer(request, "=cmd() is here, and all the rest.", by=officer)
    person = intake.as_person(request, officer)
    letters.send_due(now=now)
    assert "Our answer is ready" in mail.outbox[-1].subject

    with pytest.raises(Conflict):
        answer_codes.take(request, "000000", by=person)
    answer_codes.send(request, by=person)
    with pytest.raises(Conflict):
        answer_codes.send(request, by=person)
    letters.send_due(now=now)
    code = mail.outbox[-1].subject.split()[-1]
    with pytest.raises(Forbidden):
        answer_codes.take(request, "x", by=person)
    archive = answer_codes.take(request, code, by=person)
    with pytest.raises(Conflict):
        answer_codes.take(request, code, by=person)
    files_of = zipfile.ZipFile(io.BytesIO(archive))
    assert files_of.namelist() == ["answer.json", "answer.pdf", "recipients.csv"]
    written = files_of.read("answer.json")
    assert answer_pack.archive(written) == archive, "the same document gives the same bytes"
    document = json.loads(written)
    [dataset] = document["datasets"]
    assert (dataset["source"], dataset["holds"]) == ("Seller SA", "Personal data")
    assert sorted((one["name"], one["whole"]) for one in dataset["recipients"]) == [
        ("Buyer GmbH", True),
        ("Outsider BV", False),
    ]
    assert document["kept_here"]["memberships"][0]["organisation"] == "Seller SA"
    assert any("complaint" in one for one in document["rights"])
    table = list(csv.DictReader(io.StringIO(files_of.read("recipients.csv").decode("utf-8-sig"))))
    assert {row["recipient"] for row in table} == {"Buyer GmbH", "Outsider BV"}
    leaf = Event.objects.get(name="subjectrequest.answered").leaf
    assert json.loads(bytes(leaf))["facts"]["sha256"] == request.answer_sha256 == answer_sha(written)
    assert files_of.read("answer.pdf").startswith(b"%PDF")


def answer_sha(written: bytes) -> str:
    import hashlib

    return hashlib.sha256(written).hexdigest()


@pytest.mark.django_db
def test_an_erasure_waits_until_its_recipients_have_done_it(
    now: datetime, officer: Actor, seller: Actor, found: Any, asked: Make, public_log: Any
) -> None:
    request = asked("erasure", by=officer)
    with pytest.raises(Conflict):
        consequences.tell_recipients(request, "Delete row 12 of it, please.", by=officer)
    searched(request, found, officer, seller)
    with pytest.raises(Conflict) as untold:
        decisions.answer(request, "It is erased everywhere.", by=officer)
    assert untold.value.code == "recipients_not_told"
    [notice] = consequences.tell_recipients(request, "Take the corrected revision.", by=officer)
    assert consequences.tell_recipients(request, "Take the corrected revision.", by=officer) == [notice]
    assert (notice.kind, notice.revisions) == ("erasure", [str(found.pk)])
    assert NoticeRow.objects.filter(notice=notice).count() == 2
    request.refresh_from_db()
    with pytest.raises(Conflict) as unsettled:
        decisions.answer(request, "It is erased everywhere.", by=officer)
    assert unsettled.value.code == "notices_open"
    assert SubjectRequest.objects.get().state == "in_progress"


@pytest.mark.django_db
def test_an_erasure_that_meets_a_legal_hold_becomes_a_restriction(
    now: datetime, officer: Actor, seller: Actor, found: Any, asked: Make
) -> None:
    request = asked("erasure", by=officer)
    searched(request, found, officer, seller)
    wanted = legal_holds.Asked(
        scope="dataset",
        target=str(found.dataset_id),
        since=None,
        until=None,
        authority="Tribunal judiciaire",
        reference="26/0001",
        reason="Evidence in a trial about it.",
        review_on=date(2027, 6, 1),
    )
    hold = legal_holds.place(wanted, by=officer)
    [notice] = consequences.tell_recipients(request, "Keep it, and do not use it.", by=officer)
    request.refresh_from_db()
    assert (notice.kind, request.limited_by) == ("restriction", "17(3)(e)")
    facts = json.loads(bytes(Event.objects.get(name="subjectrequest.limited").leaf))["facts"]
    assert facts["holds"] == [str(hold.pk)]
    makers.member(makers.participant_of(seller), "viewer", now, email="jane@person.example")
    pack = answer_pack.make(request, "We keep it for the court.", by=officer)
    left_out = json.loads(pack.written)["left_out"]
    assert left_out[0]["what"] == "17(3)(e)" and "We may not erase" in left_out[0]["why"]


@pytest.mark.django_db
def test_officers_and_sellers_are_reminded_once_for_each_step(
    now: datetime, officer: Actor, seller: Actor, found: Any, asked: Make
) -> None:
    exchange = makers.participant_of(officer)
    makers.member(exchange, "officer", now)
    request = asked("access", by=officer)
    seller_search.ask(request, [seller.participant_id], "Jane Roe", by=officer)  # type: ignore[list-item]
    assert reminders.remind(now=now) == 0
    due = request.due_at
    told = [
        reminders.remind(now=moment)
        for moment in (
            due - timedelta(days=6),
            due - timedelta(days=6),
            due - timedelta(days=1),
            due + timedelta(days=1),
        )
    ]
    assert told[1] == 0 and told[0] > 0 and told[2] == told[3] == 1
    with pytest.raises(Conflict):
        seller_search.dismiss(
            decisions.refuse(request, "12(6)", "Nobody can say who it is.", by=officer).searches.get(),
            "It has taken too long by now.",
            by=officer,
        )
    assert reminders.remind(now=due + timedelta(days=3)) == 0
    assert queries.waiting_searches(seller) == 0
    assert vault.read(request.searches.get().told) is not None
