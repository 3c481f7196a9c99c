"""Reads of invoices, mandates and VAT ids. What an actor may not see is not there."""

from uuid import UUID

from django.db.models import Q, QuerySet

from exchange.kernel.actors import Actor, Scope
from exchange.kernel.errors import Conflict, NotFound
from exchange.participants import queries as participants
from exchange.participants.models import Participant
from payments import queries
from payments.models import Invoice, Mandate, VatId


def invoices_visible_to(actor: Actor) -> QuerySet[Invoice]:
    """The invoices that the actor's organisation issues or receives; officers and operators see all."""
    invoices = Invoice.objects.select_related("paper", "corrects", "issuer", "recipient")
    if actor.is_system or actor.can(Scope.AUDIT) or actor.can(Scope.OPERATE):
        return invoices
    own = actor.participant_id
    mine = Q(issuer_id=own) | Q(recipient_id=own)
    return invoices.filter(mine) if queries.reads_own(actor) else invoices.none()


def invoice_visible_to(actor: Actor, invoice_id: UUID) -> Invoice:
    """One of those invoices, or NotFound."""
    if (found := invoices_visible_to(actor).filter(pk=invoice_id).first()) is None:
        raise NotFound("there is no such invoice for you")
    return found


def xml_of(invoice: Invoice) -> bytes:
    """The invoice by EN 16931; Conflict where that norm cannot say its amounts."""
    if not invoice.xml:
        raise Conflict(
            "EN 16931 knows amounts of two decimals, and this invoice has three; take its PDF",
            code="not_an_e_invoice",
        )
    return bytes(invoice.xml)


def mandate_of(participant_id: UUID) -> Mandate | None:
    """Under what a participant lets the exchange draw up its invoices."""
    return Mandate.objects.filter(seller_id=participant_id).first()


def billed_visible_to(actor: Actor, participant_id: UUID) -> Participant:
    """A participant whose mandate and VAT id the actor may see: its own; any, for officers and operators. Else
    NotFound."""
    sees_all = actor.is_system or actor.can(Scope.AUDIT) or actor.can(Scope.OPERATE)
    if not sees_all and not (queries.reads_own(actor) and actor.acts_for(participant_id)):
        raise NotFound("there is no such participant for you")
    return participants.participant(participant_id)


def vat_id_of(participant: Participant) -> VatId | None:
    """What is known of the present VAT id of a participant."""
    return VatId.objects.filter(participant=participant, vat_id=participant.vat_id).first()
