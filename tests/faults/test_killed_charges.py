"""A process ends for good at each point between the intent of a charge and its commit, with Stripe's fake on the other
side; the next one goes on. One charge, one page, one payment, and the same books as if nobody had died."""

import os
from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest
from django.db import connection

from exchange.kernel.actors import Actor
from exchange.kernel.ids import new_id
from payments.ledger import ledger
from payments.models import Charge, Hold, Operation, Posting, ProviderEvent
from tests import databases
from tests.fakes.stripe.serving import SECRET_KEY, THIN_SECRET, WEBHOOK_SECRET, Served
from tests.faults.mortal_worker import AFTER, BEFORE, UNCOMMITTED, Workers, workers
from tests.payments.stripe_calls import press_pay

pytestmark = [pytest.mark.slow, pytest.mark.both_databases, pytest.mark.timeout(1_800)]

ASKED, HEARD = "asked", "heard"
POINTS: dict[str, tuple[str, str, str]] = {
    "the charge is not written": (ASKED, "payments.charges.charges._insert", BEFORE),
    "the charge is written, its Event is not": (ASKED, "payments.charges.charges._insert", AFTER),
    "the charge is whole, not committed": (ASKED, "payments.charges.charges._insert", UNCOMMITTED),
    "the charge is committed, its page not thought of": (ASKED, "payments.charges.charges._ask", BEFORE),
    "the page is not planned": (ASKED, "payments.providers.operations.plan", BEFORE),
    "the page is planned, not committed": (ASKED, "payments.providers.operations.plan", UNCOMMITTED),
    "the plan is committed, not taken up": (ASKED, "payments.providers.operations._send", BEFORE),
    "the plan is taken up, not committed": (ASKED, "payments.providers.operations._send", UNCOMMITTED),
    "the plan is taken up, Stripe not asked": (ASKED, "payments.providers.operations._ask", BEFORE),
    "Stripe has acted, nothing is stored": (ASKED, "payments.providers.operations._ask", AFTER),
    "Stripe’s answer is stored, not committed": (ASKED, "payments.providers.operations._end", UNCOMMITTED),
    "Stripe’s answer is committed, the inbox not told": (ASKED, "payments.providers.operations._end", AFTER),
    "the inbox is told, not committed": (ASKED, "payments.inbox.inbox.keep", UNCOMMITTED),
    "the inbox is told, the charge not submitted": (ASKED, "payments.charges.charges._hear_of_attempt", BEFORE),
    "the charge is submitted, not committed": (ASKED, "payments.charges.charges._hear_of_attempt", UNCOMMITTED),
    "a webhook is not kept": (HEARD, "payments.inbox.inbox.keep", BEFORE),
    "a webhook is kept, not committed": (HEARD, "payments.inbox.inbox.keep", UNCOMMITTED),
    "a webhook is kept, not answered": (HEARD, "payments.inbox.inbox.keep", AFTER),
    "the word is not read": (HEARD, "payments.inbox.inbox._read", BEFORE),
    "the word is read, not acted on": (HEARD, "payments.inbox.inbox._apply", BEFORE),
    "the charge is not locked": (HEARD, "payments.charges.charges._settle", BEFORE),
    "the charge is paid, not booked": (HEARD, "payments.charges.charges._book", BEFORE),
    "the database has the postings, the charge has no hold": (HEARD, "payments.ledger.sql.write", AFTER),
    "the charge is booked, not held": (HEARD, "payments.holds.holds.open_many", BEFORE),
    "the money is held, what Stripe kept not booked": (HEARD, "payments.charges.books.book_cost", BEFORE),
    "all is booked, the word not marked": (HEARD, "payments.inbox.inbox._apply", AFTER),
    "the word is marked, not committed": (HEARD, "payments.inbox.inbox._apply", UNCOMMITTED),
}


