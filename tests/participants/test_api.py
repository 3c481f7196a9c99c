"""The doors of participants: what each of the cast sees and may do, and the outsider at every one."""

from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest
from django.http import HttpResponse

from exchange.kernel.actors import Actor, Scope
from exchange.kernel.models import Event
from exchange.participants import vault
from exchange.participants.models import ApiClient, Member
from tests import makers

Door = Callable[[Actor], makers.Door]
REASON = {"reason": "seen in the register of insolvencies"}
VERIFICATION = {"country": "FR", "evidence": "extract of the register of companies"}
PUBLIC = {"id", "state", "name", "country"}


def _said(answer: HttpResponse) -> tuple[int, str]:
    assert answer["Content-Type"] == "application/problem+json"
    assert set(answer.json()) >= {"type", "title", "status", "detail"}
    return answer.status_code, answer.json()["type"].removeprefix("urn:comptoir:problem:")


def test_operator_and_officer_see_all_participants_others_the_verified_ones(
    seller: Actor, buyer: Actor, operator: Actor, officer: Actor, door: Door
) -> None:
    applied = makers.applicant("Applicant", "FR", seller.at)
    for actor in (operator, officer):
        items = door(actor).get("/api/v1/participants").json()["items"]
        assert str(applied.pk) in {item["id"] for item in items}
        assert all("evidence" in item for item in items)
    items = door(seller).get("/api/v1/participants").json()["items"]
    shown = {item["id"]: item for item in items}
    assert str(applied.pk) not in shown
    assert set(shown[str(buyer.participant_id)]) == PUBLIC
    assert "evidence" in shown[str(seller.participant_id)]
    own = door(makers.client(applied, seller.at)).get("/api/v1/participants").json()["items"]
    assert str(applied.pk) in {item["id"] for item in own}


def test_lists_come_in_pages(seller: Actor, buyer: Actor, outsider: Actor, door: Door) -> None:
    http, seen, cursor = door(seller), [], None
    for _ in range(10):
        page = http.get("/api/v1/participants", limit=1, **({"cursor": cursor} if cursor else {})).json()
        seen += [item["id"] for item in page["items"]]
        if (cursor := page["next_cursor"]) is None:
            break
    assert len(seen) == len(set(seen)) == 4
    assert _said(http.get("/api/v1/participants", cursor="nonsense")) == (422, "bad_cursor")
    assert _said(http.get("/api/v1/participants", limit=0))[0] == 422


def test_an_operator_verifies_suspends_and_restores(seller: Actor, operator: Actor, door: Door) -> None:
    applied = makers.applicant("Applicant", "FR", seller.at)
    http, path = door(operator), f"/api/v1/participants/{applied.pk}"
    seen = {**VERIFICATION, "country": "BE", "certifications": ["dpf"], "sector": "L"}
    verified = http.post(f"{path}/verify", seen).json()
    assert (verified["state"], verified["verified_country"], verified["certifications"]) == (
        "verified",
        "BE",
        ["dpf"],
    )
    assert (verified["sector"], verified["verified_sector"]) == ("", "L")
    assert _said(http.post(f"{path}/amend", {**seen, "sector": "7"})) == (422, "unknown_sector")
    assert door(seller).get(path).json()["country"] == "BE"
    assert http.post(f"{path}/suspend", REASON).json()["state"] == "suspended"
    assert _said(door(seller).get(path)) == (404, "not_found")
    assert http.post(f"{path}/restore", REASON).json()["state"] == "verified"
    assert _said(http.post(f"{path}/restore", REASON)) == (409, "wrong_state")


def test_bad_input_is_refused_and_named(seller: Actor, operator: Actor, door: Door, unchanged: Any) -> None:
    applied = makers.applicant("Applicant", "FR", seller.at)
    http, path = door(operator), f"/api/v1/participants/{applied.pk}/verify"
    with unchanged():
        assert _said(http.post(path, {**VERIFICATION, "country": "XX"})) == (422, "unknown_country")
        assert _said(http.post(path, {"country": "FR"})) == (422, "invalid")
        misspelt = http.post(path, {**VERIFICATION, "certificates": ["dpf"]})
        assert _said(misspelt) == (422, "invalid") and "certificates" in misspelt.json()["detail"]
        no_json = http.http.post(path, "{", content_type="application/json")
        assert _said(no_json)[0] in (400, 422)
        nul = http.post(path, {**VERIFICATION, "evidence": "extract\u0000of the register"})
        assert _said(nul) == (422, "invalid")


def test_the_outsider_finds_every_door_shut(
    seller: Actor, operator: Actor, outsider: Actor, door: Door, unchanged: Any
) -> None:
    applied = makers.applicant("Applicant", "FR", seller.at)
    member = Member.objects.get(participant=seller.participant_id)
    http, own = door(outsider), f"/api/v1/participants/{seller.participant_id}"
    client = {"name": "machine", "scopes": ["read"]}
    with unchanged():
        for path, body in (
            (f"/api/v1/participants/{applied.pk}/verify", VERIFICATION),
            (f"/api/v1/participants/{applied.pk}/close", REASON),
            (f"/api/v1/participants/{uuid4()}/suspend", REASON),
            (f"{own}/invitations", {"email": "a@example.org", "role": "viewer"}),
            (f"{own}/clients", client),
            (f"/api/v1/participants/{operator.participant_id}/clients", client),
            (f"/api/v1/members/{member.pk}/remove", None),
            (f"/api/v1/clients/{seller.name}/rotate", None),
            (f"/api/v1/clients/{seller.name}/revoke", None),
        ):
            assert _said(http.post(path, body)) == (404, "not_found"), path
        assert _said(http.get(f"/api/v1/participants/{applied.pk}")) == (404, "not_found")
        for verb, body in (
            ("verify", VERIFICATION),
            ("suspend", REASON),
            ("restore", REASON),
            ("close", REASON),
        ):
            assert _said(http.post(f"{own}/{verb}", body)) == (403, "scope_missing"), verb
        for listed in ("members", "clients"):
            assert _said(http.get(f"{own}/{listed}")) == (404, "not_found"), listed
        apply = http.post("/api/v1/participants", {"name": "Machine Ltd", "country": "FR"})
        assert _said(apply) == (403, "members_only")
        assert _said(http.post("/api/v1/invitations/accept", {"token": "x"})) == (403, "members_only")
    subjects = {item["subject"] for item in http.get("/api/v1/events").json()["items"]}
    assert f"participant:{seller.participant_id}" not in subjects
    assert f"participant:{outsider.participant_id}" in subjects


