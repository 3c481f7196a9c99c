"""How an offer begins: with a template, a licence, an earlier offer, a policy in ODRL; and the seller's documents."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from contracts.clauses import licences
from contracts.licence_texts import licence_texts
from contracts.models import LicenceText, Offer
from contracts.odrl import policies
from contracts.own_templates import templates_of_terms
from contracts.terms import terms as usage_terms
from datasets.models import Dataset
from exchange.kernel.actors import Actor
from tests import dataset_makers, sales
from tests.contracts.pages.conftest import Reader, text_of
from tests.contracts.pages.test_offers import WRITTEN

pytestmark = pytest.mark.django_db
Open = Callable[..., Reader]


@pytest.fixture
def dataset(seller: Actor) -> Dataset:
    return dataset_makers.published(seller)


def at(dataset: Dataset, page: str) -> str:
    return f"/sell/datasets/{dataset.pk}/offers/{page}"


def policy_of(dataset: Dataset, terms: list[dict[str, Any]]) -> dict[str, Any]:
    parties = {"assigner": f"urn:uuid:{dataset.seller_id}", "assignee": None}
    return policies.written(usage_terms.parse(terms), uid="urn:x", target=f"urn:uuid:{dataset.pk}", **parties)


def test_all_beginnings_are_offered(dataset: Dataset, seller: Actor, reader: Open) -> None:
    earlier = sales.offer(dataset, seller)
    said = text_of(reader(seller).get(at(dataset, "start")))
    for code in (*templates_of_terms.TEMPLATES, *licences.LICENCES):
        assert f"?start={code}" in said
    assert f"?like={earlier.pk}" in said
    assert "Données ouvertes" in text_of(reader(seller).get(at(dataset, "start"), "fr"))


def test_a_template_fills_the_form_and_names_the_seller_as_source(
    dataset: Dataset, seller: Actor, reader: Open
) -> None:
    said = text_of(reader(seller).get(at(dataset, "new?start=research")))
    assert 'value="Research"' in said and f"{dataset.title}, {dataset.seller.name}" in said
    assert reader(seller).get(at(dataset, "new?start=nothing-of-ours")).status_code == 404


def test_a_policy_fills_the_form_and_keeps_nothing(dataset: Dataset, seller: Actor, reader: Open) -> None:
    policy = policy_of(dataset, [{"kind": "copies", "max": 7}, {"kind": "confidentiality", "years": 4}])
    answer = reader(seller).post(at(dataset, "start"), policy=json.dumps(policy))
    said = text_of(answer)
    assert answer.status_code == 200 and 'name="copies" value="7"' in said
    assert 'name="confidentiality__years" value="4"' in said
    assert not Offer.objects.exists()


@pytest.mark.parametrize(
    ("policy", "named"), [("{", "not JSON"), ('{"@type": "Offer", "colour": "red"}', "colour")]
)
def test_a_policy_that_cannot_be_read_is_refused_by_name(
    policy: str, named: str, dataset: Dataset, seller: Actor, reader: Open
) -> None:
    answer = reader(seller).post(at(dataset, "start"), policy=policy)
    assert answer.status_code == 422 and named in text_of(answer)


def test_the_builder_shows_the_clauses_and_their_odrl(dataset: Dataset, seller: Actor, reader: Open) -> None:
    filled = WRITTEN | {"confidentiality__on": "on", "confidentiality__years": "5"}
    said = text_of(reader(seller).post(at(dataset, "preview"), **filled))
    assert "for 5 years after it" in said
    assert "keepConfidential" in said and "urn:uuid:" in said


def test_the_questions_become_clauses(dataset: Dataset, seller: Actor, reader: Open) -> None:
    asked = {
        "hours__on": "on",
        "hours__start": "08:00",
        "hours__end": "18:00",
        "hours__zone": "Europe/Paris",
        "hours__days": "mon",
        "liability__on": "on",
        "liability__amount_minor": "10000.50",
        "liability__currency": "EUR",
    }
    assert reader(seller).post(at(dataset, "new"), **WRITTEN, **asked).status_code == 302
    by_kind = {clause["kind"]: clause for clause in Offer.objects.get().terms}
    assert by_kind["hours"] == {
        "kind": "hours",
        "days": ["mon"],
        "start": "08:00",
        "end": "18:00",
        "zone": "Europe/Paris",
    }
    assert by_kind["liability"] == {"kind": "liability", "amount_minor": 1_000_050, "currency": "EUR"}


def test_a_question_half_answered_is_refused_where_it_stands(
    dataset: Dataset, seller: Actor, reader: Open
) -> None:
    answer = reader(seller).post(at(dataset, "new"), **WRITTEN, audit__on="on", audit__notice_days="9")
    assert answer.status_code == 422 and "id_audit__on_error" in text_of(answer)
    assert not Offer.objects.exists()


class TestDocuments:
    PAGE = "/sell/offers/documents"

    def test_a_document_is_kept_listed_and_offered_to_the_builder(
        self, dataset: Dataset, seller: Actor, reader: Open
    ) -> None:
        browser = reader(seller)
        answer = self._sent(browser, b"%PDF-1.7 ours", "Our clauses")
        assert (answer.status_code, answer["Location"]) == (302, self.PAGE)
        kept = LicenceText.objects.get()
        assert kept.sha256 in text_of(browser.get(self.PAGE))
        assert "Our clauses" in text_of(browser.get(at(dataset, "new")))
        whole = browser.get(f"/documents/{kept.pk}")
        assert whole.content == b"%PDF-1.7 ours"
        assert whole["Content-Type"] == "application/octet-stream"
        assert whole["Content-Disposition"].startswith("attachment")

    def test_what_is_no_pdf_is_refused_beside_its_field(self, seller: Actor, reader: Open) -> None:
        answer = self._sent(reader(seller), b"hello", "Our clauses")
        assert answer.status_code == 422 and "not a PDF" in text_of(answer)
        assert not LicenceText.objects.exists()

    def test_nobody_else_reads_what_no_offer_names(self, seller: Actor, buyer: Actor, reader: Open) -> None:
        kept = licence_texts.keep(b"%PDF-1.7 ours", title="Ours", by=seller)
        assert reader(buyer).get(f"/documents/{kept.pk}").status_code == 404

    def _sent(self, browser: Reader, content: bytes, title: str) -> Any:
        document: Any = SimpleUploadedFile("ours.pdf", content, content_type="application/pdf")
        return browser.post(self.PAGE, title=title, document=document)
