"""What the buyer's page of orders shows of each charge: what it is for, where its money is, its invoices, what went or
goes back, and what the buyer may do about it. Reads only."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Q
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from contracts.badges import Badge
from contracts.models import Agreement
from contracts.money import badges, charge_words, dispute_rows, earning_rows
from exchange.kernel.actors import Actor, Scope
from exchange.kernel.money import Money
from payments import queries as payments
from payments.invoices import queries as invoice_queries
from payments.invoices import waiting as waiting_invoices
from payments.models import Charge, Hold, Invoice, Refund
from payments.plans import refund_policies

_KINDS = {
    Invoice.Kind.INVOICE: _("Invoice"),
    Invoice.Kind.SELF_BILLING: _("Self-billed invoice"),
    Invoice.Kind.FEE_INVOICE: _("Invoice for the fee"),
    Invoice.Kind.CREDIT_NOTE: _("Credit note"),
}
_UNPAID = (Charge.State.CREATED, Charge.State.SUBMITTED, Charge.State.DECLINED)
_STANDING = (Refund.State.REQUESTED, Refund.State.CREATED, Refund.State.SUBMITTED)


@dataclass(frozen=True)
class Paper:
    """An invoice or a credit note."""

    pk: UUID
    number: str
    words: str | Promise
    has_xml: bool


@dataclass(frozen=True)
class WaitingPaper:
    """An invoice that is due and waits for its issuer, `is_own` where the reader's organisation is."""

    words: str | Promise
    issuer: str
    is_own: bool


@dataclass(frozen=True)
class RefundRow:
    refund: Refund
    amount: Money
    badge: Badge


@dataclass(frozen=True)
class OrderRow:
    """One charge. `may_pay` and `may_ask_back` are about its reader, now."""

    charge: Charge
    agreement: Agreement | None
    occasion: str
    badge: Badge
    papers: list[Paper]
    waiting: list[WaitingPaper]
    refunds: list[RefundRow]
    may_pay: bool
    may_ask_back: bool


def rows(found: Sequence[Charge], *, by: Actor) -> list[OrderRow]:
    """The rows of the list of orders."""
    agreements = earning_rows.agreements_of(found, by=by)
    given = refunds_of(found, by=by)
    papers, waiting = papers_of(found, by=by), waiting_of(found, by=by)
    disputed = dispute_rows.disputed(found, by=by)
    return [
        OrderRow(
            charge=charge,
            agreement=agreements.get(charge.reference),
            occasion=charge_words.occasion(charge.occasion),
            badge=badges.of_charge(charge, _hold(charge), is_disputed=charge.pk in disputed),
            papers=papers[charge.pk],
            waiting=waiting[charge.pk],
            refunds=given[charge.pk],
            may_pay=charge.state in _UNPAID and by.can(Scope.BUY),
            may_ask_back=charge.pk not in disputed
            and ask_back_until(charge, [one.refund for one in given[charge.pk]], by=by) is not None,
        )
        for charge in found
    ]


def refunds_of(found: Sequence[Charge], *, by: Actor) -> dict[UUID, list[RefundRow]]:
    """What went back of each charge, or was asked for, newest first."""
    refunds = payments.refunds_visible_to(by).filter(charge__in=list(found)).order_by("-pk")
    given: dict[UUID, list[RefundRow]] = defaultdict(list)
    for refund in refunds:
        given[refund.charge_id].append(RefundRow(refund, refund.gross, badges.of_refund(refund)))
    return given


def may_ask_back(charge: Charge, given: Sequence[Refund], *, by: Actor) -> bool:
    """Whether the buyer may ask for money of this charge now."""
    policy = refund_policies.thaw(charge.refund_policy)
    if charge.paid_at is None or policy.kind == "none" or not charge.remaining:
        return False
    return by.at < policy.ends_at(charge.paid_at) and all(one.state not in _STANDING for one in given)


def ask_back_until(charge: Charge | None, given: Sequence[Refund], *, by: Actor) -> datetime | None:
    """Until when the reader may ask for money of this charge; None where it may not."""
    if charge is None or charge.paid_at is None or not (by.can(Scope.BUY) and by.acts_for(charge.payer_id)):
        return None
    if not may_ask_back(charge, given, by=by):
        return None
    return refund_policies.thaw(charge.refund_policy).ends_at(charge.paid_at)


def papers_of(found: Sequence[Charge], *, by: Actor) -> dict[UUID, list[Paper]]:
    """The invoices and credit notes of each charge that are the reader's, oldest first."""
    issued = invoice_queries.invoices_visible_to(by).filter(charge__in=list(found)).order_by("pk")
    told = issued.annotate(has_xml=~Q(xml=b""))
    papers: dict[UUID, list[Paper]] = defaultdict(list)
    for one in told.values("pk", "charge_id", "kind", "number", "has_xml"):
        words = _KINDS[Invoice.Kind(one["kind"])]
        papers[one["charge_id"]].append(Paper(one["pk"], one["number"], words, one["has_xml"]))
    return papers


def waiting_of(found: Sequence[Charge], *, by: Actor) -> dict[UUID, list[WaitingPaper]]:
    """The invoices of each charge that are the reader's, are due and wait for their issuer."""
    return defaultdict(list) | {
        charge_id: [
            WaitingPaper(_KINDS[one.kind], one.issuer.name, by.acts_for(one.issuer.pk)) for one in waits
        ]
        for charge_id, waits in waiting_invoices.of(found, by=by).items()
    }


def _hold(charge: Charge) -> Hold | None:
    return getattr(charge, "hold", None)
