"""Where the law in force asks for it, a buyer acknowledges its duty to inform (Art. 14) before the first link to
personal data; a right from before that day is left as it was."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest

from compliance import legal
from compliance.informing import derived, queries
from compliance.models import InformingDuty, InformingWord
from contracts.entitlements import informing
from contracts.models import Entitlement
from exchange.kernel.actors import Actor
from exchange.kernel.errors import Forbidden, Invalid
from exchange.kernel.models import Event
from tests import makers, sales
from tests.compliance.legal import laws
from tests.compliance.pages.conftest import signed_in
from tests.contracts.test_negotiations import personal_offer

pytestmark = [pytest.mark.django_db, pytest.mark.by_the_clock]
CODE = "informing_not_acknowledged"
WHY = "Telling each of them would take an effort out of proportion."


@pytest.fixture
def ask(officer: Actor, settings: Any) -> Callable[[date | None], None]:
    """Put a law in force that asks for it from a day on."""
    settings.EXCHANGE_LEGAL_PROFILE_KEY = laws.trusted()

    def install(first: date | None) -> None:
        day = first.isoformat() if first else None
        laws.install(officer, lambda raw: raw.update(informing_first_from=day))

    return install


@pytest.fixture
def right(seller: Actor, buyer: Actor) -> Entitlement:
    return sales.sold(personal_offer(seller), buyer, seller)


def refused(right: Entitlement, buyer: Actor) -> str:
    with pytest.raises(Forbidden) as refusal:
        sales.link(right, buyer)
    return refusal.value.code


def test_no_link_is_given_out_before_the_buyer_has_acknowledged_it(
    right: Entitlement, buyer: Actor, seller: Actor, outsider: Actor, ask: Callable[[date | None], None]
) -> None:
    assert legal.current().informing_first_from is None
    assert sales.link(right, buyer), "the law that ships asks for nothing"
    ask(buyer.at.date())
    assert refused(right, buyer) == CODE and informing.lacks(right)
    for stranger in (seller, outsider):
        with pytest.raises(Forbidden):
            informing.say(right, by=stranger)
    assert not InformingWord.objects.exists()
    word = informing.say(right, by=buyer)
    assert informing.say(right, exemption="14.5.b", said=WHY, by=buyer) == word, "said once, and it stands"
    assert (word.exemption, word.given_at) == ("", buyer.at)
    assert sales.link(right, buyer) and not informing.lacks(right)
    assert Event.objects.filter(name="informingword.given").count() == 1


def test_a_right_from_before_that_day_is_left_as_it_was(
    right: Entitlement, buyer: Actor, ask: Callable[[date | None], None]
) -> None:
    ask(buyer.at.date() + timedelta(days=1))
    assert sales.link(right, buyer)
    ask(None)
    assert sales.link(right, buyer)


def test_data_of_nobody_asks_nobody(seller: Actor, buyer: Actor, ask: Callable[[date | None], None]) -> None:
    ask(date(2020, 1, 1))
    assert sales.link(sales.entitled(seller, buyer), buyer)


def test_an_exemption_opens_the_way_with_its_reason_and_answers_the_duty(
    right: Entitlement, buyer: Actor, ask: Callable[[date | None], None]
) -> None:
    ask(date(2020, 1, 1))
    for given in ({"exemption": "14.5.e", "said": WHY}, {"exemption": "14.5.b", "said": "short"}):
        with pytest.raises(Invalid):
            informing.say(right, **given, by=buyer)
    assert refused(right, buyer) == CODE
    informing.say(right, exemption="14.5.b", said=WHY, by=buyer)
    assert sales.start(sales.link(right, buyer), buyer.at).code is None
    started = Event.objects.get(name="transfer.started")
    derived.write([(0, bytes(started.leaf))])
    duty = InformingDuty.objects.get()
    assert (duty.how, duty.exemption, duty.said, duty.answered_at) == ("exempt", "14.5.b", WHY, buyer.at)
    assert queries.own_open(buyer) == 0
    event = Event.objects.get(name="informingword.given")
    assert WHY.encode() not in bytes(event.leaf) and event.detail.body == {"said": WHY}


def test_the_page_and_the_api_lead_there(
    right: Entitlement, buyer: Actor, door: Callable[[Actor], Any], ask: Callable[[date | None], None]
) -> None:
    ask(date(2020, 1, 1))
    client, own = signed_in(makers.member(makers.participant_of(buyer), "trader", buyer.at)), door(buyer)
    place = f"/my-data/{right.pk}"
    page = client.get(place).content.decode()
    asset = str(sales.asset_of(right).pk)
    assert f"{place}/inform" in page and "Acknowledge first" in page and f"take-{asset}" not in page
    refusal = client.post(f"{place}/download", {"asset": asset})
    assert refusal.status_code == 403 and "first acknowledge" in refusal.content.decode()
    api = f"/api/v1/entitlements/{right.pk}"
    asked = own.post(f"{api}/tokens", {"asset": asset})
    assert asked.status_code == 403 and asked.json()["type"].endswith(f":{CODE}")
    assert client.get(f"{place}/inform").status_code == 200
    assert client.post(f"{place}/inform", {"exemption": "14.5.b", "said": ""}).status_code == 422
    assert client.post(f"{place}/inform", {"exemption": "", "said": ""}).status_code == 302
    page = client.get(place).content.decode()
    assert f"{place}/inform" not in page and f"take-{asset}" in page
    assert own.post(f"{api}/tokens", {"asset": asset}).status_code == 201
    assert own.post(f"{api}/informing", {}).json()["dataset_id"] == str(right.dataset_id)


def test_the_acknowledgement_of_an_earlier_duty_counts(
    right: Entitlement, buyer: Actor, ask: Callable[[date | None], None]
) -> None:
    from compliance.informing.informing import acknowledge

    sales.start(sales.link(right, buyer), buyer.at)
    derived.write([(0, bytes(Event.objects.get(name="transfer.started").leaf))])
    ask(date(2020, 1, 1))
    assert refused(right, buyer) == CODE
    acknowledge(InformingDuty.objects.get(), by=buyer)
    assert sales.link(right, buyer)
