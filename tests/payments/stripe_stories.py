"""An exchange whose provider is Stripe, at the fake: what buyers do there, and webhooks brought to our doors."""

from typing import Any

from django.test import Client

from exchange.kernel.actors import Actor
from payments import queries
from payments.charges import charges
from payments.models import Charge, Operation
from tests.fakes.stripe.serving import SECRET_KEY, THIN_SECRET, WEBHOOK_SECRET, Served
from tests.payments.stories import new_charge
from tests.payments.stripe_calls import GOOD, press_pay


def move_to_stripe(settings: Any, fake: Served) -> None:
    """One setting and two keys, and the address of the fake."""
    settings.EXCHANGE_PAYMENT_PROVIDER = "stripe"
    settings.EXCHANGE_STRIPE_SECRET_KEY = SECRET_KEY
    settings.EXCHANGE_STRIPE_WEBHOOK_SECRET = f"{WEBHOOK_SECRET},{THIN_SECRET}"
    settings.EXCHANGE_STRIPE_API_URL = fake.url
    fake.keep_webhooks()


def bring(fake: Served) -> list[int]:
    """Bring every webhook that is due to our doors; answers what they said."""
    said = []
    for delivery, body, headers in fake.waiting():
        door = "stripe-thin" if delivery.endpoint.is_thin else "stripe"
        answer = Client().generic(
            "POST",
            f"/api/v1/webhooks/{door}",
            body,
            content_type="application/json",
            headers={"Stripe-Signature": headers["Stripe-Signature"]},
        )
        delivery.answers.append(answer.status_code)
        said.append(answer.status_code)
    return said


class Sale:
    """A charge at Stripe, and its buyer."""

    def __init__(self, fake: Served, react: Any, buyer: Actor, seller: Actor, **given: Any) -> None:
        self.fake, self.react, self.buyer = fake, react, buyer
        self.id = new_charge(buyer, seller, **given).pk
        react()

    @property
    def charge(self) -> Charge:
        return queries.charge(self.id)

    @property
    def operations(self) -> list[Operation]:
        return list(Operation.objects.filter(target=f"charge:{self.id}").order_by("pk"))

    @property
    def session(self) -> Any:
        """The newest page at the fake."""
        return self.fake.client().v1.checkout.sessions.retrieve(self.operations[-1].provider_reference)

    def pay(self, number: str = GOOD) -> None:
        """The buyer opens the page and pays there; nothing is told of it yet."""
        assert charges.page_to_pay(self.charge, by=self.buyer) == self.session.url
        press_pay(self.session, number)

    def hear(self) -> list[int]:
        """All that Stripe tells reaches us, and is acted on."""
        said = bring(self.fake)
        self.react()
        return said
