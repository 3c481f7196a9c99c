"""The nightly sweep: what is older than its period goes, what a hold covers stays, and a sweep that is cut short is
taken up by the next."""

import json
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from compliance import legal
from compliance.breaches import register, reports, scopes
from compliance.models import Breach, BreachRecipient, BreachReport, Export, Sweep
from compliance.retention import legal_holds, periods, sweep
from compliance.retention.legal_holds import Asked
from compliance.transfers import desk as transfers_desk
from exchange.kernel.actors import Actor
from exchange.kernel.errors import Conflict
from exchange.kernel.models import Event
from exchange.participants import vault
from exchange.participants.actors.actors import actor_of_member
from exchange.participants.models import ForgottenYear, Member, Pseudonym, VaultKey, VaultRecord
from tests import makers
from tests.compliance.breaches.conftest import found

ADDRESS = {"address": "203.0.113.77", "agent": "reader/8.0"}
DAY = timedelta(days=1)
AT = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)


def place(officer: Actor, scope: str, target: object = "", **more: Any) -> Any:
    known = {
        "since": None,
        "until": None,
        "authority": "A court",
        "reference": "",
        "review_on": date(2040, 1, 1),
    }
    asked = Asked(scope=scope, target=str(target), reason="The court asked for it.", **{**known, **more})
    return legal_holds.place(asked, by=officer)


@pytest.fixture
def member(now: datetime, db: None) -> Member:
    return makers.member(makers.participant("Buyer GmbH", "DE", now), "trader", now)


def taken(member: Member, at: datetime, story: Callable[..., Any], public_log: Any) -> Any:
    """A transfer by this person, with their address sealed under the name of that year."""
    name = actor_of_member(member, at).name
    record_id, digest = vault.seal(name, ADDRESS, at)
    sealed = {"sealed": {"record": str(record_id), "sha256": digest}}
    told = story(buyer_id=member.participant_id, at=at, changed=sealed).whole()
    public_log.seal(at)
    told.record_id, told.name = record_id, name
    return told


def readable(told: Any) -> bool:
    return VaultRecord.objects.filter(pk=told.record_id, sealed__isnull=False).exists()


@pytest.mark.django_db
def test_addresses_go_after_their_period_then_the_key_then_the_name(
    member: Member, story: Callable[..., Any], public_log: Any
) -> None:
    early = taken(member, AT, story, public_log)
    late = taken(member, AT + 20 * DAY, story, public_log)
    year = 365 * DAY
    assert sweep.sweep(now=AT + year) == 0, "it is not older than a year"
    assert sweep.sweep(now=AT + year + DAY) == 1
    assert not readable(early) and readable(late)
    assert VaultKey.objects.get(pk=early.name).wrapped is not None, "something is still sealed under it"
    sweep.sweep(now=AT + year + 21 * DAY)
    assert not readable(late)
    assert VaultKey.objects.get(pk=early.name).wrapped is None, "the year is over, and nothing is left"
    assert Pseudonym.objects.filter(name=early.name).exists()
    sweep.sweep(now=datetime(2029, 12, 31, tzinfo=UTC))
    assert Pseudonym.objects.filter(name=early.name).exists(), "three years from the end of 2026 are not over"
    sweep.sweep(now=datetime(2030, 1, 2, tzinfo=UTC))
    assert not Pseudonym.objects.filter(name=early.name).exists() and ForgottenYear.objects.get().year == 2026
    told = [json.loads(bytes(event.leaf))["facts"] for event in Event.objects.filter(name="retention.swept")]
    assert [fact["kind"] for fact in told] == ["sealed_address", "sealed_address", "actor_identity"]
    assert {fact["profile_sha256"] for fact in told} == {legal.current().sha256}
    assert Sweep.objects.count() == 3 and Event.objects.filter(name="vault.shredded").count() == 1


