"""All that an invoice says, frozen as JSON when it is issued: XML and PDF are made from it alone, at any time."""

from datetime import date, datetime
from typing import Any

from django.conf import settings
from django.utils import translation
from django.utils.translation import gettext as _
from stdnum.fr import siren, siret

from exchange.look import formats
from exchange.participants.models import Member, Participant
from exchange.participants.notices import preferences
from payments.invoices.drafts import Draft, Kind
from payments.models import Invoice
from payments.taxes import vat

VERSION = "comptoir.invoice/1"
TYPE_CODES = {Kind.INVOICE: "380", Kind.FEE_INVOICE: "380", Kind.SELF_BILLING: "389"}
"""UNTDID 1001; a credit note is 381, that for a self-billed invoice 261."""
_FRENCH_SPEAKING = ("FR", "MC")
_VATEX = {"reverse_charge": "VATEX-EU-AE", "outside_scope": "VATEX-EU-O"}


def of(draft: Draft, number: str, *, at: datetime) -> dict[str, Any]:
    """The content of the invoice that a draft becomes under a number."""
    language = language_of(draft.recipient)
    with translation.override(language):
        issuer, recipient = _party(draft.issuer), _party(draft.recipient)
        due = draft.net + draft.tax
        return {
            "v": VERSION,
            "kind": draft.kind.value,
            "type_code": _type_code(draft),
            "number": number,
            "language": language,
            "issued_on": _day(at),
            "paid_on": _day(draft.charge.paid_at or at),
            "currency": draft.net.currency,
            "issuer": issuer,
            "recipient": recipient,
            "drawn_up_by": settings.EXCHANGE_NAME if draft.is_by_mandate else "",
            "reference": draft.charge.reference,
            "line": _line(draft),
            "net_minor": draft.net.minor,
            "tax": _tax(draft),
            "gross_minor": due.minor,
            "paid_minor": _paid(draft),
            "terms": _terms(draft),
            "notes": _notes(),
            "is_french": _is_french(draft, issuer, recipient),
            "corrects": _corrected(draft.corrects),
            "evidence": draft.evidence,
        }


def language_of(recipient: Participant) -> str:
    """The language in which an organisation reads: that of its manager, else that of its country."""
    managers = Member.objects.filter(participant=recipient, role=Member.Role.MANAGER, removed_at=None)
    first = managers.select_related("user").order_by("joined_at").first()
    chosen = preferences.of_user(first.user).language if first else ""
    return chosen or ("fr" if recipient.verified_country in _FRENCH_SPEAKING else "en")


def siren_of(participant: Participant) -> str:
    """The SIREN of a French organisation, from its registration number; empty where there is none that holds."""
    written = "".join(c for c in participant.registration_number if c.isalnum())
    if participant.verified_country != "FR":
        return ""
    if siret.is_valid(written):
        return written[:9]
    return written if siren.is_valid(written) else ""


def _party(participant: Participant) -> dict[str, Any]:
    return {
        "id": str(participant.pk),
        "name": participant.name,
        "street": participant.street,
        "postcode": participant.postcode,
        "city": participant.city,
        "country": participant.verified_country,
        "registration_number": participant.registration_number,
        "siren": siren_of(participant),
        "vat_id": participant.vat_id,
        "is_small_business": participant.is_small_business,
    }


def _type_code(draft: Draft) -> str:
    if draft.kind != Kind.CREDIT_NOTE:
        return TYPE_CODES[draft.kind]
    assert draft.corrects is not None
    return "261" if draft.corrects.kind == Kind.SELF_BILLING else "381"


def _line(draft: Draft) -> str:
    title = draft.charge.title or _("Licence to data")
    kind = Kind(draft.corrects.kind) if draft.kind == Kind.CREDIT_NOTE and draft.corrects else draft.kind
    if kind == Kind.FEE_INVOICE:
        return _("Service of the exchange: %(title)s") % {"title": title}
    return title


def _tax(draft: Draft) -> dict[str, Any]:
    return {
        "treatment": draft.treatment,
        "category": draft.category,
        "basis_points": draft.basis_points,
        "minor": draft.tax.minor,
        "reason": _reason(draft),
        "reason_code": _VATEX.get(draft.treatment, ""),
    }


def _reason(draft: Draft) -> str:
    """Why no VAT is charged, in the words that the law wants."""
    if draft.treatment == "exempt":
        words = vat.small_business_words()
        return words.get(draft.issuer.verified_country, words[""])
    if draft.treatment == "reverse_charge":
        return _("Reverse charge: articles 44 and 196 of Directive 2006/112/EC")
    if draft.treatment == "outside_scope":
        return _("Outside the scope of VAT of the European Union")
    return ""


def _paid(draft: Draft) -> int:
    if draft.is_paid:
        return (draft.net + draft.tax).minor
    return draft.net.minor if draft.kind == Kind.FEE_INVOICE else 0


def _terms(draft: Draft) -> str:
    """What is still to be paid, and when."""
    if draft.is_paid:
        return ""
    if draft.kind == Kind.FEE_INVOICE:
        return _("The fee was kept from the sale; its VAT is set off against the next payouts.")
    return _("Paid out once the money of the sale is released.")


def _notes() -> list[dict[str, str]]:
    """What French law wants on every invoice between businesses: costs of recovery, late payment, discount."""
    return [
        {"code": "PMT", "text": _("Fixed compensation for costs of recovery: €40.")},
        {"code": "PMD", "text": _("Penalties for late payment: three times the legal rate of interest.")},
        {"code": "AAB", "text": _("No discount for early payment.")},
    ]


def _is_french(draft: Draft, issuer: dict[str, Any], recipient: dict[str, Any]) -> bool:
    """Whether the French rules for electronic invoices hold: both are French, and the amounts are in euros."""
    return bool(issuer["siren"] and recipient["siren"]) and draft.net.currency == "EUR"


def _corrected(invoice: Invoice | None) -> dict[str, str] | None:
    if invoice is None:
        return None
    return {"number": invoice.number, "issued_on": invoice.content["issued_on"]}


def _day(moment: datetime) -> str:
    day: date = moment.astimezone(formats.zone()).date()
    return day.isoformat()
