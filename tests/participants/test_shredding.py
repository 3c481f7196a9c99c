"""A person's key is shredded: every proof holds, the root stays, and neither what was sealed nor the key to it lies in
any file any more. The files are searched byte by byte, the database's own among them."""

import contextlib
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.db import connection

from exchange.kernel.actors import Actor
from exchange.kernel.errors import Conflict, Forbidden, NotFound
from exchange.kernel.models import Event
from exchange.participants import scouring, vault
from exchange.participants.actors.actors import actor_of_member
from exchange.participants.models import Member, Pseudonym, VaultKey, VaultRecord
from tests import databases, makers, roles
from tests.compliance.conftest import PublicLog, Story
from tests.environment import TEST_VAR_DIR

ADDRESS = {"address": "203.0.113.77", "agent": "reader/8.0 (very recognisable)"}
on_postgresql = pytest.mark.skipif(databases.is_sqlite(), reason="PostgreSQL only")
ASKED = "The person asked to be erased."


@pytest.fixture
def log(tmp_path: Path, settings: Any) -> PublicLog:
    settings.EXCHANGE_LOG_DIR, settings.EXCHANGE_SIGNER_DIR = tmp_path / "log", tmp_path / "signer"
    return PublicLog(tmp_path / "log", tmp_path / "signer")


@pytest.fixture
def member(own_database: None, now: datetime) -> Member:
    return makers.member(makers.participant("Buyer GmbH", "DE", now), "trader", now)


def files_of_the_database() -> Iterator[Path]:
    """Its own files, with what is only in memory brought there first."""
    if connection.vendor == "sqlite":
        name = str(connection.settings_dict["NAME"])
        yield from (path for suffix in ("", "-wal", "-shm") if (path := Path(name + suffix)).exists())
        return
    with connection.cursor() as cursor:
        cursor.execute("CHECKPOINT")
        cursor.execute(
            "SELECT current_setting('data_directory'), oid FROM pg_database WHERE datname = %s",
            [connection.settings_dict["NAME"]],
        )
        folder, oid = cursor.fetchone()
    yield from (path for path in (Path(folder) / "base" / str(oid)).iterdir() if path.is_file())


def hits(needle: bytes, *folders: Path) -> list[str]:
    """The files that hold these bytes: of the database, and everything else that the exchange keeps."""
    assert len(needle) >= 8
    others = [path for folder in folders for path in folder.rglob("*") if path.is_file()]
    return [path.name for path in (*files_of_the_database(), *others) if needle in bytes_of(path)]


def eventually_gone(needle: bytes, folders: tuple[Path, ...], now: datetime) -> None:
    """At once, or when what was in the way (PostgreSQL looking its tables over) lets the next hour's try through."""
    for _ in range(20):
        if not (found := hits(needle, *folders)):
            return
        time.sleep(1)
        assert scouring.scour_again(now), "it was shredded a moment ago"
    pytest.fail(f"still in {found}")


def bytes_of(path: Path) -> bytes:
    """What a file holds now; SQLite takes its own away when the last connection closes."""
    with contextlib.suppress(FileNotFoundError):
        return path.read_bytes()
    return b""


def transferred(member: Member, log: PublicLog, at: datetime) -> tuple[Story, str]:
    """A transfer by this person, whose address is sealed under the name that they have that year."""
    name = actor_of_member(member, at).name
    record_id, digest = vault.seal(name, ADDRESS, at)
    sealed = {"sealed": {"record": str(record_id), "sha256": digest}}
    told = Story(member.participant_id, member.participant_id, at=at, changed=sealed).whole()
    log.publish(at)
    return told, name


def key_of_a_transfer(member: Member, log: PublicLog, at: datetime) -> bytes:
    """The key, as it is kept, under which the address of a transfer by this person is sealed."""
    _, name = transferred(member, log, at)
    return bytes(VaultKey.objects.get(pk=name).wrapped or b"")


def receipt_holds(told: Story, log: PublicLog, folder: Path, officer: Actor) -> bool:
    import json

    from compliance import queries

    file = folder / "receipt.json"
    file.write_text(json.dumps(queries.receipt(told.subject, visible_to=officer)))
    command = [sys.executable, "-m", "compliance.verifier", "receipt", str(file), "--vkey", log.vkey()]
    return subprocess.run(command, capture_output=True, check=False).returncode == 0


def test_after_shredding_every_proof_holds_and_no_file_has_the_plaintext_or_the_key(
    member: Member, log: PublicLog, now: datetime, tmp_path: Path
) -> None:
    officer = makers.officer(now)
    told, name = transferred(member, log, now)
    record = VaultRecord.objects.get(key_id=name)
    key, sealed = bytes(VaultKey.objects.get(pk=name).wrapped or b""), bytes(record.sealed or b"")
    folders = (tmp_path, TEST_VAR_DIR, Path(settings.EXCHANGE_KEYS_DIR), Path(settings.EXCHANGE_SEARCH_DIR))
    assert hits(key) and hits(sealed), "the search finds what is there"
    assert [hits(value.encode(), *folders) for value in ADDRESS.values()] == [[], []], (
        "it was never written plain"
    )
    checkpoint = (log.folder() / "checkpoint").read_bytes()
    assert vault.shred_person(member.user_id, ASKED, officer) == 1
    assert (log.folder() / "checkpoint").read_bytes() == checkpoint
    eventually_gone(key, folders, now)
    # PostgreSQL keeps dead rows until it vacuums; without their key they are noise.
    if connection.vendor == "sqlite":
        assert hits(sealed, *folders) == []
    assert receipt_holds(told, log, tmp_path, officer)
    log.publish(now)  # the shredding itself is a leaf
    assert receipt_holds(told, log, tmp_path, officer)
    assert [hits(value.encode(), *folders) for value in ADDRESS.values()] == [[], []]


