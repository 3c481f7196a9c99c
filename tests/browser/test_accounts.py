"""The pages of accounts in a browser: every state at both widths, in both languages, light and dark; then signing up,
a second factor, and signing in with it."""

import re

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from django.core.cache import cache
from django.utils import timezone
from playwright.sync_api import Page, expect

from exchange.participants.members import members
from tests import makers
from tests.browser.axe import look_at, readers
from tests.browser.conftest import PageAt
from tests.participants.browsers import totp


@pytest.fixture(autouse=True)
def _no_limits_from_other_tests() -> None:
    cache.clear()


@readers
def test_the_doors_before_signing_in(page_at: PageAt, width: int, language: str, theme: str) -> None:
    page = page_at(width, language, theme)
    for name, path in (
        ("sign-in", "/accounts/login/"),
        ("sign-up", "/accounts/signup/"),
        ("password-reset", "/accounts/password/reset/"),
        ("password-reset-sent", "/accounts/password/reset/done/"),
        ("confirmation-sent", "/accounts/confirm-email/"),
        ("link-too-old", "/accounts/confirm-email/nonsense/"),
        ("not-found", "/nowhere"),
    ):
        page.goto(path)
        look_at(page, name)


@readers
def test_what_is_wrong_is_said_where_it_is(page_at: PageAt, width: int, language: str, theme: str) -> None:
    page = page_at(width, language, theme)
    page.goto("/accounts/login/")
    page.locator("#id_login").fill("ada@example.org")
    page.locator("#id_password").fill("not the password")
    page.locator("form .btn.wide").last.click()
    expect(page.locator("#id_password_error")).to_be_visible()
    expect(page.locator("#id_login")).to_have_value("ada@example.org")
    look_at(page, "sign-in-refused")
    page.goto("/accounts/signup/")
    page.locator("#id_email").fill("nobody")
    page.locator("#id_password1").fill("short")
    page.locator(".sheet .btn.main").click()
    expect(page.get_by_role("alert")).to_be_visible()
    look_at(page, "sign-up-refused")


@readers
def test_the_pages_of_an_account(page_at: PageAt, width: int, language: str, theme: str) -> None:
    now = timezone.now()
    member = makers.member(makers.participant("Lanterne Mutual", "BE", now), "manager", now)
    _, token = members.invite(
        makers.participant("Cartouche Mobility Lab", "FR", now),
        email=member.user.email,
        role="viewer",
        by=makers.system(now),
    )
    members.join(token, member.user, by=makers.system(now))
    page = page_at(width, language, theme, member=member)
    for name, path in (
        ("organisation", "/organisation"),
        ("password-change", "/accounts/password/change/"),
        ("second-factor", "/accounts/2fa/"),
        ("totp-set-up", "/accounts/2fa/totp/activate/"),
        ("sign-out", "/accounts/logout/"),
    ):
        page.goto(path)
        look_at(page, name)
    EmailAddress.objects.create(user=member.user, email="second@example.org")
    page.goto("/accounts/email/")
    look_at(page, "e-mail")
    page.locator("details.menu > summary").click()
    look_at(page, "menu")


@readers
def test_the_pages_of_a_second_factor(page_at: PageAt, width: int, language: str, theme: str) -> None:
    now = timezone.now()
    member = makers.member(makers.operators_organisation(now), "officer", now)
    page = page_at(width, language, theme, member=member, second_factor=True)
    RecoveryCodes.activate(member.user)
    for name, path in (
        ("second-factor-set", "/accounts/2fa/"),
        ("recovery-codes", "/accounts/2fa/recovery-codes/"),
        ("recovery-codes-anew", "/accounts/2fa/recovery-codes/generate/"),
        ("totp-take-away", "/accounts/2fa/totp/deactivate/"),
        ("key-add", "/accounts/2fa/webauthn/add/"),
    ):
        page.goto(path)
        look_at(page, name)


@pytest.mark.parametrize(
    ("width", "language", "javascript"),
    [
        pytest.param(1440, "en", True, id="with scripts"),
        pytest.param(390, "fr", False, id="without scripts"),
        pytest.param(390, "fr", True, id="with scripts on a phone", marks=pytest.mark.slow),
        pytest.param(1440, "en", False, id="without scripts on a desktop", marks=pytest.mark.slow),
    ],
)
def test_somebody_signs_up_sets_up_an_app_and_signs_in_with_it(
    page_at: PageAt, mailoutbox: list, width: int, language: str, javascript: bool
) -> None:
    page = page_at(width, language, javascript=javascript)
    page.goto("/accounts/signup/")
    page.locator("#id_email").fill("ada@example.org")
    page.locator("#id_password1").fill(makers.PASSWORD)
    page.locator("#id_password2").fill(makers.PASSWORD)
    page.locator(".sheet .btn.main").click()
    expect(page).to_have_url(re.compile("/confirm-email/$"))
    (mail,) = mailoutbox
    assert ("Confirm your" if language == "en" else "Confirmez votre") in mail.subject
    page.goto(re.search(r"http://\S+/accounts/confirm-email/\S+", mail.body)[0])  # type: ignore[index]
    page.locator("main .btn.main").click()

    _sign_in(page)
    expect(page).not_to_have_url(re.compile("login"))
    page.goto("/accounts/2fa/")
    page.locator("a[href$='/totp/activate/']").click()
    look_at(page, f"is-it-you{'' if javascript else '-no-script'}")
    page.locator("#id_password").fill(makers.PASSWORD)
    page.locator(".sheet .btn.main").click()
    expect(page.locator(".qr svg")).to_be_visible()
    secret = page.locator("[data-copy]").get_attribute("data-copy")
    page.locator("#id_code").fill("000000")
    page.locator("main .btn.main").click()
    expect(page.locator("#id_code_error")).to_be_visible()
    assert page.locator("[data-copy]").get_attribute("data-copy") == secret
    page.locator("#id_code").fill(totp(secret or ""))
    page.locator("main .btn.main").click()
    expect(page.locator(".codes li")).to_have_count(10)

    page.goto("/accounts/logout/")
    page.locator("main .btn.main").click()
    _sign_in(page)
    expect(page).to_have_url(re.compile("/2fa/authenticate/"))
    look_at(page, f"sign-in-code{'' if javascript else '-no-script'}")
    page.locator("#id_code").fill(totp(secret or ""))
    page.locator(".sheet .btn.main").first.click()
    expect(page).not_to_have_url(re.compile("accounts"))


def _sign_in(page: Page) -> None:
    page.goto("/accounts/login/?next=/organisation")
    page.locator("#id_login").fill("ada@example.org")
    page.locator("#id_password").fill(makers.PASSWORD)
    page.locator("form[action='/accounts/login/'] button").click()