def test_the_operator_is_not_let_inside_a_participant(
    seller: Actor, operator: Actor, door: Door, unchanged: Any
) -> None:
    http, own = door(operator), f"/api/v1/participants/{seller.participant_id}"
    with unchanged():
        assert _said(http.get(f"{own}/members")) == (404, "not_found")
        answer = http.post(f"{own}/clients", {"name": "machine", "scopes": ["read"]})
        assert _said(answer) == (404, "not_found")
        assert _said(http.post(f"/api/v1/clients/{seller.name}/revoke")) == (404, "not_found")


def test_a_manager_issues_rotates_and_revokes_clients(seller: Actor, door: Door) -> None:
    http, path = door(seller), f"/api/v1/participants/{seller.participant_id}/clients"
    made = http.post(path, {"name": "nightly", "scopes": ["read"]})
    assert made.status_code == 201
    client_id, secret = made.json()["client_id"], made.json()["client_secret"]
    rotated = http.post(f"/api/v1/clients/{client_id}/rotate").json()
    assert rotated["client_id"] == client_id and rotated["client_secret"] != secret
    assert http.post(f"/api/v1/clients/{client_id}/revoke").json()["revoked_at"] is not None
    assert _said(http.post(f"/api/v1/clients/{client_id}/revoke")) == (409, "wrong_state")
    listed = {item["id"]: item for item in http.get(path).json()["items"]}
    assert listed[client_id]["name"] == "nightly" and "secret" not in str(listed)


def test_members_are_listed_with_addresses_to_their_own_organisation_alone(
    seller: Actor, officer: Actor, door: Door
) -> None:
    member = makers.member(makers.participant_of(seller), "viewer", seller.at, "ada@example.org")
    path = f"/api/v1/participants/{seller.participant_id}/members"
    own = {item["id"]: item for item in door(seller).get(path).json()["items"]}
    assert own[str(member.pk)]["email"] == "ada@example.org" and len(own) == 2
    seen = door(officer).get(path).json()["items"]
    assert [item["email"] for item in seen] == [None, None]
    removed = door(seller).post(f"/api/v1/members/{member.pk}/remove")
    assert removed.json()["removed_at"] is not None


def test_an_invitation_is_answered_with_its_token_once(seller: Actor, door: Door) -> None:
    path = f"/api/v1/participants/{seller.participant_id}/invitations"
    made = door(seller).post(path, {"email": "ada@example.org", "role": "trader"})
    assert made.status_code == 201 and len(made.json()["token"]) == 43
    again = door(seller).post(path, {"email": "ada@example.org", "role": "king"})
    assert _said(again) == (422, "unknown_role")


def test_events_show_ones_own_with_their_facts_and_the_officer_all(
    seller: Actor, buyer: Actor, officer: Actor, operator: Actor, door: Door
) -> None:
    door(operator).post(f"/api/v1/participants/{seller.participant_id}/suspend", REASON)
    newest = door(seller).get("/api/v1/events", limit=1).json()["items"][0]
    assert (newest["name"], newest["subject"]) == (
        "participant.suspended",
        f"participant:{seller.participant_id}",
    )
    assert newest["facts"] == {"participant": str(seller.participant_id), "country": "FR"}
    assert newest["detail"] == REASON and newest["leaf_index"] is None and newest["actor"] == operator.name
    own = {event["id"] for event in door(buyer).get("/api/v1/events", limit=100).json()["items"]}
    everything = door(officer).get("/api/v1/events", limit=100).json()["items"]
    assert newest["id"] not in own and newest["id"] in {event["id"] for event in everything}
    assert len(everything) == Event.objects.exclude(name="officer.viewed").count()


def test_an_event_without_parties_is_the_officers_alone(
    officer: Actor, seller: Actor, operator: Actor, door: Door
) -> None:
    record_id, _ = vault.seal(seller.name, {"address": "203.0.113.7"}, seller.at)
    vault.open_record(record_id, officer)
    for actor, sees in ((officer, True), (seller, False), (operator, False)):
        names = {event["name"] for event in door(actor).get("/api/v1/events", limit=100).json()["items"]}
        assert ("vault.opened" in names) is sees


@pytest.mark.parametrize("scope", [Scope.MANAGE, Scope.SELL])
def test_events_need_the_scope_to_read(seller: Actor, door: Door, scope: Scope) -> None:
    narrow = makers.client(makers.participant_of(seller), seller.at, [scope])
    assert _said(door(narrow).get("/api/v1/events")) == (403, "scope_missing")


def test_a_client_that_is_gone_says_so_everywhere(seller: Actor, door: Door) -> None:
    http = door(seller)
    ApiClient.objects.filter(pk=seller.name).update(revoked_at=seller.at)
    for path in ("/api/v1/me", "/api/v1/participants", "/api/v1/events"):
        assert _said(http.get(path)) == (401, "token_revoked")
