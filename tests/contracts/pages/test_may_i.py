"""“May I?” as a page: asked and answered without a script, in both languages, and kept."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from contracts.models import Entitlement
from exchange.kernel.actors import Actor
from exchange.kernel.models import Event
from tests import sales
from tests.contracts.pages.conftest import Reader, text_of

pytestmark = pytest.mark.django_db
Open = Callable[..., Reader]
PATH = "/my-data/may-i"


@pytest.fixture
def held(seller: Actor, buyer: Actor) -> Entitlement:
    return sales.entitled(seller, buyer)


def ask(browser: Reader, held: Entitlement, **changes: str) -> str:
    fields = {
        "dataset": str(held.dataset_id),
        "purpose": "research",
        "country": "DE",
        "recipient": "",
        "on": "",
    }
    return text_of(browser.post(PATH, **{**fields, **changes}))


def test_who_holds_nothing_is_led_to_the_catalogue(outsider: Actor, reader: Open) -> None:
    assert "You hold no data yet" in text_of(reader(outsider).get(PATH))


def test_the_form_begins_with_what_is_known(held: Entitlement, buyer: Actor, reader: Open) -> None:
    page = text_of(reader(buyer).get(f"{PATH}?dataset={held.dataset_id}"))
    assert f'<option value="{held.dataset_id}" selected>Cities of France' in page
    assert '<option value="DE" selected>' in page


def test_the_answer_names_clause_standing_contract_and_end(
    held: Entitlement, buyer: Actor, reader: Open
) -> None:
    page = ask(reader(buyer), held)
    assert "Yes" in page and "Purpose" in page and "Evidenced" in page
    assert f"/sales/{held.agreement_id}/contract" in page
    assert Event.objects.filter(name="may_i.answered").count() == 1


def test_a_no_says_why_in_both_languages(held: Entitlement, buyer: Actor, reader: Open) -> None:
    browser = reader(buyer)
    assert "The terms do not permit this purpose." in ask(browser, held, purpose="marketing")
    browser.client.cookies["language"] = "fr"
    page = text_of(browser.get(PATH, language="fr"))
    assert "Puis-je" in page and "May I" not in page


def test_another_organisation_and_a_day_are_asked_about(
    held: Entitlement, buyer: Actor, outsider: Actor, reader: Open
) -> None:
    browser = reader(buyer)
    assert "No" in ask(browser, held, recipient=str(outsider.participant_id))
    later = buyer.at + timedelta(days=700)
    assert "The term of this licence has ended." in ask(browser, held, on=f"{later:%Y-%m-%d}")


def test_bad_input_is_shown_at_its_field_and_kept_nowhere(
    held: Entitlement, buyer: Actor, reader: Open
) -> None:
    browser = reader(buyer)
    assert "What was permitted then cannot be asked now" in ask(browser, held, on="2020-02-29")
    assert "Enter a day" in ask(browser, held, on="2027-02-30")
    for field in ("dataset", "purpose", "country", "recipient"):
        assert 'aria-invalid="true"' in ask(browser, held, **{field: "\x00nobody"})
    assert not Event.objects.filter(name="may_i.answered").exists()


def test_a_viewer_may_ask(held: Entitlement, buyer: Actor, reader: Open) -> None:
    assert "Yes" in ask(reader(buyer, "viewer"), held)


def test_the_page_of_a_holding_leads_to_it(held: Entitlement, buyer: Actor, reader: Open) -> None:
    browser = reader(buyer)
    assert f"{PATH}?dataset={held.dataset_id}" in text_of(browser.get(f"/my-data/{held.pk}"))
    assert PATH in text_of(browser.get("/my-data"))
