"""What banks took back of charges: of which they have it now, and each dispute as the page of a sale's money tells it.
Reads only."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from django.utils.translation import gettext as _

from contracts.badges import Badge
from exchange.kernel.actors import Actor
from exchange.kernel.money import Money
from payments import queries as payments
from payments.models import Charge, Dispute
from payments.refunds import dispute_words


@dataclass(frozen=True)
class DisputeRow:
    """`reason` is the bank's, in words."""

    dispute: Dispute
    amount: Money
    badge: Badge
    reason: str


def disputed(found: Sequence[Charge], *, by: Actor) -> set[UUID]:
    """Which of these charges a bank has taken back for now: nothing is released or given of them."""
    disputes = payments.disputes_visible_to(by).filter(charge__in=list(found), state=Dispute.State.OPEN)
    return set(disputes.values_list("charge_id", flat=True))


def rows(charge: Charge, *, by: Actor) -> list[DisputeRow]:
    """Every dispute about a charge, newest first."""
    disputes = payments.disputes_visible_to(by).filter(charge=charge).order_by("-pk")
    return [DisputeRow(one, one.gross, _badge(one), dispute_words.reason(one.reason)) for one in disputes]


def _badge(dispute: Dispute) -> Badge:
    kinds = {
        Dispute.State.OPEN: Badge(_("The bank decides"), "warn", "clock"),
        Dispute.State.WON: Badge(_("Decided for the seller"), "ok", "check"),
        Dispute.State.LOST: Badge(_("Decided for the buyer"), "stop", "bank"),
    }
    return kinds[Dispute.State(dispute.state)]
