"""Cosignatures: a quorum of different keys, each over the whole checkpoint and its own time."""

from collections.abc import Callable

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from compliance.verifier.checkpoints import open_checkpoint, require_quorum
from compliance.verifier.errors import Incomplete, Tampered
from compliance.verifier.notes import VerifierKey, WitnessKey, cosignatures, cosigned_text
from compliance.verifier.spelling import base64_text
from tests.compliance.verifier.conftest import SampleLog

KEYS = [Ed25519PrivateKey.from_private_bytes(bytes([seed]) * 32) for seed in (1, 2, 3)]
WITNESSES = [
    WitnessKey(f"w{number}.example", key.public_key().public_bytes_raw()) for number, key in enumerate(KEYS)
]
NOTE = SampleLog().append([b"one", b"two"]).checkpoint()
TEXT = NOTE.decode().partition("\n\n")[0] + "\n"


def line(number: int, time: int = 1_700_000_000, text: str = TEXT, name: str | None = None) -> bytes:
    """The line of one witness, made as the specification spells it."""
    key = WITNESSES[number] if name is None else WitnessKey(name, WITNESSES[number].public)
    signature = KEYS[number].sign(f"cosignature/v1\ntime {time}\n{text}".encode())
    return f"— {key.name} {base64_text(key.id + time.to_bytes(8, 'big') + signature)}\n".encode()


def test_cosignatures_of_known_witnesses_are_found_with_their_time() -> None:
    note = NOTE + line(0, 7) + line(1, 1_700_000_000) + line(0, 5)
    assert cosignatures(note, WITNESSES) == {WITNESSES[0]: 7, WITNESSES[1]: 1_700_000_000}
    assert cosignatures(note, WITNESSES[1:2]) == {WITNESSES[1]: 1_700_000_000}
    assert cosignatures(NOTE, WITNESSES) == {}
    assert open_checkpoint(note, [VerifierKey.parse(SampleLog().vkey)]).size == 2
    assert cosigned_text("x\n", 3) == "cosignature/v1\ntime 3\nx\n"


def test_a_quorum_is_of_different_keys() -> None:
    note = NOTE + line(0) + line(1)
    assert len(require_quorum(note, WITNESSES, 2)) == 2
    assert require_quorum(NOTE, [], 0) == {}
    with pytest.raises(Incomplete, match="2 of the given witnesses cosigned the checkpoint; 3 must have"):
        require_quorum(note, WITNESSES, 3)
    twice = WitnessKey("another-name.example", WITNESSES[0].public)
    with pytest.raises(Incomplete):
        require_quorum(NOTE + line(0) + line(0, name=twice.name), [WITNESSES[0], twice], 2)


@pytest.mark.parametrize(
    "wrong",
    [
        lambda: line(0, text=TEXT.replace("\n2\n", "\n3\n")),
        lambda: line(0, 7).replace(base64_text(WITNESSES[0].id)[:4].encode(), b"AAAA"),
        lambda: f"— w0.example {base64_text(WITNESSES[0].id + bytes(8))}\n".encode(),
        lambda: f"— w0.example {base64_text(WITNESSES[0].id + b'a' * 72)}\n".encode(),
        lambda: (
            f"— w0.example {base64_text(WITNESSES[0].id + bytes(8) + KEYS[0].sign(TEXT.encode()))}\n".encode()
        ),
    ],
)
def test_a_wrong_cosignature_counts_for_nothing(wrong: Callable[[], bytes]) -> None:
    with pytest.raises((Tampered, Incomplete)):
        require_quorum(NOTE + wrong(), WITNESSES, 1)


def test_every_change_of_one_byte_of_a_cosigned_head_is_refused() -> None:
    note = NOTE + line(0)
    for place in range(len(note)):
        for bit in (1, 32):
            changed = bytearray(note)
            changed[place] ^= bit
            with pytest.raises((Tampered, Incomplete)):
                open_checkpoint(bytes(changed), [VerifierKey.parse(SampleLog().vkey)])
                require_quorum(bytes(changed), WITNESSES, 1)


def test_the_key_of_a_witness_is_not_the_key_of_a_log() -> None:
    text = str(WITNESSES[0])
    assert WitnessKey.parse(text) == WITNESSES[0]
    assert WITNESSES[0] != VerifierKey(WITNESSES[0].name, WITNESSES[0].public)
    with pytest.raises(Tampered, match="not of the Ed25519 kind"):
        VerifierKey.parse(text)
    with pytest.raises(Tampered, match="not of the Ed25519 kind"):
        WitnessKey.parse(SampleLog().vkey)
