"""Witnesses cosign what the signer publishes: a dead one holds up nobody, and one that saw another past stops it."""

import shutil
import socket
from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from compliance import queries
from compliance.log import checkpoints, standing, succession, tiles
from compliance.log.cosigning import Witnesses
from compliance.log.memory import KEY_FILE
from compliance.log.signer import ForkDetected
from compliance.models import Checkpoint
from compliance.verifier.checkpoints import Checkpoint as Head
from compliance.verifier.checkpoints import open_checkpoint, require_quorum
from compliance.verifier.errors import Incomplete
from compliance.verifier.notes import VerifierKey, cosignatures
from exchange.kernel import signing
from exchange.kernel.actors import Actor


def cosigned(public_log: Any, witnesses: list[Any], log: str = "2026") -> set[str]:
    note = (public_log.folder(log) / "checkpoint").read_bytes()
    open_checkpoint(note, [VerifierKey.parse(public_log.vkey(log))])
    return {key.name for key in cosignatures(note, [one.key for one in witnesses])}


@pytest.mark.django_db
def test_every_published_head_carries_the_cosignatures_and_is_stored_with_them(
    seal_one: Callable[..., Any], public_log: Any, witnesses: Callable[..., Any], now: datetime
) -> None:
    one, two = witnesses(2)
    signer = public_log.signer()
    for size in (3, 5, 7):
        seal_one()
        signer.run_once(now)
        assert cosigned(public_log, [one, two]) == {"w0.example", "w1.example"}
        note = Checkpoint.objects.get(size=size).note.encode()
        assert require_quorum(note, [one.key, two.key], 2)
    found = standing.read()
    assert [(row.witness, row.size, row.trouble) for row in found] == [
        ("w0.example", 7, ""),
        ("w1.example", 7, ""),
    ]
    assert all(row.cosigned_at for row in found)
    before = (public_log.folder() / "checkpoint").read_bytes()
    public_log.signer().run_once(now)  # a signer just started asks again, and changes nothing
    assert (public_log.folder() / "checkpoint").read_bytes() == before


@pytest.mark.django_db
def test_a_dead_witness_holds_up_nobody_and_catches_up_when_it_is_back(
    sign_one: Callable[..., Any], public_log: Any, witnesses: Callable[..., Any], now: datetime, settings: Any
) -> None:
    one, dead = witnesses(2)
    settings.EXCHANGE_WITNESS_QUORUM = 1
    sign_one()
    vkey = public_log.vkey()
    dead.stop()
    for _ in range(3):
        sign_one()
        assert cosigned(public_log, [one, dead]) == {"w0.example"}
    note = (public_log.folder() / "checkpoint").read_bytes()
    assert require_quorum(note, [one.key, dead.key], 1)
    with pytest.raises(Incomplete, match="1 of the given witnesses cosigned the checkpoint; 2 must have"):
        require_quorum(note, [one.key, dead.key], 2)
    assert {row.witness: row.trouble for row in standing.read()} == {
        "w0.example": "",
        "w1.example": "not_reached",
    }
    dead.start(vkey)
    signer = public_log.signer()  # what the dead one knows is asked, not remembered
    signer.run_once(now)
    assert cosigned(public_log, [one, dead]) == {"w0.example", "w1.example"}


def test_a_witness_that_saw_more_than_a_wholly_restored_exchange_stops_the_signer(
    own_database: None,
    backup: Callable[..., Any],
    sign_one: Callable[..., Any],
    seal_one: Callable[..., Any],
    public_log: Any,
    witnesses: Callable[..., Any],
    officer: Any,
    now: datetime,
    tmp_path: Any,
) -> None:
    [one] = witnesses(1)
    sign_one()
    restore = backup()
    for place in (public_log.public, public_log.own):
        shutil.copytree(place, tmp_path / f"{place.name}.copy")
    sign_one()
    latest = (public_log.folder() / "checkpoint").read_bytes()
    restore()
    for place in (public_log.public, public_log.own):
        shutil.rmtree(place)
        shutil.copytree(tmp_path / f"{place.name}.copy", place)
    signed = (public_log.folder() / "checkpoint").read_bytes()
    seal_one()
    signer = public_log.signer()
    for again in (signer, signer, public_log.signer()):
        with pytest.raises(
            ForkDetected, match=r"the witness w0\.example saw \d+ leaves .* restored from a backup"
        ):
            again.run_once(now)
    assert (public_log.folder() / "checkpoint").read_bytes() == signed
    health = queries.log_health(now=now, visible_to=officer)
    assert health.alarm is not None and "w0.example" in health.alarm
    assert standing.read()[0].trouble == "contradiction"

    succession.adopt(signer, latest)  # the witness, or a party, kept it
    plan = succession.succeed(signer, reason="all restored", by=Actor.system("operator", at=now))
    assert [one.last.size - one.kept for one in plan.endings] == [2]
    public_log.publish(now)
    assert cosigned(public_log, [one], "2026.1") == {"w0.example"}
    assert queries.log_health(now=now, visible_to=officer).is_well


@pytest.mark.django_db
def test_a_witness_that_saw_another_tree_of_the_same_size_stops_the_signer(
    seal_one: Callable[..., Any], public_log: Any, witnesses: Callable[..., Any], now: datetime
) -> None:
    [one] = witnesses(1)
    known = public_log.signer().known("2026")
    key = signing.load_private_key(public_log.own / KEY_FILE)
    _show(one, key, known.vkey.name, [b"another", b"past", b"than ours"])
    signer = public_log.signer()
    for _ in range(2):
        seal_one()
        with pytest.raises(ForkDetected, match="saw another log"):
            signer.run_once(now)
        assert not (public_log.folder() / "checkpoint").exists()
    assert not Checkpoint.objects.exists()


def _show(witness: Any, key: Ed25519PrivateKey, origin: str, entries: list[bytes]) -> None:
    """Let the witness cosign another log of the same name, signed by the same key."""
    files = tiles.grow(0, entries, {}.__getitem__)
    head = Head(origin, len(entries), tiles.tree_root(len(entries), files.__getitem__))
    other = Witnesses.from_settings()
    assert other.cosign(head, checkpoints.sign(head, key), files.__getitem__, waits=True)


@pytest.mark.django_db
def test_a_silent_witness_costs_a_moment_and_no_more(
    seal_one: Callable[..., Any], public_log: Any, witnesses: Callable[..., Any], settings: Any, now: datetime
) -> None:
    [one] = witnesses(1)
    with socket.create_server(("127.0.0.1", 0)) as deaf:  # takes connections and says nothing
        settings.EXCHANGE_WITNESSES = [f"{one.key} http://127.0.0.1:{deaf.getsockname()[1]}"]
        seal_one()
        signer = public_log.signer()
        assert signer.run_once(now) == 1
        seal_one()
        assert signer.run_once(now) == 1
    assert cosigned(public_log, [one]) == set()
