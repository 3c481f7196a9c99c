"""Refunds and disputes made through the verbs, and what the demo provider tells of them."""

from datetime import datetime
from typing import Any

from exchange.kernel.actors import Actor
from exchange.kernel.money import Money
from payments.inbox import inbox
from payments.ledger import ledger
from payments.models import Account, Charge, Dispute, Hold, ProviderEvent, Refund
from payments.refunds import refunds
from tests.payments import stories

WHY = "the file lacks the month of March"
Code = Account.Code


def tell_refund_failed(refund: Refund, at: datetime) -> ProviderEvent:
    """The demo provider tells that a refund came back, perhaps long after it went."""
    payload: dict[str, Any] = {
        "refund": str(refund.pk),
        "reference": refund.provider_reference,
        "reason": "the account is closed",
        "amount_minor": refund.gross_minor,
        "currency": refund.currency,
    }
    return inbox.keep("demo", f"refund-failed-{refund.pk}", "refund.failed", payload, at=at)


def tell_disputed(
    charge: Charge, at: datetime, *, end: str = "", event_id: str = "", **changes: Any
) -> ProviderEvent:
    """The demo provider tells that the bank took the money back, or (`end`: "won", "lost") for whom it decided."""
    payload: dict[str, Any] = {
        "charge": str(charge.pk),
        "reference": f"dispute-of-{charge.pk}",
        "amount_minor": charge.gross_minor,
        "currency": charge.currency,
        "reason": "fraudulent",
    }
    kind = f"dispute.{end or 'opened'}"
    return inbox.keep("demo", event_id or f"{kind}-{charge.pk}", kind, payload | changes, at=at)


def one_of_each(charge: Charge, seller: Actor) -> None:
    """A refund of a part, and a dispute about the charge."""
    refunds.give(charge, gross=Money(100, charge.currency), reason=WHY, by=seller)
    inbox.act(tell_disputed(charge, seller.at).pk, seller.at)


def standing(charge: Charge) -> dict[str, int]:
    """What stands on each account that a charge may touch, in credit; the ledger is sound."""
    trial = ledger.trial_balance()
    assert trial.is_sound
    found: dict[str, int] = {}
    for account in trial.accounts:
        if account.minor and account.currency == charge.currency:
            found[account.code] = found.get(account.code, 0) - account.minor
    return found


def everything() -> dict[str, list[dict[str, Any]]]:
    """Every row that a refusal must leave as it was."""
    found = stories.everything()
    for model in (Refund, Dispute):
        found[model.__name__] = [dict(row) for row in model._base_manager.order_by("pk").values()]
    return found


def refund_of(charge: Charge) -> Refund:
    """The newest refund of a charge as the database has it now."""
    return Refund.objects.filter(charge=charge).order_by("-asked_at", "-pk")[0]


def hold_state(charge: Charge) -> tuple[str, int]:
    """The state of a charge's hold, and what it keeps."""
    hold = Hold.objects.get(charge=charge)
    return hold.state, hold.kept_minor
