"""Organisations that have said what invoices need, and their mandates."""

from datetime import datetime

from exchange.kernel.actors import Actor
from exchange.participants.members import billing, members
from exchange.participants.models import Participant
from payments.invoices import mandates
from tests import makers

SIRENS = {"operator": "732829320", "seller": "404833048", "buyer": "552100554"}
"""Numbers whose check digit holds."""


def describe(actor: Actor, **changes: object) -> Participant:
    """Say where the actor's organisation is and which VAT id it has."""
    own = makers.participant_of(actor)
    said = {"street": "1 rue de la Paix", "postcode": "75002", "city": "Paris"}
    vat_id = makers.VAT_IDS.get(own.verified_country, "")
    return billing.describe(own, **{**said, "vat_id": vat_id, **changes}, by=actor)  # type: ignore[arg-type]


def ready(actor: Actor) -> Actor:
    """A seller that has said all, and lets the exchange draw up its invoices."""
    mandate(describe(actor), actor)
    return actor


def mandate(seller: Participant, actor: Actor) -> None:
    """Let the exchange draw up a seller's invoices."""
    mandates.accept(seller, text_sha256=mandates.fingerprint(), by=actor)


def french(name: str, siren: str, at: datetime) -> Actor:
    """A verified organisation in France with a SIREN."""
    applied = members.apply(
        makers.user(),
        name=name,
        country="FR",
        registration_number=siren,
        vat_id=makers.VAT_IDS["FR"],
        by=makers.system(at),
    )
    members.verify(applied, country="FR", evidence="extract of the register", by=makers.operator(at))
    return makers.client(applied, at)
