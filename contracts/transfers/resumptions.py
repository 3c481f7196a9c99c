"""May a transfer be gone on with? From what it has sent and how long it may be resumed: pure, so that a refusal can be
looked at again from what its Event has kept."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.conf import settings

from contracts.models import Transfer
from contracts.transfers.inputs import micro, moment
from exchange.kernel.canonical import Fact

_OVER = (Transfer.State.ABORTED, Transfer.State.REVOKED)


def kept(transfer: Transfer | None) -> Mapping[str, Fact] | None:
    """What a refusal keeps of the transfer that a token names; None where there is none."""
    if transfer is None:
        return None
    return {
        "state": transfer.state,
        "is_given_back": transfer.copy_given_back_at is not None,
        "resumable_until": micro(transfer.resumable_until),
        "spent_bytes": str(transfer.spent_bytes),
        "most_bytes": str(transfer.size_bytes * settings.EXCHANGE_TRANSFER_RESENDS),
    }


def refusal(found: Mapping[str, Any] | None, now: datetime) -> str | None:
    """Why what was kept of a transfer lets nobody go on with it, or None."""
    if found is None:
        return "no_such_transfer"
    if found["state"] in _OVER or found["is_given_back"]:
        return "transfer_over"
    until = moment(found["resumable_until"])
    if until is None or until <= now:
        return "transfer_lapsed"
    return "transfer_spent" if int(found["spent_bytes"]) >= int(found["most_bytes"]) else None
