"""A dataset's page: who sees it, its offers, what is shown of its contents, its revisions, and its seller's record."""

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.http import HttpResponse
from django.test import Client
from django.test.utils import CaptureQueriesContext

from compliance.log import sealing
from contracts.catalogue import catalogue, dataset_history, dataset_pages, seller_record
from contracts.models import Offer
from contracts.negotiations import negotiations
from contracts.offers import offers
from datasets import datasets
from datasets.descriptions import markup
from datasets.models import Dataset
from datasets.revisions import revisions
from exchange.kernel.actors import Actor
from exchange.look.answers import show
from tests import dataset_makers, sales
from tests.contracts import markets
from tests.contracts.pages.conftest import Reader, text_of

pytestmark = pytest.mark.django_db
Open = Callable[..., Reader]
HOURS = b"hour,town,heat\n" + b"".join(
    b"%d,%s,%s\n" % (n % 24, (b"Lyon", b"Brest", b"Lille")[n % 3], b"" if n % 7 == 0 else b"%d.5" % (n % 30))
    for n in range(240)
)
REASON = "The tail numbers are wrong."
PEOPLE = b"name,email\n" + b"".join(b"P%d,p%d@example.org\n" % (n, n) for n in range(90))


def market(seller: Actor, files: dict[str, bytes] | None = None, **described: Any) -> Dataset:
    """A dataset on the market with one paid offer."""
    dataset = dataset_makers.draft(seller, **described)
    dataset_makers.declare_free(dataset, seller)
    dataset_makers.measured(dataset, seller, files or {"hours.csv": HOURS})
    datasets.publish(dataset, seller)
    sales.offer(dataset, seller, plan=dict(sales.PAID))
    return dataset


def look(dataset: Dataset, query: str = "", language: str = "en") -> HttpResponse:
    """The page as a visitor gets it."""
    headers = {"Accept": "text/html", "Accept-Language": language}
    return Client().get(f"/datasets/{dataset.pk}{query}", headers=headers)


def plain(answer: HttpResponse) -> str:
    assert answer.status_code == 200
    return re.sub(r"\s+", " ", text_of(answer))


def test_a_visitor_sees_terms_contents_sample_revision_and_record(seller: Actor) -> None:
    dataset = market(seller)
    page = plain(look(dataset))
    for words in (
        dataset.title,
        "Seller verified",
        "No personal data found",
        "Revision 1, sealed",
        "€100.00",
        "Request this licence",
        "You sign in first.",
        "Show as a table",
        "heat has the most gaps",
        "Fields of <code>hours.csv</code>",
        "rows drawn by the exchange",
        "First revision",
        "no sales yet",
        "sha256:",
    ):
        assert words in page, words
    for shape in ('svg class="heat"', "Histogram of", "Tree map of rows by town"):
        assert shape in page, shape
    assert "style=" not in page and "0 %" not in page


def test_the_link_to_the_offer_leads_a_visitor_to_sign_in(seller: Actor) -> None:
    dataset = market(seller)
    offer = dataset.offers.get()
    assert f'href="/offers/{offer.pk}/request"' in plain(look(dataset))
    answer = Client().get(f"/offers/{offer.pk}/request", headers={"Accept": "text/html"})
    assert answer.status_code == 302 and "/accounts/login" in answer["Location"]


def test_the_page_reads_in_french(seller: Actor) -> None:
    page = plain(look(market(seller), language="fr"))
    for words in (
        "Ce qu’il contient",
        "Demander cette licence",
        "Vendeur vérifié",
        "aucune vente",
        "Échantillon",
    ):
        assert words in page, words
    for words in ("What is in it", "Request this", "Seller’s record", "How to cite", "Fields of", "Revisions"):
        assert words not in page, words


