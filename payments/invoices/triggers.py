"""What the database itself refuses about invoices: a gap in their numbers, a changed word, a paper drawn anew."""

from exchange.kernel.triggers import Guard, Trigger, TruncateGuard, append_only, frozen_but
from payments.models import Invoice, InvoicePaper, Mandate, Series, VatId


def all_of_them() -> list[Trigger]:
    """Every trigger of invoices, their numbers, mandates and VAT ids."""
    return [
        *frozen_but(Series, "next"),
        TruncateGuard(Series),
        Guard(
            Series,
            "one_by_one",
            "UPDATE",
            "the numbers of invoices grow one by one",
            when="NEW.next <> OLD.next + 1",
        ),
        Guard(Series, "starts_at_one", "INSERT", "the numbers of invoices start at one", when="NEW.next <> 1"),
        *append_only(Invoice),
        Guard(
            Invoice,
            "numbered",
            "INSERT",
            "an invoice has the number that its series gave last",
            when="NOT EXISTS (SELECT 1 FROM payments_series s WHERE s.issuer_id = NEW.issuer_id "
            "AND s.kind = NEW.kind AND s.year = NEW.year AND s.next = NEW.sequence + 1)",
        ),
        *append_only(InvoicePaper),
        *append_only(Mandate),
        *frozen_but(VatId, "state", "consultation_number", "attempts", "answered_at", "due_at"),
        TruncateGuard(VatId),
    ]
