"""Receipts: whoever took part in a transfer can prove it to a stranger, and nobody can bend the proof."""

import base64
import json
from collections.abc import Callable, Iterator
from copy import deepcopy
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from compliance import queries
from compliance.log.sealing import seal_batch
from exchange.kernel.errors import Conflict, NotFound, Unavailable
from exchange.kernel.models import Event

pytestmark = [pytest.mark.django_db, pytest.mark.one_database]
NEW_YEAR = datetime(2027, 1, 1, 0, 0, 1, tzinfo=UTC)


def tampered(receipt: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Copies of a receipt, each with one thing changed."""

    def changed(name: str, change: Callable[[dict[str, Any]], object]) -> tuple[str, dict[str, Any]]:
        copy = deepcopy(receipt)
        change(copy)
        assert copy != receipt
        return name, copy

    def leaf(old: bytes, new: bytes) -> Callable[[dict[str, Any]], None]:
        def change(copy: dict[str, Any]) -> None:
            data = base64.b64decode(copy["events"][0]["leaf"]).replace(old, new)
            copy["events"][0]["leaf"] = base64.b64encode(data).decode()

        return change

    def proof(old: str, new: str) -> Callable[[dict[str, Any]], None]:
        def change(copy: dict[str, Any]) -> None:
            copy["events"][0]["proof"] = copy["events"][0]["proof"].replace(old, new, 1)

        return change

    lines = receipt["events"][0]["proof"].split("\n")
    yield changed("country", leaf(b'"country_to":"DE"', b'"country_to":"US"'))
    yield changed("time", leaf(b"2026-11-22T09", b"2026-11-22T08"))
    yield changed("spelling", leaf(b"{", b"{ "))
    yield changed("index", proof(lines[1], "index 3"))
    yield changed("hash", proof(lines[2], base64.b64encode(bytes(32)).decode()))
    yield changed("hash left out", proof(lines[2] + "\n", ""))
    yield changed("hash twice", proof(lines[2], lines[2] + "\n" + lines[2]))
    yield changed("size", proof("/log/2026\n", "/log/2026\n1"))
    yield changed("origin", proof("testserver/log/2026", "testserver/log/2025"))
    yield changed("signature", proof(lines[-2][-12:], "AAAAAAAAAAA="))
    yield changed("transfer", lambda c: c.update(transfer="0192f0c1-7a3b-7c4d-8e5f-0123456789ab"))
    yield changed("event twice", lambda c: c["events"].append(c["events"][0]))
    yield changed("swapped", lambda c: c["events"][0].update(proof=c["events"][1]["proof"]))
    yield changed("format", lambda c: c.update(format="comptoir.receipt/2"))
    yield changed("field", lambda c: c.update(note="paid"))


def test_a_stranger_verifies_a_receipt_and_refuses_each_tampered_one(
    story: Callable[..., Any],
    public_log: Any,
    officer: Any,
    verify: Callable[..., Any],
    tmp_path: Path,
) -> None:
    for _ in range(4):
        story().whole()
    told = story().whole()
    for _ in range(300):
        story().tell("started")
    public_log.publish()
    receipt = queries.receipt(told.subject, visible_to=officer)
    file = tmp_path / "receipt.json"
    file.write_text(json.dumps(receipt))
    done = verify("receipt", file, "--vkey", public_log.vkey())
    assert done.returncode == 0, done.stdout + done.stderr
    assert "transfer.started" in done.stdout and "transfer.completed" in done.stdout
    for name, copy in tampered(receipt):
        file.write_text(json.dumps(copy))
        done = verify("receipt", file, "--vkey", public_log.vkey())
        assert done.returncode == 1, f"{name}: {done.stdout}{done.stderr}"


def test_a_receipt_is_for_the_parties_and_officers(
    story: Callable[..., Any],
    public_log: Any,
    seller: Any,
    buyer: Any,
    outsider: Any,
    officer: Any,
    operator: Any,
) -> None:
    told = story(seller.participant_id, buyer.participant_id).whole()
    public_log.publish()
    for actor in (seller, buyer, officer):
        receipt = queries.receipt(told.subject, visible_to=actor)
        assert receipt["transfer"] == str(told.row.pk)
        assert [len(event) for event in receipt["events"]] == [2, 2]
    for actor in (outsider, operator):
        with pytest.raises(NotFound):
            queries.receipt(told.subject, visible_to=actor)
    with pytest.raises(NotFound):
        queries.receipt("transfer:0192f0c1-7a3b-7c4d-8e5f-0123456789ab", visible_to=officer)
    with pytest.raises(NotFound):
        queries.receipt("log:2026", visible_to=officer)


def test_a_receipt_waits_for_the_first_checkpoint_and_grows_with_the_next(
    story: Callable[..., Any], public_log: Any, officer: Any, now: datetime
) -> None:
    told = story()
    told.tell("started")
    for step in (lambda: None, lambda: public_log.seal()):
        step()
        with pytest.raises(Conflict, match="sealed every second") as refusal:
            queries.receipt(told.subject, visible_to=officer)
        assert refusal.value.code == "not_sealed_yet"
    public_log.publish()
    told.tell("completed", 1_000, minutes=1)
    public_log.seal()
    assert len(queries.receipt(told.subject, visible_to=officer)["events"]) == 1
    public_log.publish()
    assert len(queries.receipt(told.subject, visible_to=officer)["events"]) == 2


def test_a_receipt_over_the_turn_of_the_year_needs_the_keys_of_both_logs(
    story: Callable[..., Any],
    public_log: Any,
    officer: Any,
    verify: Callable[..., Any],
    tmp_path: Path,
    now: datetime,
) -> None:
    told = story()
    told.tell("started")
    seal_batch(now)
    told.tell("completed", 1_000)
    seal_batch(NEW_YEAR)
    public_log.signer().run_once(NEW_YEAR)
    file = tmp_path / "receipt.json"
    file.write_text(json.dumps(queries.receipt(told.subject, visible_to=officer)))
    keys = [public_log.vkey(2026), public_log.vkey(2027)]
    assert verify("receipt", file, "--vkey", keys[0], "--vkey", keys[1]).returncode == 0
    assert verify("receipt", file, "--vkey", keys[0]).returncode == 1


def test_no_receipt_is_given_that_would_not_verify(
    story: Callable[..., Any],
    public_log: Any,
    officer: Any,
    without_triggers: Callable[..., Any],
    caplog: pytest.LogCaptureFixture,
) -> None:
    told = story().whole()
    public_log.publish()
    event = Event.objects.get(name="transfer.completed")
    with without_triggers("kernel_event"):
        Event.objects.filter(pk=event.pk).update(leaf=bytes(event.leaf).replace(b'"1000"', b'"9999"'))
    with pytest.raises(Unavailable) as refusal:
        queries.receipt(told.subject, visible_to=officer)
    assert refusal.value.code == "log_alarm"
    assert "cannot be proven" in caplog.text
    note = public_log.folder() / "checkpoint"
    note.write_bytes(note.read_bytes().replace(b"\n3\n", b"\n2\n"))
    with pytest.raises(Unavailable):
        queries.receipt(told.subject, visible_to=officer)


def test_a_receipt_is_made_though_the_signer_has_taken_its_partial_tiles_away(
    story: Callable[..., Any], public_log: Any, officer: Any, verify: Callable[..., Any], tmp_path: Path
) -> None:
    told = story().whole()
    public_log.publish()
    note = (public_log.folder() / "checkpoint").read_bytes()
    for _ in range(300):
        story().tell("started")
    public_log.publish()
    (public_log.folder() / "checkpoint").write_bytes(note)  # as a reader between the two sees it
    file = tmp_path / "receipt.json"
    file.write_text(json.dumps(queries.receipt(told.subject, visible_to=officer)))
    assert verify("receipt", file, "--vkey", public_log.vkey()).returncode == 0
