"""Reads of the ledger, for the operator alone."""

from django.db.models import QuerySet

from exchange.kernel.actors import Actor, Scope
from payments.ledger import ledger
from payments.ledger.ledger import TrialBalance
from payments.models import Posting


def trial_balance_for(actor: Actor) -> TrialBalance:
    """The whole ledger at this moment."""
    actor.require(Scope.OPERATE)
    return ledger.trial_balance()


def postings_visible_to(actor: Actor, *, reference: str | None = None) -> QuerySet[Posting]:
    """All postings with their entries, or those about what `reference` names."""
    actor.require(Scope.OPERATE)
    postings = Posting.objects.prefetch_related("entries__account")
    return postings if reference is None else postings.filter(reference=reference)
