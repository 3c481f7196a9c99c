"""The leaves of the log: canonical JSON objects, of which there is one spelling (the subset of RFC 8785 with
ASCII keys, NFC text, integers below 2^53 and no floats)."""

import json
import unicodedata

from compliance.verifier.errors import Tampered

_SAFE_INTEGER = 2**53


def parse_leaf(data: bytes) -> dict[str, object]:
    """The object that the exact bytes of a leaf spell; refused when another spelling is canonical."""
    try:
        leaf = json.loads(data.decode("utf-8"), parse_float=_refuse_number, parse_constant=_refuse_number)
        is_canonical = _is_in_subset(leaf) and _encode(leaf) == data
    except (ValueError, RecursionError):
        is_canonical = False
    if not is_canonical or not isinstance(leaf, dict):
        raise Tampered("the leaf is not one JSON object in canonical form")
    return leaf


def _encode(value: object) -> bytes:
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def _refuse_number(text: str) -> None:
    raise ValueError("only integers have a canonical form")


def _is_in_subset(value: object) -> bool:
    if isinstance(value, str):
        return unicodedata.is_normalized("NFC", value)
    if isinstance(value, bool):
        return True
    if isinstance(value, int):
        return abs(value) < _SAFE_INTEGER
    if isinstance(value, list):
        return all(map(_is_in_subset, value))
    if isinstance(value, dict):
        return all(key.isascii() and _is_in_subset(inner) for key, inner in value.items())
    return value is None
