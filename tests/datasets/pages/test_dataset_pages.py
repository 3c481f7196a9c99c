"""The seller's pages of a dataset: described, declared, opened, published, retired; and who may."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from datasets import datasets
from datasets.models import Dataset, Declaration, Revision
from datasets.revisions import revisions
from exchange.kernel.actors import Actor
from tests import dataset_makers
from tests.contracts.pages.conftest import Reader, text_of

pytestmark = pytest.mark.django_db
Open = Callable[..., Reader]
DESCRIBED = {
    "title": "Cities of France",
    "summary": "Cities and how many people live there.",
    "theme": "SOCI",
    "language": "fr",
    "keywords": "cities, people",
    "spatial": "FR",
    "temporal_start": "2020-01-01",
}
PEOPLE = b"name,email\nA,a@example.org\nB,b@example.org\nC,c@example.org\n"


@pytest.fixture
def draft(seller: Actor) -> Dataset:
    return dataset_makers.draft(seller)


def path(dataset: Dataset, act: str = "") -> str:
    return f"/sell/datasets/{dataset.pk}{act}"


def test_a_new_dataset_is_a_draft_and_leads_to_its_page(seller: Actor, reader: Open) -> None:
    answer = reader(seller).post("/sell/datasets/new", **DESCRIBED)
    made = Dataset.objects.get()
    assert (answer.status_code, answer["Location"]) == (302, path(made))
    assert (made.state, made.keywords, made.spatial) == ("draft", ["cities", "people"], ["FR"])


def test_what_was_typed_stays_and_stands_at_its_field_when_it_is_refused(seller: Actor, reader: Open) -> None:
    for wrong, said in (
        ({"title": ""}, "Fill this in."),
        ({"title": "x" * 201}, "Write at most 200 characters. You wrote 201."),
        ({"spatial": "XX"}, "XX is not an ISO 3166-1 country code"),
        ({"temporal_end": "2019-01-01"}, "is before temporal_start"),
        ({"title": "A \u202e trick"}, "U+202E"),
    ):
        page = text_of(reader(seller).post("/sell/datasets/new", **{**DESCRIBED, **wrong}))
        assert said in page and "Cities and how many people live there.</textarea>" in page
    assert not Dataset.objects.exists()


def test_hostile_text_is_shown_as_text(seller: Actor, reader: Open) -> None:
    browser = reader(seller)
    hostile = {**DESCRIBED, "title": "<script>alert(1)</script> שלום 👋", "description": "<img src=x> **bold**"}
    page = text_of(browser.get(browser.post("/sell/datasets/new", **hostile)["Location"]))
    assert "&lt;script&gt;" in page and "<script>alert" not in page and "<img src=x" not in page
    assert "<strong>bold</strong>" in page


def test_the_description_changes(draft: Dataset, seller: Actor, reader: Open) -> None:
    browser = reader(seller)
    shown = shown_on(text_of(browser.get(path(draft, "/describe"))))
    answer = browser.post(path(draft, "/describe"), **{**DESCRIBED, "title": "Towns"}, shown=shown)
    draft.refresh_from_db()
    assert (answer.status_code, draft.title) == (302, "Towns")


def test_a_description_that_somebody_changed_meanwhile_is_not_undone(
    draft: Dataset, seller: Actor, reader: Open
) -> None:
    browser = reader(seller)
    shown = shown_on(text_of(browser.get(path(draft, "/describe"))))
    datasets.describe(draft, by=seller, title="Named by another tab")
    answer = browser.post(path(draft, "/describe"), **{**DESCRIBED, "title": "Mine"}, shown=shown)
    draft.refresh_from_db()
    page = text_of(answer)
    assert (answer.status_code, draft.title) == (409, "Named by another tab")
    assert 'value="Mine"' in page and "Somebody changed the description" in page
    again = browser.post(path(draft, "/describe"), **{**DESCRIBED, "title": "Mine"}, shown=shown_on(page))
    draft.refresh_from_db()
    assert (again.status_code, draft.title) == (302, "Mine")


def test_columns_can_be_declared_before_they_are_known(draft: Dataset, seller: Actor, reader: Open) -> None:
    browser = reader(seller)
    assert "Name of column 1" in text_of(browser.get(path(draft, "/declare")))
    answer = browser.post(
        path(draft, "/declare"),
        shown="0",
        personal_data="personal",
        legal_basis="6.1.a",
        purposes="newsletter\nbilling",
        source="the subscribers",
        **{"new-name-0": "email", "new-class-0": "personal", "new-name-1": "town", "new-class-1": "none"},
    )
    declared = Declaration.objects.get()
    assert answer.status_code == 302
    assert declared.columns == {"email": "personal", "town": "none"}
    assert declared.purposes == ["newsletter", "billing"]


def test_measured_columns_are_listed_with_what_was_found(draft: Dataset, seller: Actor, reader: Open) -> None:
    datasets.declare(draft, personal_data="none", by=seller)
    dataset_makers.measured(draft, seller, {"people.csv": PEOPLE})
    browser = reader(seller)
    page = text_of(browser.get(path(draft, "/declare")))
    assert 'name="column:email"' in page and "e-mail addresses" in page and "Name of column" not in page
    whole: dict[str, Any] = {**dataset_makers.PERSONAL, "purposes": "newsletter"}
    browser.post(path(draft, "/declare"), shown="1", **whole, **{"column:email": "personal", "column:name": ""})
    assert Declaration.objects.get(number=2).columns == {"email": "personal"}


def test_a_declaration_that_says_too_little_is_refused_at_its_field(
    draft: Dataset, seller: Actor, reader: Open
) -> None:
    answer = reader(seller).post(
        path(draft, "/declare"), shown="0", personal_data="personal", source="my own source"
    )
    assert answer.status_code == 422
    assert "needs a legal_basis" in text_of(answer) and "my own source" in text_of(answer)
    assert not Declaration.objects.exists()


def test_a_stale_declaration_is_not_kept(draft: Dataset, seller: Actor, reader: Open) -> None:
    datasets.declare(draft, personal_data="none", by=seller)
    answer = reader(seller).post(path(draft, "/declare"), shown="0", personal_data="none")
    assert answer.status_code == 409 and Declaration.objects.count() == 1


def test_a_revision_is_opened_once(draft: Dataset, seller: Actor, reader: Open) -> None:
    browser = reader(seller)
    answer = browser.post(path(draft, "/revisions"))
    made = Revision.objects.get()
    assert answer["Location"] == f"/sell/revisions/{made.pk}"
    assert browser.post(path(draft, "/revisions")).status_code == 409
    assert Revision.objects.count() == 1


def test_publishing_says_what_is_missing_and_then_publishes(
    draft: Dataset, seller: Actor, reader: Open
) -> None:
    browser = reader(seller)
    answer = browser.post(path(draft, "/publish"))
    assert answer.status_code == 409 and "Declare first whether" in text_of(answer)
    datasets.declare(draft, personal_data="none", by=seller)
    dataset_makers.measured(draft, seller)
    assert "Everything before is done." in text_of(browser.get(path(draft)))
    assert browser.post(path(draft, "/publish")).status_code == 302
    draft.refresh_from_db()
    assert draft.is_published


def test_a_held_dataset_says_for_whom_it_waits_and_why(draft: Dataset, seller: Actor, reader: Open) -> None:
    datasets.declare(draft, personal_data="none", by=seller)
    dataset_makers.measured(draft, seller, {"people.csv": PEOPLE})
    browser = reader(seller)
    page = text_of(browser.get(path(draft)))
    assert "Held for an officer" in page and "<code>email</code>" in page
    assert browser.post(path(draft, "/publish")).status_code == 409
    draft.refresh_from_db()
    assert not draft.is_published


def test_retiring_is_asked_about_first(seller: Actor, reader: Open) -> None:
    dataset = dataset_makers.published(seller)
    browser = reader(seller)
    assert "never comes back" in text_of(browser.get(path(dataset, "/retire")))
    browser.post(path(dataset, "/retire"), shown="published")
    dataset.refresh_from_db()
    assert dataset.state == "retired"
    assert browser.get(path(dataset, "/retire"))["Location"] == path(dataset)


@pytest.mark.parametrize("act", ["", "/describe", "/declare", "/retire", "/offers/new"])
def test_the_outsider_finds_nothing(draft: Dataset, outsider: Actor, reader: Open, act: str) -> None:
    assert reader(outsider).get(path(draft, act)).status_code == 404


@pytest.mark.parametrize("act", ["/describe", "/declare", "/publish", "/retire", "/revisions"])
def test_the_outsider_a_viewer_and_a_forger_change_nothing(
    draft: Dataset, seller: Actor, outsider: Actor, reader: Open, act: str
) -> None:
    assert reader(outsider).post(path(draft, act), **DESCRIBED).status_code == 404
    assert reader(seller, "viewer").post(path(draft, act), **DESCRIBED).status_code == 403
    assert reader(seller).post(path(draft, act), csrf=False, **DESCRIBED).status_code == 403
    draft.refresh_from_db()
    assert (draft.title, draft.state) == (dataset_makers.FIELDS["title"], "draft")
    assert not Declaration.objects.exists() and not Revision.objects.exists()


def test_a_viewer_reads_and_finds_no_buttons(draft: Dataset, seller: Actor, reader: Open) -> None:
    revisions.open_revision(draft, seller)
    page = text_of(reader(seller, "viewer").get(path(draft)))
    assert "Cities of France" in page and "/describe" not in page and "/declare" not in page


def test_a_visitor_is_led_to_the_sign_in_page(draft: Dataset, client: Client) -> None:
    answer = client.get(path(draft))
    assert answer["Location"] == f"/accounts/login/?next=%2Fsell%2Fdatasets%2F{draft.pk}"


def test_in_french_the_pages_are_french(draft: Dataset, seller: Actor, reader: Open) -> None:
    browser = reader(seller)
    page = text_of(browser.get(path(draft), "fr"))
    for words in ("Jeux de données", "Brouillon", "Données personnelles déclarées", "Population et société"):
        assert words in page
    assert "Dans quelle mesure" in text_of(browser.get(path(draft, "/declare"), "fr"))


def test_the_page_needs_as_many_queries_for_many_revisions_as_for_one(
    draft: Dataset, seller: Actor, reader: Open, django_assert_max_num_queries: Any
) -> None:
    datasets.declare(draft, personal_data="none", by=seller)
    for _ in range(4):
        dataset_makers.measured(draft, seller)
    browser = reader(seller)
    browser.get(path(draft))
    with django_assert_max_num_queries(20):
        assert "Revision 4" in text_of(browser.get(path(draft)))


def shown_on(page: str) -> str:
    """What the form on a page says that it showed."""
    before = page.index('name="shown" value="') + len('name="shown" value="')
    return page[before : page.index('"', before)]
