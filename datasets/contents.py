"""Which kinds of file are taken, and whether the first bytes of one can be of its kind. Pure."""

import codecs
import re
import unicodedata

from exchange.kernel.errors import Invalid

CSV = "text/csv"
PARQUET = "application/vnd.apache.parquet"
JSON = "application/json"
JSON_LINES = "application/x-ndjson"
TABULAR = frozenset({CSV, PARQUET})
"""What a worker measures."""

MEDIA_TYPES = (
    CSV,
    PARQUET,
    JSON,
    JSON_LINES,
    "application/zip",
    "application/pdf",
    "text/plain",
    "application/octet-stream",
    "image/png",
    "image/jpeg",
    "image/tiff",
    "image/gif",
    "image/webp",
)
_ENDINGS = {
    "csv": CSV,
    "parquet": PARQUET,
    "json": JSON,
    **dict.fromkeys(("jsonl", "ndjson"), JSON_LINES),
    "zip": "application/zip",
    "pdf": "application/pdf",
    **dict.fromkeys(("txt", "md"), "text/plain"),
    "png": "image/png",
    **dict.fromkeys(("jpg", "jpeg"), "image/jpeg"),
    **dict.fromkeys(("tif", "tiff"), "image/tiff"),
    "gif": "image/gif",
    "webp": "image/webp",
}
HEAD_BYTES = 64 * 1024
LONGEST_COLUMN_NAME = 200

_INVISIBLE = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}
_CONTROL = re.compile(r"[\x00-\x08\x0e-\x1f\x7f]")
# What people upload under the name of CSV most often, when it is none.
_MARKUP = re.compile(r"\s*(<[!?a-zA-Z]|\{|%PDF-)")
_JSON_START = re.compile(r"\s*([{\[\"\-0-9]|true|false|null)")
_JSON_LINES_START = re.compile(r"\s*[{\[]")


def media_type(given: str) -> str:
    """The media type, if files of it are taken."""
    if given not in MEDIA_TYPES:
        raise Invalid(f"media_type must be one of {', '.join(MEDIA_TYPES)}", code="unknown_media_type")
    return given


def media_type_of(name: str) -> str:
    """The media type that the ending of a file's name tells; for others that of bytes of any kind."""
    return _ENDINGS.get(name.rpartition(".")[2].lower(), "application/octet-stream")


def require_plausible(kind: str, head: bytes) -> None:
    """Refuse a file whose first bytes cannot be of its kind."""
    if kind == PARQUET and not head.startswith(b"PAR1"):
        raise Invalid("this is not a Parquet file: it does not start with PAR1", code="not_parquet")
    if kind == CSV:
        start = _text(head)
        if start is None or _CONTROL.search(start):
            raise Invalid("this is not a CSV file: it is not UTF-8 text", code="not_csv")
        if _MARKUP.match(start):
            raise Invalid("this is not a CSV file: it looks like HTML, JSON or PDF", code="not_csv")
    if kind == JSON and not _JSON_START.match(_text(head) or ""):
        raise Invalid("this is not JSON: it starts like none", code="not_json")
    if kind == JSON_LINES and not _JSON_LINES_START.match(_text(head) or ""):
        raise Invalid("this is not JSON Lines: its first line is no object or array", code="not_json")


def shown(value: str, at_most: int) -> str:
    """Text from a file as it may be shown and stored: one line, nothing invisible."""
    spaced = re.sub(r"\s+", " ", unicodedata.normalize("NFC", value))
    clean = "".join(c for c in spaced if unicodedata.category(c) not in _INVISIBLE)
    return clean.strip()[:at_most]


def _text(head: bytes) -> str | None:
    """The head as text, but for a character that its end may cut; None where it is not UTF-8."""
    try:
        return codecs.getincrementaldecoder("utf-8-sig")().decode(head[:HEAD_BYTES])
    except UnicodeDecodeError:
        return None