@pytest.mark.django_db
def test_what_a_hold_covers_stays_until_its_release(
    member: Member,
    story: Callable[..., Any],
    public_log: Any,
    officer: Actor,
    seller: Actor,
    without_known_targets: None,
) -> None:
    one = taken(member, AT, lambda **more: story(seller.participant_id, **more), public_log)
    someone = makers.member(makers.participant("Other SARL", "FR", AT), "trader", AT)
    other = taken(someone, AT + 200 * DAY, story, public_log)
    later = officer.moved_to(AT + 900 * DAY)
    for scope, more in (
        ("dataset", {"target": one.row.dataset_id}),
        ("participant", {"target": member.participant_id}),
        ("participant", {"target": seller.participant_id}),
        ("agreement", {"target": one.agreement_id}),
        ("person", {"target": one.name}),
        ("period", {"since": AT - DAY, "until": AT + DAY}),
        ("log_year", {"target": "2026"}),
    ):
        hold = place(officer, scope, **more)
        waiting = sweep.waiting(legal.current(), now=later.at)[0]
        assert (waiting.kind, waiting.due, waiting.held) == ("sealed_address", 1, 1), scope
        with pytest.raises(Conflict) as refusal:
            transfers_desk.shred(one.row.pk, "The person asked to be erased.", by=later)
        assert refusal.value.code == "legally_held" and readable(one)
        legal_holds.release(hold, "The court has closed its case.", by=officer)
    last = place(officer, "person", one.name)
    assert sweep.sweep(now=later.at) == 1
    assert readable(one) and not readable(other)
    assert Sweep.objects.get().held == 1
    legal_holds.release(last, "The court has closed its case.", by=later)
    assert sweep.sweep(now=later.at) == 1 and not readable(one)


@pytest.fixture
def without_known_targets(monkeypatch: pytest.MonkeyPatch, db: None) -> None:
    """A story's dataset and agreement are known to the log by their transfer alone."""
    monkeypatch.setattr(legal_holds, "_is_known", lambda scope, target: True)


@pytest.mark.django_db
def test_a_sweep_that_is_cut_short_is_taken_up_again(
    member: Member, story: Callable[..., Any], public_log: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    told = [taken(member, AT + number * DAY, story, public_log) for number in range(5)]
    monkeypatch.setattr(sweep, "BATCH", 2)
    later = AT + 500 * DAY
    for left in (3, 1, 0, 0):
        sweep.sweep(now=later, at_most=1)
        assert sum(map(readable, told)) == left
    assert [row.dropped for row in Sweep.objects.filter(kind="sealed_address").order_by("pk")] == [2, 2, 1]


@pytest.mark.django_db
def test_closed_breaches_and_old_exports_go_too(officer: Actor, left_scope: Breach) -> None:
    breach, later = left_scope, officer.moved_to(AT + 2_000 * DAY)
    Export.objects.create(
        participant_id=officer.participant_id,
        form="csv",
        filters={},
        state="expired",
        asked_at=AT,
        expires_at=AT,
    )
    assert sweep.sweep(now=later.at) == 1 and not Export.objects.exists(), "an open breach stays"
    Breach.objects.filter(pk=breach.pk).update(state="closed", closed_at=AT + DAY)
    assert sweep.sweep(now=AT + 1_000 * DAY) == 0
    hold = place(officer, "participant", officer.participant_id)
    assert sweep.sweep(now=later.at) == 0
    legal_holds.release(hold, "The court has closed its case.", by=officer)
    assert sweep.sweep(now=later.at) == 1
    assert not (Breach.objects.exists() or BreachRecipient.objects.exists() or BreachReport.objects.exists())


@pytest.fixture
def left_scope(officer: Actor, story: Callable[..., Any], public_log: Any) -> Breach:
    """A breach with a scope and a report."""
    told = story().whole()
    public_log.publish()
    breach = register.open_breach(found(officer.at), by=officer)
    scopes.take(breach, scopes.Asked(dataset=told.row.dataset_id), by=officer)
    register.assess(breach, risk="risk", method="ENISA", reasons="Names and addresses.", by=officer)
    reports.tell_authority(breach, reports.Sent("portal", officer.at, is_last=True), by=officer)
    return breach


def test_a_period_is_counted_back_by_the_calendar() -> None:
    back = legal.Period(months=1)
    for now, before in (
        ("2026-03-31", "2026-02-28"),
        ("2028-03-30", "2028-02-29"),
        ("2027-01-15", "2026-12-15"),
    ):
        given = datetime.fromisoformat(now).replace(tzinfo=UTC)
        assert periods.before(back, given).date().isoformat() == before
