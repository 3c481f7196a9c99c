"""Strict spellings: base64, decimals and UTF-8 in the one form that a signed text allows, so that no two
files mean the same; and hostile text made safe to show."""

import base64
import re

from compliance.verifier.errors import Tampered

_DECIMAL = re.compile(r"0|[1-9][0-9]{0,18}")
_GREATEST = 2**63 - 1


def base64_text(data: bytes) -> str:
    """Standard base64 with padding (RFC 4648, section 4)."""
    return base64.b64encode(data).decode("ascii")


def read_base64(text: str) -> bytes:
    """The bytes behind `text`; any other spelling than `base64_text` gives is refused."""
    try:
        data = base64.b64decode(text, validate=True)
    except ValueError:
        raise Tampered(f"“{shown(text)}” is not base64") from None
    if base64_text(data) != text:
        raise Tampered(f"“{shown(text)}” is not the one base64 spelling of its bytes")
    return data


def read_decimal(text: str) -> int:
    """A number below 2^63 without sign or leading zeros."""
    if not _DECIMAL.fullmatch(text) or int(text) > _GREATEST:
        raise Tampered(f"“{shown(text)}” is not a decimal number below 2^63 without leading zeros")
    return int(text)


def read_utf8(data: bytes, what: str) -> str:
    """`data` as text; `what` names it in the refusal."""
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        raise Tampered(f"{what} is not UTF-8 text") from None


def shown(value: object, *, at_most: int = 80) -> str:
    """`value` on one short line that no terminal can be tricked by."""
    text = "".join(
        character if character.isprintable() else "\ufffd" for character in str(value)[: at_most + 1]
    )
    return text if len(text) <= at_most else text[: at_most - 1] + "…"
