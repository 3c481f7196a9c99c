"""Signing notes (C2SP signed-note) with an Ed25519 key. To open and verify one: `compliance.verifier.notes`."""

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from compliance.verifier.notes import VerifierKey, is_key_name
from compliance.verifier.spelling import base64_text


def verifier_key(name: str, key: Ed25519PrivateKey) -> VerifierKey:
    """The public half of `key` under `name`; `str()` of it is the text to publish."""
    if not is_key_name(name):
        raise ValueError("a key name is not empty and holds no space, plus or control character")
    return VerifierKey(name, key.public_key().public_bytes_raw())


def sign(text: str, name: str, key: Ed25519PrivateKey) -> bytes:
    """`text` as a note signed by `key` under `name`."""
    if not text.endswith("\n") or any(character < " " and character != "\n" for character in text):
        raise ValueError("the text of a note ends with a newline and holds no other control character")
    signature = verifier_key(name, key).id + key.sign(text.encode())
    return f"{text}\n\N{EM DASH} {name} {base64_text(signature)}\n".encode()
