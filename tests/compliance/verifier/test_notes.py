"""Signed notes: the published examples open, and nothing else does."""

import base64

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from compliance.verifier.errors import Tampered
from compliance.verifier.notes import MAX_NOTE_BYTES, VerifierKey, open_note

# The example of c2sp.org/signed-note.
SPEC_KEY = VerifierKey.parse("example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k")
SPEC_TEXT = "This is an example message.\n"
SPEC_LINE = (
    "— example.com/foo "
    "Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfXppzi2ONncAlTgK7Ztg1ERYNZXsYjOBH3mFXmRKuwHjG1Yu72IneyaQM=\n"
)
SPEC_NOTE = f"{SPEC_TEXT}\n{SPEC_LINE}".encode()

OTHER = Ed25519PrivateKey.from_private_bytes(b"o" * 32)
OTHER_KEY = VerifierKey("witness.example", OTHER.public_key().public_bytes_raw())


def signature_line(key: VerifierKey, signature: bytes, key_id: bytes | None = None) -> str:
    return f"— {key.name} {base64.b64encode((key_id or key.id) + signature).decode()}\n"


def other_line(text: str = SPEC_TEXT) -> str:
    return signature_line(OTHER_KEY, OTHER.sign(text.encode()))


def test_the_example_of_the_specification_opens() -> None:
    assert open_note(SPEC_NOTE, [SPEC_KEY]) == SPEC_TEXT
    assert SPEC_KEY.id.hex() == "530d903a"


def test_every_change_of_one_byte_of_the_example_is_refused() -> None:
    for place in range(len(SPEC_NOTE)):
        for bit in (1, 4, 32, 128):
            changed = bytearray(SPEC_NOTE)
            changed[place] ^= bit
            with pytest.raises(Tampered):
                open_note(bytes(changed), [SPEC_KEY])


def test_every_part_of_the_example_is_refused() -> None:
    for length in range(len(SPEC_NOTE)):
        with pytest.raises(Tampered):
            open_note(SPEC_NOTE[:length], [SPEC_KEY])


def test_a_signature_by_an_unknown_key_says_nothing() -> None:
    note = SPEC_NOTE + other_line().encode()
    assert open_note(note, [SPEC_KEY]) == SPEC_TEXT
    assert open_note(note, [OTHER_KEY]) == SPEC_TEXT
    with pytest.raises(Tampered, match="by no key that was given"):
        open_note(SPEC_NOTE, [OTHER_KEY])
    with pytest.raises(Tampered, match="by no key that was given"):
        open_note(SPEC_NOTE, [])


def test_a_key_with_the_name_or_the_id_of_another_is_another_key() -> None:
    same_name = VerifierKey(SPEC_KEY.name, OTHER_KEY.public)
    garbage = signature_line(same_name, b"x" * 64)
    assert open_note(SPEC_NOTE + garbage.encode(), [SPEC_KEY]) == SPEC_TEXT
    same_id = signature_line(OTHER_KEY, b"x" * 64, SPEC_KEY.id)
    assert open_note(SPEC_NOTE + same_id.encode(), [SPEC_KEY]) == SPEC_TEXT


def test_one_wrong_signature_by_a_known_key_refuses_the_note() -> None:
    wrong = signature_line(OTHER_KEY, OTHER.sign(b"another text\n"))
    with pytest.raises(Tampered, match=r"signature of “witness\.example” does not fit"):
        open_note(SPEC_NOTE + wrong.encode(), [SPEC_KEY, OTHER_KEY])


def test_a_text_may_hold_empty_lines() -> None:
    text = "one\n\n\ntwo\n\n"
    assert open_note(f"{text}\n{other_line(text)}".encode(), [OTHER_KEY]) == text


def test_a_note_with_sixteen_signatures_opens() -> None:
    lines = "".join(
        signature_line(VerifierKey(f"witness{number}.example", OTHER_KEY.public), b"x" * 5_000)
        for number in range(15)
    )
    assert open_note(SPEC_NOTE + lines.encode(), [SPEC_KEY]) == SPEC_TEXT


@pytest.mark.parametrize(
    "note",
    [
        b"",
        b"\n\n",
        SPEC_TEXT.encode(),
        SPEC_NOTE + b"\n",
        SPEC_NOTE.replace(b"\n", b"\r\n"),
        SPEC_NOTE.replace(b"example message", b"example\tmessage"),
        SPEC_NOTE.replace("—".encode(), b"-"),
        SPEC_NOTE.replace(b"eyaQM=", b"eyaQM"),
        SPEC_NOTE.replace(b"eyaQM=", b"eyaQN="),
        SPEC_NOTE.replace(b"eyaQM=", b"eyaQM= "),
        SPEC_NOTE + "— no-signature\n".encode(),
        SPEC_NOTE + "— short AAAAAA==\n".encode(),
        SPEC_NOTE + "—  AAAAAAAA\n".encode(),
        SPEC_NOTE + "— a+b AAAAAAAA\n".encode(),
        b"\xff" + SPEC_NOTE,
        b"x" * MAX_NOTE_BYTES + SPEC_NOTE,
    ],
)
def test_what_is_not_exactly_a_note_is_refused(note: bytes) -> None:
    with pytest.raises(Tampered):
        open_note(note, [SPEC_KEY])


@pytest.mark.parametrize(
    "text",
    [
        "",
        "example.com/foo",
        "example.com/foo+530d903a",
        "example.com/foo+530d903b+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k",
        "example.com/foo+530D903A+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k",
        "example.com/fob+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k",
        "example.com/foo+530d903a+AukyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k",
        "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k=",
        "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U",
        "+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k",
        "two words+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k",
        "half\ud800+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k",
        "example.com/foo+530d903a+",
        "example.com/foo+530d903a+é",
    ],
)
def test_what_is_not_exactly_a_verifier_key_is_refused(text: str) -> None:
    with pytest.raises(Tampered):
        VerifierKey.parse(text)


def test_a_key_of_which_no_point_is_on_the_curve_signs_nothing() -> None:
    nowhere = VerifierKey("nowhere.example", b"\x02" + b"\x00" * 31)
    note = f"text\n\n{signature_line(nowhere, b'x' * 64)}".encode()
    with pytest.raises(Tampered, match="does not fit"):
        open_note(note, [nowhere])
