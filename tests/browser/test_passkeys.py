"""A passkey in a browser with a key of its own: added, used to sign in without a password, refused, removed."""

import re
from collections.abc import Callable

import pytest
from allauth.mfa.models import Authenticator
from django.core.cache import cache
from django.utils import timezone
from playwright.sync_api import Page, expect

from exchange.participants.models import Member
from tests import makers
from tests.browser.axe import look_at
from tests.browser.conftest import PageAt

KEY = {
    "protocol": "ctap2",
    "transport": "internal",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
    "automaticPresenceSimulation": True,
}


@pytest.fixture
def officer_member(exchange: str) -> Member:
    cache.clear()
    now = timezone.now()
    return makers.member(makers.operators_organisation(now), "officer", now)


@pytest.fixture
def with_key() -> Callable[[Page], None]:
    """Give a page's browser a key that says yes."""

    def give(page: Page) -> None:
        devtools = page.context.new_cdp_session(page)
        devtools.send("WebAuthn.enable")
        devtools.send("WebAuthn.addVirtualAuthenticator", {"options": KEY})

    return give


def test_a_passkey_opens_the_account_and_the_desk(
    page_at: PageAt, officer_member: Member, with_key: Callable[[Page], None]
) -> None:
    page = page_at(member=officer_member)
    with_key(page)
    page.goto("/accounts/2fa/webauthn/add/")
    page.locator("#id_name").fill("My laptop")
    page.locator("#id_passwordless").check()
    page.locator("#mfa_webauthn_add").click()
    expect(page.locator(".codes li")).to_have_count(10)
    page.goto("/accounts/2fa/webauthn/")
    expect(page.locator(".tasks b")).to_have_text("My laptop")
    look_at(page, "keys")

    page.goto("/accounts/logout/")
    page.locator("main .btn.main").click()
    page.goto("/accounts/login/?next=/organisation")
    page.locator("#passkey_login").click()
    expect(page).to_have_url(re.compile(r":\d+/organisation$"))
    assert "audit" in page.request.get("/api/v1/me").json()["scopes"]

    page.goto("/accounts/2fa/webauthn/")
    page.locator(".btn.danger").click()
    page.locator("#id_password").fill(makers.PASSWORD)
    page.locator(".sheet .btn.main").click()
    expect(page.locator(".confirm")).to_be_visible()
    look_at(page, "key-remove")
    page.locator(".btn.danger.main").click()
    expect(page.locator(".notice.ok")).to_be_visible()
    assert not Authenticator.objects.filter(user=officer_member.user, type="webauthn").exists()


def test_a_passkey_that_is_not_there_is_said(page_at: PageAt, with_key: Callable[[Page], None]) -> None:
    cache.clear()
    page = page_at(390, "fr", "dark")
    with_key(page)
    page.goto("/accounts/login/")
    page.locator("#passkey_login").click()
    expect(page.locator("[data-passkey-failed]").first).to_be_visible()
    look_at(page, "passkey-refused")


def test_without_scripts_the_password_is_the_way(page_at: PageAt) -> None:
    page = page_at(390, javascript=False)
    page.goto("/accounts/login/")
    expect(page.locator("#passkey_login")).to_be_hidden()
    expect(page.get_by_role("button", name="Sign in with the password")).to_be_visible()
    look_at(page, "sign-in-no-script")
