"""What must hold between the entries of a log, whatever the exchange says: bytes move under an agreement that was
signed before, and a transfer that goes on has begun."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from compliance.monitor.memory import Memory
from compliance.verifier.spelling import shown

SKIPPED = "pruned entries"
"""Remembered once entries were gone before they were read: what came before some later ones may stand in them, so
that it lacks is no finding any more."""
_CLOCKS_DIFFER = timedelta(minutes=2)
_ENDS = {"entitlement.revoked", "entitlement.expired", "entitlement.superseded"}
_GOES_ON = {
    "transfer.interrupted",
    "transfer.resumed",
    "transfer.completed",
    "transfer.aborted",
    "transfer.revoked",
}


def remember(leaf: dict[str, object], memory: Memory) -> None:
    """Keep what later entries are judged by."""
    name, at, about = (str(leaf.get(field)) for field in ("type", "ts", "subject"))
    if name in ("agreement.signed", "transfer.started"):
        memory.note(about, at)
    elif name in _ENDS:
        memory.note(f"ended {about}", at)


def broken_by(leaf: dict[str, object], memory: Memory) -> Iterator[tuple[str, str]]:
    """The rules that an entry breaks, by kind, each with a sentence."""
    facts = leaf.get("facts")
    name, moment, subject = leaf.get("type"), leaf.get("ts"), leaf.get("subject")
    is_event = isinstance(facts, dict) and all(isinstance(value, str) for value in (name, moment, subject))
    if not is_event or not isinstance(facts, dict):
        yield "unparsable", "it does not say what happened, when, and to what"
    elif name == "transfer.started":
        yield from _of_start(facts, str(moment), memory)
    elif name in _GOES_ON and _is_missing(str(subject), memory):
        yield "not_started", f"{shown(subject)} goes on, and the log has no start of it"


def _of_start(facts: dict[str, object], at: str, memory: Memory) -> Iterator[tuple[str, str]]:
    agreement, entitlement = facts.get("agreement"), facts.get("entitlement")
    if not isinstance(agreement, str) or _is_missing(f"agreement:{agreement}", memory):
        yield (
            "no_agreement",
            f"a transfer began under {shown(agreement)}, which the log has no signed agreement of",
        )
    ended_at = memory.seen_at(f"ended entitlement:{entitlement}")
    if ended_at is not None and _is_later(at, ended_at):
        yield "right_over", f"a transfer began under the entitlement {shown(entitlement)} after it had ended"


def _is_missing(about: str, memory: Memory) -> bool:
    return memory.seen_at(about) is None and memory.seen_at(SKIPPED) is None


def _is_later(at: str, than: str) -> bool:
    try:
        return datetime.fromisoformat(at) > datetime.fromisoformat(than) + _CLOCKS_DIFFER
    except (ValueError, TypeError):
        return True
