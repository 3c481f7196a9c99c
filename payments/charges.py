"""Charges: money asked of a buyer for what a reference names. Net, tax and fee are frozen when a charge is
made; it is paid once, whatever a provider repeats."""

from datetime import datetime
from uuid import UUID

from django.conf import settings
from django.db import IntegrityError, transaction

from exchange.kernel import events
from exchange.kernel.actors import Actor, Scope
from exchange.kernel.errors import Conflict, Forbidden, Invalid
from exchange.kernel.money import Money
from exchange.kernel.outside import require_no_transaction
from exchange.kernel.states import transition
from exchange.participants.models import Participant
from payments import fees, holds, ledger, posting_rules, providers, queries, vat
from payments.models import Charge

_SECONDS_PER_DAY = 86_400


@transaction.atomic
def create(*, reference: str, payer: Participant, payee: Participant, price: Money, by: Actor) -> Charge:
    """Ask `payer` for `price` before tax, in the transaction of the sale; a reaction submits the charge."""
    by.require(Scope.BUY)
    if not by.acts_for(payer.pk):
        raise Forbidden("only the buyer may take on a charge", code="not_the_payer")
    if payer.pk == payee.pk:
        raise Invalid("a participant cannot buy from itself", code="own_offer")
    if price.minor <= 0:
        raise Invalid("a charge asks for more than zero; what is free has none", code="absurd_amount")
    provider = providers.provider()
    sale = vat.treatment(
        supplier_country=_supplier_country(payee), buyer_country=_country(payer), on=by.at.date()
    )
    tax = price.portion(sale.basis_points)
    charge = Charge(
        reference=reference,
        payer=payer,
        payee=payee,
        currency=price.currency,
        net_minor=price.minor,
        tax_minor=tax.minor,
        gross_minor=(price + tax).minor,
        fee_minor=fees.fee(price, settings.EXCHANGE_FEE_BASIS_POINTS).minor,
        vat_role=settings.EXCHANGE_VAT_ROLE,
        vat_treatment=sale.treatment,
        vat_rate_basis_points=sale.basis_points,
        provider=provider.name,
        inspection_seconds=settings.EXCHANGE_INSPECTION_DAYS * _SECONDS_PER_DAY,
        created_at=by.at,
    )
    _insert(charge)
    events.record("charge.created", charge, by=by)
    return charge


def submit(charge_id: UUID, now: datetime) -> Charge:
    """Hand a new charge to its provider; one that went further already is left as it is."""
    require_no_transaction()
    charge = queries.charge(charge_id)
    if charge.state != Charge.State.CREATED:
        return charge
    provider_reference = providers.named(charge.provider).submit(charge)
    with transaction.atomic():
        charge = _locked(charge_id)
        if charge.state != Charge.State.CREATED:  # paid or failed while the provider answered
            return charge
        by = Actor.system("payments.submit_charge", at=now)
        return transition(charge, "submit", by=by, provider_reference=provider_reference)


@transaction.atomic
def settle(charge: Charge, *, provider_reference: str, paid: Money, by: Actor) -> Charge:
    """Take note that the whole amount has arrived: book it and hold the seller's part. Replays change nothing.

    Conflict "amount_differs" or "paid_twice" is for an operator to look at: nothing is booked.
    """
    _require_system(by)
    charge = _locked(charge.pk)
    if charge.state == Charge.State.PAID:
        if charge.provider_reference == provider_reference:
            return charge
        raise Conflict("another payment for this charge has arrived before", code="paid_twice")
    if paid != charge.gross:
        raise Conflict(
            f"{charge.gross_minor} {charge.currency} (minor units) were asked and "
            f"{paid.minor} {paid.currency} were paid; nothing was booked",
            code="amount_differs",
        )
    charge = transition(charge, "settle", by=by, provider_reference=provider_reference, paid_at=by.at)
    held = _book(charge, at=by.at)
    holds.open_on(charge, held, by=by)
    return charge


@transaction.atomic
def fail(charge: Charge, *, reason: str, by: Actor) -> Charge:
    """Take note that the provider could not collect; a charge that is paid, or failed already, stays so."""
    _require_system(by)
    charge = _locked(charge.pk)
    if charge.state in (Charge.State.PAID, Charge.State.FAILED):
        return charge
    return transition(charge, "fail", by=by, failure=reason[:200])


def _book(charge: Charge, *, at: datetime) -> Money:
    is_intermediary = charge.vat_role == Charge.VatRole.INTERMEDIARY
    kind = "charge.paid.intermediary" if is_intermediary else "charge.paid"
    held = fees.held(net=charge.net, tax=charge.tax, fee=charge.fee, seller_owes_tax=is_intermediary)
    amounts = {"gross": charge.gross, "tax": charge.tax, "fee": charge.fee, "held": held}
    lines = posting_rules.lines(kind, amounts, seller_id=charge.payee_id)
    ledger.post(kind, f"charge.paid:{charge.pk}", lines, reference=charge.reference, at=at)
    return held


def _insert(charge: Charge) -> None:
    try:
        with transaction.atomic():
            charge.save(force_insert=True)
    except IntegrityError:
        if queries.charge_about(charge.reference) is None:
            raise
        raise Conflict("this was charged already", code="already_charged") from None


def _locked(charge_id: UUID) -> Charge:
    """The row as it is now, held until the end of the transaction (on SQLite the transaction itself is)."""
    return Charge.objects.select_for_update().get(pk=charge_id)


def _require_system(by: Actor) -> None:
    if not by.is_system:
        raise Forbidden("only what a provider says settles or fails a charge", code="provider_only")


def _supplier_country(payee: Participant) -> str:
    """Who supplies the buyer, by the role that the operator chose with counsel."""
    if settings.EXCHANGE_VAT_ROLE == Charge.VatRole.INTERMEDIARY:
        return _country(payee)
    operator = Participant.objects.filter(is_operator=True).first()
    if operator is None:
        raise Conflict("this exchange has no operator yet, so nothing can be sold", code="no_operator")
    return _country(operator)


def _country(participant: Participant) -> str:
    if not participant.verified_country:
        raise Conflict(
            "VAT follows the verified country of both sides; the operator must verify the participant first",
            code="participant_not_verified",
        )
    return participant.verified_country
