"""What a buyer agrees to with its signature where more falls due later: that the provider keeps its way to pay."""

import json
from collections.abc import Callable, Mapping
from typing import Any

import pytest
from django.utils import timezone

from contracts.models import Agreement, Entitlement, Negotiation, Offer
from contracts.negotiations import negotiations
from contracts.renewals import renewals
from exchange.kernel.actors import Actor
from exchange.kernel.errors import Conflict
from payments.charges import methods
from payments.checkouts import pretended_payments
from payments.models import Charge, Operation, PaymentMethod
from tests import dataset_makers, makers, sales
from tests.contracts.pages.conftest import Reader, text_of
from tests.over_time import BY_USE, IN_PARTS, MONTHLY

pytestmark = pytest.mark.django_db
Open = Callable[..., Reader]
React = Callable[..., int]
ASKED = "Keep my way to pay for what falls due later"


def talk_of(seller: Actor, buyer: Actor, plan: Mapping[str, Any]) -> Negotiation:
    offer = sales.offer(dataset_makers.published(seller), seller, plan=dict(plan))
    return negotiations.approve(sales.request(offer, buyer), by=seller)


def signed(browser: Reader, talk: Negotiation, **more: Any) -> str:
    answer = browser.post(f"/negotiations/{talk.pk}/accept", shown=talk.proposal, has_read="on", **more)
    return str(answer["Location"])


@pytest.mark.parametrize("plan", [MONTHLY, IN_PARTS])
@pytest.mark.parametrize("is_ticked", [True, False])
def test_the_first_charge_keeps_it_only_where_the_buyer_ticked_it(
    seller: Actor, buyer: Actor, reader: Open, react: React, plan: Mapping[str, Any], is_ticked: bool
) -> None:
    talk, browser = talk_of(seller, buyer, plan), reader(buyer)
    page = text_of(browser.get(f"/negotiations/{talk.pk}"))
    assert ASKED in page and "checked" not in page
    signed(browser, talk, **({"keeps_method": "on"} if is_ticked else {}))
    charge = Charge.objects.get()
    assert charge.keeps_method is is_ticked
    pretended_payments.make(charge, by=buyer)
    react()
    assert PaymentMethod.objects.exists() is is_ticked


@pytest.mark.parametrize("plan", [BY_USE, {**MONTHLY, "trial_days": 14}])
def test_where_nothing_is_due_first_it_is_given_at_the_provider(
    seller: Actor, buyer: Actor, reader: Open, react: React, plan: Mapping[str, Any]
) -> None:
    talk, browser = talk_of(seller, buyer, plan), reader(buyer)
    address = signed(browser, talk, keeps_method="on")
    assert address == f"/sales/{Agreement.objects.get().pk}/payments"
    assert "The provider prepares its page." in text_of(browser.get(address))
    react()
    page = text_of(browser.get(address))
    assert "Demo ···· 4242" in page and "Do not keep it any more" in page
    assert "Demo ···· 4242" not in text_of(reader(seller).get(address))
    browser.post(f"{address}/end-method")
    assert methods.kept_for(buyer, makers.participant_of(buyer).pk) is None
    assert "None is kept" in text_of(browser.get(address))
    browser.post(f"{address}/keep-method")
    assert Operation.objects.filter(kind="keep_method").count() == 2
    assert reader(seller).post(f"{address}/keep-method").status_code == 403


def test_nothing_is_kept_for_nothing(
    seller: Actor, buyer: Actor, reader: Open, settings: Any, react: React
) -> None:
    once, monthly = talk_of(seller, buyer, sales.PAID), talk_of(seller, buyer, MONTHLY)
    settings.EXCHANGE_PAYMENT_PROVIDER, settings.EXCHANGE_MANUAL_ROLE = "manual", "reseller"
    for talk in (once, monthly):  # paid once; and paid over time where people see what came
        assert ASKED not in text_of(reader(buyer).get(f"/negotiations/{talk.pk}"))
        with pytest.raises(Conflict) as refusal:
            negotiations.accept(talk, keeps_method=True, by=buyer)
        assert refusal.value.code == "method_kept_for_nothing"
    assert not Agreement.objects.exists() and not Operation.objects.exists()


