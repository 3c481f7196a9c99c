"""What a person may type: one line, or prose. Both come out in NFC and without control characters, so that
every database, file name, log and signature can hold them."""

import unicodedata
from datetime import UTC, datetime

from exchange.kernel.errors import Invalid

_REFUSED = {"Cc", "Cs", "Co", "Cn", "Zl", "Zp"}
_DIRECTION_OVERRIDES = set("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


def line(value: str, *, name: str = "text", at_most: int = 200, at_least: int = 1) -> str:
    """One line of text, trimmed; Invalid when empty, too long or holding characters that cannot be shown."""
    return _clean(value, name, at_least, at_most, allowed="")


def prose(value: str, *, name: str = "text", at_most: int = 20_000, at_least: int = 0) -> str:
    """Text of several lines, trimmed, with line ends as \\n."""
    return _clean(value.replace("\r\n", "\n"), name, at_least, at_most, allowed="\n\t\u2028\u2029")


def reason(value: str) -> str:
    """Why somebody did what cannot be undone quietly: 10 to 512 characters."""
    return prose(value, name="reason", at_least=10, at_most=512)


def timestamp(moment: datetime) -> str:
    """RFC 3339 in UTC with milliseconds: the one form of time in leaves, documents and answers."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _clean(value: str, name: str, at_least: int, at_most: int, *, allowed: str) -> str:
    normal = unicodedata.normalize("NFC", value).strip()
    for character in normal:
        if character in allowed:
            continue
        if unicodedata.category(character) in _REFUSED or character in _DIRECTION_OVERRIDES:
            raise Invalid(f"{name} holds the character U+{ord(character):04X}, which cannot be shown")
    shown = sum(unicodedata.category(character) != "Cf" for character in normal)  # Cf shows nothing by itself
    if shown < at_least or len(normal) > at_most:
        has = shown if shown < at_least else len(normal)
        raise Invalid(f"{name} must have {at_least} to {at_most} characters; it has {has}")
    return normal