@pytest.fixture
def running(own_database: None, stripe_fake: Served) -> Iterator[Workers]:
    """Workers of an exchange whose provider is Stripe, on this test's database."""
    stripe_fake.keep_webhooks()
    given = connection.settings_dict
    url = f"sqlite:///{given['NAME']}"
    if not databases.is_sqlite():
        url = f"postgres://{given['USER']}@{given['HOST']}:{given['PORT']}/{given['NAME']}"
    stripe = {
        "EXCHANGE_PAYMENT_PROVIDER": "stripe",
        "EXCHANGE_STRIPE_SECRET_KEY": SECRET_KEY,
        "EXCHANGE_STRIPE_WEBHOOK_SECRET": f"{WEBHOOK_SECRET},{THIN_SECRET}",
        "EXCHANGE_STRIPE_API_URL": stripe_fake.url,
    }
    with workers({**os.environ, "EXCHANGE_DATABASE_URL": url, **stripe}) as found:
        yield found


class Sale:
    """One charge, from its intent to the seller's part in hold, by processes that may end at a point of it."""

    def __init__(self, running: Workers, fake: Served, buyer: Actor, seller: Actor, now: datetime) -> None:
        self.running, self.fake, self.now = running, fake, now
        self.reference = f"agreement:{new_id()}"
        self.parties = [str(buyer.participant_id), str(seller.participant_id)]

    def whole(self, point: str = "") -> tuple[object, ...]:
        """What stands in the books and at Stripe once it is done."""
        phase, path, when = POINTS.get(point, ("", "", ""))
        if phase == ASKED:
            self.running.do("die_at", path, when)
        charge_id = self.running.do("ask", *self.parties, self.reference, self.now.isoformat())
        self.running.do("react", self.now.isoformat())
        (page,) = Operation.objects.filter(target=f"charge:{charge_id}")
        press_pay(self.fake.client().v1.checkout.sessions.retrieve(page.provider_reference))
        if phase == HEARD:
            self.running.do("die_at", path, when)
        self._hear()
        self.running.do("react", (self.now + timedelta(hours=12)).isoformat())
        return self._found(charge_id)

    def _hear(self) -> None:
        """Stripe tells what is due, and again what was not answered."""
        for delivery, body, headers in self.fake.waiting():
            door = "stripe-thin" if delivery.endpoint.is_thin else "stripe"
            said = self.running.do("hear", door, body.decode(), headers["Stripe-Signature"])
            delivery.answers.append(said)
            assert said == 204

    def _found(self, charge_id: str) -> tuple[object, ...]:
        [charge] = Charge.objects.filter(reference=self.reference)
        assert str(charge.pk) == charge_id
        booked = sorted(
            (posting.kind, entry.account.code, entry.account.provider, entry.amount_minor)
            for posting in Posting.objects.filter(reference=self.reference)
            for entry in posting.entries.select_related("account")
        )
        [hold] = Hold.objects.filter(charge=charge)
        asked = list(Operation.objects.filter(target=f"charge:{charge_id}").values_list("kind", "state"))
        waiting = ProviderEvent.objects.filter(processed_at=None).count()
        return booked, charge.state, hold.state, hold.amount_minor, asked, waiting, self._at_stripe(charge_id)

    def _at_stripe(self, charge_id: str) -> dict[str, int]:
        """How many pages Stripe made for the charge, and how often it took the money."""
        there = self.fake.world.objects.values()
        mine = [one["object"] for one in there if (one.get("metadata") or {}).get("charge") == charge_id]
        return {kind: mine.count(kind) for kind in ("checkout.session", "payment_intent", "charge")}


def test_a_process_that_ends_at_any_point_of_a_charge_leaves_one_charge_and_the_same_books(
    running: Workers,
    stripe_fake: Served,
    operator: Actor,
    buyer: Actor,
    seller: Actor,
    now: datetime,
) -> None:
    whole = Sale(running, stripe_fake, buyer, seller, now).whole()
    assert whole[1:3] == ("paid", "open")
    assert whole[4:] == ([("checkout", "done")], 0, {"checkout.session": 1, "payment_intent": 1, "charge": 1})
    for number, point in enumerate(POINTS, start=1):
        assert Sale(running, stripe_fake, buyer, seller, now).whole(point) == whole, point
        assert running.deaths == number, f"nobody ended where {point}"
        assert ledger.trial_balance().is_sound, point
    print(f"\n{running.deaths} processes ended, each at a point of its own; as many charges, each paid once")
