"""A request comes in: by the form, whose link confirms the address, or by hand; its clock runs from the receipt, and
nothing of the person stands in the log."""

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.core import mail
from django.db import DatabaseError, transaction
from django.utils import timezone

from compliance.models import RequestLetter, SubjectRequest
from compliance.requests import clock, decisions, identity, intake, letters, queries
from exchange.kernel.actors import Actor
from exchange.kernel.errors import Conflict, Forbidden, Invalid, NotFound
from exchange.kernel.models import Event, EventDetail
from exchange.participants import vault
from exchange.participants.actors.actors import actor_of_member
from tests import makers
from tests.compliance.pages.conftest import signed_in

pytestmark = pytest.mark.django_db
ASKED = intake.Asked(kind="access", name="Jane Roe", words="All of it, please.", email="Jane@Person.example")
Make = Callable[..., SubjectRequest]


def visitor(at: datetime) -> Actor:
    return makers.system(at)


def link() -> str:
    """The token in the newest mail."""
    return str(mail.outbox[-1].body).partition("/privacy/request/")[2].split()[0]


def names() -> list[str]:
    rows = Event.objects.filter(subject__startswith="subjectrequest:").order_by("id")
    return [name.partition(".")[2] for name in rows.values_list("name", flat=True)]


def test_a_form_is_confirmed_by_the_link_that_is_mailed(now: datetime, officer: Actor) -> None:
    request = intake.ask(ASKED, by=visitor(now))
    assert letters.send_due(now=now) == 1
    assert mail.outbox[-1].to == ["Jane@Person.example"]
    assert letters.send_due(now=now) == 0, "a letter leaves once"
    assert list(queries.requests_visible_to(officer, which="open")) == []
    assert list(queries.requests_visible_to(officer, which="unconfirmed")) == [request]
    found = queries.request_by(link())
    assert found == request
    for _ in range(2):
        found = intake.confirm(found, by=visitor(now + timedelta(hours=1)))
    assert letters.send_due(now=now + timedelta(hours=1)) == 1
    assert "by 22\xa0Dec 2026 at the latest" in mail.outbox[-1].body
    assert list(queries.requests_visible_to(officer, which="open")) == [request]
    assert names() == ["received", "confirmed"]
    with pytest.raises(NotFound):
        queries.request_by("another")


def test_the_clock_runs_from_the_receipt_by_the_calendar_and_keeps_its_law(
    now: datetime, officer: Actor
) -> None:
    came = datetime(2026, 10, 31, 11, tzinfo=UTC)
    request = intake.take_in(replace(ASKED, language="fr"), channel="letter", received_at=came, by=officer)
    assert request.due_at == datetime(2026, 11, 30, 22, 59, 59, 999999, tzinfo=UTC)  # Monday, in Paris
    assert request.profile_sha256 and request.country == "FR"
    with pytest.raises(DatabaseError), transaction.atomic():
        SubjectRequest.objects.filter(pk=request.pk).update(received_at=now)
    for wrong in (now + timedelta(minutes=1), now - timedelta(days=400)):
        with pytest.raises(Invalid):
            intake.take_in(ASKED, channel="letter", received_at=wrong, by=officer)
    with pytest.raises(Invalid):
        intake.take_in(ASKED, channel="form", received_at=now, by=officer)
    with pytest.raises(Invalid):
        intake.take_in(replace(ASKED, email=""), channel="letter", received_at=now, by=officer)
    assert SubjectRequest.objects.count() == 1


def test_a_person_without_e_mail_gets_letters_that_wait_for_an_officer(now: datetime, officer: Actor) -> None:
    by_post = replace(ASKED, email="", address="1 rue de la Paix\n75002 Paris", language="fr")
    request = intake.take_in(by_post, channel="letter", received_at=now, by=officer)
    [letter] = RequestLetter.objects.filter(request=request)
    assert (letter.kind, letter.mail_due_at) == ("received", None)
    written = vault.read(letter.record)
    assert written is not None and "au plus tard le 22\xa0décembre 2026" in written["body"]
    assert letters.send_due(now=now) == 0


