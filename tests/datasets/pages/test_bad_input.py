"""What people really type, send twice, and open too late: on the pages of datasets and revisions."""

from collections.abc import Callable

import pytest

from datasets import datasets
from datasets.models import Asset, Dataset, Declaration, Revision
from datasets.revisions import assets, revisions
from exchange.kernel.actors import Actor
from exchange.kernel.ids import new_id
from exchange.participants.members import members
from tests import dataset_makers, makers
from tests.contracts.pages.conftest import Reader, text_of
from tests.datasets.pages.test_dataset_pages import DESCRIBED, path, shown_on

pytestmark = pytest.mark.django_db
Open = Callable[..., Reader]
HOSTILE = "<script>alert(1)</script>\"'><img src=x onerror=alert(2)> {{ 7 }} {% now %} שלום 👩‍🚀"
HUGE = "é" * 100_000
ODD = [HOSTILE, HUGE, "\u202eevil", "nul\x00byte", " ", "👋" * 300, "a\u0301" * 10]


@pytest.fixture
def draft(seller: Actor) -> Dataset:
    return dataset_makers.draft(seller)


@pytest.fixture
def opened(draft: Dataset, seller: Actor) -> Revision:
    return revisions.open_revision(draft, seller)


def is_safe(page: str) -> bool:
    return "<script>alert" not in page and "<img src=x" not in page


@pytest.mark.parametrize(
    "field", ["title", "summary", "description", "keywords", "spatial", "theme", "temporal_start"]
)
def test_whatever_is_typed_in_a_description_is_kept_or_refused_and_the_rest_stays(
    seller: Actor, reader: Open, field: str
) -> None:
    browser = reader(seller)
    for typed in ODD:
        before = Dataset.objects.count()
        form = {**DESCRIBED, "summary": f"The rest of {len(typed)}", field: typed}
        answer = browser.post("/sell/datasets/new", **form)
        assert answer.status_code in (302, 422), typed[:40]
        page = text_of(browser.get(answer["Location"]) if answer.status_code == 302 else answer)
        assert is_safe(page) and (field == "summary" or "The rest of" in page)
        assert Dataset.objects.count() - before == (answer.status_code == 302)


@pytest.mark.parametrize("typed", ODD)
def test_whatever_is_typed_in_a_declaration_is_kept_or_refused(
    draft: Dataset, seller: Actor, reader: Open, typed: str
) -> None:
    browser = reader(seller)
    form = {"shown": "0", "personal_data": "pseudonymised", "purposes": typed, "source": typed}
    names = {"new-name-0": typed, "new-class-0": "none", "column:": "none", f"column:{typed[:80]}": typed[:80]}
    answer = browser.post(path(draft, "/declare"), **form, **names)
    assert answer.status_code in (302, 422)
    assert is_safe(text_of(browser.get(path(draft))))
    assert is_safe(text_of(answer)) and Declaration.objects.count() == (answer.status_code == 302)


@pytest.mark.parametrize("typed", ODD)
def test_whatever_is_typed_where_something_is_closed_closes_nothing(
    opened: Revision, seller: Actor, reader: Open, typed: str
) -> None:
    dataset_makers.upload(opened, seller, "cities.csv", dataset_makers.SMALL_CSV)
    browser, at = reader(seller), f"/sell/revisions/{opened.pk}"
    shown = shown_on(text_of(browser.get(f"{at}/seal")))
    sealed = browser.post(f"{at}/seal", shown=shown, phrase=typed)
    named = browser.post(f"{at}/files", name=typed, media_type=typed[:40])
    assert (sealed.status_code, named.status_code) == (422, 422)
    assert is_safe(text_of(sealed)) and is_safe(text_of(named))
    opened.refresh_from_db()
    assert opened.state == "open" and Asset.objects.count() == 1


@pytest.mark.parametrize("typed", [HUGE, "\u202e the other way round", "nul\x00byte in it", " " * 30])
def test_a_reason_that_cannot_be_kept_revokes_nothing(
    draft: Dataset, seller: Actor, reader: Open, typed: str
) -> None:
    sealed = dataset_makers.sealed(draft, seller)
    answer = reader(seller).post(f"/sell/revisions/{sealed.pk}/revoke", reason=typed)
    sealed.refresh_from_db()
    assert (answer.status_code, sealed.state) == (422, "sealed")


