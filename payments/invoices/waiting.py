"""Invoices that are due and wait: until their issuer has said what must stand in them, or lets them be drawn up."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from django.db.models import Exists, F, OuterRef, Q

from exchange.kernel.actors import Actor, Scope
from exchange.participants.models import Participant
from payments import queries
from payments.invoices import drafts as invoice_drafts
from payments.invoices import mandates
from payments.invoices.drafts import Draft, Kind
from payments.models import Charge, Invoice
from payments.taxes import taxes

MANDATE_MISSING, DETAILS_MISSING = "mandate_missing", "details_missing"
_TAXED = ("domestic", "one_stop_shop", "reverse_charge")
_LOOKED_AT = 20

_issued = Invoice.objects.filter(charge=OuterRef("pk"), corrects=None)
_to_buyer = ~Exists(_issued.filter(kind=Kind.INVOICE))
_between = ~Exists(_issued.exclude(kind=Kind.INVOICE))
_intermediary = Q(vat_role=Charge.VatRole.INTERMEDIARY)
OF_SELLERS = (_intermediary & _to_buyer) | (~_intermediary & Q(fee_minor__lt=F("net_minor")) & _between)
OF_THE_OPERATOR = (~_intermediary & _to_buyer) | (_intermediary & Q(fee_minor__gt=0) & _between)
"""Paid charges of which an invoice by the seller, by the operator, was not issued."""


@dataclass(frozen=True)
class WaitingInvoice:
    """One that is due, and why it is not issued: `reason` is one of the two above."""

    kind: Kind
    issuer: Participant
    recipient: Participant
    reason: str


@dataclass(frozen=True)
class HeldUp:
    """How many sales lack an invoice that waits for its issuer, and what that has to do."""

    sales: int
    needs_mandate: bool


def hindrance(draft: Draft) -> str:
    """Why a draft cannot be issued now; empty where it can."""
    issuer = draft.issuer
    if draft.is_by_mandate and not mandates.is_given(issuer):
        return MANDATE_MISSING
    is_placed = issuer.street and issuer.city
    is_known = issuer.vat_id if draft.treatment in _TAXED else issuer.vat_id or issuer.registration_number
    return "" if is_placed and is_known else DETAILS_MISSING


def of(charges: Sequence[Charge], *, by: Actor) -> dict[UUID, list[WaitingInvoice]]:
    """What waits of each of these charges, where the reader would issue or receive it; officers and operators see
    all."""
    paid = [charge for charge in charges if charge.state == Charge.State.PAID]
    issued = Invoice.objects.filter(charge__in=paid, corrects=None).values_list("charge_id", "kind")
    kinds: dict[UUID, set[str]] = defaultdict(set)
    for charge_id, kind in issued:
        kinds[charge_id].add(kind)
    found: dict[UUID, list[WaitingInvoice]] = defaultdict(list)
    # Two are all that there is: to the buyer, and between the seller and the exchange.
    lacking = [charge.pk for charge in paid if len(kinds[charge.pk]) < 2]
    operator = taxes.operator() if lacking else None
    for charge in Charge.objects.filter(pk__in=lacking).select_related("payer", "payee"):
        for draft in invoice_drafts.of_sale(charge, operator):
            is_due = draft.kind not in kinds[charge.pk] and _sees(by, draft)
            if is_due and (reason := hindrance(draft)):
                found[charge.pk].append(WaitingInvoice(draft.kind, draft.issuer, draft.recipient, reason))
    return found


def held_up_by(own: Participant, *, by: Actor) -> HeldUp | None:
    """What waits for the reader's organisation; None where nothing does."""
    paid = Charge.objects.filter(state=Charge.State.PAID)
    lacking = paid.filter(OF_THE_OPERATOR) if own.is_operator else paid.filter(OF_SELLERS, payee=own)
    newest = lacking.order_by("-paid_at")[:_LOOKED_AT]
    reasons = {
        one.reason for found in of(list(newest), by=by).values() for one in found if one.issuer.pk == own.pk
    }
    return HeldUp(lacking.count(), MANDATE_MISSING in reasons) if reasons else None


def _sees(by: Actor, draft: Draft) -> bool:
    if by.is_system or by.can(Scope.AUDIT) or by.can(Scope.OPERATE):
        return True
    return queries.reads_own(by) and by.participant_id in (draft.issuer.pk, draft.recipient.pk)
