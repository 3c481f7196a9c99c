"""Data requests in the browser: a buyer publishes, a seller answers with an offer that it has made for it, the buyer
reads how it fits; and what officers and others see of it."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from contracts.data_requests import data_requests
from contracts.models import DataRequest
from contracts.negotiations import negotiations
from exchange.kernel.actors import Actor
from exchange.participants.models import Notice
from tests import dataset_makers, makers, sales, wishes
from tests.contracts.pages.conftest import Reader, text_of

pytestmark = pytest.mark.django_db
Open = Callable[..., Reader]


def typed(now: Any, **changes: Any) -> dict[str, Any]:
    fields = {
        "title": "Bicycle counters",
        "wanted": wishes.WANTED,
        "theme": "TRAN",
        "purpose": "research",
        "country": "DE",
        "budget": "50",
        "currency": "EUR",
        "last_day": (now + timedelta(days=30)).date().isoformat(),
        "audience": "sellers",
    }
    return fields | changes


@pytest.mark.parametrize(
    ("path", "said"),
    [
        ("/my-data/data-requests", "You look for nothing yet"),
        ("/sell/data-requests", "No buyer looks for anything now"),
        ("/sell/data-requests?q=bicycle", "No data request has all of this"),
        ("/sell/data-requests?show=answered", "You have answered none yet"),
    ],
)
def test_an_empty_list_says_what_will_be_there(seller: Actor, reader: Open, path: str, said: str) -> None:
    browser = reader(seller)
    assert said in text_of(browser.get(path))
    assert 'lang="fr"' in text_of(browser.get(path, "fr")) and said not in text_of(browser.get(path, "fr"))


def test_from_what_is_looked_for_to_the_request_for_an_offer(
    seller: Actor, buyer: Actor, reader: Open, now: Any
) -> None:
    buying, selling = reader(buyer), reader(seller)
    done = buying.post("/my-data/data-requests/new", **typed(now))
    asked = DataRequest.objects.get()
    assert done["Location"] == f"/data-requests/{asked.pk}"
    assert "Nobody has answered" not in text_of(buying.get(done["Location"]))
    listed = text_of(selling.get("/sell/data-requests"))
    assert "Bicycle counters" in listed and "€50" not in listed
    assert 'Data requests <span class="n">1</span>' in listed
    offer = sales.offer(
        dataset_makers.published(seller), seller, named=[buyer.participant_id], plan=dict(sales.PAID)
    )
    way_back = f"/data-requests/{asked.pk}/answer?offer={offer.pk}"
    assert way_back in text_of(selling.get(f"/sell/offers/{offer.pk}"))
    assert f'value="{offer.pk}"' in text_of(selling.get(way_back))
    given: dict[str, Any] = {"edition": "1", "offer": str(offer.pk), "note": "Made for you."}
    assert (
        selling.post(f"/data-requests/{asked.pk}/answer", **given)["Location"] == f"/data-requests/{asked.pk}"
    )
    shown = text_of(buying.get(f"/data-requests/{asked.pk}"))
    for words in ("Made for you.", "Purpose permitted", "Over the budget", f"/offers/{offer.pk}/request"):
        assert words in shown
    assert "Over the budget" not in text_of(selling.get(f"/data-requests/{asked.pk}"))
    talk = sales.request(offer, buyer)
    assert f"/negotiations/{talk.pk}" in text_of(buying.get(f"/data-requests/{asked.pk}"))
    agreement = negotiations.accept(negotiations.approve(talk, by=seller), by=buyer).agreement
    assert agreement is not None
    for browser in (buying, selling):
        assert "Answered the buyer’s data request" in text_of(browser.get(f"/sales/{agreement.pk}"))


def test_a_form_that_lacks_something_says_what(buyer: Actor, reader: Open, now: Any) -> None:
    browser = reader(buyer)
    wrong = {
        "last_day": ("9999-12-31", "A deadline lies ahead"),
        "budget": ("1.234", "at most 2 decimals"),
        "theme": ("BIKE", "Choose one of the entries shown."),
        "audience": ("named", "Fill this in: the answer above asks for it."),
    }
    for field, (value, said) in wrong.items():
        answer = browser.post("/my-data/data-requests/new", **typed(now, **{field: value}))
        assert answer.status_code == 422 and said in text_of(answer)
    assert not DataRequest.objects.exists()


def test_an_act_on_an_old_page_is_refused_with_the_page_as_it_is_now(
    seller: Actor, buyer: Actor, reader: Open, now: Any
) -> None:
    asked = wishes.published(buyer)
    offer = sales.offer(dataset_makers.published(seller), seller)
    buying, selling = reader(buyer), reader(seller)
    data_requests.change(asked, wishes.wish(buyer, title="Bicycle counts"), by=buyer)
    stale = selling.post(f"/data-requests/{asked.pk}/answer", edition="1", offer=str(offer.pk))
    assert stale.status_code == 409 and "read it again" in text_of(stale) and "Bicycle counts" in text_of(stale)
    data_requests.answer(asked, offer, by=seller)
    for act, form in (("close", {"outcome": "found", "seen": "0"}), ("change", typed(now, edition="2"))):
        refused = buying.post(f"/data-requests/{asked.pk}/{act}", **form)
        assert refused.status_code == 409 and "answered" in text_of(refused)
    asked.refresh_from_db()
    assert (asked.state, asked.title) == ("open", "Bicycle counts")
    assert buying.post(f"/data-requests/{asked.pk}/close", outcome="found", seen="1").status_code == 302


def test_an_officer_finds_and_withdraws_it(buyer: Actor, officer: Actor, reader: Open) -> None:
    asked = wishes.published(buyer)
    auditing = reader(officer, "officer", second_factor=True)
    assert f"/data-requests/{asked.pk}" in text_of(auditing.get("/compliance/data-requests"))
    done = auditing.post(f"/data-requests/{asked.pk}/withdraw", reason="It asks for names of people.")
    assert done.status_code == 302
    assert "It asks for names of people." in text_of(reader(buyer).get(f"/data-requests/{asked.pk}"))
    assert reader(buyer).get("/compliance/data-requests").status_code == 403


def test_one_for_others_has_no_page(seller: Actor, buyer: Actor, outsider: Actor, reader: Open) -> None:
    asked = wishes.published(buyer, named=[seller.participant_id])
    given = wishes.answered(asked, seller)
    browser = reader(outsider)
    for path in ("", "/answer", "/change", "/close"):
        assert browser.get(f"/data-requests/{asked.pk}{path}").status_code == 404
    for act in ("withdraw", "decline"):
        assert browser.get(f"/answers/{given.pk}/{act}").status_code == 404
    assert "Bicycle" not in text_of(browser.get("/sell/data-requests"))


def test_those_it_concerns_are_told_once(
    seller: Actor, buyer: Actor, outsider: Actor, officer: Actor, react: Callable[..., int]
) -> None:
    people = {name: makers.member(makers.participant_of(actor), "trader", actor.at) for name, actor in
              (("seller", seller), ("buyer", buyer), ("outsider", outsider))}  # fmt: skip
    asked = wishes.published(buyer, named=[seller.participant_id])
    silent, spoken = wishes.answered(asked, seller), wishes.answered(asked, seller)
    data_requests.decline(silent, by=buyer)
    data_requests.decline(spoken, word="Too dear for us.", by=buyer)
    data_requests.withdraw(asked, reason="It asks for names of people.", by=officer)
    react()
    told = {
        name: sorted(
            Notice.objects.filter(member=one, news__startswith="datarequest").values_list("news", flat=True)
        )
        for name, one in people.items()
    }
    assert told["seller"] == ["datarequest.published/seller", "datarequestanswer.declined/seller"]
    assert told["buyer"] == ["datarequest.withdrawn/buyer", *["datarequestanswer.given/buyer"] * 2]
    assert told["outsider"] == []


def test_the_wizard_begins_with_the_buyer_that_it_is_for(seller: Actor, buyer: Actor, reader: Open) -> None:
    dataset, browser = dataset_makers.published(seller), reader(seller)
    start = text_of(browser.get(f"/sell/datasets/{dataset.pk}/offers/start?for={buyer.participant_id}"))
    assert f"for={buyer.participant_id}" in start
    page = text_of(browser.get(f"/sell/datasets/{dataset.pk}/offers/new?for={buyer.participant_id}"))
    assert f'<option value="{buyer.participant_id}" selected' in page
