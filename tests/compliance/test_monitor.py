"""The monitor: it follows a log as a stranger does, and each thing that may be wrong with it raises an alarm, once."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from compliance import queries
from compliance.health import monitoring
from compliance.log import notes
from compliance.monitor.__main__ import main
from compliance.verifier.spelling import base64_text
from contracts.models import Agreement
from exchange.kernel import events
from exchange.kernel.actors import Actor
from exchange.kernel.errors import Forbidden
from tests.compliance.verifier.conftest import SampleLog, leaf

WELL, ALARMED, UNKNOWN, USAGE = range(4)
AGREEMENT, TRANSFER = "0192f0c1-0000-7c4d-8e5f-0123456789ab", "transfer:0192f0c1-7a3b-7c4d-8e5f-0123456789ab"


def signed_agreement() -> bytes:
    return leaf("agreement.signed", agreement=AGREEMENT).replace(
        TRANSFER.encode(), f"agreement:{AGREEMENT}".encode()
    )


def a_log(count: int = 300, entries: dict[int, bytes] | None = None) -> SampleLog:
    found = {0: signed_agreement(), 3: leaf("transfer.started", agreement=AGREEMENT), **(entries or {})}
    fill = [leaf("offer.published", n=n) for n in range(count)]
    return SampleLog().append([found.get(n, entry) for n, entry in enumerate(fill)])


@pytest.fixture
def look(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Callable[..., tuple[int, str]]:
    """One look at what a log has published now; its status, and what it said."""

    def once(log: SampleLog, *more: str, writes: bool = True) -> tuple[int, str]:
        folder = log.write_to(tmp_path / "log") if writes else tmp_path / "log"
        state = str(tmp_path / "state.sqlite3")
        status = main([str(folder), "--vkey", log.vkey, "--state", state, "--once", "--entries", *more])
        return status, capsys.readouterr().err

    return once


def test_a_log_that_grows_is_well_at_every_size(look: Any) -> None:
    log = a_log(1)
    assert look(log) == (WELL, "")
    for count in (1, 254, 1, 300, 65_000):
        log.append([leaf("offer.published")] * count)
        assert look(log) == (WELL, ""), log.size
    assert look(log) == (WELL, "")


def test_a_look_after_the_log_went_on_reads_tiles_that_have_become_full(look: Any, tmp_path: Path) -> None:
    log = a_log(300)
    old = log.checkpoint()
    log.append([leaf("offer.published", n=n) for n in range(300)])
    folder = log.write_to(tmp_path / "log")
    (folder / "checkpoint").write_bytes(old)
    for partial in folder.glob("tile/*/001.p"):
        for file in partial.iterdir():
            file.unlink()
    assert look(log, writes=False) == (WELL, "")


def forged(log: SampleLog, size: int, root: bytes) -> bytes:
    return notes.sign(f"{log.origin}\n{size}\n{base64_text(root)}\n", log.origin, log.key)


def test_a_rewritten_past_is_an_inconsistency(look: Any) -> None:
    assert look(a_log(300))[0] == WELL
    status, said = look(a_log(301, {7: leaf("offer.withdrawn", n=7)}))
    assert status == ALARMED
    assert "inconsistency" in said and "do not give the root it signed" in said


def test_a_shorter_log_and_another_one_of_the_same_size_are_inconsistencies(look: Any) -> None:
    log = a_log(300)
    assert look(log)[0] == WELL
    status, said = look(a_log(299))
    assert status == ALARMED and "has shown 300: leaves were taken away" in said
    status, said = look(a_log(300, {9: leaf("offer.withdrawn", n=9)}))
    assert status == ALARMED and "do not give the root" in said
    assert look(log) == (WELL, "")  # it shows again what it showed


def test_a_bad_signature_and_a_strange_key_are_alarms(look: Any, tmp_path: Path) -> None:
    log = a_log(10)
    assert look(log)[0] == WELL
    note = log.checkpoint()
    (tmp_path / "log/checkpoint").write_bytes(note[:-6] + b"AAAA=\n")
    status, said = look(log, writes=False)
    assert status == ALARMED and "signature" in said
    (tmp_path / "log/checkpoint").write_bytes(SampleLog(log.origin, seed=8).append([b"{}"]).checkpoint())
    status, said = look(log, writes=False)
    assert status == ALARMED and "by no key that was given" in said


def test_a_missing_or_changed_tile_is_an_inconsistency(look: Any, tmp_path: Path) -> None:
    log = a_log(600)
    folder = log.write_to(tmp_path / "log")
    for name in ("tile/0/001", "tile/1/000.p/2", "tile/entries/001"):
        file = folder / name
        data = file.read_bytes()
        file.write_bytes(data[:40] + b"\x00" + data[41:])
        status, said = look(log, writes=False)
        assert status == ALARMED and "inconsistency" in said, name
        file.unlink()
        status, _ = look(log, writes=False)
        assert status == ALARMED, name
        file.write_bytes(data)
        (tmp_path / "state.sqlite3").unlink()
    assert look(log, writes=False) == (WELL, "")


@pytest.mark.parametrize(
    ("entry", "kind"),
    [
        (b"not json", "unparsable"),
        (b'{"b":1,"a":2}', "unparsable"),
        (b'{"type":"offer.published"}', "unparsable"),
        (leaf("transfer.started"), "no_agreement"),
        (leaf("transfer.started", agreement="0192f0c1-ffff-7c4d-8e5f-0123456789ab"), "no_agreement"),
        (leaf("transfer.completed").replace(b"89ab", b"89ac"), "not_started"),
    ],
)
def test_an_entry_that_may_not_be_is_an_alarm_that_stays(look: Any, entry: bytes, kind: str) -> None:
    log = a_log(20, {12: entry})
    status, said = look(log)
    assert status == ALARMED and f" {kind}: entry 12 of {log.origin}" in said
    log.append([leaf("offer.published")])
    assert look(log) == (ALARMED, "")  # it is told once, and stands


def test_entries_of_one_batch_may_stand_in_any_order(look: Any) -> None:
    log = a_log(20, {0: leaf("offer.published"), 12: signed_agreement()})
    assert look(log) == (WELL, "")


def test_a_transfer_after_its_right_has_ended_is_an_alarm(look: Any) -> None:
    right = "0192f0c1-2222-7c4d-8e5f-0123456789ab"
    ended = leaf("entitlement.revoked").replace(TRANSFER.encode(), f"entitlement:{right}".encode())
    soon = leaf("transfer.started", agreement=AGREEMENT, entitlement=right)
    late = soon.replace(b"09:00:00", b"09:05:00")
    status, said = look(a_log(20, {8: ended, 9: soon, 12: late}))
    assert status == ALARMED and "right_over: entry 12 of" in said and "entry 9 of" not in said


def test_a_log_that_cannot_be_reached_is_unknown_and_well_again_afterwards(look: Any, tmp_path: Path) -> None:
    (tmp_path / "log").mkdir()
    log = a_log(20)
    status, said = look(log, writes=False)
    assert status == UNKNOWN and "shows no checkpoint" in said
    assert look(log) == (WELL, "")


def test_alarms_are_posted(look: Any, tmp_path: Path) -> None:
    from tests import receivers

    with receivers.listening() as receiver:
        look(a_log(20, {12: b"not json"}), "--alarm-url", receiver.url)
    (one,) = receiver.delivered
    assert json.loads(one.body)["kind"] == "unparsable"


def test_wrong_usage_is_told(tmp_path: Path) -> None:
    assert main(["--once"]) == USAGE
    assert main([str(tmp_path), "--vkey", "x", "--once"]) == USAGE


def test_it_runs_with_nothing_of_the_exchange_but_the_verifier(tmp_path: Path) -> None:
    """In an environment of its own, from a copy of two folders."""
    import shutil

    root = Path(__file__).resolve().parents[2]
    for name in ("monitor", "verifier"):
        shutil.copytree(root / "compliance" / name, tmp_path / "alone/compliance" / name)
    log = a_log(300)
    folder = log.write_to(tmp_path / "log")
    command = [sys.executable, "-P", "-m", "compliance.monitor", str(folder), "--vkey", log.vkey, "--once"]
    done = subprocess.run(
        [*command, "--state", str(tmp_path / "s")],
        env={"PATH": os.defpath, "PYTHONPATH": str(tmp_path / "alone")},
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert (done.returncode, done.stdout, done.stderr) == (WELL, "", "")


@pytest.mark.django_db
class TestInside:
    """The exchange looks at its own published files."""

    @pytest.fixture(autouse=True)
    def own_folder(self, settings: Any, tmp_path: Path, public_log: Any) -> None:
        settings.EXCHANGE_VAR_DIR = tmp_path

    def test_a_sound_log_raises_nothing(self, public_log: Any, story: Any, now: Any) -> None:
        signed_and_told(story)
        public_log.publish(now)
        assert monitoring.look(now=now) == 0
        signed_and_told(story)
        public_log.publish(now)
        assert monitoring.look(now=now) == 0

    def test_an_edited_leaf_and_its_edited_tile_are_named_and_told_once(
        self, public_log: Any, story: Any, now: Any, officer: Any, seller: Any, react: Any
    ) -> None:
        signed_and_told(story)
        public_log.publish(now)
        assert monitoring.look(now=now) == 0
        signed_and_told(story)
        public_log.publish(now)
        bundle = next((public_log.folder() / "tile" / "entries").rglob("000.p/*"))
        whole = bundle.read_bytes()
        bundle.write_bytes(whole[:-3] + b"x" + whole[-2:])
        assert (monitoring.look(now=now), monitoring.look(now=now)) == (1, 1)
        alarm = queries.alarms_visible_to(officer).get()
        assert alarm.kind == "inconsistency" and "is not the leaf that was signed" in alarm.sentence
        with pytest.raises(Forbidden):
            queries.alarms_visible_to(seller)
        bundle.write_bytes(whole)
        assert monitoring.look(now=now) == 0
        assert not queries.alarms_visible_to(officer).exists()

    def test_a_transfer_without_an_agreement_stands_for_ever(
        self, public_log: Any, story: Any, now: Any, officer: Any
    ) -> None:
        story().whole()
        public_log.publish(now)
        assert monitoring.look(now=now) == 1
        assert monitoring.look(now=now) == 0
        assert queries.alarms_visible_to(officer).get().kind == "no_agreement"

    def test_events_that_wait_for_over_a_minute_are_stale(
        self, public_log: Any, story: Any, now: Any, officer: Any
    ) -> None:
        signed_and_told(story)
        public_log.publish(now)
        story(at=now).tell("interrupted")
        late = now + timedelta(seconds=61)
        assert monitoring.look(now=late) == 1
        assert queries.alarms_visible_to(officer).get().kind == "stale"
        public_log.publish(late)


def signed_and_told(story: Any) -> Any:
    """A transfer from its signed agreement to its end."""
    told = story()
    row = Agreement(id=told.agreement_id, seller_id=told.seller_id, buyer_id=told.buyer_id)
    ids = ("negotiation_id", "dataset_id", "revision_id")
    for name in ids:
        setattr(row, name, told.agreement_id)
    events.record("agreement.signed", row, by=Actor.system("tests", at=told.at))
    return told.whole()
