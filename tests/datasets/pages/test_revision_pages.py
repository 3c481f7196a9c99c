"""The seller's pages of a revision: files announced and removed, sealed and measured; what our script is answered."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest

from datasets import datasets
from datasets.models import Asset, Dataset, Revision
from datasets.profiles import profiles
from datasets.revisions import assets, revisions
from exchange.kernel.actors import Actor
from tests import dataset_makers
from tests.contracts.pages.conftest import Reader, text_of
from tests.datasets.pages.test_dataset_pages import PEOPLE, shown_on

pytestmark = pytest.mark.django_db
Open = Callable[..., Reader]


@pytest.fixture
def draft(seller: Actor) -> Dataset:
    return dataset_makers.draft(seller)


@pytest.fixture
def opened(draft: Dataset, seller: Actor) -> Revision:
    return revisions.open_revision(draft, seller)


def path(revision: Revision, act: str = "") -> str:
    return f"/sell/revisions/{revision.pk}{act}"


def test_a_file_is_announced_by_name_and_leads_to_its_link(
    opened: Revision, seller: Actor, reader: Open
) -> None:
    browser = reader(seller)
    answer = browser.post(path(opened, "/files"), name="cities.csv", media_type="")
    asset = Asset.objects.get()
    assert (answer["Location"], asset.media_type) == (f"/sell/files/{asset.pk}", "text/csv")
    page = text_of(browser.get(answer["Location"]))
    assert "curl -f -T cities.csv http" in page and "/u/" in page


def test_a_name_is_quoted_for_the_shell(opened: Revision, seller: Actor, reader: Open) -> None:
    assets.announce(opened, name="a $(b) 'c'.csv", media_type="text/csv", by=seller)
    page = text_of(reader(seller).get(f"/sell/files/{Asset.objects.get().pk}"))
    assert "-T &#x27;a $(b) &#x27;" in page


def test_a_script_hears_refusals_as_problem_documents(opened: Revision, seller: Actor, reader: Open) -> None:
    browser = reader(seller)
    announced(browser, opened, "cities.csv")
    answer = announced(browser, opened, "cities.csv")
    assert (answer.status_code, answer["Content-Type"]) == (409, "application/problem+json")
    assert answer.json()["type"] == "urn:comptoir:problem:name_taken"
    assert Asset.objects.count() == 1


def test_a_bad_name_is_refused_at_its_field_and_stays_typed(
    opened: Revision, seller: Actor, reader: Open
) -> None:
    browser = reader(seller)
    for name in ("../etc/passwd", "", "a" * 201, ".hidden"):
        answer = browser.post(path(opened, "/files"), name=name)
        assert answer.status_code == 422
        assert not name or f'value="{name}"' in text_of(answer)
    assert not Asset.objects.exists()


def test_a_file_is_removed_after_a_question(opened: Revision, seller: Actor, reader: Open) -> None:
    asset = dataset_makers.upload(opened, seller, "cities.csv", dataset_makers.SMALL_CSV)
    browser = reader(seller)
    assert "deleted from the exchange" in text_of(browser.get(f"/sell/files/{asset.pk}/remove"))
    assert browser.post(f"/sell/files/{asset.pk}/remove")["Location"] == path(opened)
    assert not Asset.objects.exists()


def test_sealing_takes_the_phrase_and_tells_what_follows(opened: Revision, seller: Actor, reader: Open) -> None:
    dataset_makers.upload(opened, seller, "cities.csv", dataset_makers.SMALL_CSV)
    browser = reader(seller)
    page = text_of(browser.get(path(opened, "/seal")))
    assert "Sealing cannot be undone" in page and "Its digest is written to the log" in page
    shown = shown_on(page)
    wrong = browser.post(path(opened, "/seal"), shown=shown, phrase="yes")
    assert wrong.status_code == 422 and "You typed “yes”." in text_of(wrong)
    opened.refresh_from_db()
    assert opened.state == "open"
    browser.post(path(opened, "/seal"), shown=shown, phrase="Seal revision 1")
    opened.refresh_from_db()
    assert opened.is_sealed
    assert "is measuring this revision" in text_of(browser.get(path(opened)))


def test_files_that_changed_since_the_page_was_opened_are_not_sealed(
    opened: Revision, seller: Actor, reader: Open
) -> None:
    dataset_makers.upload(opened, seller, "cities.csv", dataset_makers.SMALL_CSV)
    browser = reader(seller)
    shown = shown_on(text_of(browser.get(path(opened, "/seal"))))
    dataset_makers.upload(opened, seller, "more.csv", dataset_makers.SMALL_CSV)
    answer = browser.post(path(opened, "/seal"), shown=shown, phrase="seal revision 1")
    opened.refresh_from_db()
    assert (answer.status_code, opened.state) == (409, "open")
    assert "more.csv" in text_of(answer)


def test_an_incomplete_revision_cannot_be_sealed(opened: Revision, seller: Actor, reader: Open) -> None:
    assets.announce(opened, name="cities.csv", media_type="text/csv", by=seller)
    assert reader(seller).get(path(opened, "/seal"))["Location"] == path(opened)


def test_the_page_waits_for_the_measurement_and_shows_it(
    opened: Revision, seller: Actor, reader: Open, now: datetime
) -> None:
    dataset_makers.upload(opened, seller, "people.csv", PEOPLE)
    dataset_makers.upload(opened, seller, "broken.csv", b"a,b\n1,2\n3,4,5,6\n")
    datasets.declare(opened.dataset, personal_data="none", by=seller)
    revisions.seal(opened, seller)
    browser = reader(seller)
    assert browser.get(path(opened, "/measured")).status_code == 204
    profiles.measure(str(opened.pk), now + timedelta(seconds=1))
    assert browser.get(path(opened, "/measured"))["HX-Refresh"] == "true"
    page = text_of(browser.get(path(opened)))
    assert "e-mail addresses" in page and "to correct" in page
    assert "broken.csv cannot be read" in page


def test_a_sealed_revision_is_revoked_with_a_reason(draft: Dataset, seller: Actor, reader: Open) -> None:
    sealed = dataset_makers.sealed(draft, seller)
    browser = reader(seller)
    short = browser.post(path(sealed, "/revoke"), reason="Short")
    sealed.refresh_from_db()
    assert (short.status_code, sealed.state) == (422, "sealed")
    browser.post(path(sealed, "/revoke"), reason="A column was wrong throughout.")
    sealed.refresh_from_db()
    assert sealed.state == "revoked"
    assert browser.get(path(sealed)).status_code == 200


@pytest.mark.parametrize("act", ["", "/measured", "/seal", "/revoke"])
def test_the_outsider_finds_nothing(opened: Revision, outsider: Actor, reader: Open, act: str) -> None:
    assert reader(outsider).get(path(opened, act)).status_code == 404


def test_the_outsider_a_viewer_and_a_forger_change_nothing(
    opened: Revision, seller: Actor, outsider: Actor, reader: Open
) -> None:
    asset = dataset_makers.upload(opened, seller, "cities.csv", dataset_makers.SMALL_CSV)
    for one in (path(opened, "/files"), path(opened, "/seal"), f"/sell/files/{asset.pk}/remove"):
        form = {"name": "x.csv", "shown": "x", "phrase": "seal revision 1"}
        assert reader(outsider).post(one, **form).status_code == 404
        assert reader(seller, "viewer").post(one, **form).status_code == 403
        assert reader(seller).post(one, csrf=False, **form).status_code == 403
    for one in (f"/sell/files/{asset.pk}", f"/sell/files/{asset.pk}/remove"):
        assert reader(outsider).get(one).status_code == 404
    opened.refresh_from_db()
    assert (opened.state, Asset.objects.count()) == ("open", 1)


def test_the_page_needs_as_many_queries_for_many_files_as_for_one(
    opened: Revision, seller: Actor, reader: Open, django_assert_max_num_queries: Any
) -> None:
    for number in range(6):
        dataset_makers.upload(opened, seller, f"cities-{number}.csv", dataset_makers.SMALL_CSV)
    browser = reader(seller)
    browser.get(path(opened))
    with django_assert_max_num_queries(20):
        assert "6 of 6 files stored" in text_of(browser.get(path(opened)))


def announced(browser: Reader, revision: Revision, name: str) -> Any:
    """What the page's script is answered when it announces a file."""
    browser.get(path(revision))
    token = browser.client.cookies["csrftoken"].value
    headers = {"Accept": "application/json", "X-CSRFToken": token}
    return browser.client.post(path(revision, "/files"), {"name": name}, headers=headers)
