"""What ended or suspended a right under which bytes flowed: the Event that ordered it, and when."""

from collections.abc import Mapping
from datetime import datetime

from contracts.models import Entitlement, Transfer
from contracts.transfers import admission
from exchange.kernel import events
from exchange.kernel.canonical import Fact
from exchange.kernel.models import Event
from exchange.kernel.text import timestamp
from exchange.participants.models import Participant

_ORDERS = {
    "entitlement_suspended": "entitlement.suspended",
    "entitlement_revoked": "entitlement.revoked",
    "revision_revoked": "revision.revoked",
}


def facts(transfer: Transfer, code: str, *, now: datetime) -> Mapping[str, Fact]:
    """For the leaf of a stop: when the order came, by which Event (none, where the clock gave it), and when the last
    byte left at the latest."""
    at, order = _order(transfer, code, now)
    found: dict[str, Fact] = {"last_byte_at": timestamp(transfer.active_at)}
    if at is not None:
        found["ordered_at"] = timestamp(at)
    if order is not None:
        found["order"] = str(order.pk)
    return found


def _order(transfer: Transfer, code: str, now: datetime) -> tuple[datetime | None, Event | None]:
    entitlement = transfer.entitlement
    if code == "entitlement_expired" and entitlement.ends_at is not None and entitlement.ends_at <= now:
        return entitlement.ends_at, None
    event = _last_order(transfer, entitlement, code)
    return (event.at, event) if event is not None else (None, None)


def _last_order(transfer: Transfer, entitlement: Entitlement, code: str) -> Event | None:
    if code == "participant_not_verified":
        stopped = [p for p in (transfer.buyer, transfer.seller) if p.state != Participant.State.VERIFIED]
        about = Event.objects.filter(subject__in=[events.subject_of(p) for p in stopped])
        orders = about.filter(name__in=["participant.suspended", "participant.closed"])
    elif code in _ORDERS:
        row = transfer.revision if code == "revision_revoked" else entitlement
        orders = Event.objects.filter(subject=events.subject_of(row), name=_ORDERS[code])
    else:
        return None
    return orders.order_by("-id").first()


def stop_code(transfer: Transfer, now: datetime) -> str:
    """Why a transfer that is running must stop."""
    entitlement = transfer.entitlement
    if entitlement.state != Entitlement.State.ACTIVE:
        return admission.STATE_REFUSALS[Entitlement.State(entitlement.state)]
    if entitlement.ends_at is not None and entitlement.ends_at <= now:
        return "entitlement_expired"
    if not transfer.revision.is_sealed:
        return "revision_revoked"
    if transfer.state in (Transfer.State.ABORTED, Transfer.State.REVOKED):
        return "transfer_over"
    return "participant_not_verified"
