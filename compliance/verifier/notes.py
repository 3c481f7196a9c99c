"""Signed notes (C2SP signed-note) and cosignatures under them, with Ed25519 keys: a text counts only when a known
key signed it, and a signature by a key that nobody gave us says nothing."""

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import ClassVar, Self, TypeVar

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from compliance.verifier.errors import Tampered
from compliance.verifier.spelling import base64_text, read_base64, read_utf8, shown

MAX_NOTE_BYTES = 1_000_000
_KEY_BYTES = 32
_ID_BYTES = 4
_TIME_BYTES = 8
_TIME_END = 2**63
_SIGNATURE_START = "\N{EM DASH} "


@dataclass(frozen=True, slots=True)
class _Key:
    """A name and an Ed25519 public key. Its text is the `name+id+key` that is given out of band."""

    KIND: ClassVar[bytes]
    WORD: ClassVar[str]

    name: str
    public: bytes

    def __post_init__(self) -> None:
        if not is_key_name(self.name):
            raise Tampered(f"“{shown(self.name)}” is not a key name: it is empty or holds a space or a plus")
        if len(self.public) != _KEY_BYTES:
            raise Tampered(f"an Ed25519 public key has {_KEY_BYTES} bytes; this has {len(self.public)}")

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read a key; refused when its id does not follow from its name and key."""
        parts = text.split("+", 2)
        if len(parts) != 3:
            raise Tampered(f"“{shown(text)}” is not a {cls.WORD} of the form name+id+key")
        name, key_id, material = parts
        typed = read_base64(material)
        if typed[:1] != cls.KIND:
            raise Tampered(f"the {cls.WORD} of “{shown(name)}” is not of the Ed25519 kind {cls.KIND[0]}")
        key = cls(name, typed[1:])
        if key.id.hex() != key_id:
            raise Tampered(f"the {cls.WORD} of “{shown(name)}” has the id {shown(key_id)}, not {key.id.hex()}")
        return key

    @property
    def id(self) -> bytes:
        return hashlib.sha256(self.name.encode() + b"\n" + self.KIND + self.public).digest()[:_ID_BYTES]

    def __str__(self) -> str:
        return f"{self.name}+{self.id.hex()}+{base64_text(self.KIND + self.public)}"

    def _verify(self, message: str, signature: bytes) -> None:
        try:
            Ed25519PublicKey.from_public_bytes(self.public).verify(signature, message.encode())
        except (InvalidSignature, ValueError):
            raise Tampered(
                f"the signature of “{shown(self.name)}” does not fit the text it stands under"
            ) from None


@dataclass(frozen=True, slots=True)
class VerifierKey(_Key):
    """Who signs a note."""

    KIND = b"\x01"
    WORD = "verifier key"

    def verify(self, text: str, signature: bytes) -> None:
        """Refuse `text` unless this key made `signature` over it."""
        self._verify(text, signature)


@dataclass(frozen=True, slots=True)
class WitnessKey(_Key):
    """Who cosigns checkpoints (C2SP tlog-cosignature, version 1)."""

    KIND = b"\x04"
    WORD = "witness key"

    def verify(self, text: str, signature: bytes) -> int:
        """The time, in seconds since 1970, at which this key cosigned the checkpoint `text`; else refused."""
        time = int.from_bytes(signature[:_TIME_BYTES], "big")
        if len(signature) <= _TIME_BYTES or time >= _TIME_END:
            raise Tampered(f"the cosignature of “{shown(self.name)}” is not a time and a signature")
        self._verify(cosigned_text(text, time), signature[_TIME_BYTES:])
        return time


def cosigned_text(text: str, time: int) -> str:
    """What a witness signs over the checkpoint `text` at `time`."""
    return f"cosignature/v1\ntime {time}\n{text}"


Key = TypeVar("Key", VerifierKey, WitnessKey)


def is_key_name(name: str) -> bool:
    """May `name` stand in a signature line?"""
    return bool(name) and not any(c.isspace() or c == "+" or c < " " or "\ud800" <= c <= "\udfff" for c in name)


def open_note(note: bytes, keys: Sequence[VerifierKey]) -> str:
    """The text of `note`, once at least one of `keys` and none of them wrongly signed it."""
    text, lines = _split(note)
    signatures = list(_signatures_by(keys, lines))
    for key, signature in signatures:
        key.verify(text, signature)
    if not signatures:
        signers = ", ".join(shown(name) for name, _ in lines[:3])
        wanted = ", ".join(shown(key.name) for key in keys) or "nobody"
        raise Tampered(f"the note is signed by {signers}, and by no key that was given ({wanted})")
    return text


def cosignatures(note: bytes, keys: Sequence[WitnessKey]) -> dict[WitnessKey, int]:
    """Which of `keys` cosigned the checkpoint `note`, and when; Tampered when one of them did so wrongly.

    Says nothing of the log's own signature."""
    text, lines = _split(note)
    found: dict[WitnessKey, int] = {}
    for key, signature in _signatures_by(keys, lines):
        found[key] = max(key.verify(text, signature), found.get(key, 0))
    return found


def _signatures_by(keys: Sequence[Key], lines: Sequence[tuple[str, bytes]]) -> Iterator[tuple[Key, bytes]]:
    """The signatures that one of `keys` is said to have made; those by others say nothing."""
    known = {(key.name, key.id): key for key in keys}
    for name, signature in lines:
        key = known.get((name, signature[:_ID_BYTES]))
        if key is not None:
            yield key, signature[_ID_BYTES:]


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
