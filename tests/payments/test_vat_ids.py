"""VAT ids: checked by their digits at once, by the register when it answers, and what a sale relies on meanwhile."""

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest

from exchange.kernel.actors import Actor
from exchange.kernel.errors import Conflict, Forbidden, Invalid
from exchange.participants.members import entries
from payments.models import VatId
from payments.taxes import vat_ids
from tests import makers
from tests.fakes import vies as fake
from tests.fakes.vies import Vies
from tests.payments import billing
from tests.payments.stories import event_names, new_charge

GERMAN = makers.VAT_IDS["DE"]


@pytest.fixture
def vies(settings: Any) -> Iterator[Vies]:
    """The register, on loopback."""
    with fake.answering() as answering:
        settings.EXCHANGE_VIES_URL = answering.url
        settings.EXCHANGE_OUTBOUND_NETWORKS = ["127.0.0.0/8"]
        yield answering


@pytest.fixture
def asked(operator: Actor, buyer: Actor, now: datetime) -> VatId:
    """The German buyer's VAT id, which nobody has been asked about."""
    billing.describe(operator)
    found = vat_ids.register(makers.participant_of(buyer), by=makers.system(now))
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("given", "country", "kept"),
    [
        ("fr 40 303 265 045", "FR", "FR40303265045"),
        ("EL076238422", "GR", "EL076238422"),
        ("GB 123 4567 89", "GB", "GB123456789"),
        ("", "FR", ""),
    ],
)
def test_a_vat_id_is_kept_without_spaces(given: str, country: str, kept: str) -> None:
    assert entries.vat_id(given, country) == kept


@pytest.mark.parametrize(
    ("given", "country"),
    [
        ("FR41303265045", "FR"),
        ("DE406097148", "FR"),
        ("40303265045", "FR"),
        ("FR'; --", "FR"),
        ("X" * 40, "FR"),
    ],
)
def test_a_vat_id_whose_digits_do_not_hold_is_refused(given: str, country: str) -> None:
    with pytest.raises(Invalid) as refusal:
        entries.vat_id(given, country)
    assert refusal.value.code == "bad_vat_id"


def test_the_register_confirms_an_id_and_the_question_is_proven(
    vies: Vies, asked: VatId, now: datetime
) -> None:
    vies.known = {GERMAN}
    found = vat_ids.ask(asked, now=now)
    assert (found.state, found.consultation_number, found.answered_at) == ("valid", "WAPIAAA1", now)
    assert vies.asked == [
        {
            "countryCode": "DE",
            "vatNumber": GERMAN[2:],
            "requesterMemberStateCode": "FR",
            "requesterNumber": makers.VAT_IDS["FR"][2:],
        }
    ]
    assert event_names(found.pk) == ["vatid.confirmed"]
    assert vat_ids.ask_due(now=now) == 0
    assert vat_ids.ask_due(now=now + timedelta(days=31)) == 1


def test_the_register_refuses_an_id(vies: Vies, asked: VatId, now: datetime) -> None:
    assert vat_ids.ask(asked, now=now).state == "invalid"
    assert event_names(asked.pk) == ["vatid.refused"]


@pytest.mark.parametrize("trouble", ["MS_UNAVAILABLE", "html", 500, 503])
def test_a_register_that_does_not_answer_is_asked_again(
    vies: Vies, asked: VatId, now: datetime, trouble: str | int
) -> None:
    vies.known, vies.troubles = {GERMAN}, [trouble, trouble]
    first = vat_ids.ask(asked, now=now)
    assert (first.state, first.attempts, first.due_at) == ("unverified", 1, now + timedelta(minutes=5))
    assert vat_ids.ask_due(now=now + timedelta(minutes=4)) == 0
    assert vat_ids.ask_due(now=now + timedelta(minutes=5)) == 1
    assert vat_ids.ask_due(now=now + timedelta(minutes=15)) == 1
    asked.refresh_from_db()
    assert (asked.state, asked.attempts) == ("valid", 0)
    assert len(vies.asked) == 3


def test_an_unset_register_is_never_asked(asked: VatId, now: datetime, settings: Any) -> None:
    assert settings.EXCHANGE_VIES_URL == ""
    assert vat_ids.ask(asked, now=now).state == "unverified"
    assert vat_ids.ask_due(now=now + timedelta(days=9)) == 0


def test_a_reaction_asks_once_an_organisation_has_said_its_id(
    vies: Vies, operator: Actor, now: datetime, react: Callable[..., int]
) -> None:
    vies.known = {GERMAN}
    buyer = makers.trader("Buyer GmbH", "DE", now)
    react()
    assert VatId.objects.get(participant_id=buyer.participant_id).state == "valid"


@pytest.mark.parametrize(
    ("policy", "state", "treatment", "tax"),
    [
        ("charge", "unverified", "one_stop_shop", 1_900),
        ("accept", "unverified", "reverse_charge", 0),
        ("charge", "valid", "reverse_charge", 0),
        ("accept", "invalid", "one_stop_shop", 1_900),
    ],
)
def test_a_sale_relies_on_an_id_as_the_operator_chose(
    asked: VatId,
    buyer: Actor,
    seller: Actor,
    now: datetime,
    settings: Any,
    policy: str,
    state: str,
    treatment: str,
    tax: int,
) -> None:
    settings.EXCHANGE_VAT_ID_POLICY = policy
    if state != "unverified":
        vat_ids.note(asked, is_valid=state == "valid", consultation_number="W1", by=makers.system(now))
    charge = new_charge(buyer, seller)
    assert (charge.vat_treatment, charge.tax_minor) == (treatment, tax)
    seen = charge.vat_evidence["buyer"]
    assert (seen["vat_id"], seen["vat_id_state"], seen["country"]) == (GERMAN, state, "DE")
    assert seen["consultation_number"] == ("" if state == "unverified" else "W1")


def test_an_operator_notes_what_it_saw_and_nobody_else_does(
    asked: VatId, operator: Actor, buyer: Actor
) -> None:
    own = makers.participant_of(buyer)
    with pytest.raises(Forbidden):
        vat_ids.look_up(own, is_valid=True, by=buyer)
    with pytest.raises(Forbidden) as refusal:
        vat_ids.look_up(makers.participant_of(operator), is_valid=True, by=operator)
    assert refusal.value.code == "own_organisation"
    assert VatId.objects.get(pk=asked.pk).state == "unverified"
    assert vat_ids.look_up(own, is_valid=True, consultation_number="W2", by=operator).state == "valid"


def test_another_id_is_asked_about_anew(asked: VatId, buyer: Actor, now: datetime) -> None:
    vat_ids.note(asked, is_valid=True, by=makers.system(now))
    billing.describe(buyer, vat_id="DE136695976")
    own = makers.participant_of(buyer)
    assert vat_ids.known_of(own) == {}
    found = vat_ids.register(own, by=makers.system(now))
    assert found is not None and found.pk != asked.pk and found.state == "unverified"


def test_an_organisation_without_a_vat_id_has_none_to_look_up(operator: Actor, now: datetime) -> None:
    own = makers.participant_of(makers.trader("Käuferin AG", "CH", now))
    assert vat_ids.register(own, by=makers.system(now)) is None
    with pytest.raises(Conflict) as refusal:
        vat_ids.look_up(own, is_valid=True, by=operator)
    assert refusal.value.code == "no_vat_id"
