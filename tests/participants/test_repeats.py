"""Idempotency-Key: one act for one key, however often and however concurrently it is sent."""

from collections.abc import Callable
from datetime import datetime, timedelta
from threading import Barrier, Thread
from typing import Any

import pytest
from asgiref.sync import async_to_sync
from django.db import connection, transaction
from django.http import HttpRequest, HttpResponse
from django.test import AsyncClient, RequestFactory

from exchange.kernel.actors import Actor
from exchange.kernel.models import Event
from exchange.participants import repeats
from exchange.participants.models import ApiClient, Participant, Repeat
from tests import makers
from tests.participants.browsers import Browser

Door = Callable[[Actor], makers.Door]
REASON = {"reason": "seen in the register of insolvencies"}
KEY = {"Idempotency-Key": "a-key-1"}


def _suspend(actor: Actor) -> str:
    return f"/api/v1/participants/{actor.participant_id}/suspend"


def _suspensions() -> int:
    return Event.objects.filter(name="participant.suspended").count()


def test_a_repeated_post_is_answered_and_not_done_again(seller: Actor, operator: Actor, door: Door) -> None:
    http = door(operator)
    first = http.post(_suspend(seller), REASON, headers=KEY)
    again = http.post(_suspend(seller), REASON, headers=KEY)
    assert (first.status_code, again.status_code) == (200, 200)
    assert first.content == again.content and first["Content-Type"] == again["Content-Type"]
    assert "Idempotent-Replayed" not in first and again["Idempotent-Replayed"] == "true"
    assert _suspensions() == 1
    without = http.post(_suspend(seller), REASON)
    assert without.status_code == 409


def test_a_key_that_came_with_another_request_is_refused(
    seller: Actor, buyer: Actor, operator: Actor, door: Door, unchanged: Any
) -> None:
    http = door(operator)
    http.post(_suspend(seller), REASON, headers=KEY)
    with unchanged():
        other_path = http.post(_suspend(buyer), REASON, headers=KEY)
        other_body = http.post(_suspend(seller), {"reason": "another reason, also long"}, headers=KEY)
    for answer in (other_path, other_body):
        assert (answer.status_code, answer["Content-Type"]) == (422, "application/problem+json")
        assert answer.json()["type"] == "urn:comptoir:problem:idempotency_key_reused"


def test_a_key_belongs_to_its_client(seller: Actor, buyer: Actor, operator: Actor, door: Door) -> None:
    door(operator).post(_suspend(seller), REASON, headers=KEY)
    answer = door(buyer).post(_suspend(seller), REASON, headers=KEY)
    assert answer.status_code == 404 and "Idempotent-Replayed" not in answer
    second = makers.operator(operator.at)
    assert door(second).post(_suspend(seller), REASON, headers=KEY).status_code == 409


def test_a_refusal_keeps_nothing_so_the_key_may_be_tried_again(
    seller: Actor, operator: Actor, door: Door, unchanged: Any
) -> None:
    http = door(operator)
    with unchanged():
        assert http.post(_suspend(seller), {"reason": "short"}, headers=KEY).status_code == 422
        assert http.post("/api/v1/nowhere", {}, headers=KEY).status_code == 404
    assert not Repeat.objects.exists()
    assert http.post(_suspend(seller), REASON, headers=KEY).status_code == 200


@pytest.mark.parametrize("key", ["", "x" * 256, "with space", "tab\there", "ümlaut"])
def test_a_key_must_be_visible_ascii(
    seller: Actor, operator: Actor, door: Door, unchanged: Any, key: str
) -> None:
    with unchanged():
        answer = door(operator).post(_suspend(seller), REASON, headers={"Idempotency-Key": key})
    assert (answer.status_code, answer.json()["type"]) == (422, "urn:comptoir:problem:bad_idempotency_key")


def test_a_route_that_answers_a_secret_takes_no_key(seller: Actor, door: Door, unchanged: Any) -> None:
    http = door(seller)
    own = f"/api/v1/participants/{seller.participant_id}"
    with unchanged():
        for path, body in (
            (f"{own}/clients", {"name": "machine", "scopes": ["read"]}),
            (f"{own}/invitations", {"email": "a@example.org", "role": "viewer"}),
            (f"/api/v1/clients/{seller.name}/rotate", {}),
            ("/api/v1/oauth/token", {}),
        ):
            answer = http.post(path, body, headers=KEY)
            assert answer.status_code == 422, path
            assert answer.json()["type"] == "urn:comptoir:problem:idempotency_key_not_taken"
    assert not Repeat.objects.exists()


