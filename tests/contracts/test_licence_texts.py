"""Documents of sellers: kept as they came, once, named by their SHA-256, and read by those whom a contract concerns."""

import hashlib
from typing import Any

import pytest

from contracts.licence_texts import licence_texts
from contracts.models import LicenceText, Offer, Round
from contracts.negotiations import negotiations
from contracts.offers import offers
from exchange.kernel.actors import Actor
from exchange.kernel.errors import Forbidden, Invalid
from exchange.kernel.models import Event
from tests import dataset_makers, makers, sales

pytestmark = pytest.mark.django_db
PDF = b"%PDF-1.7\n" + bytes(range(256))
SHA256 = hashlib.sha256(PDF).hexdigest()


def test_a_document_is_kept_once_and_told_without_its_words(seller: Actor) -> None:
    kept = licence_texts.keep(PDF, title="Clauses types", by=seller)
    again = licence_texts.keep(PDF, title="Another title", by=seller)
    assert (kept.pk, kept.sha256, kept.size_bytes, again.title) == (again.pk, SHA256, len(PDF), "Clauses types")
    assert bytes(LicenceText.objects.get().content) == PDF
    leaf = bytes(Event.objects.get(name="licence_text.kept").leaf)
    assert SHA256.encode() in leaf and b"Clauses types" not in leaf


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "licence_text_malformed"),
        (b"<html>", "licence_text_malformed"),
        (b" %PDF-1.7", "licence_text_malformed"),
        (b"%PDF-" + b"x" * (licence_texts.LARGEST_BYTES - 4), "licence_text_too_large"),
    ],
)
def test_what_is_no_pdf_or_too_large_is_refused(content: bytes, code: str, seller: Actor) -> None:
    with pytest.raises(Invalid) as refusal:
        licence_texts.keep(content, title="A title", by=seller)
    assert refusal.value.code == code
    assert not LicenceText.objects.exists()


def test_who_may_not_sell_keeps_none(seller: Actor, now: Any) -> None:
    with pytest.raises(Forbidden):
        licence_texts.keep(PDF, title="A title", by=makers.officer(now))
    assert not LicenceText.objects.exists()


def test_terms_name_only_what_their_seller_keeps(seller: Actor, buyer: Actor) -> None:
    dataset = dataset_makers.published(seller)
    licence_texts.keep(PDF, title="Mine", by=buyer)  # somebody else's does not count
    for title in ("Mine", "Other"):
        with pytest.raises(Invalid) as refusal:
            sales.offer(dataset, seller, terms=_terms(title))
        assert refusal.value.code == "no_such_licence_text"
        licence_texts.keep(PDF, title="Mine", by=seller)
    assert not Offer.objects.exists()
    made = sales.offer(dataset, seller, terms=_terms("Mine"))
    assert {"kind": "licence", "sha256": SHA256, "title": "Mine"} in made.terms


def test_no_round_names_what_its_seller_does_not_keep(seller: Actor, buyer: Actor) -> None:
    negotiation = sales.request(sales.offer(dataset_makers.published(seller), seller), buyer)
    rounds = Round.objects.count()
    for actor in (seller, buyer):
        with pytest.raises(Invalid) as refusal:
            negotiations.counter(negotiation, on=negotiation.proposal, changes=_change("Mine"), by=actor)
        assert refusal.value.code == "no_such_licence_text"
    negotiation.refresh_from_db()
    assert (negotiation.state, Round.objects.count()) == ("requested", rounds)
    licence_texts.keep(PDF, title="Mine", by=seller)
    negotiations.counter(negotiation, on=negotiation.proposal, changes=_change("Mine"), by=buyer)
    assert Round.objects.count() == rounds + 1


def test_a_document_is_read_by_those_whom_its_offer_reaches(seller: Actor, buyer: Actor, now: Any) -> None:
    outsider = makers.trader("Outsider BV", "NL", now)
    licence_texts.keep(PDF, title="Mine", by=seller)
    unused = licence_texts.keep(PDF + b"2", title="Unused", by=seller)
    dataset = dataset_makers.published(seller)
    offer = sales.offer(dataset, seller, terms=_terms("Mine"), named=[buyer.participant_id])

    def read(actor: Actor) -> list[str]:
        return list(licence_texts.licence_texts_visible_to(actor).values_list("title", flat=True))

    assert (sorted(read(seller)), read(buyer), read(outsider)) == (["Mine", "Unused"], ["Mine"], [])
    assert sorted(read(makers.officer(now))) == ["Mine", "Unused"]
    negotiation = sales.request(offer, buyer)
    offers.withdraw(Offer.objects.get(pk=offer.pk), by=seller)
    assert negotiation.pk and read(buyer) == ["Mine"], "what was asked for stays readable"
    assert unused.title not in read(buyer)


def _change(title: str) -> list[dict[str, Any]]:
    return [{"kind": "licence", "set": {"sha256": SHA256, "title": title}}]


def _terms(title: str) -> list[dict[str, Any]]:
    return [{"kind": "licence", "sha256": SHA256, "title": title}]