def test_who_keeps_one_is_told_so_and_not_asked_again(
    seller: Actor, buyer: Actor, reader: Open, react: React
) -> None:
    methods.ask_to_keep(makers.participant_of(buyer), currency="EUR", by=buyer)
    react()
    page = text_of(reader(buyer).get(f"/negotiations/{talk_of(seller, buyer, MONTHLY).pk}"))
    assert ASKED not in page and "collected by Demo ···· 4242" in page


def renewing(browser: Reader, right: Entitlement, offer: Offer) -> dict[str, str]:
    page = browser.get(f"/my-data/{right.pk}/renew?offer={offer.pk}")
    assert ASKED in text_of(page)
    return {name: str(page.context["form"].initial[name]) for name in ("shown", "offer")}


@pytest.mark.parametrize("is_ticked", [True, False])
def test_a_renewal_asks_as_a_purchase_does(
    seller: Actor, buyer: Actor, reader: Open, react: React, is_ticked: bool
) -> None:
    right, browser = sales.entitled(seller, buyer), reader(buyer)
    offer = sales.offer(right.dataset, seller, plan=dict(MONTHLY), sale="instant")
    more = {"keeps_method": "on"} if is_ticked else {}
    shown = renewing(browser, right, offer)
    browser.post(f"/my-data/{right.pk}/renew", **shown, has_read="on", worse="price", **more)
    charge = Charge.objects.get()
    assert charge.keeps_method is is_ticked
    pretended_payments.make(charge, by=buyer)
    react()
    assert PaymentMethod.objects.exists() is is_ticked


def test_a_renewal_that_begins_with_a_trial_leads_to_the_provider(
    seller: Actor, buyer: Actor, reader: Open, react: React
) -> None:
    """What is paid over time begins with the next term, so the sale itself says where to give the way to pay."""
    right, browser = sales.entitled(seller, buyer), reader(buyer)
    offer = sales.offer(right.dataset, seller, plan={**MONTHLY, "trial_days": 14}, sale="instant")
    shown = renewing(browser, right, offer)
    address = browser.post(
        f"/my-data/{right.pk}/renew", **shown, has_read="on", worse="price", keeps_method="on"
    )["Location"]
    following = Entitlement.objects.get(follows=right)
    assert address == f"/sales/{following.agreement_id}"
    Operation.objects.update(state="done", url="https://pay.example/setup", sent_at=timezone.now())
    page = text_of(browser.get(address))
    assert "https://pay.example/setup" in page and "The provider waits for your way to pay." in page
    assert "https://pay.example/setup" not in text_of(reader(seller).get(address))


def test_a_renewal_keeps_none_where_nothing_falls_due_later_or_the_seller_answers_first(
    seller: Actor, buyer: Actor, reader: Open
) -> None:
    right = sales.entitled(seller, buyer)
    once = sales.offer(right.dataset, seller, plan=dict(sales.PAID), sale="instant")
    asks = sales.offer(right.dataset, seller, plan=dict(MONTHLY))
    for offer, code in ((once, "method_kept_for_nothing"), (asks, "signed_later")):
        assert ASKED not in text_of(reader(buyer).get(f"/my-data/{right.pk}/renew?offer={offer.pk}"))
        found = renewals.proposal(right, offer)
        body = {
            "offer_id": str(offer.pk),
            "digest": found.digest,
            "worse": list(found.worse),
            "keeps_method": True,
        }
        answer = makers.Door(buyer).post(f"/api/v1/entitlements/{right.pk}/renew", body)
        assert (answer.status_code, json.loads(answer.content)["type"].rpartition(":")[2]) == (409, code)
