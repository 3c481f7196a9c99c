"""Does what happens reach the signed log in time? A checkpoint bears no time, so the monitor takes the proof of an
event of its own: one older than a minute must have one."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from compliance.monitor.following import Alarm
from compliance.monitor.places import Account, Unreachable, read_json
from compliance.verifier.checkpoints import parse_entry_proof
from compliance.verifier.errors import VerificationError
from compliance.verifier.notes import VerifierKey
from compliance.verifier.spelling import read_utf8, shown

LATE_AFTER = timedelta(seconds=60)
_NEWEST = 100


def look(account: Account, keys: Sequence[VerifierKey], now: datetime) -> list[Alarm]:
    """Take the proof of the newest event that the account may see and that has had its minute."""
    status, body = account.get(f"/api/v1/events?limit={_NEWEST}")
    found = read_json(body) if status == 200 else None
    if not isinstance(found, dict) or not isinstance(found.get("items"), list):
        raise Unreachable(f"the account's events were answered with {status}")
    for event in found["items"]:
        event_id, at = (event.get("id"), event.get("at")) if isinstance(event, dict) else (None, None)
        if isinstance(event_id, str) and isinstance(at, str) and _is_old(at, now):
            return _proof(account, keys, event_id)
    return []


def _proof(account: Account, keys: Sequence[VerifierKey], event_id: str) -> list[Alarm]:
    status, body = account.get(f"/api/v1/events/{event_id}/proof")
    if status == 409:
        return [Alarm("stale", f"event {shown(event_id)} is over a minute old and in no signed tree")]
    if status != 200:
        raise Unreachable(f"the proof of an event was answered with {status}")
    try:
        proof = parse_entry_proof(read_utf8(body, "the proof"))
        proof.verify(proof.extra or b"", keys)
    except VerificationError as finding:
        return [Alarm("inconsistency", f"the proof of event {shown(event_id)} does not hold: {finding}")]
    return []


def _is_old(at: str, now: datetime) -> bool:
    try:
        return datetime.fromisoformat(at) < now - LATE_AFTER
    except (ValueError, TypeError):
        return True
