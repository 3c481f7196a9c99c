"""Whatever byte of an evidence is changed, `comptoir-verify` ends with 1; whatever is taken away, with 2."""

import base64
import hashlib
import json
import shutil
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from compliance.log import notes
from compliance.verifier.__main__ import main
from compliance.verifier.checkpoints import parse_checkpoint
from compliance.verifier.spelling import base64_text

PROVEN, TAMPERED, INCOMPLETE, USAGE = range(4)


def with_leaf(log: Any, index: int) -> bytes:
    """The proof of an entry that brings the entry itself."""
    heading, rest = log.proof(index).split("\n", 1)
    return f"{heading}\nextra {base64_text(log.entry(index))}\n{rest}".encode()


def flipped(data: bytes, place: int) -> bytes:
    return data[:place] + bytes([data[place] ^ 1]) + data[place + 1 :]


@pytest.fixture
def bundle(log: Any, tmp_path: Path) -> Path:
    """A bundle of two events as a folder."""
    folder = tmp_path / "bundle"
    (folder / "proofs").mkdir(parents=True)
    (folder / "events.jsonl").write_bytes(b"".join(log.entry(index) + b"\n" for index in (17, 280)))
    for line, index in enumerate((17, 280), start=1):
        (folder / f"proofs/{line}.tlog-proof").write_text(log.proof(index))
    (folder / "README.txt").write_text("Evidence.\n")
    return listed(folder)


def listed(folder: Path) -> Path:
    """Write the manifest of what is there, as a forger would."""
    names = sorted(f.relative_to(folder).as_posix() for f in folder.rglob("*") if f.is_file())
    digests = {n: hashlib.sha256((folder / n).read_bytes()).hexdigest() for n in names if "MANIFEST" not in n}
    (folder / "MANIFEST.sha256").write_text("".join(f"{digests[n]}  {n}\n" for n in digests))
    return folder


def zipped(folder: Path) -> Path:
    file = folder.with_suffix(".zip")
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for one in sorted(folder.rglob("*")):
            if one.is_file():
                archive.write(one, one.relative_to(folder).as_posix())
    return file


def test_any_byte_of_a_proof(log: Any, tmp_path: Path) -> None:
    file, data = tmp_path / "event.tlog-proof", with_leaf(log, 17)
    file.write_bytes(data)
    assert main(["proof", str(file), "--vkey", log.vkey]) == PROVEN
    for place in range(0, len(data), 3):
        file.write_bytes(flipped(data, place))
        assert main(["proof", str(file), "--vkey", log.vkey]) == TAMPERED, place
    for shorter in range(0, len(data), 29):
        file.write_bytes(data[:shorter])
        assert main(["proof", str(file), "--vkey", log.vkey]) == TAMPERED, shorter


def test_any_byte_of_a_receipt(log: Any, receipt_bytes: bytes, receipt_file: Path) -> None:
    assert main(["receipt", str(receipt_file), "--vkey", log.vkey]) == PROVEN
    for place in range(0, len(receipt_bytes), 9):
        receipt_file.write_bytes(flipped(receipt_bytes, place))
        assert main(["receipt", str(receipt_file), "--vkey", log.vkey]) == TAMPERED, place


def _reordered(lines: list[str]) -> list[str]:
    return [*lines[:2], lines[3], lines[2], *lines[4:]]


LINES: dict[str, Callable[[list[str]], list[str]]] = {
    "another index": lambda lines: [lines[0], "index 18", *lines[2:]],
    "an index beyond the tree": lambda lines: [lines[0], "index 300", *lines[2:]],
    "two hashes in another order": _reordered,
    "a hash too many": lambda lines: [*lines[:2], lines[2], *lines[2:]],
    "a hash too few": lambda lines: [*lines[:2], *lines[3:]],
    "a hash of 31 bytes": lambda lines: [*lines[:2], base64_text(bytes(31)), *lines[3:]],
    "another size": lambda lines: ["301" if line == "300" else line for line in lines],
    "a smaller size": lambda lines: ["299" if line == "300" else line for line in lines],
    "a size with a zero before it": lambda lines: ["0300" if line == "300" else line for line in lines],
    "another origin": lambda lines: [line.replace("example/log", "example/gol") for line in lines],
    "no signature": lambda lines: [*lines[:-2], ""],
    "another key's id": lambda lines: [*lines[:-2], lines[-2][:-92] + "AAAAA" + lines[-2][-87:], ""],
}


