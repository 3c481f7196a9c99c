"""Checkpoints and entry proofs: exactly the published text forms, and only by the log's own key."""

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from compliance.log import notes
from compliance.verifier.checkpoints import (
    Checkpoint,
    open_checkpoint,
    parse_checkpoint,
    parse_consistency_proof,
    parse_entry_proof,
)
from compliance.verifier.errors import Tampered
from compliance.verifier.merkle import EMPTY_ROOT
from compliance.verifier.notes import VerifierKey

ROOT = "CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I="
TEXT = f"example.com/behind-the-sofa\n20852163\n{ROOT}\n"
PROOF = f"c2sp.org/tlog-proof@v1\nextra YWdl\nindex 73894\n{ROOT}\n{ROOT}\n\n{TEXT}\n— example.com/x AAAAAAAA\n"
KEY = Ed25519PrivateKey.from_private_bytes(b"c" * 32)


def test_the_text_of_the_specification_is_read() -> None:
    head = parse_checkpoint(TEXT)
    assert (head.origin, head.size) == ("example.com/behind-the-sofa", 20_852_163)
    assert parse_checkpoint(TEXT + "an extension line\n") == head


@pytest.mark.parametrize(
    "text",
    [
        "",
        "\n",
        TEXT[:-1],
        TEXT + "\n",
        TEXT + "x\n\ny\n",
        "\n" + TEXT,
        TEXT.replace("example.com/behind-the-sofa", ""),
        TEXT.replace("20852163", "020852163"),
        TEXT.replace("20852163", "+20852163"),
        TEXT.replace("20852163", "-1"),
        TEXT.replace("20852163", ""),
        TEXT.replace("20852163", "20852163 "),
        TEXT.replace("20852163", "2_0"),
        TEXT.replace("20852163", "٢"),
        TEXT.replace("20852163", "9223372036854775808"),
        TEXT.replace("20852163", "9" * 5_000),
        TEXT.replace(ROOT, ROOT[:-1]),
        TEXT.replace(ROOT, "AAAA"),
        TEXT.replace(ROOT, ROOT + " "),
        TEXT.replace(ROOT, ROOT.replace("q2I=", "q2J=")),
        TEXT.replace("20852163", "0"),
    ],
)
def test_any_other_text_is_no_checkpoint(text: str) -> None:
    with pytest.raises(Tampered):
        parse_checkpoint(text)


def test_another_key_does_not_speak_for_the_log_even_when_it_is_known() -> None:
    own = notes.verifier_key("example.com/behind-the-sofa", KEY)
    assert open_checkpoint(notes.sign(TEXT, own.name, KEY), [own]).size == 20_852_163
    other = notes.verifier_key("example.com/other", KEY)
    with pytest.raises(Tampered, match=r"keys given are for: example\.com/other"):
        open_checkpoint(notes.sign(TEXT, other.name, KEY), [other])
    with pytest.raises(Tampered, match="by no key that was given"):
        open_checkpoint(notes.sign(TEXT, other.name, KEY), [own, other])


def test_a_log_may_change_its_key_by_signing_with_both() -> None:
    name = "example.com/behind-the-sofa"
    new = Ed25519PrivateKey.from_private_bytes(b"n" * 32)
    old_note, new_note = notes.sign(TEXT, name, KEY), notes.sign(TEXT, name, new)
    both = old_note + new_note.rpartition(b"\n\n")[2]
    for keys in ([notes.verifier_key(name, KEY)], [notes.verifier_key(name, new)]):
        assert open_checkpoint(both, keys) == parse_checkpoint(TEXT)


def test_an_entry_proof_is_read() -> None:
    proof = parse_entry_proof(PROOF)
    assert (proof.index, len(proof.hashes), proof.extra) == (73_894, 2, b"age")
    assert proof.checkpoint.startswith(b"example.com/behind-the-sofa\n")
    without = parse_entry_proof(PROOF.replace("extra YWdl\n", ""))
    assert (without.index, without.extra) == (73_894, None)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "\n\n",
        PROOF.replace("@v1", "@v2"),
        PROOF.replace("index 73894\n", ""),
        PROOF.replace("index 73894", "index"),
        PROOF.replace("index 73894", "index 073894"),
        PROOF.replace("index 73894", "index -1"),
        PROOF.replace("index 73894", "Index 73894"),
        PROOF.replace("extra YWdl", "extra YWd"),
        PROOF.replace("extra YWdl\nindex 73894", "index 73894\nextra YWdl"),
        PROOF.replace(f"{ROOT}\n{ROOT}\n\n", f"{ROOT}\n{ROOT}\n"),
        PROOF.replace(f"{ROOT}\n\n", "AAAA\n\n"),
        PROOF.replace(f"{ROOT}\n\n", f"{ROOT}\n" * 64 + "\n"),
        " " + PROOF,
    ],
)
def test_any_other_text_is_no_entry_proof(text: str) -> None:
    with pytest.raises(Tampered):
        parse_entry_proof(text)


def test_a_consistency_proof_is_one_hash_a_line() -> None:
    assert len(parse_consistency_proof(f"{ROOT}\n{ROOT}\n")) == 2
    assert parse_consistency_proof("") == ()
    for text in ("\n", f"{ROOT}\n\n{ROOT}\n", f"{ROOT} {ROOT}", "AAAA\n", f"{ROOT}\n" * 65):
        with pytest.raises(Tampered):
            parse_consistency_proof(text)


def test_the_log_of_another_origin_is_no_earlier_state() -> None:
    head = Checkpoint("exchange.example/log/2026", 3, b"r" * 32)
    with pytest.raises(Tampered, match="the other of"):
        head.verify_grown_from(Checkpoint("exchange.example/log/2025", 3, b"r" * 32), [])
    head.verify_grown_from(head, [])
    head.verify_grown_from(Checkpoint(head.origin, 0, EMPTY_ROOT), [])
    with pytest.raises(Tampered):
        head.verify_grown_from(Checkpoint(head.origin, 0, EMPTY_ROOT), [b"r" * 32])


def test_a_key_reads_back_from_its_text() -> None:
    key = notes.verifier_key("example.com/log", KEY)
    assert VerifierKey.parse(str(key)) == key
