"""The sale's page for both sides and the officer; its documents; and the acts that are confirmed first."""

import hashlib
import json
from collections.abc import Callable

import pytest

from contracts.models import Entitlement, Message
from contracts.talks import talks
from exchange.kernel import canonical
from exchange.kernel.actors import Actor
from exchange.kernel.models import Event
from payments.models import Hold
from tests import sales
from tests.contracts.pages.conftest import Reader, text_of

pytestmark = pytest.mark.django_db
Open = Callable[..., Reader]
REASON = "Two of the files are empty, and should not be."


@pytest.fixture
def sold(seller: Actor, buyer: Actor) -> Entitlement:
    return sales.entitled(seller, buyer, plan=dict(sales.PAID))


def path(sold: Entitlement, rest: str = "") -> str:
    return f"/sales/{sold.agreement_id}{rest}"


def state_of(sold: Entitlement) -> str:
    return Entitlement.objects.get(pk=sold.pk).state


def test_data_and_money_stand_in_balance(sold: Entitlement, seller: Actor, buyer: Actor, reader: Open) -> None:
    for actor in (seller, buyer):
        page = text_of(reader(actor).get(path(sold)))
        for words in ("0 of 1 file", "€100.00", "inspection, day 1 of 14", "Held by the exchange"):
            assert words in page
        for words in ("Asked for a licence", "Approved the buyer", "Signed", "Paid €100.00", "Access opened"):
            assert words in page
        assert "Inspection ends" in page and "Access ends" in page


def test_only_the_seller_knows_what_is_left_of_the_price(
    sold: Entitlement, seller: Actor, buyer: Actor, reader: Open
) -> None:
    assert "€90.00" in text_of(reader(seller).get(path(sold)))
    assert "€90.00" not in text_of(reader(buyer).get(path(sold)))


def test_the_outsider_finds_no_sale(sold: Entitlement, outsider: Actor, reader: Open) -> None:
    browser = reader(outsider)
    for rest in ("", "/contract", "/contract.json", "/confirm", "/contest", "/suspend", "/revoke"):
        assert browser.get(path(sold, rest)).status_code == 404
    for rest in ("/confirm", "/contest", "/suspend", "/revoke"):
        assert browser.post(path(sold, rest), shown="open", reason=REASON).status_code == 404
    assert state_of(sold) == "active" and Hold.objects.get().state == "open"


def test_an_officer_s_look_is_recorded_once(sold: Entitlement, officer: Actor, reader: Open) -> None:
    answer = reader(officer, "officer", second_factor=True).get(path(sold))
    assert "This look was recorded." in text_of(answer)
    looks = Event.objects.filter(name="officer.viewed")
    assert [json.loads(bytes(look.leaf))["facts"]["agreement_id"] for look in looks] == [str(sold.agreement_id)]


def test_an_officer_does_nothing_to_a_sale(sold: Entitlement, officer: Actor, reader: Open) -> None:
    browser = reader(officer, "officer", second_factor=True)
    assert browser.post(path(sold, "/confirm"), shown="open").status_code == 403
    assert browser.post(path(sold, "/revoke"), shown="active", reason=REASON)["Location"] == path(sold)
    assert state_of(sold) == "active" and Hold.objects.get().state == "open"


def test_confirming_releases_the_money_after_a_second_question(
    sold: Entitlement, buyer: Actor, reader: Open
) -> None:
    browser = reader(buyer)
    page = text_of(browser.get(path(sold, "/confirm")))
    assert "Confirm and release €100.00" in page and "cannot be undone" in page
    assert Hold.objects.get().state == "open"
    assert browser.post(path(sold, "/confirm"), shown="open")["Location"] == path(sold)
    assert Hold.objects.get().state == "released"
    assert "Confirmed by the buyer" in text_of(browser.get(path(sold)))


def test_a_stale_confirmation_moves_nothing(sold: Entitlement, buyer: Actor, reader: Open) -> None:
    browser = reader(buyer)
    browser.post(path(sold, "/contest"), shown="open", reason=REASON)
    answer = browser.post(path(sold, "/confirm"), shown="open")
    assert answer.status_code == 409 and "Nothing was done" in text_of(answer)
    assert Hold.objects.get().state == "contested"


def test_a_difference_needs_a_reason(sold: Entitlement, buyer: Actor, seller: Actor, reader: Open) -> None:
    browser = reader(buyer)
    answer = browser.post(path(sold, "/contest"), shown="open", reason="Bad")
    assert answer.status_code == 422 and "Bad</textarea>" in text_of(answer)
    assert Hold.objects.get().state == "open"
    browser.post(path(sold, "/contest"), shown="open", reason=REASON)
    assert REASON in text_of(reader(seller).get(path(sold)))


