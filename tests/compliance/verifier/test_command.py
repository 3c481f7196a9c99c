"""`comptoir-verify` as a stranger runs it: its exit status, and what it says it did not check."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from compliance.log import checkpoints, proofs
from compliance.verifier.__main__ import main

ROOT = Path(__file__).resolve().parents[3]
PROVEN, TAMPERED, INCOMPLETE, USAGE = range(4)


def run(*arguments: object, **environment: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "compliance.verifier", *map(str, arguments)]
    found = subprocess.run(
        command, cwd=ROOT, capture_output=True, timeout=60, env={"PATH": os.defpath, **environment}
    )
    stdout, stderr = found.stdout.decode(), found.stderr.decode()
    assert "Traceback" not in stderr
    return subprocess.CompletedProcess(command, found.returncode, stdout, stderr)


def test_a_receipt_is_proven_with_the_key_of_the_log(receipt_file: Path, asset_file: Path, log: Any) -> None:
    found = run("receipt", receipt_file, "--vkey", log.vkey, "--asset", asset_file, PYTHONUTF8="1")
    assert (found.returncode, found.stderr) == (PROVEN, "")
    lines = found.stdout.splitlines()
    assert lines[0] == "receipt of the transfer 0192f0c1-7a3b-7c4d-8e5f-0123456789ab"
    assert lines[1].split() == ["leaf", "time", "event", "bytes", "sent"]
    assert lines[2].split() == ["17", "2026-11-22T09:00:00.000Z", "transfer.started", "0"]
    assert lines[3].split() == ["280", "2026-11-22T09:00:00.000Z", "transfer.completed", "38"]
    assert lines[4].startswith("log exchange.example/log/2026, 300 leaves, root ")
    assert lines[4].endswith(f"signed by {log.vkey}")
    assert [line.partition(".")[0] for line in lines if line.startswith("NOT CHECKED")] == [
        "NOT CHECKED: omitted events",
        "NOT CHECKED: witnesses",
    ]


def test_a_receipt_without_the_key_is_proven_but_says_loudly_what_it_trusted(receipt_file: Path) -> None:
    found = run("receipt", receipt_file)
    assert found.returncode == PROVEN
    assert "NOT CHECKED: the log's key." in found.stdout
    assert "NOT CHECKED: the data itself." in found.stdout


def test_checkpoints_of_different_size_are_said_not_to_be_compared(log: Any, tmp_path: Path) -> None:
    log = log.regrown(20)
    events = [(log.entry(17), log.proof(17, 20)), (log.entry(280), log.proof(280))]
    document = json.loads(log.receipt([17]))
    document["events"] = [{"leaf": checkpoints.base64_text(leaf), "proof": proof} for leaf, proof in events]
    file = tmp_path / "receipt.json"
    file.write_text(json.dumps(document))
    found = run("receipt", file, "--vkey", log.vkey)
    assert found.returncode == PROVEN
    assert "NOT CHECKED: growth." in found.stdout


def test_a_changed_receipt_is_tampered(receipt_file: Path, log: Any) -> None:
    receipt_file.write_bytes(receipt_file.read_bytes().replace(b"index 280", b"index 281"))
    found = run("receipt", receipt_file, "--vkey", log.vkey)
    assert (found.returncode, found.stdout) == (TAMPERED, "")
    assert found.stderr.startswith("comptoir-verify: tampered: event 2 of 2: ")


def test_another_file_than_the_delivered_one_is_tampered(
    receipt_file: Path, asset_file: Path, log: Any
) -> None:
    asset_file.write_bytes(asset_file.read_bytes() + b"UA,1714,N24211\n")
    found = run("receipt", receipt_file, "--vkey", log.vkey, "--asset", asset_file)
    assert found.returncode == TAMPERED
    assert "the file has the SHA-256" in found.stderr


def test_a_receipt_of_nothing_is_incomplete(receipt_document: dict[str, Any], tmp_path: Path) -> None:
    file = tmp_path / "receipt.json"
    file.write_text(json.dumps(receipt_document | {"events": []}))
    assert run("receipt", file).returncode == INCOMPLETE


def test_a_terminal_that_knows_only_ascii_gets_ascii(log: Any, tmp_path: Path) -> None:
    log.append([log.entry(280).replace(b"transfer.completed", "überträgt \u202e\x1b".encode())])
    file = tmp_path / "receipt.json"
    file.write_bytes(log.receipt([280]))
    assert run("receipt", file, "--vkey", log.vkey, LC_ALL="C", PYTHONUTF8="0").stdout.isascii()


def test_control_characters_of_a_leaf_never_reach_the_terminal(
    log: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    leaf = log.entry(280).replace(b"transfer.completed", b"\\u001b[2Jgone\xe2\x80\xae")
    file = tmp_path / "receipt.json"
    file.write_bytes(log.append([leaf]).receipt([300]))
    assert main(["receipt", str(file), "--vkey", log.vkey]) == PROVEN
    out = capsys.readouterr().out
    assert "\ufffd[2Jgone\ufffd" in out
    assert all(character.isprintable() or character == "\n" for character in out)


def test_a_checkpoint_is_proven_alone_and_as_growth(log: Any, tmp_path: Path) -> None:
    log = log.regrown(200)
    old, new, proof = tmp_path / "old", tmp_path / "new", tmp_path / "proof"
    old.write_bytes(log.checkpoint(200))
    new.write_bytes(log.checkpoint())
    proof.write_text(checkpoints.consistency_text(proofs.consistency_proof(200, 300, log.files.__getitem__)))
    alone = run("checkpoint", new, "--vkey", log.vkey)
    assert alone.returncode == PROVEN
    assert "NOT CHECKED: growth." in alone.stdout
    grown = run("checkpoint", new, "--vkey", log.vkey, "--since", old, "--proof", proof)
    assert grown.returncode == PROVEN
    assert "still begins with all 200 leaves" in grown.stdout
    assert run("checkpoint", new, "--vkey", log.vkey, "--since", new).returncode == PROVEN
    assert run("checkpoint", new, "--vkey", log.vkey, "--since", old).returncode == INCOMPLETE
    assert run("checkpoint", new, "--vkey", log.vkey, "--proof", proof).returncode == USAGE
    shrunk = run("checkpoint", old, "--vkey", log.vkey, "--since", new, "--proof", proof)
    assert shrunk.returncode == TAMPERED


def test_a_rewritten_log_is_tampered_though_its_key_signed_it(log: Any, tmp_path: Path) -> None:
    old, new, proof = tmp_path / "old", tmp_path / "new", tmp_path / "proof"
    old.write_bytes(log.checkpoint())
    fork = type(log)().append([b"{}", *[log.entry(index) for index in range(1, 300)], b"late"])
    new.write_bytes(fork.checkpoint())
    proof.write_text(checkpoints.consistency_text(proofs.consistency_proof(300, 301, fork.files.__getitem__)))
    found = run("checkpoint", new, "--vkey", log.vkey, "--since", old, "--proof", proof)
    assert found.returncode == TAMPERED
    assert "does not begin with the tree of 300" in found.stderr


def test_a_folder_is_proven_tampered_or_incomplete(log: Any, tmp_path: Path) -> None:
    log.write_to(tmp_path)
    found = run("log", tmp_path, "--vkey", log.vkey)
    assert found.returncode == PROVEN
    assert "checked: 5 files, which agree with each other and with the signed root" in found.stdout
    bundle = tmp_path / "tile/entries/000"
    data = bundle.read_bytes()
    bundle.write_bytes(data.replace(b"offer:3", b"offer:4", 1))
    assert run("log", tmp_path, "--vkey", log.vkey).returncode == TAMPERED
    bundle.unlink()
    found = run("log", tmp_path, "--vkey", log.vkey)
    assert (found.returncode, found.stderr) == (
        INCOMPLETE,
        "comptoir-verify: incomplete: 256 entries and 0 hashes are in no file\n",
    )


@pytest.mark.parametrize(
    "arguments",
    [
        [],
        ["recipe"],
        ["receipt"],
        ["receipt", "no-such-file"],
        ["receipt", "."],
        ["receipt", "pyproject.toml", "--vkey", "exchange.example+00000000+AAAA"],
        ["receipt", "pyproject.toml", "--asset", "no-such-file"],
        ["checkpoint", "pyproject.toml"],
        ["log", "pyproject.toml"],
        ["log", "no-such-folder", "--vkey", "{vkey}"],
    ],
)
def test_wrong_usage_ends_with_3(arguments: list[str], log: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    with pytest.raises(SystemExit) as found:
        raise SystemExit(main([argument.format(vkey=log.vkey) for argument in arguments]))
    assert found.value.code == USAGE


def test_help_names_the_exit_statuses() -> None:
    found = run("--help")
    assert found.returncode == PROVEN
    assert "0: proven, 1: tampered, 2: incomplete, 3: wrong usage" in found.stdout


def test_a_file_too_large_to_be_a_receipt_is_not_read(tmp_path: Path) -> None:
    file = tmp_path / "receipt.json"
    with file.open("wb") as sparse:
        sparse.truncate(65 * 1_048_576)
    assert main(["receipt", str(file)]) == INCOMPLETE
