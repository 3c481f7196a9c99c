"""Incidents with non-personal data (Art. 12(k) of the Data Governance Act): whom one reaches by the log, that its
holders are told once it is confirmed, each apart from the others, and that each acknowledges it."""

import json
from collections.abc import Callable
from datetime import datetime, timedelta
from smtplib import SMTPRecipientsRefused
from typing import Any
from uuid import UUID

import pytest
from django.conf import settings as django_settings
from django.core import mail
from django.core.mail import EmailMessage
from django.db import DatabaseError, transaction

from compliance import legal
from compliance.incidents import holders, queries, register, telling
from compliance.incidents.reach import Asked
from compliance.incidents.register import Found
from compliance.models import Incident, IncidentHolder
from compliance.work import agenda
from exchange.kernel.actors import Actor
from exchange.kernel.errors import Conflict, Forbidden, Invalid, NotFound
from exchange.kernel.ids import new_id
from exchange.kernel.models import Event
from exchange.participants.actors.actors import actor_of_member
from exchange.participants.models import Notice
from exchange.participants.notices import mails as notice_mails
from tests import dataset_makers, makers
from tests.compliance.pages.conftest import signed_in
from tests.doors.intermediation_rows import NOTIFIED

pytestmark = pytest.mark.django_db
State = IncidentHolder.State
WHAT = "A key of the storage was found in a public place. <b>Files</b> could be read for an hour."


@pytest.fixture(autouse=True)
def notified(settings: Any) -> None:
    for name, value in NOTIFIED.items():
        setattr(settings, name, value)


@pytest.fixture
def other(database: None, now: datetime) -> Actor:
    return makers.trader("Other Seller SARL", "FR", now)


class Left:
    """Transfers of datasets of two holders, one of them also of personal data, told to the log."""

    def __init__(
        self, story: Any, log: Any, seller: Actor, other: Actor, buyer: Actor, outsider: Actor
    ) -> None:
        self.mine, self.theirs, self.personal = new_id(), new_id(), new_id()
        none = {"class": "none"}
        for who, dataset, to, more in (
            (seller, self.mine, buyer, none),
            (seller, self.mine, outsider, none),
            (other, self.theirs, buyer, none),
            (seller, self.personal, buyer, {}),
        ):
            told = story(who.participant_id, to.participant_id, changed=more)
            told.row.dataset_id = dataset
            told.whole()
        self.refused = story(other.participant_id, outsider.participant_id, changed=none)
        self.refused.row.dataset_id = self.mine
        self.refused.tell("started")
        self.refused.tell("aborted", 0, minutes=1)
        log.publish()


@pytest.fixture
def left(story: Any, public_log: Any, seller: Actor, other: Actor, buyer: Actor, outsider: Actor) -> Left:
    return Left(story, public_log, seller, other, buyer, outsider)


def found(at: datetime, **more: Any) -> Found:
    given: dict[str, Any] = {"kinds": ["access"], "what": WHAT, "detected_at": at - timedelta(hours=1)}
    return Found(**{**given, **more})


def reached(incident: Incident) -> dict[UUID, tuple[int, int, int]]:
    rows = IncidentHolder.objects.filter(incident=incident)
    return {row.holder_id: (row.datasets_count, row.transfers, row.recipients) for row in rows}


def names(*, of: str = "incident") -> list[str]:
    rows = Event.objects.filter(name__startswith=of).order_by("id")
    return list(rows.values_list("name", flat=True))