def test_the_seller_suspends_gives_back_and_revokes(
    sold: Entitlement, seller: Actor, buyer: Actor, reader: Open
) -> None:
    browser = reader(seller)
    for verb, before, after in (
        ("suspend", "active", "suspended"),
        ("resume", "suspended", "active"),
        ("revoke", "active", "revoked"),
    ):
        assert browser.get(path(sold, f"/{verb}")).status_code == 200
        assert state_of(sold) == before
        browser.post(path(sold, f"/{verb}"), shown=before, reason=REASON)
        assert state_of(sold) == after
    assert "Revoked the access for good" in text_of(reader(buyer).get(path(sold)))


def test_the_buyer_and_a_viewer_suspend_nothing(
    sold: Entitlement, seller: Actor, buyer: Actor, reader: Open
) -> None:
    reader(buyer).post(path(sold, "/suspend"), shown="active", reason=REASON)
    assert (
        reader(seller, "viewer").post(path(sold, "/suspend"), shown="active", reason=REASON).status_code == 403
    )
    assert state_of(sold) == "active"


def test_the_contract_is_read_and_kept_as_it_was_sealed(sold: Entitlement, buyer: Actor, reader: Open) -> None:
    browser = reader(buyer)
    page = text_of(browser.get(path(sold, "/contract")))
    assert "Digest and seal hold." in page and sold.agreement.digest in page
    answer = browser.get(path(sold, "/contract.json"))
    kept = json.loads(answer.content)
    assert "attachment" in answer["Content-Disposition"]
    assert (
        hashlib.sha256(canonical.encode(kept["document"])).hexdigest()
        == kept["sha256"]
        == sold.agreement.digest
    )


def test_a_free_sale_says_that_nothing_is_charged(seller: Actor, buyer: Actor, reader: Open) -> None:
    free = sales.entitled(seller, buyer)
    page = text_of(reader(buyer).get(path(free)))
    assert "Nothing is charged for this licence." in page and "Nothing to pay" in page
    assert reader(buyer).get(path(free, "/confirm")).status_code == 404


def test_more_downloads_ask_the_database_nothing_more(
    sold: Entitlement, buyer: Actor, reader: Open, django_assert_max_num_queries: Callable[..., object]
) -> None:
    browser = reader(buyer)
    for _ in range(2):
        assert sales.start(sales.link(sold, buyer), buyer.at).code is None
    browser.get(path(sold))
    with django_assert_max_num_queries(25):  # type: ignore[attr-defined]
        browser.get(path(sold))


def test_a_long_story_ends_with_what_happened_last(
    sold: Entitlement, seller: Actor, reader: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    from contracts.entitlements import entitlements
    from contracts.sales import facts as sale_facts

    monkeypatch.setattr(sale_facts, "_MOST_EVENTS", 3)
    for verb in (entitlements.suspend, entitlements.resume, entitlements.revoke):
        verb(sold, reason="the question was looked into", by=seller)
    page = text_of(reader(seller).get(path(sold)))
    assert "Revoked the access for good" in page and "Asked for a licence" not in page


def test_the_case_file_is_one_of_the_documents(sold: Entitlement, seller: Actor, reader: Open) -> None:
    assert f'href="{path(sold)}/case-file"' in text_of(reader(seller).get(path(sold)))


def test_the_thread_of_the_request_goes_on_on_the_sale(
    sold: Entitlement, seller: Actor, buyer: Actor, officer: Actor, reader: Open
) -> None:
    talks.post(sold.agreement.negotiation, "Which counters are in it?", by=buyer)
    browser = reader(seller)
    page = text_of(browser.get(path(sold)))
    assert "Which counters are in it?" in page and f'action="{path(sold, "/messages")}"' in page
    answer = browser.post(path(sold, "/messages"), body="All of them.")
    assert answer["Location"] == path(sold, "#thread")
    for place in (path(sold), f"/negotiations/{sold.agreement.negotiation_id}"):
        assert "All of them." in text_of(reader(buyer).get(place))
    assert browser.post(path(sold, "/messages"), body="").status_code == 422
    watching = reader(officer, "officer", second_factor=True)
    assert "All of them." in text_of(watching.get(path(sold)))
    assert path(sold, "/messages") not in text_of(watching.get(path(sold)))
    assert reader(buyer, "viewer").post(path(sold, "/messages"), body="May I?").status_code == 403
    assert Message.objects.count() == 2