@pytest.mark.parametrize("what", LINES)
def test_any_line_of_a_proof(log: Any, tmp_path: Path, what: str) -> None:
    file, entry = tmp_path / "event.tlog-proof", tmp_path / "entry"
    entry.write_bytes(log.entry(17))
    lines = log.proof(17).split("\n")
    file.write_text("\n".join(lines))
    assert main(["proof", str(file), "--entry", str(entry), "--vkey", log.vkey]) == PROVEN
    changed = LINES[what](lines)
    assert changed != lines
    file.write_text("\n".join(changed))
    assert main(["proof", str(file), "--entry", str(entry), "--vkey", log.vkey]) == TAMPERED


def test_a_proof_without_its_entry_is_incomplete(log: Any, tmp_path: Path) -> None:
    file = tmp_path / "event.tlog-proof"
    file.write_text(log.proof(17))
    assert main(["proof", str(file), "--vkey", log.vkey]) == INCOMPLETE


def test_a_head_of_the_same_size_with_another_root_by_the_same_key(log: Any, tmp_path: Path) -> None:
    file = tmp_path / "forked.tlog-proof"
    head = parse_checkpoint(log.checkpoint().decode().partition("\n\n")[0] + "\n")
    forged = notes.sign(f"{head.origin}\n{head.size}\n{base64_text(bytes(32))}\n", head.origin, log.key)
    file.write_bytes(with_leaf(log, 17).replace(log.checkpoint(), forged))
    assert main(["proof", str(file), "--vkey", log.vkey]) == TAMPERED


@pytest.mark.parametrize("form", [lambda folder: folder, zipped], ids=["folder", "zip"])
def test_a_bundle_is_proven_as_a_folder_and_as_a_zip(
    log: Any, bundle: Path, form: Callable[[Path], Path], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["bundle", str(form(bundle)), "--vkey", log.vkey]) == PROVEN
    said = capsys.readouterr().out
    assert "checked: the log holds each of the 2 events, byte for byte" in said
    assert "NOT CHECKED: what 1 further files say, such as README.txt" in said
    assert "NOT CHECKED: omitted events." in said


def test_any_byte_of_a_bundle(log: Any, bundle: Path) -> None:
    for file in sorted(f for f in bundle.rglob("*") if f.is_file()):
        data = file.read_bytes()
        for place in range(0, len(data), 11):
            file.write_bytes(flipped(data, place))
            found = main(["bundle", str(bundle), "--vkey", log.vkey])
            # A changed name in the manifest names a file that is not there.
            is_name = file.name == "MANIFEST.sha256" and found == INCOMPLETE
            assert found == TAMPERED or is_name, (file.name, place)
        file.write_bytes(data)


def test_a_bundle_whose_forger_wrote_the_manifest_anew(log: Any, bundle: Path) -> None:
    events, proofs = bundle / "events.jsonl", [bundle / f"proofs/{line}.tlog-proof" for line in (1, 2)]
    whole = events.read_bytes()
    events.write_bytes(whole.replace(b"38", b"39"))
    assert main(["bundle", str(listed(bundle)), "--vkey", log.vkey]) == TAMPERED
    events.write_bytes(b"".join(reversed(whole.splitlines(keepends=True))))
    assert main(["bundle", str(listed(bundle)), "--vkey", log.vkey]) == TAMPERED
    events.write_bytes(whole.splitlines(keepends=True)[0])  # a proof too many
    assert main(["bundle", str(listed(bundle)), "--vkey", log.vkey]) == TAMPERED
    events.write_bytes(whole.rstrip(b"\n"))
    assert main(["bundle", str(listed(bundle)), "--vkey", log.vkey]) == TAMPERED
    events.write_bytes(whole)
    proofs[1].write_text(proofs[0].read_text())
    assert main(["bundle", str(listed(bundle)), "--vkey", log.vkey]) == TAMPERED


def test_a_bundle_with_less_is_incomplete_and_with_more_is_tampered(log: Any, bundle: Path) -> None:
    for name in ("events.jsonl", "MANIFEST.sha256", "README.txt", "proofs/2.tlog-proof"):
        kept = (bundle / name).read_bytes()
        (bundle / name).unlink()
        assert main(["bundle", str(bundle), "--vkey", log.vkey]) == INCOMPLETE, name
        (bundle / name).write_bytes(kept)
    (bundle / "more.txt").write_text("more")
    assert main(["bundle", str(bundle), "--vkey", log.vkey]) == TAMPERED
    (bundle / "more.txt").unlink()
    (bundle / "proofs/2.tlog-proof").unlink()
    assert main(["bundle", str(listed(bundle)), "--vkey", log.vkey]) == INCOMPLETE


