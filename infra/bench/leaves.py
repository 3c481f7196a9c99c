"""Invented leaves, like those of real downloads byte for byte but for what differs from one to the next."""

import secrets
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

from exchange.kernel import canonical
from exchange.kernel.canonical import Fact
from exchange.kernel.text import timestamp

BEGIN = datetime(2026, 1, 1, tzinfo=UTC)
EVERY = timedelta(milliseconds=1)
_OPAQUE = "01a20440-09ec-7000-90be-0e02b41bf36f"
_HASH = "8ef624a6e87765bcbf5f84a5213d4c0e59f3572166cb877f7af80f394f3b2a4c"
_ID, _TRANSFER, _SALT, _TIME = "<id>", "<transfer>", "<salt>", "<time>"

_FACTS: dict[str, Fact] = {
    **dict.fromkeys(("agreement", "asset", "buyer", "dataset", "entitlement", "revision", "seller"), _OPAQUE),
    "class": "none",
    "clauses": [{"kind": "purpose", "ok": True, "reason": None, "standing": "evidenced"}],
    "country_from": "FR",
    "country_of_use": "DE",
    "country_to": "DE",
    "decided": {"active_since": _TIME, "ends_at": _TIME, "profile": _HASH, "rules": 1},
    "decision": None,
    "legal_basis": "",
    "legal_profile": "eu-2026-11",
    "mechanism": "not_personal",
    "purpose": "research",
    "sealed": {"record": _OPAQUE, "sha256": _HASH},
    "sent_bytes": "0",
    "sha256": _HASH,
    "size_bytes": "1024",
    "transfer": _TRANSFER,
}
_BODY: dict[str, Fact] = {
    "actor": "cl_59414c0b20343a7a3a9196f0",
    "actor_kind": "client",
    "actor_participant": _OPAQUE,
    "facts": _FACTS,
    "id": _ID,
    "salt": _SALT,
    "subject": f"transfer:{_TRANSFER}",
    "ts": _TIME,
    "type": "transfer.started",
    "v": "comptoir.event/1",
}
_PARTS = canonical.encode(_BODY).decode()


def leaves(count: int, first: int = 0) -> Iterator[tuple[str, datetime, bytes]]:
    """The id, the time and the leaf of each; ids grow with time, as UUIDv7 does."""
    for number in range(first, first + count):
        at = BEGIN + number * EVERY
        event_id, transfer_id = _id_at(at), _id_at(at)
        text = _PARTS.replace(_ID, event_id).replace(_TRANSFER, transfer_id)
        text = text.replace(_SALT, secrets.token_urlsafe(16)).replace(_TIME, timestamp(at))
        yield event_id, at, text.encode()


def _id_at(at: datetime) -> str:
    value = round(at.timestamp() * 1_000) << 80 | 0x7 << 76 | 0b10 << 62 | secrets.randbits(62)
    text = f"{value:032x}"
    return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"
