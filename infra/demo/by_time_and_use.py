"""The demo's offers that are not paid once: a subscription with a trial, which one buyer lets renew itself, and a price
by use, of which the same buyer has used some."""

from contracts.models import Entitlement, Offer
from contracts.negotiations import negotiations
from contracts.offers import offers
from contracts.transfers import transfers
from datasets.models import Dataset
from exchange.kernel.actors import Actor
from infra.demo import door, past
from payments.charges import coupons

KEPT_UP = [
    {"kind": "combination", "allowed": True},
    {"kind": "publication", "allowed": True},
    {"kind": "revisions", "includes_future": True},
]
INSIDE = [{"kind": "combination", "allowed": True}, {"kind": "deletion", "days": 30}]
MONTHLY = {
    "kind": "subscription",
    "price": {"amount_minor": 19_000, "currency": "EUR"},
    "months": 1,
    "periods": 12,
    "trial_days": 14,
    "is_renewable": True,
}
BY_ROWS = {
    "kind": "metered",
    "currency": "EUR",
    "months": 1,
    "components": [
        {
            "meter": "rows",
            "model": "graduated",
            "included": 1_000,
            "tiers": [
                {"up_to": 5_000, "price_minor": 50, "per": 100},
                {"up_to": None, "price_minor": 20, "per": 100},
            ],
        }
    ],
    "minimum_minor": 0,
    "cap_minor": 20_000,
}
USE = "Plan the fleet of the demo's travel service, month after month."
COPIES = 3
COUPON = "DEMO-TENTH"


def sell(flights: Dataset, aircraft: Dataset, by: Actor) -> tuple[Offer, Offer]:
    """Both offers, sold at once, and a coupon."""
    monthly = _offer(flights, "Subscription, two weeks free", KEPT_UP, MONTHLY, by)
    by_use = _offer(aircraft, "Paid by the rows you take", INSIDE, BY_ROWS, by)
    coupons.create(code=COUPON, label="A tenth off (demo)", basis_points=1_000, by=by)
    return monthly, by_use


def buy(monthly: Offer, by_use: Offer, buyer: Actor) -> None:
    """One buyer tries the subscription, lets it renew itself, and takes some copies of what is paid by use."""
    _signed(monthly, buyer, renews=True)
    right = _signed(by_use, buyer, renews=False)
    asset = right.revision.assets.get(name="planes.csv")
    for _ in range(COPIES):
        url, _token = transfers.issue_token(right, asset=asset, by=buyer)
        if (answer := door.get(url)).status != 200:
            raise SystemExit(f"the demo's data that is paid by use could not be downloaded: {answer.status}")
    past.follow_up(buyer.at)


def _offer(dataset: Dataset, title: str, terms: object, plan: dict[str, object], by: Actor) -> Offer:
    draft = offers.draft(dataset, title=title, terms=terms, plan=plan, sale=Offer.Sale.INSTANT, by=by)
    return offers.publish(draft, by=by)


def _signed(offer: Offer, buyer: Actor, *, renews: bool) -> Entitlement:
    talk = negotiations.request(offer, purpose="commercial_research", country="DE", use=USE, by=buyer)
    accepted = negotiations.accept(talk, keeps_method=True, renews=renews, by=buyer)
    assert accepted.entitlement is not None
    past.follow_up(buyer.at)
    accepted.entitlement.refresh_from_db()
    return accepted.entitlement
