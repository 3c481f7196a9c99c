"""Notes that we sign are, byte for byte, those of the published examples."""

import base64

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from compliance.log import notes
from compliance.verifier.notes import VerifierKey, open_note

# The example in the documentation of Go's golang.org/x/mod/sumdb/note, whose published signing key is a seed.
NAME = "PeterNeumann"
KEY = Ed25519PrivateKey.from_private_bytes(base64.b64decode("AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz")[1:])
VKEY = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
TEXT = "If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n"
SIGNATURE = "x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM="


def test_our_verifier_key_and_note_are_those_of_the_published_example() -> None:
    assert str(notes.verifier_key(NAME, KEY)) == VKEY
    assert notes.sign(TEXT, NAME, KEY) == f"{TEXT}\n— {NAME} {SIGNATURE}\n".encode()


@given(st.text(st.characters(codec="utf-8", exclude_categories=["Cc"], include_characters="\n")))
def test_any_signed_text_opens_to_itself(text: str) -> None:
    key = notes.verifier_key("exchange.example/log", KEY)
    assert open_note(notes.sign(text + "\n", key.name, KEY), [key]) == text + "\n"
    assert VerifierKey.parse(str(key)) == key


@pytest.mark.parametrize("text", ["", "no newline at the end", "a tab\t\n", "a null\0\n"])
def test_a_text_that_no_note_may_hold_is_not_signed(text: str) -> None:
    with pytest.raises(ValueError, match="newline"):
        notes.sign(text, NAME, KEY)


@pytest.mark.parametrize("name", ["", "two words", "a+b", "line\nfeed", "null\0"])
def test_a_name_that_no_key_may_have_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match="key name"):
        notes.verifier_key(name, KEY)