def test_a_form_that_is_sent_twice_makes_one_draft(seller: Actor, reader: Open) -> None:
    browser = reader(seller)
    first = browser.post("/sell/datasets/new", **DESCRIBED)
    again = browser.post("/sell/datasets/new", **DESCRIBED)
    assert again["Location"] == first["Location"] and Dataset.objects.count() == 1
    assert "kept already" in text_of(browser.get(again["Location"]))
    browser.post("/sell/datasets/new", **{**DESCRIBED, "title": "Another"})
    assert Dataset.objects.count() == 2


def test_what_was_made_for_one_organisation_is_nowhere_for_another(
    seller: Actor, outsider: Actor, reader: Open
) -> None:
    reader(seller).post("/sell/datasets/new", **DESCRIBED)
    reader(outsider).post("/sell/datasets/new", **DESCRIBED)
    assert Dataset.objects.count() == 2


def test_a_file_that_another_tab_removed_leads_back_to_its_revision(
    opened: Revision, seller: Actor, outsider: Actor, reader: Open
) -> None:
    asset = assets.announce(opened, name="cities.csv", media_type="text/csv", by=seller)
    browser, at = reader(seller), f"/sell/revisions/{opened.pk}"
    file = f"/sell/files/{asset.pk}"
    assert f"{file}/remove?revision={opened.pk}" in text_of(browser.get(at))
    browser.post(f"{file}/remove?revision={opened.pk}")
    for one in (file, f"{file}/remove"):
        assert browser.get(f"{one}?revision={opened.pk}")["Location"] == at
        assert browser.get(one).status_code == 404
        assert browser.get(f"{one}?revision=nonsense").status_code == 404
        assert browser.get(f"{one}?revision={new_id()}").status_code == 404
        assert reader(outsider).get(f"{one}?revision={opened.pk}").status_code == 404
    assert browser.post(f"{file}/remove?revision={opened.pk}")["Location"] == at
    assert "removed already" in text_of(browser.get(at))


def test_what_is_sealed_or_revoked_a_second_time_says_so(opened: Revision, seller: Actor, reader: Open) -> None:
    dataset_makers.upload(opened, seller, "cities.csv", dataset_makers.SMALL_CSV)
    browser, at = reader(seller), f"/sell/revisions/{opened.pk}"
    shown = shown_on(text_of(browser.get(f"{at}/seal")))
    for phrase in ("seal revision 1", "seal revision 1", ""):
        answer = browser.post(f"{at}/seal", shown=shown, phrase=phrase)
    assert answer.status_code == 409 and "Nothing was done" in text_of(answer)
    for reason in ("A column was wrong throughout.", "A column was wrong throughout.", ""):
        answer = browser.post(f"{at}/revoke", reason=reason)
    assert answer.status_code == 409 and "Nothing was done" in text_of(answer)
    assert browser.get(f"{at}/revoke")["Location"] == at
    assert browser.get(f"{at}/seal")["Location"] == at


def test_a_retired_dataset_takes_no_changes_from_an_old_tab(seller: Actor, reader: Open) -> None:
    dataset = dataset_makers.published(seller)
    browser = reader(seller)
    shown = shown_on(text_of(browser.get(path(dataset, "/describe"))))
    datasets.retire(dataset, seller)
    for act, form in (
        ("/describe", {**DESCRIBED, "shown": shown, "title": "Late"}),
        ("/declare", {"shown": "1", "personal_data": "none"}),
        ("/revisions", {}),
        ("/publish", {}),
        ("/retire", {}),
    ):
        answer = browser.post(path(dataset, act), **form)
        assert answer.status_code == 409 and "Nothing was done" in text_of(answer), act
        assert browser.get(path(dataset, act)).status_code in (302, 405)
    dataset.refresh_from_db()
    assert dataset.title == dataset_makers.FIELDS["title"] and Revision.objects.count() == 1


@pytest.mark.parametrize("query", ["?cursor=nonsense", "?cursor=" + "A" * 3_000, "?cursor=%00"])
def test_an_odd_cursor_is_refused_with_a_page(draft: Dataset, seller: Actor, reader: Open, query: str) -> None:
    answer = reader(seller).get(path(draft) + query)
    assert answer.status_code == 422 and "<h1" in text_of(answer)


def test_who_may_not_sell_at_the_moment_keeps_what_was_typed(
    seller: Actor, operator: Actor, reader: Open
) -> None:
    browser = reader(seller)
    members.suspend(makers.participant_of(seller), reason="Its licence is being looked into.", by=operator)
    answer = browser.post("/sell/datasets/new", **DESCRIBED)
    assert answer.status_code == 422 and "Cities and how many people live there." in text_of(answer)
    assert not Dataset.objects.exists()
