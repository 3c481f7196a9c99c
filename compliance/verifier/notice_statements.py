"""Statements of what was done on a notice to recipients: the exchange's seal over the whole, and that its counts are
those of its rows, that a row is done only where an answer says so, and that every row tells of its Events in order."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from compliance.verifier.earnings import require_seal
from compliance.verifier.errors import Tampered

VERSION = "comptoir.notice/1"
_DOES = {
    "erasure": {"deleted"},
    "correction": {"corrected", "deleted"},
    "restriction": {"restricted", "deleted"},
    "revocation": {"stopped", "corrected", "deleted"},
    "breach": {"secured", "deleted"},
}


@dataclass(frozen=True)
class NoticeFindings:
    """What the check of a statement came to."""

    notice: str
    kind: str
    counts: Mapping[str, int]
    is_complete: bool
    is_sealed: bool
    events: int


def check_statement(document: Mapping[str, Any], seal: str, seal_key: str | None) -> NoticeFindings:
    """Hold a statement against its seal and against itself; Tampered at the first that differs."""
    if seal_key is not None:
        require_seal(document, seal, seal_key)
    try:
        rows = document["recipients"]
        counts: dict[str, int] = {}
        for number, row in enumerate(rows, start=1):
            counts[row["state"]] = counts.get(row["state"], 0) + 1
            _check_row(row, document["kind"], f"recipient {number}")
        if counts != document["counts"]:
            raise Tampered("the counts are not those of the recipients that are listed")
        if len({row["recipient"] for row in rows}) != len(rows):
            raise Tampered("a recipient is listed twice")
        return NoticeFindings(
            str(document["notice"]),
            str(document["kind"]),
            counts,
            document["is_complete"] is True,
            seal_key is not None,
            sum(len(row["events"]) for row in rows),
        )
    except (KeyError, TypeError, ValueError, AttributeError):
        raise Tampered("the statement is not of its form") from None


def _check_row(row: Mapping[str, Any], kind: str, where: str) -> None:
    if row["state"] == "done" and not _DOES[kind] & {one["action"] for one in row["answers"]}:
        raise Tampered(f"{where} is done, and no answer says so")
    moments = [one["at"] for one in row["events"]]
    if moments != sorted(moments):
        raise Tampered(f"{where}: its Events are not in the order of their times")
    answered = sum(one["event"] == "noticerow.answered" for one in row["events"])
    if answered != len(row["answers"]):
        raise Tampered(f"{where} has other answers than its Events tell of")
