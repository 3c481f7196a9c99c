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
    waiting = [value]
    while waiting:  # no call for each part: every Event passes here, and every contract
        one = waiting.pop()
        if isinstance(one, str):  # the most frequent first
            if not one.isascii():
                _require_text(one)
        elif one is None or isinstance(one, bool):
            continue
        elif isinstance(one, int):
            if abs(one) >= _SAFE_INTEGER:
                raise ValueError("an integer of 2^53 or more has no canonical form; give it as text")
        elif isinstance(one, _TABLES):
            for key in one:
                if not isinstance(key, str) or not key.isascii():
                    raise ValueError("keys must be ASCII text")
            waiting += one.values()
        elif isinstance(one, list | tuple):
            waiting += one
        else:
            raise ValueError(f"{type(one).__name__} has no canonical form")


def _require_text(value: str) -> None:
    if not unicodedata.is_normalized("NFC", value):
        raise ValueError("text must be in Unicode form NFC")
    value.encode()
