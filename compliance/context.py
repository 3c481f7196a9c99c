"""The log's head at the foot of every page: how far it is signed, and where anyone can check it."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.http import HttpRequest
from django.urls import reverse

from compliance import queries
from compliance.intermediation import notification
from compliance.log.published import VKEY, folder_of


@dataclass(frozen=True)
class SealLine:
    """The newest signed head of the log."""

    log: str
    origin: str
    size: int
    root_hex: str
    signed_at: datetime
    check_url: str

    @property
    def key(self) -> str:
        """The log's public key, as a verifier takes it; empty before it is published."""
        return (folder_of(self.log).read(VKEY) or b"").decode().strip()


def log_head(request: HttpRequest) -> dict[str, Any]:
    """The context processor: `log_head` is None before the first signed head, and `is_log_known` tells that from a
    page that could not ask."""
    found = queries.coverage()
    is_notified = notification.current() is not None
    if found is None:
        return {"log_head": None, "is_log_known": True, "is_notified": is_notified}
    check_url = reverse("check_log")
    seal_line = SealLine(found.log, found.origin, found.size, found.root.hex(), found.signed_at, check_url)
    return {"log_head": seal_line, "is_log_known": True, "is_notified": is_notified}
