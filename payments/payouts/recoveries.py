"""What a seller owes after its money went back to a buyer, taken back from what it was paid: the provider reverses its
payouts, the newest first, none beyond its sum. What cannot be taken back stays owed and is set off."""

from collections.abc import Sequence
from typing import TypeAlias
from uuid import UUID

from django.db import transaction

from exchange.kernel import events
from exchange.kernel.actors import Actor
from exchange.kernel.money import Money
from payments import providers
from payments.ledger import ledger, posting_rules
from payments.models import Account, Dispute, Operation, Payout, Posting, Refund
from payments.payouts import accounts
from payments.payouts.accounts import BY_HAND
from payments.providers import operations, orders
from payments.providers.news import ReversalFailed, Reversed

ReversalNews: TypeAlias = Reversed | ReversalFailed
RULE = "transfer.reversed"


def follow(kind: type[Refund | Dispute], returned_id: UUID, *, by: Actor) -> None:
    """Take back from each party what a refund or a lost dispute left it owing. Asked again, nothing is taken twice."""
    returned = kind.objects.get(pk=returned_id)
    for part in returned.parts:
        if part["owed"]:
            take_back(UUID(part["party"]), returned.currency, by=by)


@transaction.atomic
def take_back(party: UUID, currency: str, *, by: Actor) -> list[Operation]:
    """Ask for reversals of a party's payouts, up to what it owes and is not asked for yet; answers them. A payout of
    which a part could not be taken ends it: its account is short, and older ones went to the same."""
    accounts.lock_all(party)
    paid = _paid(party, currency)
    asked = _reversals(paid)
    owed = ledger.balance(Account.Code.SELLER_RECEIVABLE, party, currency).minor
    wanted = owed - _under_way(asked)
    planned: list[Operation] = []
    for payout in paid:
        mine = [one for one in asked if one.target_id == payout.pk]
        if any(one.state == Operation.State.FAILED for one in mine):
            break
        taken = min(wanted, payout.amount_minor - sum(_minor(one) for one in mine))
        if taken > 0 and providers.is_set_up(payout.provider):
            order = orders.Reversal(payout.pk, payout.provider_reference, Money(taken, currency))
            planned.append(operations.plan(order, provider=payout.provider, by=by))
            wanted -= taken
    return planned


def under_way(party: UUID, currency: str) -> Money:
    """What of a party's debt is being taken back, and so is not set off meanwhile."""
    return Money(_under_way(_reversals(_paid(party, currency))), currency)


@transaction.atomic
def hear(told: ReversalNews, *, by: Actor) -> str:
    """Take note of what came of a reversal; answers it in one word. A replay books nothing."""
    payout = Payout.objects.filter(pk=told.payout_id).first()
    if payout is None:
        return "unknown_object"
    accounts.lock_all(payout.party_id)
    asked = {"asked_minor": str(told.amount.minor)}
    if isinstance(told, ReversalFailed):
        events.record("payout.not_taken_back", payout, by=by, facts=asked)
        return "still_owed"
    key = f"{RULE}:{told.reference}"
    if not Posting.objects.filter(key=key).exists():
        owed, amounts = {payout.party_id: told.amount}, {"amount": told.amount}
        lines = posting_rules.lines(RULE, amounts, owed=owed, provider=payout.provider)
        ledger.post(RULE, key, lines, reference=f"payout:{payout.pk}", at=by.at)
        events.record("payout.taken_back", payout, by=by, facts=asked)
    return "reversed"


def _paid(party: UUID, currency: str) -> list[Payout]:
    """What has left to a party through a provider, newest first."""
    rows = Payout.objects.filter(party_id=party, currency=currency, state=Payout.State.SETTLED)
    return list(rows.exclude(provider=BY_HAND).order_by("-pk"))


def _reversals(paid: Sequence[Payout]) -> list[Operation]:
    targets = [f"payout:{payout.pk}" for payout in paid]
    return list(Operation.objects.filter(kind=orders.Reversal.kind, target__in=targets).order_by("pk"))


def _under_way(asked: Sequence[Operation]) -> int:
    """The sum of what was asked for and is neither refused nor booked."""
    keys = {f"{RULE}:{one.provider_reference}" for one in asked if one.provider_reference}
    booked = set(Posting.objects.filter(key__in=keys).values_list("key", flat=True))
    return sum(_minor(one) for one in asked if f"{RULE}:{one.provider_reference}" not in booked)


def _minor(asked: Operation) -> int:
    """What an operation takes, unless it failed."""
    return 0 if asked.state == Operation.State.FAILED else int(asked.params["amount"]["minor"])