def test_the_log_says_whom_an_incident_reaches(
    left: Left, officer: Actor, seller: Actor, other: Actor, buyer: Actor, outsider: Actor
) -> None:
    mine, theirs = seller.participant_id, other.participant_id
    assert mine and theirs
    for asked, expected, personal in (
        (Asked(participant=buyer.participant_id), {mine: (1, 1, 1), theirs: (1, 1, 1)}, 1),
        (Asked(participant=outsider.participant_id), {mine: (1, 1, 1)}, 0),
        (Asked(dataset=left.mine), {mine: (1, 2, 2)}, 0),
        (Asked(dataset=left.mine, participant=buyer.participant_id), {mine: (1, 1, 1)}, 0),
        (Asked(until=officer.at + timedelta(days=9)), {mine: (1, 2, 2), theirs: (1, 1, 1)}, 1),
    ):
        incident = register.enter(found(officer.at), asked, by=officer)
        assert (reached(incident), incident.personal) == (expected, personal), asked
        assert incident.transfers == sum(one[1] for one in expected.values())
        facts = json.loads(bytes(Event.objects.filter(name="incident.entered").latest("pk").leaf))["facts"]
        assert facts["checkpoint"].split()[1:] == [str(incident.size), incident.root]
    row = IncidentHolder.objects.filter(holder_id=theirs).latest("pk")
    assert row.datasets == [str(left.theirs)] and row.first_at is not None
    with pytest.raises(DatabaseError), transaction.atomic():
        IncidentHolder.objects.filter(pk=row.pk).update(transfers=7)


def test_a_dataset_that_nobody_took_has_a_holder_too(
    officer: Actor, seller: Actor, public_log: Any, tmp_path: Any, settings: Any
) -> None:
    settings.EXCHANGE_STORAGE, settings.EXCHANGE_STORAGE_DIR = "files", tmp_path / "assets"
    dataset = dataset_makers.draft(seller)
    dataset_makers.declare_free(dataset, seller)
    revision = dataset_makers.sealed(dataset, seller)
    public_log.publish()
    incident = register.enter(found(officer.at), Asked(dataset=revision.dataset_id), by=officer)
    assert reached(incident) == {seller.participant_id: (1, 0, 0)}
    own = register.enter(found(officer.at), Asked(participant=seller.participant_id), by=officer)
    assert reached(own) == {seller.participant_id: (1, 0, 0)}
    past = Asked(dataset=revision.dataset_id, until=officer.at)
    with pytest.raises(Invalid) as refusal:
        register.enter(found(officer.at), past, by=officer)
    assert refusal.value.code == "incident_reaches_nobody"


def test_what_makes_no_sense_is_not_entered(left: Left, officer: Actor, seller: Actor, settings: Any) -> None:
    good = Asked(dataset=left.mine)
    for known, asked, code in (
        (found(officer.at, kinds=[]), good, "invalid"),
        (found(officer.at, kinds=["theft"]), good, "invalid"),
        (found(officer.at, what="short"), good, "invalid"),
        (found(officer.at, detected_at=officer.at + timedelta(minutes=1)), good, "incident_moments_wrong"),
        (found(officer.at), Asked(), "incident_scope_empty"),
        (found(officer.at), Asked(since=officer.at, until=officer.at), "period_wrong"),
        (found(officer.at), Asked(dataset=left.personal), "incident_reaches_nobody"),
        (found(officer.at), Asked(transfer=left.refused.row.pk), "incident_reaches_nobody"),
    ):
        with pytest.raises(Invalid) as refusal:
            register.enter(known, asked, by=officer)
        assert refusal.value.code == code
    with pytest.raises(Forbidden):
        register.enter(found(officer.at), good, by=seller)
    settings.EXCHANGE_INTERMEDIATION = ""
    with pytest.raises(NotFound):
        register.enter(found(officer.at), good, by=officer)
    assert names() == [] and not Incident.objects.exists()


@pytest.fixture
def entered(left: Left, officer: Actor, buyer: Actor) -> Incident:
    return register.enter(found(officer.at), Asked(participant=buyer.participant_id), by=officer)


