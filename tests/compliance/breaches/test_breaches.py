"""The register of breaches: its clock, whom a breach reaches, who is told, and what is written before it closes."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction

from compliance import legal
from compliance.breaches import clock, lines, register, reports, scopes, stops
from compliance.breaches.reports import Sent
from compliance.breaches.scopes import Asked
from compliance.health import access
from compliance.models import Breach, BreachReport, BreachScope, BreachStop
from exchange.kernel.actors import Actor
from exchange.kernel.errors import Conflict, Forbidden, Invalid
from exchange.kernel.ids import new_id
from exchange.kernel.models import Event
from exchange.participants.models import Participant
from tests.compliance.breaches.conftest import HOUR, WHAT, Left, found

REASON = "Its credentials are in the wrong hands."


def names() -> list[str]:
    return list(Event.objects.filter(name__startswith="breach").order_by("id").values_list("name", flat=True))


def sent(at: datetime, **more: Any) -> Sent:
    return Sent(**{"channel": "portal", "sent_at": at, "is_last": True, "reference": "2026-77", **more})


@pytest.mark.django_db
def test_the_clock_runs_from_becoming_aware_for_as_long_as_the_profile_says(
    officer: Actor, settings: Any, tmp_path: Path
) -> None:
    opened = register.open_breach(found(officer.at), by=officer)
    assert opened.due_at == opened.became_aware_at + 72 * HOUR
    longer = json.loads(legal.PACKAGED.read_bytes())
    longer["periods"]["breach.authority"] = {"hours": 96}
    longer["version"] = "after the omnibus"
    (tmp_path / "law.json").write_text(json.dumps(longer))
    settings.EXCHANGE_LEGAL_PROFILE = str(tmp_path / "law.json")
    later = register.open_breach(found(officer.at), by=officer)
    assert later.due_at == later.became_aware_at + 96 * HOUR
    assert (later.profile_version, opened.profile_version) == ("after the omnibus", legal.load().version)
    assert clock.profile_of(opened).period(clock.AUTHORITY).hours == 72, (
        "what was kept decides, not what is in force"
    )


@pytest.mark.django_db
@pytest.mark.parametrize(
    "aware",
    [datetime(2026, 3, 28, 12, tzinfo=UTC), datetime(2026, 10, 24, 12, tzinfo=UTC)],
    ids=["spring", "autumn"],
)
def test_daylight_saving_neither_shortens_nor_lengthens_the_clock(officer: Actor, aware: datetime) -> None:
    opened = register.open_breach(found(aware, became_aware_at=aware, detected_at=aware), by=officer)
    assert opened.due_at - aware == timedelta(hours=72)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("more", "code"),
    [
        ({"became_aware_at": "later"}, "aware_in_future"),
        ({"detected_at": "later"}, "moments_wrong"),
        ({"occurred_from": "later"}, "moments_wrong"),
        ({"occurred_until": "later"}, "moments_wrong"),
        ({"kinds": []}, "invalid"),
        ({"kinds": ["confidentiality", "gossip"]}, "invalid"),
        ({"reported_by": "nobody"}, "invalid"),
        ({"what": "short"}, "invalid"),
    ],
)
def test_a_breach_that_cannot_be_is_not_opened(officer: Actor, more: dict[str, Any], code: str) -> None:
    given = {name: officer.at + HOUR if value == "later" else value for name, value in more.items()}
    with pytest.raises(Invalid) as refusal:
        register.open_breach(found(officer.at, **given), by=officer)
    assert refusal.value.code == code
    assert not Breach.objects.exists() and names() == []


@pytest.mark.django_db
def test_whom_a_breach_reaches_is_frozen_with_the_head_that_proves_it(
    officer: Actor, left: Left, breach: Breach, public_log: Any, settings: Any, tmp_path: Path
) -> None:
    settings.EXCHANGE_ACCESS_DIR = tmp_path / "access"
    dataset, seller, at = left.one.row.dataset_id, left.one.row.seller_id, officer.at
    access.note_begin("secret-token", left.two.row.pk, at=at - 3 * HOUR)
    by_dataset = scopes.take(breach, Asked(dataset=dataset), by=officer)
    assert (by_dataset.transfers, by_dataset.recipients, by_dataset.sent_bytes) == (2, 2, 1_400)
    assert by_dataset.categories["classes"] == ["personal"]
    rows = {row.buyer_id: row for row in by_dataset.rows.all()}
    assert {buyer: row.sent_bytes for buyer, row in rows.items()} == {
        left.one.row.buyer_id: 1_000,
        left.two.row.buyer_id: 400,
    }
    leaves = Event.objects.filter(subject__in=[left.one.subject, left.two.subject])
    places = sorted(one for one in leaves.values_list("leaf_index", flat=True) if one is not None)
    assert (by_dataset.first_leaf, by_dataset.last_leaf) == (places[0], places[-1])
    for asked, buyers in (
        (Asked(participant=left.other.row.buyer_id), {left.other.row.buyer_id}),
        (Asked(participant=seller), set(rows)),
        (Asked(token=access.hash_of("secret-token")), {left.two.row.buyer_id}),
        (Asked(token=access.hash_of("another")), set()),
        (Asked(until=datetime(2020, 1, 1, tzinfo=UTC)), set()),
        (Asked(since=datetime(2020, 1, 1, tzinfo=UTC)), {*rows, left.other.row.buyer_id}),
    ):
        taken = scopes.take(breach, asked, by=officer)
        assert set(taken.rows.values_list("buyer_id", flat=True)) == buyers, asked
    left.two.tell("resumed", 400, minutes=3)
    left.two.tell("completed", 1_000, minutes=4)
    public_log.publish()
    assert by_dataset.rows.get(buyer_id=left.two.row.buyer_id).sent_bytes == 400, "frozen"
    assert scopes.take(breach, Asked(dataset=dataset), by=officer).sent_bytes == 2_000
    head = Event.objects.filter(name="breach.scope_taken").order_by("id").first()
    assert head is not None and by_dataset.root.encode() in bytes(head.leaf)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("asked", "code"),
    [
        (Asked(), "scope_empty"),
        (Asked(token="nothex"), "token_hash_wrong"),
        (Asked(since=datetime(2026, 2, 1, tzinfo=UTC), until=datetime(2026, 1, 1, tzinfo=UTC)), "period_wrong"),
    ],
)
def test_a_question_without_sense_is_not_asked(officer: Actor, breach: Breach, asked: Asked, code: str) -> None:
    with pytest.raises(Invalid) as refusal:
        scopes.take(breach, asked, by=officer)
    assert refusal.value.code == code and not BreachScope.objects.exists()


@pytest.mark.django_db
def test_officers_are_warned_once_before_the_end_and_at_it(officer: Actor, breach: Breach) -> None:
    due = breach.due_at
    for at, more in (
        (due - 25 * HOUR, []),
        (due - 24 * HOUR, ["breach.deadline_neared"]),
        (due - 23 * HOUR, []),
        (due - 5 * HOUR, ["breach.deadline_neared"]),
        (due + HOUR, ["breach.deadline_passed"]),
        (due + 2 * HOUR, []),
    ):
        before = names()
        clock.tell_alarms(now=at)
        assert names() == [*before, *more], at
    other = register.open_breach(found(officer.at), by=officer)
    register.assess(other, risk="unlikely", method="ENISA", reasons="The disk was encrypted.", by=officer)
    assert clock.tell_alarms(now=due + HOUR) == 0, "nobody need be told of it"


@pytest.mark.django_db
def test_a_late_notification_says_why(officer: Actor, breach: Breach) -> None:
    late = officer.moved_to(breach.due_at + HOUR)
    register.assess(breach, risk="risk", method="ENISA", reasons="Names and addresses.", by=officer)
    with pytest.raises(Invalid) as refusal:
        reports.tell_authority(breach, sent(late.at), by=late)
    assert refusal.value.code == "delay_reason_missing" and not BreachReport.objects.exists()
    told = reports.tell_authority(
        breach, sent(late.at, delay_reason="The portal was closed.", is_last=False), by=late
    )
    assert told.phase == 1 and told.delay_reason == reports.read(told)["delay_reason"]
    assert reports.tell_authority(breach, sent(late.at), by=late).phase == 2, "only the first has a deadline"
    for moment in (breach.became_aware_at - HOUR, late.at + HOUR):
        with pytest.raises(Invalid, match="not in the future"):
            reports.tell_authority(breach, sent(moment), by=late)
    assert BreachReport.objects.count() == 2


@pytest.mark.django_db
def test_a_breach_closes_when_each_line_is_written(officer: Actor, left: Left, breach: Breach) -> None:
    everything = ["scope", "risk", "consequences", "measures_taken", "lessons"]
    with pytest.raises(Conflict) as refusal:
        register.close(breach, by=officer)
    assert refusal.value.more["lines"] == ",".join(everything) and "breach.closed" not in names()
    scopes.take(breach, Asked(dataset=left.one.row.dataset_id), by=officer)
    register.assess(breach, risk="high", method="ENISA", reasons="Health data of patients.", by=officer)
    texts = {"consequences": "Identity theft.", "measures_taken": "Keys revoked.", "lessons": "Encrypt disks."}
    register.describe(breach, texts, {"persons_count": 300}, by=officer)
    assert lines.missing(breach) == ["authority", "persons"]
    first = reports.tell_authority(breach, sent(officer.at, is_last=False), by=officer)
    body = reports.read(first)
    assert body["nature"]["what"] == WHAT and body["persons"]["about"] == 300
    assert body["reach"][0]["recipients"] == "2" and body["risk"]["level"] == "high"
    assert lines.missing(breach) == ["authority", "persons"], "a further phase is announced"
    reports.tell_authority(breach, sent(officer.at), by=officer)
    with pytest.raises(Invalid) as refused:
        register.exempt(breach, ground="34(3)(z)", reasons="Because we would rather not.", by=officer)
    assert refused.value.code == "exemption_unknown"
    register.exempt(breach, ground="34(3)(a)", reasons="The disk was encrypted.", by=officer)
    assert register.close(breach, by=officer).state == "closed"
    for act in (
        lambda: register.describe(breach, {"lessons": "Another one."}, by=officer),
        lambda: scopes.take(breach, Asked(dataset=left.one.row.dataset_id), by=officer),
        lambda: reports.tell_authority(breach, sent(officer.at), by=officer),
        lambda: stops.order(breach, kind="participant", target_id=new_id(), reason=REASON, by=officer),
    ):
        with pytest.raises(Conflict) as closed:
            act()
        assert closed.value.code == "breach_closed"
    with pytest.raises(Conflict, match="it is closed"):
        register.close(breach, by=officer)
    assert register.reopen(breach, "More has become known.", by=officer).state == "open"


@pytest.mark.django_db
def test_what_is_typed_stays_out_of_the_leaves(officer: Actor, breach: Breach) -> None:
    before = Event.objects.count()
    register.describe(breach, {"what": WHAT}, by=officer)
    assert Event.objects.count() == before, "nothing new was said"
    register.describe(breach, {"systems": "The office in Lyon"}, by=officer)
    reports.tell_persons(breach, sent(officer.at, words="Dear patient, " * 5, channel="letter"), by=officer)
    for event in Event.objects.filter(name__startswith="breach."):
        for words in (WHAT, "Lyon", "Dear patient", "2026-77"):
            assert words.encode() not in bytes(event.leaf)
    assert Event.objects.get(name="breach.described").detail.body == {"systems": "The office in Lyon"}


@pytest.mark.django_db
def test_an_organisation_is_stopped_at_once(officer: Actor, breach: Breach, buyer: Actor) -> None:
    assert buyer.participant_id
    order = {"kind": "participant", "target_id": buyer.participant_id, "reason": REASON}
    stops.order(breach, **order, by=officer)
    assert Participant.objects.get(pk=buyer.participant_id).state == "suspended"
    with pytest.raises(Conflict) as refusal:
        stops.order(breach, **order, by=officer)
    assert refusal.value.code == "stopped_before"
    with pytest.raises(Invalid):
        stops.order(breach, **{**order, "target_id": officer.participant_id}, by=officer)
    assert BreachStop.objects.count() == 1


@pytest.mark.django_db
def test_the_register_is_for_officers_alone(
    officer: Actor, operator: Actor, seller: Actor, breach: Breach
) -> None:
    for actor in (operator, seller, replace(officer, scopes=frozenset())):
        for act in (
            lambda by: register.open_breach(found(by.at), by=by),
            lambda by: register.describe(breach, {"lessons": "None at all."}, by=by),
            lambda by: scopes.take(breach, Asked(dataset=new_id()), by=by),
            lambda by: reports.tell_authority(breach, sent(by.at), by=by),
            lambda by: stops.order(breach, kind="participant", target_id=new_id(), reason=REASON, by=by),
            lambda by: register.close(breach, by=by),
        ):
            with pytest.raises(Forbidden):
                act(actor)
    assert names() == ["breach.opened"]


@pytest.mark.django_db
def test_the_database_keeps_what_was_entered_and_sent(officer: Actor, left: Left, breach: Breach) -> None:
    scopes.take(breach, Asked(dataset=left.one.row.dataset_id), by=officer)
    register.assess(breach, risk="risk", method="ENISA", reasons="Names and addresses.", by=officer)
    reports.tell_authority(breach, sent(officer.at), by=officer)
    for statement in (
        "UPDATE compliance_breach SET due_at = opened_at",
        "DELETE FROM compliance_breach",
        "UPDATE compliance_breachscope SET recipients = 0",
        "DELETE FROM compliance_breachrecipient",
        "UPDATE compliance_breachrecipient SET sent_bytes = 0",
        "UPDATE compliance_breachreport SET body = ''",
        "DELETE FROM compliance_breachreport",
    ):
        with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement)
