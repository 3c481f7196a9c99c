"""Every table of transitions, exhaustively: each verb from each state, legal and illegal, on real rows."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import connection, models, transaction

from compliance import gates, notices
from compliance.breaches import register
from compliance.bundles import bundles
from compliance.bundles.scopes import Scope as Matter
from compliance.classification.classification import Confidence, Evidence, Finding
from compliance.destinations import bases
from compliance.exports import kept as kept_exports
from compliance.models import Incident, IncidentHolder, SellerSearch
from compliance.queries import Filters
from compliance.requests import intake
from compliance.retention import legal_holds
from exchange.kernel import triggers
from exchange.kernel.actors import Actor
from exchange.kernel.errors import Conflict
from exchange.kernel.models import Event
from exchange.kernel.states import transition
from exchange.participants.webhooks import webhooks
from infra.descriptions import states_of, transitions, with_states
from payments.models import Charge
from payments.reconciliation import reconciliation
from payments.taxes import vat_ids
from tests import makers, over_time, sales, wishes
from tests.compliance.breaches.conftest import found
from tests.compliance.conftest import PublicLog
from tests.compliance.legal import laws
from tests.compliance.retention.test_legal_holds import asked as hold_on
from tests.payments import earnings, refund_stories


@pytest.fixture
def rows(own_database: None, seller: Actor, buyer: Actor, settings: Any, tmp_path: Path) -> Iterator[None]:
    """A sale with its transfer, a review, an export, what was earned: one row of each kind, in any state."""
    settings.EXCHANGE_STORAGE, settings.EXCHANGE_STORAGE_DIR = "files", tmp_path / "assets"
    entitlement = sales.entitled(seller, buyer, plan=sales.PAID)
    assert sales.start(sales.link(entitlement, buyer), buyer.at).code is None
    open_review(seller)
    wishes.answered(wishes.published(buyer), seller)
    webhooks.add(makers.participant_of(seller), url="https://receiver.example/", by=seller)
    settings.EXCHANGE_LOG_DIR, settings.EXCHANGE_SIGNER_DIR = tmp_path / "log", tmp_path / "signer"
    PublicLog(tmp_path / "log", tmp_path / "signer").publish(seller.at)
    kept_exports.ask(Filters(), form="csv", by=makers.officer(seller.at))
    matter = Matter(participant=seller.participant_id)
    bundles.ask(matter, addressee="CNIL", reason="Their letter of 20 November.", by=makers.officer(seller.at))
    bases.record(laws.entry(buyer, "IN"), by=makers.officer(seller.at))
    vat_ids.register(makers.participant_of(seller), by=makers.system(seller.at))
    refund_stories.one_of_each(Charge.objects.get(), seller)
    earnings.one_of_each(seller, buyer, makers.operator(seller.at))
    asked = reconciliation.ask("demo", by=makers.operator(seller.at))
    reconciliation.compare(asked.pk, seller.at + timedelta(days=1))
    settings.EXCHANGE_PAYMENT_PROVIDER, settings.EXCHANGE_MANUAL_ROLE = "manual", "reseller"
    earnings.seen(seller, buyer)
    over_time.begun(buyer, seller)
    requests_of_persons(makers.officer(seller.at))
    IncidentHolder.objects.create(
        incident=Incident.objects.create(
            kinds=["use"],
            what="Somebody else used it.",
            detected_at=seller.at,
            asked={},
            size=1,
            leaves=1,
            transfers=1,
            personal=0,
            entered_at=seller.at,
        ),
        holder_id=seller.participant_id,
        datasets=[],
        datasets_count=0,
        transfers=1,
        recipients=1,
    )
    register.open_breach(found(seller.at), by=makers.officer(seller.at))
    legal_holds.place(hold_on("participant", seller.participant_id), by=makers.officer(seller.at))
    notices.open_notice(
        occasion=f"request:{entitlement.pk}",
        kind="erasure",
        dataset_id=entitlement.dataset_id,
        revision_ids=None,
        message="Delete it, with every copy.",
        by=makers.officer(seller.at),
    )
    _let_any_state_be_written()
    yield


def open_review(seller: Actor) -> None:
    assert seller.participant_id
    found = gates.examine(
        subject=f"dataset:{seller.participant_id}",
        version="1",
        seller_id=seller.participant_id,
        declared={},
        default="none",
        findings={"mail": Finding("email", "personal", Confidence.SURE, Evidence(5, 5), "values")},
        by=seller,
    )
    assert found is not None


def requests_of_persons(officer: Actor) -> None:
    """A request, and a search that a seller was asked for."""
    asked = intake.Asked(kind="access", name="Jane Roe", email="jane@person.example")
    request = intake.take_in(asked, channel="letter", received_at=officer.at, by=officer)
    SellerSearch.objects.create(
        request=request,
        seller_id=request.pk,
        told=request.particulars,
        asked_at=officer.at,
        due_at=request.due_at,
    )


def _let_any_state_be_written() -> None:
    """Drop what would refuse a state without the columns that belong to it: that is not what is tested here."""
    with connection.cursor() as cursor:
        for trigger in triggers.registered():
            for name in trigger.names():
                of = "" if connection.vendor == "sqlite" else f" ON {trigger.model._meta.db_table}"
                cursor.execute(f"DROP TRIGGER {name}{of}")
    for model in with_states():
        checks = [one for one in model._meta.constraints if isinstance(one, models.CheckConstraint)]
        others = [one for one in model._meta.constraints if one not in checks]
        for constraint in others:
            with connection.schema_editor() as editor:
                editor.remove_constraint(model, constraint)
        # SQLite makes the table anew, with the constraints that the model has then.
        model._meta.constraints = []
        try:
            for constraint in checks:
                with connection.schema_editor() as editor:
                    editor.remove_constraint(model, constraint)
        finally:
            model._meta.constraints = [*checks, *others]


@pytest.mark.usefixtures("rows")
def test_each_verb_moves_from_its_states_alone(now: datetime) -> None:
    for model in with_states():
        for verb in transitions(model):
            moves_from_its_states_alone(model, verb, makers.system(now))


def moves_from_its_states_alone(model: type[models.Model], verb: str, by: Actor) -> None:
    sources, target, name = transitions(model)[verb]
    some = model._base_manager.first()
    assert some is not None, model
    for state in states_of(model):
        model._base_manager.filter(pk=some.pk).update(state=state)
        row, before = model._base_manager.get(pk=some.pk), Event.objects.count()
        if state in sources:
            with transaction.atomic():
                moved: Any = transition(row, verb, by=by)
            assert moved.state == target
            assert Event.objects.latest("id").name == name
        else:
            with pytest.raises(Conflict) as refusal, transaction.atomic():
                transition(row, verb, by=by)
            assert refusal.value.code == "wrong_state"
            assert model._base_manager.filter(pk=some.pk, state=state).exists()
            assert Event.objects.count() == before
