"""What is asked of buyers, drawn up for many at once: each ask on its own merits, and all that is read for it read for
all of them together. Net, tax, fee and who earns what part are frozen here; nothing is written."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.conf import settings

from exchange.kernel.actors import Actor, Scope
from exchange.kernel.errors import ExchangeError, Forbidden, Invalid
from exchange.kernel.money import Money
from exchange.participants.models import Participant
from payments import providers
from payments.models import Charge
from payments.plans import fees, refund_policies
from payments.shares import shares
from payments.taxes import taxes

FIRST = "first"
"""The occasion of the charge that a sale waits for."""
_SECONDS_PER_DAY = 86_400


@dataclass(frozen=True, kw_only=True)
class Ask:
    """`payer` is asked for `price` before tax. `subject` ("dataset:<uuid>") is what is sold: its shares are frozen.
    Invoices call it `title`. `fee` is what the exchange keeps where it bears a coupon, instead of its usual part.
    `keeps_method` says that the payer agreed to have their way to pay kept for later charges, `awaits_delivery` that
    what is held waits until holds.clear() tells that it was delivered. Without a `refund_policy` the exchange's holds.
    """

    reference: str
    occasion: str = FIRST
    subject: str = ""
    title: str = ""
    payer: Participant
    payee: Participant
    price: Money
    fee: Money | None = None
    keeps_method: bool = False
    awaits_delivery: bool = False
    refund_policy: refund_policies.Policy | None = None
    by: Actor


def draw_up(asks: Sequence[Ask]) -> list[Charge | ExchangeError]:
    """The charge that each ask comes to, or why there is none."""
    refused = [_refusal(ask) for ask in asks]
    good = [ask for ask, refusal in zip(asks, refused, strict=True) if refusal is None]
    if not good:
        return [refusal for refusal in refused if refusal is not None]
    provider = providers.provider().name
    known = taxes.known_of_sales([(ask.payee, ask.payer) for ask in good])
    in_force = shares.in_force_of({ask.subject for ask in good if ask.subject})
    return [
        _drawn(ask, provider, known, in_force.get(ask.subject)) if refusal is None else refusal
        for ask, refusal in zip(asks, refused, strict=True)
    ]


def _refusal(ask: Ask) -> ExchangeError | None:
    try:
        _require_good(ask)
    except ExchangeError as refusal:
        return refusal
    return None


def _require_good(ask: Ask) -> None:
    ask.by.require(Scope.BUY)
    if not ask.by.acts_for(ask.payer.pk):
        raise Forbidden("only the buyer may take on a charge", code="not_the_payer")
    if ask.payer.pk == ask.payee.pk:
        raise Invalid("a participant cannot buy from itself", code="own_offer")
    if ask.price.minor <= 0:
        raise Invalid("a charge asks for more than zero; what is free has none", code="absurd_amount")


def _drawn(ask: Ask, provider: str, known: taxes.Known, split: shares.InForce | None) -> Charge | ExchangeError:
    try:
        sale = taxes.of_sale(payee=ask.payee, payer=ask.payer, at=ask.by.at, known=known)
    except ExchangeError as refusal:
        return refusal
    price, tax = ask.price, taxes.tax_on(ask.price, sale.vat.basis_points)
    usual = fees.fee(price, settings.EXCHANGE_FEE_BASIS_POINTS)
    charge = Charge(
        reference=ask.reference,
        occasion=ask.occasion,
        subject=ask.subject,
        title=ask.title,
        payer=ask.payer,
        payee=ask.payee,
        currency=price.currency,
        net_minor=price.minor,
        tax_minor=tax.minor,
        gross_minor=(price + tax).minor,
        fee_minor=(usual if ask.fee is None else ask.fee).minor,
        vat_role=settings.EXCHANGE_VAT_ROLE,
        vat_treatment=sale.vat.treatment,
        vat_rate_basis_points=sale.vat.basis_points,
        vat_evidence=sale.evidence,
        provider=provider,
        keeps_method=ask.keeps_method,
        awaits_delivery=ask.awaits_delivery,
        refund_policy=(ask.refund_policy or refund_policies.default()).to_dict(),
        inspection_seconds=settings.EXCHANGE_INSPECTION_DAYS * _SECONDS_PER_DAY,
        created_at=ask.by.at,
    )
    if not charge.is_direct:  # else the seller has all of it, and shares it out itself
        charge.parts = shares.freeze(split, charge.held, payee=ask.payee.pk)
    return charge