def test_who_has_no_offer_finds_nothing(seller: Actor, buyer: Actor, outsider: Actor, reader: Open) -> None:
    dataset = market(seller)
    first = dataset.offers.get()
    offers.withdraw(first, by=seller)
    named = [buyer.participant_id]
    sales.offer(dataset, seller, plan=dict(sales.FREE), named=named)
    address = f"/datasets/{dataset.pk}"
    assert look(dataset).status_code == 404
    assert reader(outsider).get(address).status_code == 404
    page = plain(reader(buyer).get(address))
    assert "For named buyers only" in page and "Research licence" in page
    assert "As buyers" not in page
    draft = dataset_makers.draft(seller, title="Not yet")
    assert look(draft).status_code == 404 and reader(buyer).get(f"/datasets/{draft.pk}").status_code == 404
    assert "This dataset is not published yet" in plain(reader(seller).get(f"/datasets/{draft.pk}"))


def test_the_seller_sees_that_the_offer_is_its_own(seller: Actor, reader: Open) -> None:
    dataset = market(seller)
    offer = dataset.offers.get()
    page = plain(reader(seller).get(f"/datasets/{dataset.pk}"))
    assert "This is your own offer." in page and f'href="/sell/offers/{offer.pk}"' in page
    assert f"/offers/{offer.pk}/request" not in page
    offers.withdraw(offer, by=seller)
    page = plain(reader(seller).get(f"/datasets/{dataset.pk}"))
    assert "You have no offer on the market" in page and "Draft an offer" in page


def test_who_asked_or_holds_is_led_there(seller: Actor, buyer: Actor, outsider: Actor, reader: Open) -> None:
    entitlement = sales.entitled(seller, buyer)
    dataset = entitlement.dataset
    page = plain(reader(buyer).get(f"/datasets/{dataset.pk}"))
    assert "You hold this data" in page and f'href="/my-data/{entitlement.pk}"' in page
    assert "You hold this data" not in plain(reader(outsider).get(f"/datasets/{dataset.pk}"))
    other = market(seller, title="Asked for")
    negotiation = sales.request(other.offers.get(), buyer)
    page = plain(reader(buyer).get(f"/datasets/{other.pk}"))
    assert f'href="/negotiations/{negotiation.pk}"' in page and "You have asked for it already" in page


def test_a_retired_dataset_is_seen_by_seller_and_holders_alone(
    seller: Actor, buyer: Actor, outsider: Actor, reader: Open
) -> None:
    entitlement = sales.entitled(seller, buyer)
    dataset = datasets.retire(entitlement.dataset, seller)
    address = f"/datasets/{dataset.pk}"
    for actor in (seller, buyer):
        page = plain(reader(actor).get(address))
        assert "not on the exchange any more" in page and "Request this licence" not in page
    assert look(dataset).status_code == 404 and reader(outsider).get(address).status_code == 404


def test_offers_are_compared_and_one_is_looked_at(seller: Actor) -> None:
    dataset = market(seller)
    free = sales.offer(dataset, seller, plan=dict(sales.FREE), terms=list(markets.OPEN), title="Open licence")
    paid = dataset.offers.exclude(pk=free.pk).get()
    page = plain(look(dataset))
    assert "The offers compared" in page and page.index("Open licence") < page.index("Research licence")
    assert f'href="/offers/{free.pk}/request"' in page
    page = plain(look(dataset, f"?offer={paid.pk}"))
    assert f'href="/offers/{paid.pk}/request"' in page and f'href="/offers/{free.pk}/request"' not in page
    for nonsense in ("nonsense", "00000000-0000-0000-0000-000000000000", "%00"):
        assert f'href="/offers/{free.pk}/request"' in plain(look(dataset, f"?offer={nonsense}"))


def test_an_instant_offer_is_bought_at_once(seller: Actor) -> None:
    dataset = market(seller)
    offers.withdraw(dataset.offers.get(), by=seller)
    sales.offer(dataset, seller, plan=dict(sales.PAID), sale=Offer.Sale.INSTANT)
    assert "Buy at once" in plain(look(dataset)) and "No approval is needed" in plain(look(dataset))


