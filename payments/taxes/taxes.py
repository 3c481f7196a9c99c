"""The VAT on what is sold, and its evidence: who supplies whom, where both are established, whether their VAT ids
count. What is found is frozen with the sale."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.conf import settings

from exchange.kernel.canonical import Fact
from exchange.kernel.errors import Conflict
from exchange.kernel.money import Money, exponent
from exchange.kernel.text import timestamp
from exchange.participants.models import Participant
from payments.models import Charge, VatId
from payments.taxes import vat, vat_ids
from payments.taxes.vat import Side, Vat


@dataclass(frozen=True)
class Taxed:
    """The VAT on a supply and what it rests on."""

    vat: Vat
    evidence: Mapping[str, Fact]


@dataclass(frozen=True)
class Known:
    """What the VAT on several supplies rests on, read together: who runs the exchange, where it is the supplier, and
    what is known of the VAT ids of all sides."""

    operator: Participant | None
    vat_ids: Mapping[UUID, VatId]


def known_of_sales(sides: Sequence[tuple[Participant, Participant]]) -> Known:
    """What the VAT on sales of payees to payers rests on."""
    is_intermediary = settings.EXCHANGE_VAT_ROLE == Charge.VatRole.INTERMEDIARY
    runs = None if is_intermediary else operator()
    suppliers = [payee for payee, _ in sides] if runs is None else [runs]
    return Known(runs, vat_ids.known_of(*suppliers, *(payer for _, payer in sides)))


def of_sale(*, payee: Participant, payer: Participant, at: datetime, known: Known) -> Taxed:
    """The VAT on a sale of `payee` to `payer`, by the role that the operator chose with counsel."""
    return _between(known.operator or payee, payer, at, known.vat_ids)


def between(supplier: Participant, buyer: Participant, *, at: datetime) -> Taxed:
    """The VAT on a supply from one organisation to another."""
    return _between(supplier, buyer, at, vat_ids.known_of(supplier, buyer))


def _between(supplier: Participant, buyer: Participant, at: datetime, known: Mapping[UUID, VatId]) -> Taxed:
    sides = [_side(one, known.get(one.pk)) for one in (supplier, buyer)]
    found = vat.treatment(*sides, on=at.date())
    evidence: dict[str, Fact] = {
        "at": timestamp(at),
        "supplier": _seen(supplier, known.get(supplier.pk)),
        "buyer": _seen(buyer, known.get(buyer.pk)),
        "treatment": found.treatment,
        "basis_points": found.basis_points,
    }
    return Taxed(found, evidence)


def tax_on(net: Money, basis_points: int) -> Money:
    """The tax on a net amount, rounded half up; in currencies of three decimals to the second, as invoices have it."""
    step = 10 ** max(exponent(net.currency) - 2, 0)
    return Money((net.minor * basis_points + 5_000 * step) // (10_000 * step) * step, net.currency)


def operator() -> Participant:
    """The organisation that runs the exchange."""
    found = Participant.objects.filter(is_operator=True).first()
    if found is None:
        raise Conflict("this exchange has no operator yet, so nothing can be sold", code="no_operator")
    return found


def _side(participant: Participant, known: VatId | None) -> Side:
    if not participant.verified_country:
        raise Conflict(
            "VAT follows the verified country of both sides; the operator must verify the participant first",
            code="participant_not_verified",
        )
    return Side(participant.verified_country, vat_ids.counts(participant, known), participant.is_small_business)


def _seen(participant: Participant, known: VatId | None) -> Mapping[str, Fact]:
    """What is known of one side at this moment."""
    return {
        "participant": str(participant.pk),
        "country": participant.verified_country,
        "vat_id": participant.vat_id,
        "vat_id_state": known.state if known else "",
        "consultation_number": known.consultation_number if known else "",
        "vat_id_answered_at": timestamp(known.answered_at) if known and known.answered_at else None,
        "is_small_business": participant.is_small_business,
    }
