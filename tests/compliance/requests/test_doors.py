"""The API of requests of persons, as an officer's own tool and a seller's use it, and the visitor's pages."""

import io
import json
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.core import mail
from django.core.cache import cache
from django.test import Client
from django.utils import timezone

from compliance import legal
from compliance.models import RequestLetter, SubjectRequest
from compliance.persons_index import digests, files
from compliance.requests import clock, letters
from exchange.kernel.actors import Actor
from exchange.kernel.models import Event
from exchange.kernel.text import timestamp

pytestmark = pytest.mark.django_db
REQUESTS = "/api/v1/compliance/requests"
SAID = {"kind": "access", "name": "Jane Roe", "email": "jane@person.example", "words": "What is there?"}


def test_a_visitor_gets_the_same_answer_known_or_not(now: datetime, settings: Any) -> None:
    cache.clear()
    client, answers = Client(), []
    from tests import makers

    makers.user("known@person.example")
    for address in ("known@person.example", "unknown@person.example"):
        answer = client.post("/privacy/request", {**SAID, "email": address})
        answers.append((answer.status_code, answer["Location"], answer.content))
    assert answers[0] == answers[1]
    assert SubjectRequest.objects.count() == 2
    for _ in range(2):
        assert client.post("/privacy/request", {**SAID, "email": "known@person.example"}).status_code == 302
    refused = client.post("/privacy/request", {**SAID, "email": "KNOWN@person.example"})
    assert (refused.status_code, SubjectRequest.objects.count()) == (429, 4)
    assert client.post("/privacy/request", {**SAID, "words": "a\x00b"}).status_code == 422
    assert Client(enforce_csrf_checks=True).post("/privacy/request", SAID).status_code == 403
    assert SubjectRequest.objects.count() == 4
    cache.clear()


def test_a_person_confirms_writes_and_takes_back_on_the_own_page(now: datetime, officer: Actor) -> None:
    cache.clear()
    client = Client()
    client.post("/privacy/request", SAID)
    request = SubjectRequest.objects.get()
    letters.send_due(now=request.received_at + timedelta(seconds=1))
    link = "/privacy/request/" + str(mail.outbox[-1].body).partition("/privacy/request/")[2].split()[0]
    assert client.get(link).status_code == 200, "opening it changes nothing"
    request.refresh_from_db()
    assert request.confirmed_at is None
    assert client.post(link).status_code == 302
    assert client.post(link, {"words": "<script>x()</script>"}).status_code == 302
    page = client.get(link).content.decode()
    assert "&lt;script&gt;x()" in page and "<script>x()" not in page
    assert client.get(f"{link}/answer").status_code == 200
    assert client.post(f"{link}/answer").status_code == 302  # no answer yet: it says so
    assert client.post(f"{link}/withdraw").status_code == 302
    assert client.post(f"{link}/withdraw").status_code == 409
    assert client.post(link, {"words": "One more word."}).status_code == 422
    request.refresh_from_db()
    assert (request.state, request.closed_at is not None) == ("withdrawn", True)
    assert client.get("/privacy/request/nobodys-link").status_code == 404
    kinds = RequestLetter.objects.filter(direction="in").count()
    assert kinds == 1


def test_an_officers_tool_and_a_sellers_go_the_whole_way(
    now: datetime, officer: Actor, seller: Actor, door: Callable[[Actor], Any], personal: Any, public_log: Any
) -> None:
    revision = personal(seller)
    public_log.seal()
    desk, selling = door(officer), door(seller)
    received_at = timezone.now() - timedelta(days=3)  # the API takes its time from the clock
    sent = {**SAID, "channel": "letter", "received_at": timestamp(received_at)}
    assert desk.post(REQUESTS, {**sent, "received_at": "2999-01-01T00:00:00Z"}).status_code == 422
    made = desk.post(REQUESTS, sent)
    due_at = clock.first_due(legal.current(), received_at, "")
    assert made.status_code == 201 and made.json()["due_at"] == timestamp(due_at)
    one = f"{REQUESTS}/{made.json()['id']}"
    assert "Jane" not in desk.get(REQUESTS, which="open").content.decode()
    assert desk.get(f"{one}/person").json()["name"] == "Jane Roe"
    looks = Event.objects.filter(name="officer.viewed").values_list("leaf", flat=True)
    assert "subject_request" in {json.loads(bytes(leaf))["facts"]["what"] for leaf in looks}
    assert desk.post(f"{one}/identity", {"method": "document_seen"}).json()["state"] == "identified"
    assert desk.post(f"{one}/start").json()["state"] == "in_progress"
    [search] = desk.post(f"{one}/searches", {"told": "jane@person.example"}).json()
    secret, written = b"k" * 32, io.BytesIO()
    mine = digests.digest(secret, "jane@person.example")
    files.write([mine, b"z" * 16], written)
    filed = selling.http.generic("PUT", f"/api/v1/revisions/{revision.pk}/persons-index", written.getvalue())
    assert (filed.status_code, filed.json()["persons"]) == (201, 2)
    own = f"/api/v1/person-searches/{search['id']}"
    assert selling.post(f"{own}/person").json()["told"] == "jane@person.example"
    found = selling.post(f"{own}/digest", {"digest": mine.hex()}).json()
    assert (found["state"], found["revisions"][0]["finding"]) == ("answered", "found")
    answered = desk.post(f"{one}/answer", {"answer": "You are among its readers."})
    assert answered.json()["state"] == "answered"
    taken = desk.post(f"{one}/answer-file")
    assert taken.content.startswith(b"PK") and "attachment" in taken["Content-Disposition"]