def test_what_the_person_was_asked_stops_the_clock_and_moves_it(now: datetime, officer: Actor) -> None:
    request = intake.take_in(ASKED, channel="email", received_at=now, by=officer)
    first = request.due_at
    clock.pause(request, "identity", "Which address did you sign up with?", by=officer)
    with pytest.raises(Conflict):
        clock.pause(request, "identity", "And once more, which address?", by=officer)
    with pytest.raises(Conflict):
        identity.identify(request, "questions", by=officer)
    later = officer.moved_to(now + timedelta(days=5))
    request = clock.resume(request, by=later)
    assert request.due_at > first + timedelta(days=4)
    with pytest.raises(Conflict):
        clock.resume(request, by=later)
    identity.identify(request, "questions", by=later)
    request = clock.extend(request, "Three sellers have to search by hand.", by=later)
    assert request.due_at == datetime(2027, 3, 1, 22, 59, 59, 999999, tzinfo=UTC)  # 27 February is a Saturday
    with pytest.raises(Conflict):
        clock.extend(request, "And once more, for no good reason.", by=later)
    kinds = RequestLetter.objects.filter(request=request).order_by("pk").values_list("kind", flat=True)
    assert list(kinds) == ["received", "ask_identity", "resumed", "extended"]


def test_the_time_is_extended_before_it_is_over_or_not(now: datetime, officer: Actor) -> None:
    request = intake.take_in(ASKED, channel="email", received_at=now, by=officer)
    late = officer.moved_to(request.due_at + timedelta(seconds=1))
    for act in (
        lambda: clock.extend(request, "We have forgotten it until now.", by=late),
        lambda: clock.pause(request, "identity", "Who are you, by the way?", by=late),
    ):
        with pytest.raises(Conflict):
            act()
    assert names() == ["received"]
    intime = officer.moved_to(request.due_at)
    assert clock.extend(request, "The request is many requests in one.", by=intime).extended_at == intime.at


def test_no_officer_works_on_a_request_of_their_own(now: datetime, officer: Actor) -> None:
    exchange = makers.participant_of(officer)
    person = makers.member(exchange, "officer", now, email="officer@exchange.example")
    other = actor_of_member(makers.member(exchange, "officer", now), now, has_second_factor=True)
    own = actor_of_member(person, now, has_second_factor=True)
    said = replace(ASKED, email="Officer@Exchange.example")
    request = intake.take_in(said, channel="in_person", received_at=now, by=other)
    with pytest.raises(Forbidden) as refused:
        queries.request_visible_to(own, request.pk)
    assert refused.value.code == "own_request"
    for act in (
        lambda: identity.identify(request, "in_person", by=own),
        lambda: clock.extend(request, "It is about myself, after all.", by=own),
        lambda: decisions.refuse(request, "12(6)", "I know myself too well.", by=own),
    ):
        with pytest.raises(Forbidden):
            act()
    assert names() == ["received"]
    assert identity.identify(request, "in_person", by=other).state == "identified"


def test_a_request_is_refused_on_a_ground_of_the_law_alone(now: datetime, officer: Actor, asked: Make) -> None:
    request = asked("erasure", by=officer)
    for wrong in ("20(1)", "because", ""):
        with pytest.raises(Invalid):
            decisions.refuse(request, wrong, "We do not want to do it.", by=officer)
    refused = decisions.refuse(request, "17(3)(b)", "Invoices are kept for ten years.", by=officer)
    assert (refused.state, refused.ground, refused.closed_at) == ("refused", "17(3)(b)", now)
    letters.send_due(now=now)
    said = mail.outbox[-1].body
    assert "17(3)(b)" in said and "Invoices are kept" in said and "complaint" in said
    with pytest.raises(Conflict):
        decisions.refuse(request, "12(6)", "Once more, to be sure of it.", by=officer)