def test_a_caller_who_is_nobody_is_refused_as_ever(seller: Actor, db: None, unchanged: Any) -> None:
    http = Browser()
    with unchanged():
        assert http.post(_suspend(seller), REASON, **KEY).status_code == 401
        bad = http.post(_suspend(seller), REASON, Authorization="Bearer nonsense", **KEY)
    assert (bad.status_code, bad.json()["type"]) == (401, "urn:comptoir:problem:token_malformed")


def test_a_body_over_the_limit_is_refused_with_a_key_too(seller: Actor, door: Door, unchanged: Any) -> None:
    with unchanged():
        answer = door(seller).post(_suspend(seller), {"reason": "x" * 1_100_000}, headers=KEY)
    assert (answer.status_code, answer.json()["title"]) == (413, "Too large")


def test_an_applicant_who_repeats_founds_one_organisation(db: None, now: datetime) -> None:
    person, browser = makers.user(), Browser()
    browser.sign_in(person.email)
    body = {"name": "Only Once", "country": "FR"}
    answers = [browser.post("/api/v1/participants", body, **KEY) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [201, 201]
    assert answers[0].json()["id"] == answers[1].json()["id"]
    assert Participant.objects.filter(name="Only Once").count() == 1


def test_what_follows_a_commit_follows_the_answers_too(own_database: None, seller: Actor) -> None:
    order: list[str] = []

    def view(request: HttpRequest) -> HttpResponse:
        with transaction.atomic():
            transaction.on_commit(lambda: order.append(f"status {Repeat.objects.get().status}"))
        order.append("answered")
        return HttpResponse(status=int(request.GET["status"]))

    def request(status: int) -> HttpRequest:
        sent = {**KEY, **makers.Door(seller).headers}
        return RequestFactory().post(f"/api/v1/x?status={status}", headers=sent)

    answer = repeats.answer_repeats(view)
    assert answer(request(409)).status_code == 409
    assert order == ["answered"] and not Repeat.objects.exists()
    assert answer(request(201)).status_code == 201
    assert order == ["answered", "answered", "status 201"]


def test_a_view_that_breaks_keeps_nothing(own_database: None, seller: Actor) -> None:
    def view(request: HttpRequest) -> HttpResponse:
        ApiClient.objects.filter(pk=seller.name).update(secret_hash="0" * 64)
        raise RuntimeError("broken")

    request = RequestFactory().post("/api/v1/x", headers={**KEY, **makers.Door(seller).headers})
    with pytest.raises(RuntimeError, match="broken"):
        repeats.answer_repeats(view)(request)
    assert not Repeat.objects.exists()
    assert not ApiClient.objects.filter(secret_hash="0" * 64).exists()


def test_it_holds_behind_asgi_as_well(own_database: None, seller: Actor, operator: Actor) -> None:
    sent = {**KEY, **makers.Door(operator).headers}
    post = async_to_sync(AsyncClient().post)
    answers = [post(_suspend(seller), REASON, content_type="application/json", headers=sent) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [200, 200]
    assert answers[1]["Idempotent-Replayed"] == "true" and _suspensions() == 1


def test_of_rivals_with_one_key_one_acts_and_all_hear_the_same(
    own_database: None, seller: Actor, operator: Actor
) -> None:
    http, together, answers = makers.Door(operator), Barrier(4), []

    def act() -> None:
        try:
            together.wait(10)
            answers.append(http.post(_suspend(seller), REASON, headers=KEY))
        finally:
            connection.close()

    threads = [Thread(target=act) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert [answer.status_code for answer in answers] == [200] * 4
    assert len({answer.content for answer in answers}) == 1
    assert sum("Idempotent-Replayed" in answer for answer in answers) == 3
    assert _suspensions() == 1


def test_answers_are_forgotten_after_a_day(seller: Actor, operator: Actor, door: Door) -> None:
    door(operator).post(_suspend(seller), REASON, headers=KEY)
    made = Repeat.objects.get().created_at
    assert repeats.purge(made + repeats.KEPT_FOR - timedelta(seconds=1)) == 0
    assert repeats.purge(made + repeats.KEPT_FOR + timedelta(seconds=1)) == 1
    assert door(operator).post(_suspend(seller), REASON, headers=KEY).status_code == 409
