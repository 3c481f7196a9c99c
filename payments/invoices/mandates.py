"""Mandates: a seller's consent, given once, that the exchange draws up its invoices in its name."""

import hashlib

from django.db import transaction

from exchange.kernel import events
from exchange.kernel.actors import Actor, Scope
from exchange.kernel.errors import Conflict
from exchange.participants.members import members
from exchange.participants.models import Participant
from payments.models import Mandate

TEXT = {
    "en": (
        "We mandate the operator of this exchange to draw up and issue, in our name and on our behalf, the invoices "
        "and credit notes for what we sell on it, with numbers of a series of our own. We keep our address and VAT id "
        "right here, read each invoice, and say within 30 days where one is wrong; without that it is accepted. We "
        "remain liable for the VAT that we owe. The mandate ends when our organisation closes."
    ),
    "fr": (
        "Nous donnons mandat à l’exploitant de cette place d’établir et d’émettre, en notre nom et pour notre compte, "
        "les factures et avoirs de nos ventes sur celle-ci, numérotés dans une série propre. Nous tenons à jour ici "
        "notre adresse et notre numéro de TVA, lisons chaque facture et signalons sous 30 jours toute erreur ; à "
        "défaut, elle est acceptée. Nous restons redevables de la TVA que nous devons. Le mandat prend fin à la "
        "fermeture de notre organisation."
    ),
}


def fingerprint() -> str:
    """The fingerprint of the words, in both languages."""
    return hashlib.sha256("\n".join(TEXT[language] for language in sorted(TEXT)).encode()).hexdigest()


@transaction.atomic
def accept(seller: Participant, *, text_sha256: str, by: Actor) -> Mandate:
    """Let the exchange draw up the seller's invoices from now on, those that waited for it too; `text_sha256` says
    which words were read."""
    members.require_to_manage(seller, by)
    by.require(Scope.SELL)
    if text_sha256 != fingerprint():
        raise Conflict("the words of the mandate have changed; read them again", code="mandate_changed")
    mandate = Mandate(seller=seller, text_sha256=text_sha256, accepted_by=by.name, accepted_at=by.at)
    Mandate.objects.bulk_create([mandate], ignore_conflicts=True)
    if not Mandate.objects.filter(pk=mandate.pk).exists():
        raise Conflict("your organisation has given this mandate already", code="mandate_given")
    events.record("mandate.accepted", mandate, by=by)
    return mandate


def is_given(seller: Participant) -> bool:
    """Whether the exchange may draw up the seller's invoices."""
    return Mandate.objects.filter(seller=seller).exists()
