"""Signed notes (C2SP signed-note), with Ed25519 keys: a text counts only when a known key signed it, and a
signature by a key that nobody gave us says nothing."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from compliance.verifier.errors import Tampered
from compliance.verifier.spelling import base64_text, read_base64, read_utf8, shown

ED25519 = b"\x01"
MAX_NOTE_BYTES = 1_000_000
_KEY_BYTES = 32
_ID_BYTES = 4
_SIGNATURE_START = "\N{EM DASH} "


@dataclass(frozen=True, slots=True)
class VerifierKey:
    """Who signs: a name and an Ed25519 public key. Its text is the `name+id+key` that is given out of band."""

    name: str
    public: bytes

    def __post_init__(self) -> None:
        if not is_key_name(self.name):
            raise Tampered(f"“{shown(self.name)}” is not a key name: it is empty or holds a space or a plus")
        if len(self.public) != _KEY_BYTES:
            raise Tampered(f"an Ed25519 public key has {_KEY_BYTES} bytes; this has {len(self.public)}")

    @classmethod
    def parse(cls, text: str) -> "VerifierKey":
        """Read a verifier key; refused when its id does not follow from its name and key."""
        parts = text.split("+", 2)
        if len(parts) != 3:
            raise Tampered(f"“{shown(text)}” is not a verifier key of the form name+id+key")
        name, key_id, material = parts
        typed = read_base64(material)
        if typed[:1] != ED25519:
            raise Tampered(f"the verifier key of “{shown(name)}” is not an Ed25519 key")
        key = cls(name, typed[1:])
        if key.id.hex() != key_id:
            raise Tampered(
                f"the verifier key of “{shown(name)}” has the id {shown(key_id)}, not {key.id.hex()}"
            )
        return key

    @property
    def id(self) -> bytes:
        return hashlib.sha256(self.name.encode() + b"\n" + ED25519 + self.public).digest()[:_ID_BYTES]

    def __str__(self) -> str:
        return f"{self.name}+{self.id.hex()}+{base64_text(ED25519 + self.public)}"

    def verify(self, text: str, signature: bytes) -> None:
        """Refuse `text` unless this key made `signature` over it."""
        try:
            Ed25519PublicKey.from_public_bytes(self.public).verify(signature, text.encode())
        except (InvalidSignature, ValueError):
            raise Tampered(
                f"the signature of “{shown(self.name)}” does not fit the text it stands under"
            ) from None


def is_key_name(name: str) -> bool:
    """May `name` stand in a signature line?"""
    return bool(name) and not any(c.isspace() or c == "+" or c < " " or "\ud800" <= c <= "\udfff" for c in name)


def open_note(note: bytes, keys: Sequence[VerifierKey]) -> str:
    """The text of `note`, once at least one of `keys` and none of them wrongly signed it."""
    text, signatures = _split(note)
    known = {(key.name, key.id): key for key in keys}
    is_signed = False
    for name, signature in signatures:
        key = known.get((name, signature[:_ID_BYTES]))
        if key is not None:
            key.verify(text, signature[_ID_BYTES:])
            is_signed = True
    if not is_signed:
        signers = ", ".join(shown(name) for name, _ in signatures[:3])
        wanted = ", ".join(shown(key.name) for key in keys) or "nobody"
        raise Tampered(f"the note is signed by {signers}, and by no key that was given ({wanted})")
    return text


def _split(note: bytes) -> tuple[str, list[tuple[str, bytes]]]:
    """The text and the signatures (name, id and signature) of a note, nothing of it verified."""
    if len(note) > MAX_NOTE_BYTES:
        raise Tampered(f"a note of more than {MAX_NOTE_BYTES} bytes is not accepted")
    whole = read_utf8(note, "the note")
    if any(character < " " and character != "\n" for character in whole):
        raise Tampered("the note holds a control character")
    head, blank, tail = whole.rpartition("\n\n")
    if not blank or not tail.endswith("\n"):
        raise Tampered("the note is not a text, an empty line and signature lines")
    return head + "\n", [_parse_signature(line) for line in tail[:-1].split("\n")]


def _parse_signature(line: str) -> tuple[str, bytes]:
    name, space, encoded = line.removeprefix(_SIGNATURE_START).partition(" ")
    if not line.startswith(_SIGNATURE_START) or not space or not is_key_name(name):
        raise Tampered(f"“{shown(line)}” is not a signature line")
    signature = read_base64(encoded)
    if len(signature) <= _ID_BYTES:
        raise Tampered(f"the signature of “{shown(name)}” is too short")
    return name, signature