def test_a_zip_that_is_damaged_or_holds_a_name_twice(log: Any, bundle: Path) -> None:
    file = zipped(bundle)
    data = file.read_bytes()
    for place in range(0, len(data), 23):
        file.write_bytes(flipped(data, place))
        assert main(["bundle", str(file), "--vkey", log.vkey]) in (TAMPERED, INCOMPLETE, PROVEN)
    file.write_bytes(data[:-30])
    assert main(["bundle", str(file), "--vkey", log.vkey]) == TAMPERED
    file.write_bytes(data)
    with pytest.warns(UserWarning), zipfile.ZipFile(file, "a") as archive:
        archive.writestr("README.txt", "another")
    assert main(["bundle", str(file), "--vkey", log.vkey]) == TAMPERED
    assert main(["bundle", str(bundle / "nowhere"), "--vkey", log.vkey]) == USAGE


def files_of(folder: Path) -> Iterator[tuple[str, Path]]:
    for file in sorted(f for f in folder.rglob("*") if f.is_file()):
        yield file.relative_to(folder).as_posix(), file


def test_any_file_of_a_whole_log(log: Any, tmp_path: Path) -> None:
    folder = log.write_to(tmp_path / "log")
    assert main(["log", str(folder), "--vkey", log.vkey]) == PROVEN
    for name, file in files_of(folder):
        data = file.read_bytes()
        for place in {0, 1, len(data) // 2, len(data) - 1}:
            file.write_bytes(flipped(data, place))
            assert main(["log", str(folder), "--vkey", log.vkey]) == TAMPERED, (name, place)
        for changed in (data[:-1], data + b"\x00"):
            file.write_bytes(changed)
            assert main(["log", str(folder), "--vkey", log.vkey]) == TAMPERED, name
        file.unlink()
        assert main(["log", str(folder), "--vkey", log.vkey]) == INCOMPLETE, name
        file.write_bytes(data)
    assert main(["log", str(folder), "--vkey", log.vkey]) == PROVEN


def test_two_tiles_that_changed_places(log: Any, tmp_path: Path) -> None:
    grown = log.append([b'{"n":%d}' % n for n in range(300)])
    folder = grown.write_to(tmp_path / "log")
    first, second = (folder / f"tile/0/00{n}" for n in (0, 1))
    shutil.copy(first, tmp_path / "kept")
    shutil.copy(second, first)
    shutil.copy(tmp_path / "kept", second)
    assert main(["log", str(folder), "--vkey", log.vkey]) == TAMPERED


def test_growth_of_a_whole_log_since_any_older_head(log: Any, tmp_path: Path) -> None:
    log = log.regrown(1, 2, 255, 256, 257, 299)
    folder, older = log.write_to(tmp_path / "log"), tmp_path / "older"
    for size in (0, 1, 2, 255, 256, 257, 299, 300):
        older.write_bytes(log.checkpoint(size))
        assert main(["log", str(folder), "--vkey", log.vkey, "--since", str(older)]) == PROVEN, size
        if size:
            head = log.head(size)
            text = f"{head.origin}\n{size}\n{base64_text(bytes(32))}\n"
            older.write_bytes(notes.sign(text, head.origin, log.key))
            assert main(["log", str(folder), "--vkey", log.vkey, "--since", str(older)]) == TAMPERED, size
    larger = type(log)().append([log.entry(n) for n in range(300)] + [b'{"n":1}'])
    older.write_bytes(larger.checkpoint())
    assert main(["log", str(folder), "--vkey", log.vkey, "--since", str(older)]) == TAMPERED


def test_the_hint_in_a_receipt_is_read_even_where_it_is_not_needed(
    log: Any, receipt_document: dict[str, Any], receipt_file: Path
) -> None:
    material = base64.b64encode(b"\x01" + bytes(32)).decode()
    receipt_file.write_text(json.dumps({**receipt_document, "vkey": f"a+00000000+{material}"}))
    assert main(["receipt", str(receipt_file), "--vkey", log.vkey]) == TAMPERED
