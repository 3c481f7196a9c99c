"""People: signing up, signing in with one factor or two, choosing whom to act for."""

import re

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import SECRET_SESSION_KEY, TOTP, generate_totp_secret
from django.core.cache import cache

from exchange.kernel.actors import Actor
from exchange.participants.members import members
from exchange.participants.models import Member, Participant
from tests import makers
from tests.participants.browsers import Browser, totp

pytestmark = pytest.mark.by_the_clock

EVIDENCE = "extract of the register of companies"


@pytest.fixture(autouse=True)
def _no_rate_limits_from_other_tests() -> None:
    cache.clear()


def _operator(at_house_of: Actor, role: str = "operator") -> tuple[Member, str]:
    """A person of the operator's organisation who has an authenticator app."""
    person = makers.member(makers.participant_of(at_house_of), role, at_house_of.at)
    secret = generate_totp_secret()
    TOTP.activate(person.user, secret)
    return person, secret


def test_somebody_signs_up_confirms_their_address_and_applies(db: None, mailoutbox: list) -> None:
    browser = Browser()
    assert browser.get("/accounts/signup/").status_code == 200
    form = {"email": "ada@example.org", "password1": makers.PASSWORD, "password2": makers.PASSWORD}
    assert browser.submit("/accounts/signup/", **form).status_code == 302
    browser.sign_in("ada@example.org")
    assert browser.get("/api/v1/me").status_code == 401  # not before the address is confirmed
    link = re.search(r"http://testserver(/accounts/confirm-email/\S+)", mailoutbox[0].body)
    assert link and browser.get(link[1]).status_code == 200
    browser.submit(link[1])
    assert EmailAddress.objects.get(email="ada@example.org").verified
    browser.sign_in("ada@example.org")
    me = browser.get("/api/v1/me").json()
    assert (me["participant"], me["scopes"]) == (None, [])
    made = browser.post("/api/v1/participants", {"name": "Analytical Engines", "country": "GB"})
    assert (made.status_code, made.json()["state"]) == (201, "applied")
    assert browser.get("/api/v1/me").json()["scopes"] == ["buy", "manage", "read", "sell"]


def test_a_session_needs_the_csrf_token_to_change_anything(seller: Actor) -> None:
    person = makers.member(makers.participant_of(seller), "manager", seller.at)
    browser = Browser()
    browser.sign_in(person.user.email)
    body = {"email": "new@example.org", "role": "viewer"}
    path = f"/api/v1/participants/{seller.participant_id}/invitations"
    refusal = browser.post(path, body, csrf=False)
    assert (refusal.status_code, refusal.json()["type"]) == (403, "urn:comptoir:problem:csrf_failed")
    assert not person.participant.invitations.filter(email="new@example.org").exists()
    assert browser.post(path, body).status_code == 201


@pytest.mark.parametrize(("role", "scope"), [("operator", "operate"), ("officer", "audit")])
def test_the_desk_opens_with_a_second_factor_alone(operator: Actor, role: str, scope: str) -> None:
    person, secret = _operator(operator, role)
    browser = Browser()
    answer = browser.sign_in(person.user.email)
    assert answer["Location"].startswith("/accounts/2fa/authenticate/")
    assert browser.get("/api/v1/me").status_code == 401  # the password alone opens no session
    browser.submit("/accounts/2fa/authenticate/", code=totp(secret))
    assert scope in browser.get("/api/v1/me").json()["scopes"]


def test_an_operator_without_a_second_factor_is_told_what_is_missing(operator: Actor) -> None:
    person = makers.member(makers.participant_of(operator), "operator", operator.at)
    applied = makers.applicant("Applicant", "FR", operator.at)
    browser = Browser()
    browser.sign_in(person.user.email)
    me = browser.get("/api/v1/me").json()
    assert (me["scopes"], me["needs_second_factor_for"]) == (["read"], ["operate"])
    house = browser.post(
        f"/api/v1/participants/{operator.participant_id}/verify", {"country": "FR", "evidence": EVIDENCE}
    )
    assert (house.status_code, house.json()["type"]) == (403, "urn:comptoir:problem:second_factor_missing")
    assert "second factor" in house.json()["detail"]
    unseen = browser.post(f"/api/v1/participants/{applied.pk}/verify", {"country": "FR", "evidence": EVIDENCE})
    assert unseen.status_code == 404
    applied.refresh_from_db()
    assert applied.state == "applied"