def test_a_file_and_a_field_are_chosen_by_links(seller: Actor) -> None:
    dataset = market(seller, {"hours.csv": HOURS, "cities.csv": dataset_makers.SMALL_CSV})
    page = plain(look(dataset))
    assert "Fields of <code>hours.csv</code>" in page and "Histogram of heat" in page
    page = plain(look(dataset, "?file=hours.csv&column=hour"))
    assert "Histogram of hour" in page and "Histogram of heat" not in page
    page = plain(look(dataset, "?file=cities.csv&column=heat"))
    assert "Fields of <code>cities.csv</code>" in page and "too short for a sample" in page
    assert "Fields of <code>hours.csv</code>" in plain(look(dataset, "?file=none&column=%3Cscript%3E"))


def test_no_row_and_no_value_of_people_is_shown(seller: Actor, buyer: Actor, reader: Open) -> None:
    declared = dataset_makers.draft(seller, title="Declared")
    datasets.declare(
        declared, personal_data="personal", legal_basis="6.1.a", purposes=["research"], source="Us.", by=seller
    )
    dataset_makers.measured(declared, seller, {"people.csv": PEOPLE})
    page = plain(reader(seller).get(f"/datasets/{declared.pk}"))
    assert "The seller declares personal data" in page and "p7@example.org" not in page
    assert not re.search(r"\bP7\b", page)  # the token of a form may hold these two letters
    found = dataset_makers.draft(seller, title="Found")
    dataset_makers.declare_free(found, seller)
    dataset_makers.measured(found, seller, {"people.csv": PEOPLE, "hours.csv": HOURS})
    for query in ("", "?file=people.csv", "?file=people.csv&column=email"):
        page = plain(reader(seller).get(f"/datasets/{found.pk}{query}"))
        assert "may be personal data" in page and not re.search(r"\bp\d+@example", page)


def test_what_is_not_measured_or_unreadable_says_so(seller: Actor, reader: Open) -> None:
    dataset = dataset_makers.draft(seller)
    dataset_makers.declare_free(dataset, seller)
    address = f"/datasets/{dataset.pk}"
    page = plain(reader(seller).get(address))
    assert "No revision is here now" in page and "No revision yet" in page
    dataset_makers.sealed(dataset, seller)
    assert "Not measured yet" in plain(reader(seller).get(address))
    dataset_makers.measured(dataset, seller, {"broken.csv": b'a,b\n"1,2\n3'})
    page = plain(reader(seller).get(address))
    assert "This file could not be read" in page or "Fields of" in page


def test_revisions_tell_state_changes_and_leaf(seller: Actor, now: Any, reader: Open) -> None:
    dataset = market(seller)
    first = datasets.current_revision(dataset)
    assert first is not None
    wider = b"hour,town,rain\n" + b"".join(b"%d,Lyon,%d\n" % (n % 24, n) for n in range(80))
    second = dataset_makers.measured(dataset, seller, {"hours.csv": wider})
    revisions.revoke(first, REASON, seller)
    sealing.seal_batch(now)
    page = plain(look(dataset))
    assert "Fields added: rain" in page and "Fields removed: heat" in page and "Revoked" in page
    assert second.digest in page and "Revision 2, sealed" in page and REASON not in page
    lines = dataset_history.history(dataset).lines
    assert [line.revision.number for line in lines] == [2, 1]
    assert all(line.leaf and line.leaf.place is not None for line in lines)
    assert lines[1].revoked_at == seller.at and lines[0].revoked_at is None
    revisions.revoke(second, REASON, seller)
    page = plain(look(dataset))
    assert "No revision is here now" in page and "nobody can ask for it" in page


