"""A contract outlives its parties' accounts: under a pseudonym once one has closed, and without its name in the end."""

import hashlib
from datetime import timedelta
from typing import Any

import pytest

from contracts.agreements import agreements, identities, papers
from contracts.models import Agreement, Entitlement
from exchange.kernel.actors import Actor
from exchange.kernel.models import Event
from exchange.participants.members import members
from tests import makers, sales

pytestmark = pytest.mark.django_db


@pytest.fixture
def right(seller: Actor, buyer: Actor) -> Entitlement:
    return sales.entitled(seller, buyer)


def close(who: Actor, operator: Actor) -> str:
    """Close an organisation; answers the name that it had."""
    participant = makers.participant_of(who)
    members.close(participant, reason="It was wound up last month.", by=operator)
    return participant.name


def named(actor: Actor, agreement: Agreement) -> dict[str, str]:
    found = Agreement.objects.get(pk=agreement.pk)
    parties = identities.parties_visible_to(actor, found, agreements.document(found))
    return {side: party.name for side, party in parties.items()}


def test_a_closed_organisation_has_a_pseudonym_for_the_other_side_and_a_name_for_officers(
    right: Entitlement, seller: Actor, buyer: Actor, operator: Actor, officer: Actor
) -> None:
    name = close(buyer, operator)
    shown = named(seller, right.agreement)
    assert shown["seller"] == makers.participant_of(seller).name
    assert shown["buyer"] == f"Closed organisation {str(right.buyer_id)[-8:]}"
    assert named(officer, right.agreement)["buyer"] == name
    agreement = Agreement.objects.get(pk=right.agreement_id)
    for page in (papers.html(agreement, "en", by=seller), str(identities.texts_visible_to(seller, agreement))):
        assert name not in page and sales.USE not in page
    answer = makers.Door(seller).get(f"/api/v1/agreements/{agreement.pk}")
    assert answer.status_code == 200 and name not in answer.content.decode()
    assert answer.json()["parties"]["buyer"]["is_hidden"] and answer.json()["is_intact"]


def test_identities_are_erased_when_the_years_are_over_and_the_seal_holds(
    right: Entitlement, buyer: Actor, operator: Actor, officer: Actor, settings: Any
) -> None:
    settings.EXCHANGE_AGREEMENT_RETENTION_YEARS = 10
    close(buyer, operator)
    assert right.ends_at is not None
    over = right.ends_at.replace(year=right.ends_at.year + 10)
    assert identities.forget_due(now=over - timedelta(seconds=1)) == 0
    assert identities.forget_due(now=over) == 1
    assert identities.forget_due(now=over) == 0
    agreement = Agreement.objects.get(pk=right.agreement_id)
    kept = {party.side: party.identity for party in agreement.parties.all()}
    assert kept["buyer"] is None and kept["seller"] is not None
    assert agreements.is_intact(agreement)
    assert hashlib.sha256(bytes(agreement.document)).hexdigest() == agreement.digest
    assert named(officer, agreement)["buyer"].startswith("Closed organisation")
    [event] = Event.objects.filter(name="agreement.forgotten")
    assert b'"side":"buyer"' in bytes(event.leaf)


def test_who_has_not_closed_is_not_forgotten(right: Entitlement) -> None:
    assert right.ends_at is not None
    assert identities.forget_due(now=right.ends_at + timedelta(days=36_500)) == 0


def test_a_document_of_version_1_stays_readable_and_is_shown_with_pseudonyms(
    right: Entitlement, seller: Actor, buyer: Actor, operator: Actor, officer: Actor
) -> None:
    """Its bytes hold the names, so they cannot be erased."""
    agreement = right.agreement
    sides = {"seller": makers.participant_of(seller), "buyer": makers.participant_of(buyer)}
    document: dict[str, Any] = {
        side: {"id": str(one.pk), "name": one.name, "country": "DE", "registration_number": f"HRB {side}"}
        for side, one in sides.items()
    } | {"use": sales.USE, "text": {"en": [{"text": f"Only {sides['buyer'].name} may receive the data."}]}}
    open_to_all = identities.parties_visible_to(seller, agreement, document)
    assert (open_to_all["buyer"].name, open_to_all["buyer"].use) == (sides["buyer"].name, sales.USE)
    name = close(buyer, operator)
    agreement = Agreement.objects.get(pk=agreement.pk)
    shown = identities.veiled(seller, agreement, document)
    assert name not in str(shown) and sales.USE not in str(shown) and "HRB buyer" not in str(shown)
    assert shown["seller"] == document["seller"]
    assert identities.veiled(officer, agreement, document) == document
    assert identities.parties_visible_to(seller, agreement, shown)["buyer"].is_hidden