def test_setting_up_a_second_factor_is_not_signing_in_with_it(operator: Actor) -> None:
    person = makers.member(makers.participant_of(operator), "operator", operator.at)
    browser = Browser()
    browser.sign_in(person.user.email)
    browser.submit("/accounts/reauthenticate/", password=makers.PASSWORD)
    assert browser.get("/accounts/2fa/totp/activate/").status_code == 200
    secret = browser.client.session[SECRET_SESSION_KEY]
    browser.submit("/accounts/2fa/totp/activate/", code=totp(secret))
    assert Authenticator.objects.filter(user=person.user, type="totp").exists()
    assert browser.get("/api/v1/me").json()["needs_second_factor_for"] == ["operate"]


def test_an_operator_with_two_factors_verifies(operator: Actor) -> None:
    person, secret = _operator(operator)
    applied = makers.applicant("Applicant", "FR", operator.at)
    browser = Browser()
    browser.sign_in(person.user.email, secret)
    answer = browser.post(f"/api/v1/participants/{applied.pk}/verify", {"country": "FR", "evidence": EVIDENCE})
    assert (answer.status_code, answer.json()["state"]) == (200, "verified")


def test_taking_the_second_factor_away_takes_the_desk_away(operator: Actor) -> None:
    person, secret = _operator(operator)
    browser = Browser()
    browser.sign_in(person.user.email, secret)
    assert "operate" in browser.get("/api/v1/me").json()["scopes"]
    Authenticator.objects.filter(user=person.user).delete()
    assert "operate" not in browser.get("/api/v1/me").json()["scopes"]


def test_an_officer_elsewhere_has_no_desk(seller: Actor) -> None:
    person, secret = _operator(seller, "officer")
    browser = Browser()
    browser.sign_in(person.user.email, secret)
    me = browser.get("/api/v1/me").json()
    assert (me["scopes"], me["needs_second_factor_for"]) == (["read"], [])


def test_who_belongs_to_several_organisations_says_for_which_they_act(seller: Actor, buyer: Actor) -> None:
    person = makers.member(makers.participant_of(seller), "viewer", seller.at)
    _, token = members.invite(
        makers.participant_of(buyer), email=person.user.email, role="trader", by=makers.system(buyer.at)
    )
    members.join(token, person.user, by=makers.system(buyer.at))
    browser = Browser()
    browser.sign_in(person.user.email)
    undecided = browser.get("/api/v1/me")
    assert (undecided.status_code, undecided.json()["type"]) == (
        422,
        "urn:comptoir:problem:participant_not_chosen",
    )
    for actor, scopes in ((seller, ["read"]), (buyer, ["buy", "read", "sell"])):
        me = browser.get("/api/v1/me", **{"Comptoir-Participant": str(actor.participant_id)}).json()
        assert (me["participant"]["id"], me["scopes"]) == (str(actor.participant_id), scopes)
    for stranger in ("nonsense", str(Participant.objects.get(is_operator=True).pk)):
        refusal = browser.get("/api/v1/me", **{"Comptoir-Participant": stranger})
        assert (refusal.status_code, refusal.json()["type"]) == (403, "urn:comptoir:problem:not_a_member")


def test_a_removed_member_and_a_closed_organisations_member_act_for_nobody(seller: Actor, buyer: Actor) -> None:
    removed = makers.member(makers.participant_of(seller), "viewer", seller.at)
    closed = makers.member(makers.participant_of(buyer), "viewer", buyer.at)
    browsers = [Browser(), Browser()]
    for browser, person in zip(browsers, (removed, closed), strict=True):
        browser.sign_in(person.user.email)
        assert browser.get("/api/v1/me").json()["scopes"] == ["read"]
    members.remove(removed, by=seller)
    members.close(makers.participant_of(buyer), reason="we stop trading here", by=buyer)
    for browser in browsers:
        me = browser.get("/api/v1/me").json()
        assert (me["participant"], me["scopes"]) == (None, [])
        assert browser.get("/api/v1/events").status_code == 403


def test_an_invited_person_joins_through_the_api(seller: Actor) -> None:
    person = makers.user("ada@example.org")
    _, token = members.invite(makers.participant_of(seller), email=person.email, role="trader", by=seller)
    browser = Browser()
    browser.sign_in(person.email)
    joined = browser.post("/api/v1/invitations/accept", {"token": token})
    assert (joined.status_code, joined.json()["role"]) == (201, "trader")
    assert browser.get("/api/v1/me").json()["participant"]["id"] == str(seller.participant_id)
