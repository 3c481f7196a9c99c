"""What invoices say of an organisation: its address, its VAT id, and whether it is exempt as a small business. Its
managers keep it right at any time; an invoice freezes what stands here when it is issued."""

from django.db import transaction

from exchange.kernel import events, text
from exchange.kernel.actors import Actor
from exchange.kernel.errors import Conflict
from exchange.participants.members import entries, members
from exchange.participants.models import Participant


@transaction.atomic
def describe(
    participant: Participant,
    *,
    street: str,
    postcode: str,
    city: str,
    vat_id: str = "",
    registration_number: str = "",
    is_small_business: bool = False,
    by: Actor,
) -> Participant:
    """Say what invoices to and from the organisation are to hold; its VAT id is checked again afterwards.

    A registration number is taken where there is none yet; the operator has verified any other.
    """
    members.require_to_manage(participant, by)
    if participant.registration_number and registration_number not in ("", participant.registration_number):
        raise Conflict("the operator has verified the registration number", code="number_verified")
    number = registration_number or participant.registration_number
    said = {
        "street": text.line(street, name="street"),
        "postcode": text.line(postcode, name="postcode", at_least=0, at_most=16),
        "city": text.line(city, name="city", at_most=100),
        "registration_number": text.line(number, name="registration_number", at_least=0, at_most=64),
        "vat_id": entries.vat_id(vat_id, participant.verified_country or participant.country),
    }
    open_ones = Participant.objects.filter(pk=participant.pk).exclude(state=Participant.State.CLOSED)
    if not open_ones.update(**said, is_small_business=is_small_business):
        raise Conflict("a closed organisation has no invoices any more", code="wrong_state")
    participant.refresh_from_db()
    typed = {name: value for name, value in said.items() if value}
    facts = {"is_small_business": is_small_business}
    events.record("participant.billing_described", participant, by=by, facts=facts, typed=typed)
    return participant
