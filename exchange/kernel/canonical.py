"""One JSON encoding for everything that is hashed or signed: the subset of RFC 8785 on which every encoder
agrees (ASCII keys, NFC text, integers below 2^53, no floats)."""

import json
import unicodedata
from collections.abc import Mapping, Sequence
from typing import TypeAlias

Fact: TypeAlias = "None | bool | int | str | Sequence[Fact] | Mapping[str, Fact]"

_SAFE_INTEGER = 2**53
_TABLES = (dict, Mapping)  # dict is known at once, Mapping asks around
_encoder = json.JSONEncoder(sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def encode(value: Fact) -> bytes:
    """The canonical bytes of `value`; ValueError where the subset has no single encoding for it."""
    _require_subset(value)
    return _encoder.encode(value).encode()


def _require_subset(value: object) -> None:
    if isinstance(value, str):  # the most frequent first: every Event passes here
        if value.isascii():
            return
        if not unicodedata.is_normalized("NFC", value):
            raise ValueError("text must be in Unicode form NFC")
        value.encode()
    elif value is None or isinstance(value, bool):
        return
    elif isinstance(value, int):
        if abs(value) >= _SAFE_INTEGER:
            raise ValueError("an integer of 2^53 or more has no canonical form; give it as text")
    elif isinstance(value, _TABLES):
        for key, inner in value.items():
            if not isinstance(key, str) or not key.isascii():
                raise ValueError("keys must be ASCII text")
            _require_subset(inner)
    elif isinstance(value, list | tuple):
        for inner in value:
            _require_subset(inner)
    else:
        raise ValueError(f"{type(value).__name__} has no canonical form")
