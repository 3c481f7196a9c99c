"""Money that comes with the order itself: where a provider knows what it will say, its word is kept and acted upon in
the transaction of the sale, under the same id, so that it has one effect however often it is said again."""

from collections.abc import Collection, Sequence
from uuid import UUID

from django.conf import settings
from django.db import transaction

from exchange.kernel import events
from exchange.kernel.actors import Actor, Scope
from exchange.kernel.errors import Conflict, ExchangeError, Forbidden
from exchange.participants.members import members
from payments import providers
from payments.charges import charges, methods
from payments.charges.charges import Settlement
from payments.inbox import inbox
from payments.models import Charge
from payments.providers import HeardEvent
from payments.providers.news import MethodKept, Paid

Paying = tuple[Charge, Actor]


@transaction.atomic(savepoint=False)
def pay(made: Sequence[Paying]) -> list[Charge | ExchangeError | None]:
    """Each buyer pays its charge in the moment of its order, each on its own merits: the paid charge, or why it is not
    paid. None where the provider answers later, or has said this before: then the inbox acts on it."""
    ids = [charge.pk for charge, _ in made]
    rows = {row.pk: row for row in Charge.objects.select_for_update().filter(pk__in=ids).order_by("pk")}
    cleared = members.cleared({row.payer_id for row in rows.values()})
    found: dict[UUID, Charge | ExchangeError | None] = {}
    words: list[tuple[Charge, Actor, HeardEvent]] = []
    for charge, by in ((rows[one.pk], by) for one, by in made):
        found[charge.pk] = _weighed(charge, by, cleared)
        word = _word(charge) if found[charge.pk] is None else None
        if word is not None:
            words.append((charge, by, word))
    with events.together():
        paid = _act(words)
    return [paid.get(one, found[one]) for one in ids]


def _weighed(charge: Charge, by: Actor, cleared: Collection[UUID]) -> Charge | ExchangeError | None:
    """None where the money may come now."""
    try:
        _require_payable(charge, by, cleared)
    except ExchangeError as refusal:
        return refusal
    return charge if charge.state == Charge.State.PAID else None


def _require_payable(charge: Charge, by: Actor, cleared: Collection[UUID]) -> None:
    by.require(Scope.BUY)
    if not by.acts_for(charge.payer_id):
        raise Forbidden("only the buyer may pay this charge", code="not_the_payer")
    if charge.payer_id not in cleared:
        members.require_cleared(charge.payer_id)
    if charge.state == Charge.State.FAILED:
        raise Conflict(f"this charge was called off: {charge.failure}", code="charge_failed")


def _word(charge: Charge) -> HeardEvent | None:
    if charge.provider != settings.EXCHANGE_PAYMENT_PROVIDER:  # one that new charges do not go to any more
        return None
    return providers.named(charge.provider).at_once(charges.checkout(charge))


def _act(words: Sequence[tuple[Charge, Actor, HeardEvent]]) -> dict[UUID, Charge | ExchangeError]:
    """Keep the words that are new, and do what they say."""
    if not words:
        return {}
    at = max(by.at for _, by, _ in words)
    new = inbox.keep_acted([(charge.provider, word) for charge, _, word in words], outcome="paid", at=at)
    settlements: list[Settlement] = []
    for charge, by, word in words:
        if word.external_id not in new:
            continue
        heard_by = Actor.system("payments.inbox", at=by.at)
        for one in providers.named(charge.provider).read(word.kind, word.payload):
            if isinstance(one, Paid):
                settlements.append(Settlement(charge, one.reference, one.amount, heard_by, one.cost))
            elif isinstance(one, MethodKept):
                methods.hear(one, provider=charge.provider, by=heard_by)
    settled = charges.settle_many(settlements, are_held=True)
    return {one.charge.pk: told for one, told in zip(settlements, settled, strict=True)}