def test_who_answers_late_says_why_and_the_register_shows_it(
    now: datetime, officer: Actor, asked: Make, door: Callable[[Actor], Any]
) -> None:
    answered, refused, intime = (asked("access", by=officer, email=f"{n}@person.example") for n in "abc")
    late = officer.moved_to(answered.due_at + timedelta(seconds=1))
    said, why = "Here is all that we have of you.", "The seller of the data answered after two months."
    decisions.answer(
        intime, said, by=officer.moved_to(intime.due_at), delay_reason="Not asked for, so not kept."
    )
    for given in ("", "  ", "too short"):
        with pytest.raises(Invalid):
            decisions.answer(answered, said, by=late, delay_reason=given)
        with pytest.raises(Invalid):
            decisions.refuse(refused, "12(6)", "Nobody can say who it is.", by=late, delay_reason=given)
    assert set(queries.requests_visible_to(late, which="late")) == {answered, refused}
    decisions.answer(answered, said, by=late, delay_reason=why)
    decisions.refuse(refused, "12(6)", "Nobody can say who it is.", by=late, delay_reason=why)
    assert set(queries.requests_visible_to(officer, which="late")) == {answered, refused}
    intime.refresh_from_db()
    assert [one.delay_reason for one in (answered, refused, intime)] == [why, why, ""]
    for request, event in ((answered, "answered"), (refused, "refused"), (intime, "answered")):
        found = Event.objects.get(subject=f"subjectrequest:{request.pk}", name=f"subjectrequest.{event}")
        is_late = request != intime
        assert ("delay_reason" in json.loads(bytes(found.leaf))["typed"]) == is_late
        assert (found.detail.body.get("delay_reason") == why) == is_late
    listed = door(officer).get("/api/v1/compliance/requests", which="late").json()["items"]
    assert {one["delay_reason"] for one in listed} == {why} and len(listed) == 2


def test_a_pause_that_lasts_is_no_delay(now: datetime, officer: Actor, asked: Make) -> None:
    request = asked("access", by=officer)
    clock.pause(request, "clarification", "Which newsletter do you mean?", by=officer)
    late = officer.moved_to(request.due_at + timedelta(days=9))
    assert list(queries.requests_visible_to(late, which="late")) == []
    assert decisions.refuse(request, "12(6)", "They never told us who it is.", by=late).delay_reason == ""


def test_the_page_asks_why_only_once_it_is_late(officer: Actor, asked: Make) -> None:
    request = asked("access", by=officer)
    member = makers.member(makers.participant_of(officer), "officer", officer.at)
    desk = signed_in(member, second_factor=True)
    page, today = f"/compliance/requests/{request.pk}/do/reply", timezone.now()
    SubjectRequest.objects.filter(pk=request.pk).update(due_at=today + timedelta(days=1))
    assert 'name="delay_reason"' not in desk.get(page).content.decode()
    SubjectRequest.objects.filter(pk=request.pk).update(due_at=today - timedelta(days=1))
    assert 'name="delay_reason"' in desk.get(page).content.decode()
    words = {"words": "Here is all that we have of you."}
    assert desk.post(page, words).status_code == 422
    assert desk.post(page, {**words, "delay_reason": "The seller took &c. its time."}).status_code == 302
    one = desk.get(f"/compliance/requests/{request.pk}").content.decode()
    assert "The seller took &amp;c. its time." in one
    board = desk.get("/compliance/requests?which=late").content.decode()
    assert str(request.pk) in board and "Answered late" in board


def test_the_log_knows_nothing_of_the_person(now: datetime, officer: Actor, asked: Make) -> None:
    request = asked("access", by=officer)
    clock.pause(request, "clarification", "Which newsletter do you mean?", by=officer)
    intake.write_in(request, "The one for Jane Roe, jane@person.example.", by=visitor(now))
    decisions.withdraw(request, by=intake.as_person(request, visitor(now)))
    leaves = " ".join(bytes(one).decode() for one in Event.objects.values_list("leaf", flat=True))
    details = json.dumps(list(EventDetail.objects.values_list("body", flat=True)))
    rows = str(list(SubjectRequest.objects.values()) + list(RequestLetter.objects.values()))
    for place in (leaves, details, rows):
        assert "Jane" not in place and "person.example" not in place and "newsletter do" not in leaves
    assert names()[-2:] == ["message_received", "withdrawn"]
    vault.shred(request.vault_name, "The time to keep it is over.", officer)
    assert identity.particulars(request) == {}
    assert letters.send_due(now=now) == 0


def test_what_nobody_confirmed_is_forgotten(now: datetime, officer: Actor) -> None:
    request = intake.ask(ASKED, by=visitor(now))
    letters.send_due(now=now)
    assert intake.lapse(now=now + timedelta(days=29)) == 0
    assert intake.lapse(now=now + timedelta(days=31)) == 1
    request.refresh_from_db()
    assert (request.state, identity.particulars(request)) == ("withdrawn", {})
    with pytest.raises(NotFound):
        queries.request_by(link())
    assert names() == ["received", "lapsed"]
