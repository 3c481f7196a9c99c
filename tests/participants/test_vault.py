"""The vault: sealed per name, opened by officers in the open, shredded for good."""

import hashlib
from datetime import datetime
from threading import Barrier, Thread
from typing import Any
from uuid import uuid4

import pytest
from django.db import IntegrityError, connection, transaction

from exchange.kernel.actors import Actor
from exchange.kernel.errors import Conflict, Forbidden, NotFound
from exchange.kernel.models import Event
from exchange.participants import vault
from exchange.participants.models import VaultKey, VaultRecord
from tests import makers

ADDRESS = {"address": "203.0.113.77", "agent": "curl/8.0 (very recognisable)"}
ASKED = "The person asked to be erased."


def _everything_stored() -> bytes:
    """What the database holds, byte for byte: the vault's rows and every Event."""
    columns = [
        *VaultKey.objects.values_list("id", "wrapped"),
        *VaultRecord.objects.values_list("key_id", "sealed"),
        *Event.objects.values_list("name", "leaf"),
    ]
    return b"".join(bytes(blob or b"") for _, blob in columns)


def test_an_officer_opens_what_was_sealed_and_that_is_an_event(officer: Actor, now: datetime) -> None:
    record_id, digest = vault.seal("pn_ada", ADDRESS, now)
    sealed = bytes(VaultRecord.objects.get(pk=record_id).sealed or b"")
    assert digest == hashlib.sha256(sealed).hexdigest()
    assert vault.open_record(record_id, officer) == ADDRESS
    event = Event.objects.get(name="vault.opened")
    assert event.subject == f"vaultrecord:{record_id}" and not event.parties.exists()
    for value in ADDRESS.values():
        assert value.encode() not in _everything_stored()


def test_nobody_else_opens_a_record(seller: Actor, operator: Actor, now: datetime, refused: Any) -> None:
    record_id, _ = vault.seal(seller.name, ADDRESS, now)
    for actor in (seller, operator):
        with refused(Forbidden, "scope_missing"):
            vault.open_record(record_id, actor)
        with refused(Forbidden, "scope_missing"):
            vault.shred(seller.name, ASKED, actor)


def test_what_is_not_there_is_not_found(officer: Actor, refused: Any) -> None:
    with refused(NotFound, "not_found"):
        vault.open_record(uuid4(), officer)
    with refused(NotFound, "not_found"):
        vault.shred("pn_nobody", ASKED, officer)


def test_shredding_leaves_neither_key_nor_ciphertext(officer: Actor, now: datetime, refused: Any) -> None:
    mine, _ = vault.seal("pn_ada", ADDRESS, now)
    other, _ = vault.seal("pn_bob", ADDRESS, now)
    wrapped = bytes(VaultKey.objects.get(pk="pn_ada").wrapped or b"")
    sealed = bytes(VaultRecord.objects.get(pk=mine).sealed or b"")
    vault.shred("pn_ada", ASKED, officer)
    assert wrapped not in _everything_stored() and sealed not in _everything_stored()
    assert VaultKey.objects.get(pk="pn_ada").shredded_at == now
    with refused(Conflict, "vault_shredded"):
        vault.open_record(mine, officer)
    assert vault.open_record(other, officer) == ADDRESS
    assert Event.objects.filter(name="vault.shredded", subject="vaultkey:pn_ada").count() == 1


def test_what_is_sealed_after_a_shredding_has_a_key_of_its_own(officer: Actor, now: datetime) -> None:
    vault.seal("pn_ada", ADDRESS, now)
    before = VaultKey.objects.get(pk="pn_ada").wrapped
    vault.shred("pn_ada", ASKED, officer)
    later, _ = vault.seal("pn_ada", {"address": "192.0.2.1"}, now)
    assert VaultKey.objects.get(pk="pn_ada").wrapped not in (None, before)
    assert vault.open_record(later, officer) == {"address": "192.0.2.1"}


def test_a_key_of_a_transaction_that_failed_is_not_used_again(officer: Actor, now: datetime) -> None:
    with pytest.raises(RuntimeError, match="stop"), transaction.atomic():
        vault.seal("pn_ada", ADDRESS, now)
        raise RuntimeError("stop")
    assert not VaultKey.objects.filter(pk="pn_ada").exists()
    record_id, _ = vault.seal("pn_ada", ADDRESS, now)
    assert vault.open_record(record_id, officer) == ADDRESS


def test_a_record_cannot_stand_in_for_another(officer: Actor, now: datetime) -> None:
    (first, _), (second, _) = vault.seal_many([("pn_ada", ADDRESS), ("pn_ada", {"address": "x"})], now)
    swapped = VaultRecord.objects.get(pk=second).sealed
    with pytest.raises(IntegrityError), transaction.atomic():
        VaultRecord.objects.filter(pk=first).update(sealed=swapped)
    key = VaultKey.objects.get(pk="pn_ada")
    forged = VaultRecord.objects.create(key=key, sealed=swapped, created_at=now)
    with pytest.raises(RuntimeError, match=r"vault\.kek"):
        vault.open_record(forged.pk, officer)


def test_sealing_many_at_once_keeps_their_order(officer: Actor, now: datetime) -> None:
    items = [(f"pn_{number % 3}", {"address": str(number)}) for number in range(9)]
    answers = vault.seal_many(items, now)
    assert [vault.open_record(record_id, officer)["address"] for record_id, _ in answers] == [
        str(number) for number in range(9)
    ]
    assert vault.seal_many([], now) == []


def test_sealing_under_a_known_name_asks_the_database_little(
    db: None, now: datetime, django_assert_max_num_queries: Any
) -> None:
    vault.seal("pn_ada", ADDRESS, now)
    with (
        transaction.atomic(),
        django_assert_max_num_queries(4),
    ):  # a savepoint around one question and one insert
        vault.seal("pn_ada", ADDRESS, now)


def test_rivals_who_seal_first_agree_on_one_key(own_database: None, now: datetime) -> None:
    together, made, names = Barrier(4), [], ["pn_ada", "pn_bob"]

    def act(order: int) -> None:
        try:
            together.wait(10)
            items = [(name, {"address": str(order)}) for name in (names if order % 2 else reversed(names))]
            made.extend((record, str(order)) for record, _ in vault.seal_many(items, now))
        finally:
            connection.close()

    threads = [Thread(target=act, args=(order,)) for order in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    officer = makers.officer(now)
    assert len(made) == 8 and VaultKey.objects.count() == 2
    assert all(vault.open_record(record, officer)["address"] == order for record, order in made)


def test_the_vaults_own_key_is_made_once_for_its_owner_alone(tmp_path: Any, settings: Any, db: None) -> None:
    assert vault.ensure_key(tmp_path / "keys") is True
    file = tmp_path / "keys" / vault.KEY_FILE
    first = file.read_bytes()
    assert vault.ensure_key(tmp_path / "keys") is False
    assert (file.read_bytes(), len(first), file.stat().st_mode & 0o777) == (first, 32, 0o600)
    settings.EXCHANGE_MAKE_KEYS = False
    settings.EXCHANGE_KEYS_DIR = tmp_path / "elsewhere"
    with pytest.raises(FileNotFoundError):
        vault.seal("pn_ada", ADDRESS, datetime.fromisoformat("2026-11-22T09:00:00+00:00"))
