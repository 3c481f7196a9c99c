"""Disputes: the buyer's bank takes the money of a charge back, and decides for whom. While one is open, nothing of the
sale is released or given back; a lost one ends as a refund does."""

from typing import Any

from django.conf import settings
from django.db import transaction

from exchange.kernel import events
from exchange.kernel.actors import Actor
from exchange.kernel.errors import Unavailable
from exchange.kernel.money import Money
from exchange.kernel.states import transition
from payments.holds import givebacks
from payments.ledger import ledger, posting_rules
from payments.models import Charge, Dispute, Hold, Posting
from payments.providers import news

RULE = "dispute.lost"


def hear(told: news.Disputed | news.DisputeEnded, *, by: Actor) -> str:
    """Take note of what a provider tells of a dispute; answers the outcome. Replays change nothing."""
    with transaction.atomic():
        if isinstance(told, news.Disputed):
            return _open(told, by)
        return _end(told, by)


def _open(told: news.Disputed, by: Actor) -> str:
    if not Charge.objects.filter(pk=told.charge_id).exists():
        return "unknown_charge"
    charge, _hold = givebacks.locked(told.charge_id)
    if charge.state != Charge.State.PAID:
        raise Unavailable("its payment has not been told yet", code="told_too_early")
    if told.amount.currency != charge.currency or told.amount.minor <= 0:
        return "amount_differs"
    dispute = _found(told.reference, charge.provider)
    if dispute is None:
        dispute = Dispute.objects.create(
            charge=charge,
            currency=charge.currency,
            gross_minor=told.amount.minor,
            provider=charge.provider,
            provider_reference=told.reference,
            reason=told.reason[:64],
            evidence_due_at=told.evidence_due_at,
            opened_at=by.at,
        )
        amounts = {"gross": dispute.gross}
        _post("dispute.opened", f"dispute.opened:{dispute.pk}", amounts, charge, by)
        events.record("dispute.opened", dispute, by=by, facts={"reason": dispute.reason})
    if told.cost and not dispute.cost_minor and dispute.state == Dispute.State.OPEN:
        Dispute.objects.filter(pk=dispute.pk).update(cost_minor=told.cost.minor)
        _post("dispute.cost", f"dispute.cost:{dispute.pk}", {"cost": told.cost}, charge, by)
    return "disputed"


def _end(told: news.DisputeEnded, by: Actor) -> str:
    found = _found(told.reference)
    if found is None:
        return "unknown_object"
    charge, hold = givebacks.locked(found.charge_id)
    dispute = Dispute.objects.select_for_update(of=("self",)).select_related("charge").get(pk=found.pk)
    if dispute.state != Dispute.State.OPEN:
        is_replay = told.is_won == (dispute.state == Dispute.State.WON)
        return f"dispute_{dispute.state}" if is_replay else "too_late"
    if told.is_won:
        transition(dispute, "win", by=by, ended_at=by.at)
        opened = Posting.objects.get(key=f"dispute.opened:{dispute.pk}")
        ledger.reverse(opened, f"dispute.won:{dispute.pk}", at=by.at)
        return "dispute_won"
    _lose(dispute, charge, hold, by)
    return "dispute_lost"


def _lose(dispute: Dispute, charge: Charge, hold: Hold | None, by: Actor) -> None:
    """The sale gives what is left of it, each its exact part; what went back before is the exchange's loss."""
    allotted = Money(min(dispute.gross_minor, charge.remaining.minor), dispute.currency)
    shared = givebacks.shares(charge, allotted)
    givebacks.reserve(charge, allotted.minor)
    origin = givebacks.sources(charge, hold, shared.parts)
    changes: dict[str, Any] = {"allotted_minor": allotted.minor, "ended_at": by.at} | givebacks.frozen(
        shared, origin
    )
    dispute = transition(dispute, "lose", by=by, **changes)
    if allotted:
        givebacks.book(RULE, dispute, shared, origin, charge=charge, by=by)
    if beyond := dispute.gross - allotted:
        _post("dispute.lost.exchange", f"dispute.lost.exchange:{dispute.pk}", {"gross": beyond}, charge, by)
    if hold is not None and origin.is_from_hold and allotted:
        givebacks.take(hold, origin.parts, by=by)
    if dispute.cost_minor and settings.EXCHANGE_DISPUTE_COST_BORNE_BY == "sellers":
        _charge_sellers(dispute, charge, by)


def _charge_sellers(dispute: Dispute, charge: Charge, by: Actor) -> None:
    """The bank's cost of a lost dispute, over the parties in proportion to what they earn of the sale."""
    parts = charge.shared(charge.held)
    parties = sorted(parts)
    weights = [parts[party].minor for party in parties]
    if not any(weights):
        return
    owed = dict(zip(parties, dispute.cost.shares(weights), strict=True))
    lines = posting_rules.lines("dispute.cost.sellers", {"cost": dispute.cost}, owed=owed)
    key = f"dispute.cost.sellers:{dispute.pk}"
    ledger.post("dispute.cost.sellers", key, lines, reference=charge.reference, at=by.at)


def _post(kind: str, key: str, amounts: dict[str, Money], charge: Charge, by: Actor) -> None:
    lines = posting_rules.lines(kind, amounts, provider=charge.provider)
    ledger.post(kind, key, lines, reference=charge.reference, at=by.at)


def _found(reference: str, provider: str = "") -> Dispute | None:
    rows = Dispute.objects.filter(provider_reference=reference)
    return (rows.filter(provider=provider) if provider else rows).first()