@contextlib.contextmanager
def under_way(database: str | None, statement: str) -> Iterator[None]:
    """A transaction of somebody else, in our database or in another of the same server, for as long as the block."""
    import psycopg

    given = connection.get_connection_params()
    given = {name: given[name] for name in ("host", "port", "user", "password") if name in given}
    with psycopg.connect(dbname=database or connection.settings_dict["NAME"], **given) as rival:
        rival.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        rival.execute(statement)
        yield
        rival.rollback()


@on_postgresql
def test_what_runs_in_other_databases_of_the_server_keeps_no_key(
    member: Member, log: PublicLog, now: datetime, caplog: pytest.LogCaptureFixture
) -> None:
    key = key_of_a_transfer(member, log, now)
    with under_way("postgres", "SELECT pg_current_xact_id()"):
        assert hits(key), "the search finds what is there"
        vault.shred_person(member.user_id, ASKED, makers.officer(now))
        assert hits(key) == []
    assert "shredded keys may still lie" not in caplog.text


@on_postgresql
def test_a_reader_that_began_before_keeps_the_key_in_the_files_until_it_ends_and_the_log_says_so(
    member: Member, log: PublicLog, now: datetime, caplog: pytest.LogCaptureFixture
) -> None:
    key = key_of_a_transfer(member, log, now)
    with under_way(None, "SELECT count(*) FROM kernel_event"):
        vault.shred_person(member.user_id, ASKED, makers.officer(now))
        assert hits(key)
    assert "shredded keys may still lie" in caplog.text
    caplog.clear()
    assert scouring.scour_again(now) and hits(key) == []
    assert "shredded keys may still lie" not in caplog.text


@on_postgresql
def test_a_role_that_owns_nothing_writes_the_table_of_keys_anew_too(
    member: Member, log: PublicLog, now: datetime, caplog: pytest.LogCaptureFixture
) -> None:
    """What runs in other databases, as other tests beside this one, may still keep the key there: then it is said."""
    key = key_of_a_transfer(member, log, now)
    before = file_of_the_keys()
    with roles.role() as role:
        with roles.acting_as(role):
            vault.shred_person(member.user_id, ASKED, makers.officer(now))
        assert file_of_the_keys() != before
        assert hits(key) == [] or "shredded keys may still lie" in caplog.text


def file_of_the_keys() -> int:
    """The number of the file in which PostgreSQL keeps the table now."""
    [(number,)] = roles.execute(f"SELECT pg_relation_filenode('{VaultKey._meta.db_table}')")
    return int(number)


def test_all_of_a_persons_years_are_shredded_and_nobody_elses(
    member: Member, now: datetime, refused: Any
) -> None:
    officer = makers.officer(now)
    names = [actor_of_member(member, now + timedelta(days=365 * year)).name for year in range(3)]
    records = [vault.seal(name, ADDRESS, now)[0] for name in names]
    other, _ = vault.seal("pn_somebody", ADDRESS, now)
    assert vault.shred_person(member.user_id, ASKED, officer) == 3
    for record in records:
        with refused(Conflict, "vault_shredded"):
            vault.open_record(record, officer)
    assert vault.open_record(other, officer) == ADDRESS
    with refused(NotFound, "not_found"):
        vault.shred_person(member.user_id, ASKED, officer)


def test_only_an_officer_shreds(member: Member, now: datetime, refused: Any) -> None:
    actor = actor_of_member(member, now)
    record, _ = vault.seal(actor.name, ADDRESS, now)
    with refused(Forbidden, "scope_missing"):
        vault.shred_person(member.user_id, ASKED, actor)
    assert vault.open_record(record, makers.officer(now)) == ADDRESS


def test_each_year_has_a_name_of_its_own_that_nothing_but_the_exchange_links(
    member: Member, now: datetime
) -> None:
    years = [now, now + timedelta(days=365), now + timedelta(days=730)]
    names = [actor_of_member(member, at).name for at in years]
    assert len(set(names)) == 3
    assert names == [actor_of_member(member, at).name for at in years], "of one year it stays"
    for telling in (member.user.email, str(member.pk), member.user.username, "user:"):
        assert not [name for name in names if telling in name]
    found = Pseudonym.objects.filter(member__user_id=member.user_id).values_list("name", flat=True)
    assert set(names) <= set(found), "their own Events are found by it"


def test_no_leaf_names_a_person_or_what_they_typed(
    member: Member, log: PublicLog, now: datetime, make_leaves: Callable[[], list[bytes]]
) -> None:
    transferred(member, log, now)
    leaves = make_leaves()
    assert len(leaves) >= 3
    for needle in (member.user.email, *ADDRESS.values(), "user:"):
        assert not [leaf for leaf in leaves if needle.encode() in leaf], needle


@pytest.fixture
def make_leaves() -> Callable[[], list[bytes]]:
    return lambda: [bytes(leaf) for leaf in Event.objects.values_list("leaf", flat=True)]