def test_the_record_counts_sales_answers_and_revocations(seller: Actor, buyer: Actor, now: Any) -> None:
    entitlement = sales.entitled(seller, buyer)
    record = seller_record.of(entitlement.seller_id, now, now)
    assert (record.sales, record.buyers, record.requests, record.answered) == (1, 1, 1, 1)
    assert record.answer == timedelta(0) and (record.sealed, record.revoked) == (1, 0)
    sales.request(sales.offer(entitlement.dataset, seller), buyer)
    later = seller_record.of(entitlement.seller_id, now, now + timedelta(hours=1))
    assert (later.requests, later.answered) == (2, 1)
    waiting = entitlement.dataset.offers.order_by("pk").last()
    negotiations.terminate(waiting.negotiations.get(), reason="No longer needed.", by=buyer)
    assert seller_record.of(entitlement.seller_id, now, now).requests == 1
    sales.request(waiting, buyer)
    revisions.revoke(entitlement.revision, REASON, seller)
    assert seller_record.of(entitlement.seller_id, now, now).revoked == 1
    page = plain(look(market(seller)))
    assert "to 1 buyer" in page and "1 of 2 requests answered" in page


def test_a_revision_is_on_time_within_the_announced_interval(now: Any) -> None:
    days = [now + timedelta(days=day) for day in (0, 7, 14.5, 30)]
    assert seller_record.punctuality(("weekly", at) for at in days) == (3, 2)
    assert seller_record.punctuality(("irregular", at) for at in days) == (0, 0)
    assert seller_record.punctuality([("weekly", now)]) == (0, 0)


def test_hostile_text_stays_text(seller: Actor) -> None:
    nasty = "<script>alert(1)</script> \u05e9\u05dc\u05d5\u05dd 🦊"
    dataset = market(seller, title="<b>Bold</b> 🦊", description=nasty + "\n\n[x](javascript:alert(1))")
    answer = look(dataset, "?file=%3Cscript%3E&column=%22%3E%3Cscript%3E")
    page = plain(answer)
    assert "<script>alert" not in page and 'javascript:alert(1)"' not in page and "<b>Bold</b>" not in page
    assert "&lt;b&gt;Bold&lt;/b&gt; 🦊" in page and markup.render(dataset.description)


def queries_of(dataset: Dataset, client: Client) -> int:
    with CaptureQueriesContext(connection) as seen:
        assert client.get(f"/datasets/{dataset.pk}", headers={"Accept": "text/html"}).status_code == 200
    return len(seen)


def test_queries_do_not_grow_with_offers_revisions_or_columns(
    seller: Actor, buyer: Actor, reader: Open, now: Any
) -> None:
    dataset = market(seller)
    sales.request(dataset.offers.get(), buyer)
    dataset_makers.measured(dataset, seller)
    member = reader(buyer).client
    few = queries_of(dataset, Client()), queries_of(dataset, member)
    for count in range(4):
        sales.offer(dataset, seller, plan=dict(sales.PAID), title=f"Offer {count}")
        wide = b",".join(b"c%d" % n for n in range(20)) + b"\n" + b"\n".join([b"7," * 19 + b"7"] * 60)
        dataset_makers.measured(dataset, seller, {"hours.csv": HOURS, f"wide{count}.csv": wide})
    assert (queries_of(dataset, Client()), queries_of(dataset, member)) == few
    assert few[0] <= 26, few


def test_templates_ask_the_database_nothing(seller: Actor, monkeypatch: pytest.MonkeyPatch) -> None:
    dataset = market(seller)
    sales.offer(dataset, seller, plan=dict(sales.FREE))
    asked: list[str] = []

    def counted(*args: Any, **kwargs: Any) -> HttpResponse:
        with CaptureQueriesContext(connection) as seen:
            answer = show(*args, **kwargs)
        asked.extend(query["sql"] for query in seen.captured_queries if "compliance_" not in query["sql"])
        return answer

    monkeypatch.setattr(dataset_pages, "show", counted)
    look(dataset)
    assert asked == []


def test_the_page_is_only_read(seller: Actor) -> None:
    dataset = market(seller)
    answer = Client().post(f"/datasets/{dataset.pk}", headers={"Accept": "text/html"})
    assert answer.status_code == 405
    assert catalogue.dataset_visible_to(seller, dataset.pk) == dataset