def test_nobody_is_told_before_it_is_confirmed_or_once_it_is_dropped(
    entered: Incident, left: Left, officer: Actor, seller: Actor, now: datetime
) -> None:
    assert telling.send_due(now=now) == 0 and queries.told_visible_to(seller).count() == 0
    assert queries.open_for(officer) == 1
    dropped = register.drop(entered, "It was a test of our own people.", by=officer)
    assert dropped.dropped_at == now and telling.send_due(now=now) == 0
    with pytest.raises(Conflict):
        register.confirm(entered, by=officer)
    assert queries.open_for(officer) == 0
    assert names() == ["incident.entered", "incident.dropped"]


def test_each_holder_is_told_and_a_dead_address_blocks_nobody(
    entered: Incident,
    officer: Actor,
    seller: Actor,
    other: Actor,
    react: Callable[..., int],
    now: datetime,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    reader = makers.member(makers.participant_of(seller), "trader", now, email="reader@seller.example")
    register.confirm(entered, by=officer)
    with pytest.raises(Conflict):
        register.confirm(entered, by=officer)
    assert telling.send_due(now=now) == 2 and telling.send_due(now=now) == 0
    react(now)
    refuse_all_but(monkeypatch, "reader@seller.example")
    for days in range(5):
        notice_mails.send_due(now=now + timedelta(days=days, minutes=1))
        telling.look(now=now + timedelta(days=days, minutes=2))
    assert [message.to for message in mail.outbox] == [["reader@seller.example"]]
    body = str(mail.outbox[0].body)
    assert "reached without authorisation" in body and "public place" not in body, "what happened stays here"
    mine, theirs = (IncidentHolder.objects.get(holder_id=one.participant_id) for one in (seller, other))
    assert (mine.state, theirs.state) == (State.DELIVERED, State.UNDELIVERED)
    assert {(way["code"], way["is_taken"]) for way in theirs.ways} == {("mail_not_taken", False)}
    notice = Notice.objects.get(member=reader, news__startswith="incidentholder.")
    assert notice.facts["incident"] == str(entered.pk)
    later = officer.moved_to(now + timedelta(days=6))
    handed = holders.hand_over(theirs, "A registered letter, number 4711.", by=later)
    assert (handed.state, handed.ways[-1]["channel"]) == (State.DELIVERED, "hand")
    leaf = Event.objects.filter(name="incidentholder.delivered").latest("pk").leaf
    assert b"registered" not in bytes(leaf)


def refuse_all_but(monkeypatch: pytest.MonkeyPatch, address: str) -> None:
    """The mail server takes mail to this address alone."""
    sending = EmailMessage.send

    def send(message: EmailMessage, *args: Any, **kwargs: Any) -> int:
        if message.to != [address]:
            raise SMTPRecipientsRefused({message.to[0]: (550, b"no such mailbox")})
        return sending(message, *args, **kwargs)

    monkeypatch.setattr(EmailMessage, "send", send)


def test_a_holder_acknowledges_and_the_log_of_its_intermediation_has_it(
    entered: Incident, officer: Actor, seller: Actor, other: Actor, buyer: Actor, public_log: Any, now: datetime
) -> None:
    from compliance.intermediation import holder_log

    register.confirm(entered, by=officer)
    telling.send_due(now=now)
    mine = queries.told_visible_to(seller).get()
    assert queries.waiting_for(seller) == 1 and queries.waiting_for(buyer) == 0
    for stranger in (buyer, other):
        with pytest.raises(NotFound):
            queries.one_told_visible_to(stranger, mine.pk)
        with pytest.raises(Forbidden):
            holders.acknowledge(mine, by=stranger)
    with pytest.raises(Forbidden):
        holders.acknowledge(mine, by=officer)
    for _ in range(2):
        assert holders.acknowledge(mine, by=seller).acknowledged_at == now
    assert queries.waiting_for(seller) == 0
    assert queries.tallies([entered])[entered.pk].acknowledged == 1 and queries.open_for(officer) == 1
    theirs = IncidentHolder.objects.get(holder_id=other.participant_id)
    holders.acknowledge(theirs, by=other)
    assert queries.open_for(officer) == 0
    with pytest.raises(Conflict):
        holders.chase(mine, by=officer)
    assert names().count("incidentholder.acknowledged") == 2
    public_log.publish()
    log = "".join(str(one) for one in holder_log.take(None, form="csv", by=seller).pieces)
    assert "incidentholder.notified" in log and "incidentholder.acknowledged" in log
    assert str(theirs.pk) not in log, "no other holder"


def test_who_does_not_acknowledge_is_reminded_twice(
    entered: Incident, officer: Actor, seller: Actor, now: datetime
) -> None:
    register.confirm(entered, by=officer)
    telling.send_due(now=now)
    mine = IncidentHolder.objects.get(holder_id=seller.participant_id)
    holders.acknowledge(IncidentHolder.objects.exclude(pk=mine.pk).get(), by=other_of(entered, mine, now))
    first = mine.next_step_at
    assert first is not None and now + timedelta(days=6) < first < now + timedelta(days=12)
    assert telling.remind(now=first - timedelta(seconds=1)) == 0
    for moment in (first, first + timedelta(days=1), first + timedelta(days=20), first + timedelta(days=90)):
        telling.remind(now=moment)
    mine.refresh_from_db()
    assert (mine.reminders, mine.next_step_at) == (2, None)
    assert names(of="incidentholder.reminded") == ["incidentholder.reminded"] * 2
    holders.chase(mine, by=officer)
    assert len(names(of="incidentholder.reminded")) == 3
    assert legal.kept(entered.profile_sha256) is not None


def test_what_waits_of_incidents_stands_on_the_agenda(entered: Incident, officer: Actor, now: datetime) -> None:
    one = f"/compliance/incidents/{entered.pk}"
    [item] = agenda.of(officer)
    assert (str(item.what), item.url, item.count) == ("An incident is to be confirmed, or dropped", one, 1)
    assert item.is_late(now), "the law gives no time"
    register.confirm(entered, by=officer)
    telling.send_due(now=now)
    assert agenda.of(officer) == [], "their time has just begun"
    due = IncidentHolder.objects.earliest("pk").next_step_at
    telling.remind(now=now + timedelta(days=30))
    [item] = agenda.of(officer)
    assert str(item.what) == "Holders have not acknowledged an incident in time"
    assert (item.url, item.count) == (one, 2)
    assert item.due_at == due and due and item.is_late(due), "since the day of the first reminder"
    IncidentHolder.objects.filter(pk=IncidentHolder.objects.earliest("pk").pk).update(state=State.UNDELIVERED)
    words = "Holders were not told of an incident: find another way"
    assert {(str(item.what), item.count) for item in agenda.of(officer)} == {
        (words, 1),
        ("Holders have not acknowledged an incident in time", 1),
    }
    IncidentHolder.objects.update(state=State.ACKNOWLEDGED)
    assert agenda.of(officer) == []


def other_of(incident: Incident, mine: IncidentHolder, now: datetime) -> Actor:
    """Somebody of the holder that is not this one."""
    from exchange.participants.models import Participant

    row = IncidentHolder.objects.filter(incident=incident).exclude(pk=mine.pk).get()
    return actor_of_member(
        makers.member(Participant.objects.get(pk=row.holder_id), "trader", now), now, has_second_factor=True
    )


def test_an_officers_tool_and_a_holders_go_the_whole_way(
    left: Left, officer: Actor, seller: Actor, door: Callable[[Actor], Any], now: datetime
) -> None:
    desk, own = door(officer), door(seller)
    place, told = "/api/v1/compliance/incidents", "/api/v1/compliance/incidents-told"
    body = {"kinds": ["use"], "what": WHAT, "detected_at": now.isoformat(), "dataset": str(left.mine)}
    assert own.post(place, body).status_code == 403
    assert desk.post(place, {**body, "dataset": None}).json()["type"].endswith(":incident_scope_empty")
    made = desk.post(place, body)
    assert (made.status_code, made.json()["holders"], made.json()["transfers"]) == (201, 1, 2)
    one = f"{place}/{made.json()['id']}"
    assert desk.post(f"{one}/confirm").json()["state"] == "confirmed"
    assert desk.post(f"{one}/drop", {"reason": "It was no incident."}).status_code == 409
    telling.send_due(now=now)
    [row] = own.get(told).json()["items"]
    assert row["what"] == WHAT and row["datasets"] == [str(left.mine)] and row["acknowledged_at"] is None
    [waiting] = desk.get(f"{one}/holders", state="sent").json()["items"]
    assert own.post(f"{told}/{row['id']}/acknowledge").json()["state"] == "acknowledged"
    assert desk.get(f"{one}/holders", state="sent").json()["items"] == []
    assert desk.get(one).json()["acknowledged"] == 1 and waiting["holder_id"] == str(seller.participant_id)
    looks = Event.objects.filter(name="officer.viewed").values_list("leaf", flat=True)
    assert any(json.loads(bytes(leaf))["facts"]["what"] == "incident" for leaf in looks)
    assert desk.get(f"{place}/{new_id()}").status_code == 404


def test_the_pages_show_whom_it_reaches_before_anybody_is_told(
    left: Left, officer: Actor, seller: Actor, other: Actor, buyer: Actor, now: datetime
) -> None:
    desk = signed_in(makers.member(makers.participant_of(officer), "officer", now), second_factor=True)
    given = {
        "kinds": ["access"],
        "what": WHAT,
        "detected_at": "2026-11-20T10:00",
        "participant": "Buyer GmbH",
    }
    assert desk.post("/compliance/incidents/new", {**given, "what": ""}).status_code == 422
    made = desk.post("/compliance/incidents/new", given)
    assert made.status_code == 302
    page = desk.get(made["Location"]).content.decode()
    assert "Seller SA" in page and "Other Seller SARL" in page and "&lt;b&gt;Files" in page
    assert "Is this whom it reaches?" in page and "1 transfer of personal data is not of this" in page
    assert desk.post(f"{made['Location']}/confirm").status_code == 302
    telling.send_due(now=now)
    reader = signed_in(makers.member(makers.participant_of(seller), "trader", now))
    row = IncidentHolder.objects.get(holder_id=seller.participant_id)
    own = reader.get(f"/sell/incidents/{row.pk}").content.decode()
    assert "We know of this incident" in own and "Other Seller" not in own
    assert "Incidents" in reader.get("/sell/incidents").content.decode()
    assert reader.post(f"/sell/incidents/{row.pk}").status_code == 302
    assert "1 of 2 have acknowledged it" in desk.get("/compliance/incidents").content.decode()
    holder = IncidentHolder.objects.exclude(pk=row.pk).get()
    assert desk.get(f"/compliance/incidents/holders/{holder.pk}").status_code == 200
    assert django_settings.EXCHANGE_INTERMEDIATION


def test_without_a_notification_nothing_of_it_is_there(
    entered: Incident, officer: Actor, seller: Actor, settings: Any, door: Callable[[Actor], Any]
) -> None:
    assert len(agenda.of(officer)) == 1
    settings.EXCHANGE_INTERMEDIATION = ""
    assert agenda.of(officer) == []
    assert door(officer).get("/api/v1/compliance/incidents").status_code == 404
    assert door(seller).get("/api/v1/compliance/incidents-told").status_code == 404
    desk = signed_in(makers.member(makers.participant_of(officer), "officer", officer.at), second_factor=True)
    assert desk.get("/compliance/incidents").status_code == 404
    assert "/compliance/incidents" not in desk.get("/compliance").content.decode()
    assert queries.open_for(officer) == queries.waiting_for(seller) == 0
