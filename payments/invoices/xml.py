"""An invoice as EN 16931 wants it: the CII XML of Factur-X, made from the frozen content alone, so the same content
gives the same bytes. drafthorse's only door."""

from datetime import date
from decimal import Decimal
from typing import Any

from drafthorse.models.accounting import ApplicableTradeTax
from drafthorse.models.document import Document
from drafthorse.models.note import IncludedNote
from drafthorse.models.party import TaxRegistration, TradeParty
from drafthorse.models.payment import PaymentTerms
from drafthorse.models.tradelines import LineItem

from exchange.kernel.money import exponent

_GUIDELINE = "urn:cen.eu:en16931:2017"
_SIREN, _FRENCH_ADDRESS = "0002", "0225"
_FEWEST_DECIMALS = 2


def can_say(*minors: int, currency: str) -> bool:
    """Whether EN 16931 can say these amounts: it knows two decimals, and some currencies have three."""
    step = 10 ** max(exponent(currency) - _FEWEST_DECIMALS, 0)
    return not any(minor % step for minor in minors)


def xml(content: dict[str, Any]) -> bytes:
    """The invoice as XML; empty where its amounts have more decimals than EN 16931 knows."""
    amounts = (content["net_minor"], content["tax"]["minor"], content["paid_minor"])
    if not can_say(*amounts, currency=content["currency"]):
        return b""
    document = Document()
    _head(document, content)
    _party(document.trade.agreement.seller, content["issuer"], content)
    _party(document.trade.agreement.buyer, content["recipient"], content)
    _register(document.trade.agreement.seller, content)
    if content["recipient"]["vat_id"] and content["tax"]["category"] != "O":
        document.trade.agreement.buyer.tax_registrations.add(
            TaxRegistration(id=("VA", content["recipient"]["vat_id"]))
        )
    document.trade.agreement.contract.issuer_assigned_id = content["reference"]
    document.trade.delivery.event.occurrence = date.fromisoformat(content["paid_on"])
    _line(document, content)
    _settlement(document, content)
    made: bytes = document.serialize(schema=None)
    return made


def _head(document: Document, content: dict[str, Any]) -> None:
    is_settled = content["paid_minor"] == content["gross_minor"]
    document.context.business_parameter.id = "S2" if is_settled else "S1"
    document.context.guideline_parameter.id = _GUIDELINE
    document.header.id = content["number"]
    document.header.type_code = content["type_code"]
    document.header.issue_date_time = date.fromisoformat(content["issued_on"])
    for said in content["notes"]:
        note = IncludedNote()
        note.content, note.subject_code = said["text"], said["code"]
        document.header.notes.add(note)


def _party(party: TradeParty, said: dict[str, Any], content: dict[str, Any]) -> None:
    party.name = said["name"]
    if said["siren"]:
        party.legal_organization.id = (_SIREN, said["siren"])
    elif said["registration_number"]:
        party.legal_organization.id = said["registration_number"]
    else:
        party.id = said["id"]
    party.address.postcode = said["postcode"]
    party.address.line_one = said["street"]
    party.address.city_name = said["city"]
    party.address.country_id = said["country"]
    if content["is_french"]:
        party.electronic_address.uri_ID = (_FRENCH_ADDRESS, said["siren"])


def _register(seller: TradeParty, content: dict[str, Any]) -> None:
    """By which number the issuer is known for VAT: none where the supply is outside its scope."""
    said = content["issuer"]
    if content["tax"]["category"] == "O":
        return
    if said["vat_id"]:
        seller.tax_registrations.add(TaxRegistration(id=("VA", said["vat_id"])))
    else:
        number = said["registration_number"] or said["id"]
        seller.tax_registrations.add(TaxRegistration(id=("FC", number)))


def _line(document: Document, content: dict[str, Any]) -> None:
    net = _amount(content["net_minor"], content["currency"])
    item = LineItem()
    item.document.line_id = "1"
    item.product.name = content["line"]
    item.agreement.net.amount = net
    item.delivery.billed_quantity = (Decimal(1), "C62")
    _rate(item.settlement.trade_tax, content)
    item.settlement.monetary_summation.total_amount = net
    document.trade.items.add(item)


def _settlement(document: Document, content: dict[str, Any]) -> None:
    currency, settlement = content["currency"], document.trade.settlement
    net, tax = _amount(content["net_minor"], currency), _amount(content["tax"]["minor"], currency)
    gross, paid = _amount(content["gross_minor"], currency), _amount(content["paid_minor"], currency)
    settlement.currency_code = currency
    breakdown = ApplicableTradeTax()
    breakdown.calculated_amount, breakdown.basis_amount = tax, net
    _rate(breakdown, content)
    if content["tax"]["reason"]:
        breakdown.exemption_reason = content["tax"]["reason"]
    if content["tax"]["reason_code"]:
        breakdown.exemption_reason_code = content["tax"]["reason_code"]
    settlement.trade_tax.add(breakdown)
    terms = PaymentTerms()
    if content["terms"]:
        terms.description = content["terms"]
    else:
        terms.due = date.fromisoformat(content["paid_on"])
    settlement.terms.add(terms)
    sums = settlement.monetary_summation
    sums.line_total, sums.tax_basis_total, sums.grand_total = net, net, gross
    sums.tax_total = (tax, currency)
    sums.prepaid_total, sums.due_amount = paid, gross - paid
    if content["corrects"]:
        earlier = settlement.invoice_referenced_document
        earlier.issuer_assigned_id = content["corrects"]["number"]
        earlier.issue_date_time = date.fromisoformat(content["corrects"]["issued_on"])


def _rate(tax: ApplicableTradeTax, content: dict[str, Any]) -> None:
    tax.type_code = "VAT"
    tax.category_code = content["tax"]["category"]
    if content["tax"]["category"] != "O":
        tax.rate_applicable_percent = Decimal(content["tax"]["basis_points"]).scaleb(-2)


def _amount(minor: int, currency: str) -> Decimal:
    exact = Decimal(minor).scaleb(-exponent(currency))
    return exact.quantize(Decimal("0.01")) if exponent(currency) > _FEWEST_DECIMALS else exact
