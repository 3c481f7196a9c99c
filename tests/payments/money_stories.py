"""What may happen to the money of one sale, as stories: what people do, in their order, and what the provider tells of
it, in any order, however late and often."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from exchange.kernel.actors import Actor
from exchange.kernel.errors import Unavailable
from exchange.kernel.money import Money
from payments import queries
from payments.holds import holds
from payments.inbox import inbox
from payments.models import Charge, Dispute, Operation, Payout, PayoutAccount, ProviderEvent, Refund
from payments.payouts import accounts as payout_accounts
from payments.payouts import payouts
from payments.providers import news, operations
from payments.refunds import refunds
from tests import makers
from tests.payments.refund_stories import WHY, hold_state, refund_of, standing, tell_disputed
from tests.payments.stories import tell_paid

Happening = str
STORIES: dict[str, Sequence[Happening]] = {
    "sold": ("pay", "release"),
    "given back whole": ("pay", "refund", "refund arrives"),
    "given back in part": ("pay", "refund 3333", "refund arrives", "release"),
    "given back twice": ("pay", "refund 1", "refund arrives", "refund 4567", "refund arrives", "release"),
    "came back late": ("pay", "refund 3333", "refund arrives", "refund comes back", "settle", "release"),
    "given again": ("pay", "refund", "refund arrives", "refund comes back", "refund", "refund arrives"),
    "given back after the release": ("pay", "release", "refund 5000", "refund arrives"),
    "paid out": ("pay", "release", "pay out", "payout arrives"),
    "payout came back": ("pay", "release", "pay out", "payout arrives", "payout comes back"),
    "owed after the payout": ("pay", "release", "pay out", "payout arrives", "refund", "refund arrives"),
    "disputed and won": ("pay", "dispute", "win", "release", "pay out", "payout arrives"),
    "disputed and lost": ("pay", "dispute", "lose"),
    "disputed after a refund": ("pay", "refund 2500", "refund arrives", "dispute", "lose"),
    "lost after the payout": ("pay", "release", "pay out", "payout arrives", "dispute", "lose"),
}
END = timedelta(days=14)


@dataclass
class Told:
    """One thing that reaches the exchange from outside, once or more."""

    tell: Callable[[int], object]
    times: int = 0

    def arrive(self) -> None:
        """Each time as another event of the same content. What is told too early is looked at again later."""
        try:
            self.tell(self.times + 1)
        except Unavailable:
            return
        self.times += 1


@dataclass
class Scene:
    """One sale and what is on its way to the exchange."""

    charge: Charge
    seller: Actor
    operator: Actor
    account: PayoutAccount
    now: datetime
    on_its_way: list[Told] = field(default_factory=list)

    def hear(self, index: int) -> None:
        """Let one of the things that are on their way arrive, perhaps again."""
        if self.on_its_way:
            self.on_its_way[index % len(self.on_its_way)].arrive()

    def hear_the_rest(self) -> None:
        """What had not arrived yet arrives now, in the order in which it left."""
        for told in self.on_its_way:
            if not told.times:
                told.arrive()

    def happen(self, what: Happening) -> None:
        """People act on what they know, so what they would wait for has arrived."""
        if what in ("pay", "dispute", "win", "lose"):
            self.on_its_way.append(Told(lambda time: inbox.act(self._event(what, time).pk, self.now)))
        elif what.endswith(("arrives", "comes back")):
            self.on_its_way.append(Told(self._news(what)))
        else:
            self.hear_the_rest()
            self._act(what)

    def end(self) -> tuple[object, ...]:
        """The ledger and every state, once all has arrived and the clock has passed."""
        self.hear_the_rest()
        return (
            standing(self.charge),
            queries.charge(self.charge.pk).state,
            queries.charge(self.charge.pk).refunded_minor,
            hold_state(self.charge),
            sorted(Refund.objects.filter(charge=self.charge).values_list("state", "gross_minor", "fee_minor")),
            sorted(Dispute.objects.filter(charge=self.charge).values_list("state", "allotted_minor")),
            sorted(Payout.objects.filter(party=self.charge.payee).values_list("state", "amount_minor")),
        )

    def _event(self, what: Happening, time: int) -> ProviderEvent:
        event_id = f"{what}-{self.charge.pk}-{time}"
        if what == "pay":
            return tell_paid(self.charge, self.now, event_id=event_id)
        end = {"dispute": "", "win": "won", "lose": "lost"}[what]
        return tell_disputed(self.charge, self.now, end=end, event_id=event_id)

    def _news(self, what: Happening) -> Callable[[int], object]:
        by = makers.system(self.now)
        if what.startswith("refund"):
            refund = refund_of(self.charge)
            reference = f"re_{refund.pk}"
            gone, back = (
                news.Refunded(refund.pk, refund.gross, reference),
                news.RefundFailed(refund.pk, reference, ""),
            )
            return lambda _time: refunds.hear(gone if what.endswith("arrives") else back, by=by)
        payout = Payout.objects.filter(party=self.charge.payee).latest("created_at")
        reference = f"po_{payout.pk}"
        paid, failed = news.PayoutPaid(payout.pk, reference), news.PayoutFailed(payout.pk, reference, "")
        return lambda _time: payouts.hear(paid if what.endswith("arrives") else failed, by=by)

    def _act(self, what: Happening) -> None:
        charge = queries.charge(self.charge.pk)
        verb, _space, minor = what.partition(" ")
        if what == "release":
            holds.release_due(self.now + END)
        elif what == "settle":
            hold = queries.hold_about(self.operator, charge.reference)
            holds.settle(hold, reason="the buyer wants no money back", by=self.operator)
        elif what == "pay out":
            payouts.create(self.account, charge.currency, by=self.operator)
        else:
            assert verb == "refund"
            refunds.give(
                charge, gross=Money(int(minor), charge.currency) if minor else None, reason=WHY, by=self.seller
            )


def payable_account(seller: Actor, now: datetime) -> PayoutAccount:
    """The seller's account at the demo provider, ready."""
    account = payout_accounts.begin(makers.participant_of(seller), by=seller)
    for operation in Operation.objects.filter(kind="open_account", state="planned"):
        operations.run(operation.pk, now)
        inbox.act(inbox.keep_answer(operations.found(operation.pk), at=now).pk, now)
    account.refresh_from_db()
    return account
