"""A folder of tiles is the log under its checkpoint, or the first file that is not is found."""

from pathlib import Path
from typing import Any

import pytest

from compliance.log import checkpoints
from compliance.verifier.checkpoints import Checkpoint
from compliance.verifier.errors import Incomplete, Tampered
from compliance.verifier.merkle import EMPTY_ROOT
from compliance.verifier.notes import VerifierKey
from compliance.verifier.static_log import Findings, check_folder


def check(folder: Path, log: Any) -> Findings:
    return check_folder(folder, [VerifierKey.parse(log.vkey)])


def flip(file: Path, place: int = 0) -> None:
    data = bytearray(file.read_bytes())
    data[place] ^= 1
    file.write_bytes(bytes(data))


@pytest.mark.parametrize("size", [0, 1, 2, 255, 256, 257, 511, 512, 513, 70_000])
def test_a_whole_log_is_proven(size: int, log: Any, tmp_path: Path) -> None:
    whole = type(log)().append([b"entry %d" % number for number in range(size)])
    findings = check(whole.write_to(tmp_path), whole)
    assert findings == Findings(whole.head(), files=len(whole.files), is_root_proven=True)


def test_a_log_that_grew_in_steps_is_proven_with_the_partial_files_of_every_step(
    log: Any, tmp_path: Path
) -> None:
    for step in (1, 3, 200, 256, 7):
        log.append([b"entry"] * step)
    findings = check(log.write_to(tmp_path), log)
    assert findings == Findings(log.head(), files=len(log.files), is_root_proven=True)


def test_a_change_in_any_file_is_found(log: Any, tmp_path: Path) -> None:
    log.append([b"late entry"] * 300)
    log.write_to(tmp_path)
    for path, data in log.files.items():
        for place in {0, len(data) // 2, len(data) - 1}:
            flip(tmp_path / path, place)
            with pytest.raises(Tampered):
                check(tmp_path, log)
            (tmp_path / path).write_bytes(data)
        for wrong in (b"", data[:-1], data + b"x"):
            (tmp_path / path).write_bytes(wrong)
            with pytest.raises(Tampered):
                check(tmp_path, log)
            (tmp_path / path).write_bytes(data)
    assert check(tmp_path, log).is_root_proven


def test_the_changed_entry_is_named(log: Any, tmp_path: Path) -> None:
    file = log.write_to(tmp_path) / "tile/entries/001.p/44"
    file.write_bytes(file.read_bytes().replace(b'"sent_bytes":38', b'"sent_bytes":39'))
    with pytest.raises(Tampered, match=r"tile/0/001\.p/44 contradicts other files about leaf 280"):
        check(tmp_path, log)


def test_a_log_rewritten_without_its_key_is_found(log: Any, tmp_path: Path) -> None:
    log.write_to(tmp_path)
    entries = [log.entry(index) for index in range(300)]
    forged = type(log)(seed=8).append([*entries[:280], b"{}", *entries[281:]])
    for path, data in forged.files.items():
        (tmp_path / path).write_bytes(data)
    with pytest.raises(Tampered, match="agree with each other, but not with the root"):
        check(tmp_path, log)
    forged.write_to(tmp_path)
    with pytest.raises(Tampered, match="by no key that was given"):
        check(tmp_path, log)


def test_missing_files_are_counted_and_the_rest_still_proves_the_root(log: Any, tmp_path: Path) -> None:
    log.write_to(tmp_path)
    (tmp_path / "tile/entries/000").unlink()
    assert check(tmp_path, log) == Findings(
        log.head(), files=len(log.files) - 1, missing_entries=256, is_root_proven=True
    )
    (tmp_path / "tile/0/001.p/44").unlink()
    findings = check(tmp_path, log)
    assert (findings.missing_entries, findings.missing_hashes, findings.is_root_proven) == (256, 44, True)
    (tmp_path / "tile/0/000").unlink()
    findings = check(tmp_path, log)
    assert (findings.missing_entries, findings.missing_hashes, findings.is_root_proven) == (256, 300, True)
    (tmp_path / "tile/1/000.p/1").unlink()
    findings = check(tmp_path, log)
    assert (findings.missing_entries, findings.missing_hashes, findings.is_root_proven) == (256, 301, False)


def test_a_folder_without_a_checkpoint_is_incomplete(log: Any, tmp_path: Path) -> None:
    (log.write_to(tmp_path) / "checkpoint").unlink()
    with pytest.raises(Incomplete, match="no file “checkpoint”"):
        check(tmp_path, log)


def test_a_later_state_is_checked_as_far_as_the_checkpoint_reaches(log: Any, tmp_path: Path) -> None:
    checkpoint = log.checkpoint()
    log.append([b"late entry"] * 300).write_to(tmp_path)
    (tmp_path / "checkpoint").write_bytes(checkpoint)
    for partial in ("tile/entries/001.p/44", "tile/0/001.p/44"):
        (tmp_path / partial).unlink()
    findings = check(tmp_path, log)
    assert (findings.missing_entries, findings.missing_hashes, findings.is_root_proven) == (0, 0, True)
    assert sorted(findings.unchecked) == [
        "tile/0/001",
        "tile/0/002.p/88",
        "tile/1/000.p/2",
        "tile/entries/001",
        "tile/entries/002.p/88",
    ]
    flip(tmp_path / "tile/entries/001", 3)
    with pytest.raises(Tampered):
        check(tmp_path, log)


def test_files_that_are_no_tiles_are_named_as_unchecked(log: Any, tmp_path: Path) -> None:
    log.write_to(tmp_path)
    (tmp_path / "tile/0/notes.txt").write_text("x")
    assert check(tmp_path, log).unchecked == ["tile/0/notes.txt"]


def test_a_signed_absurd_size_is_answered_without_counting_to_it(log: Any, tmp_path: Path) -> None:
    log.write_to(tmp_path)
    absurd = Checkpoint(log.origin, 2**63 - 1, EMPTY_ROOT)
    (tmp_path / "checkpoint").write_bytes(checkpoints.sign(absurd, log.key))
    findings = check(tmp_path, log)
    assert not findings.is_root_proven
    assert findings.missing_entries == 2**63 - 1 - 300


def test_a_link_or_a_folder_in_the_place_of_a_tile_is_no_tile(log: Any, tmp_path: Path) -> None:
    log.write_to(tmp_path)
    (tmp_path / "tile/entries/000").unlink()
    (tmp_path / "tile/entries/000").mkdir()
    assert check(tmp_path, log).missing_entries == 256
    (tmp_path / "tile/0/000").unlink()
    (tmp_path / "tile/0/000").symlink_to(tmp_path / "nowhere")
    assert check(tmp_path, log).missing_hashes == 256
