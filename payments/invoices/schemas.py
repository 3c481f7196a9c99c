"""What the API shows and takes of invoices, mandates and VAT ids."""

from datetime import date, datetime
from typing import Annotated
from uuid import UUID

from ninja import Schema
from pydantic import Field

from exchange.kernel.schemas import In, MoneyOut, QueryIn
from exchange.participants.models import Participant
from payments.invoices.waiting import WaitingInvoice
from payments.models import Invoice, Mandate, VatId


class InvoiceOut(Schema):
    id: UUID
    number: str
    kind: str
    issuer_id: UUID
    recipient_id: UUID
    charge_id: UUID
    corrects_id: UUID | None
    issued_on: date
    net: MoneyOut
    tax: MoneyOut
    gross: MoneyOut
    vat_treatment: str
    vat_rate_basis_points: int
    language: str
    xml_sha256: str
    pdf_sha256: str
    failures: list[str] | None
    issued_at: datetime

    @classmethod
    def of(cls, invoice: Invoice) -> "InvoiceOut":
        """The invoice with the fingerprints of its papers; `failures` is null where nothing checked its XML."""
        paper = getattr(invoice, "paper", None)
        return cls(
            id=invoice.pk,
            number=invoice.number,
            kind=invoice.kind,
            issuer_id=invoice.issuer_id,
            recipient_id=invoice.recipient_id,
            charge_id=invoice.charge_id,
            corrects_id=invoice.corrects_id,
            issued_on=date.fromisoformat(invoice.content["issued_on"]),
            net=MoneyOut.of(invoice.net),
            tax=MoneyOut.of(invoice.tax),
            gross=MoneyOut.of(invoice.gross),
            vat_treatment=invoice.content["tax"]["treatment"],
            vat_rate_basis_points=invoice.content["tax"]["basis_points"],
            language=invoice.content["language"],
            xml_sha256=invoice.xml_sha256 if invoice.xml else "",
            pdf_sha256=paper.pdf_sha256 if paper else "",
            failures=paper.failures if paper else None,
            issued_at=invoice.issued_at,
        )


class MandateOut(Schema):
    text: str
    text_sha256: str
    accepted_at: datetime | None

    @classmethod
    def of(cls, mandate: Mandate | None, text: str, text_sha256: str) -> "MandateOut":
        """The words of the mandate, and when they were accepted."""
        given = mandate.text_sha256 if mandate else text_sha256
        return cls(text=text, text_sha256=given, accepted_at=mandate.accepted_at if mandate else None)


class WaitingInvoiceOut(Schema):
    kind: str
    issuer_id: UUID
    recipient_id: UUID
    reason: str

    @classmethod
    def of(cls, found: WaitingInvoice) -> "WaitingInvoiceOut":
        """`mandate_missing`: its issuer does not let it be drawn up yet. `details_missing`: the address, the VAT id or
        the number in a register is not there."""
        issuer_id, recipient_id = found.issuer.pk, found.recipient.pk
        return cls(kind=found.kind, issuer_id=issuer_id, recipient_id=recipient_id, reason=found.reason)


class MandateIn(In):
    text_sha256: Annotated[
        str, Field(max_length=64, description="The fingerprint of the words that you have read")
    ]


class VatIdOut(Schema):
    vat_id: str
    state: str
    consultation_number: str
    answered_at: datetime | None

    @classmethod
    def of(cls, participant: Participant, row: VatId | None) -> "VatIdOut":
        """What the register said of the participant's id last."""
        return cls(
            vat_id=participant.vat_id,
            state=row.state if row else VatId.State.UNVERIFIED,
            consultation_number=row.consultation_number if row else "",
            answered_at=row.answered_at if row else None,
        )


class VatIdIn(In):
    is_valid: bool
    consultation_number: Annotated[str, Field(max_length=40)] = ""


class PeriodQuery(QueryIn):
    """The first and the last day of a period, in the exchange's zone; the present year where they are left out."""

    first: date | None = None
    last: date | None = None

    def days(self, today: date) -> tuple[date, date]:
        return self.first or today.replace(month=1, day=1), self.last or today


class YearQuery(QueryIn):
    year: Annotated[int | None, Field(ge=2000, le=2099)] = None
