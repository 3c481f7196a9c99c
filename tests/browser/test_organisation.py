"""One's own organisation in a browser: every page of members, invitations and API clients for both readers; an
invitation from one desk to the other person's; a session that ends in mid-form, with and without scripts."""

from typing import Any

import pytest
from allauth.account.models import EmailAddress
from django.core.cache import cache
from django.utils import timezone
from playwright.sync_api import expect

from exchange.participants.actors import credentials
from exchange.participants.members import members
from exchange.participants.models import Invitation, Member
from tests import makers
from tests.browser.axe import look_at, readers
from tests.browser.conftest import PageAt


@pytest.fixture(autouse=True)
def _no_limits_from_other_tests() -> None:
    cache.clear()


@pytest.fixture
def manager(exchange: str) -> Member:
    """The manager of a verified organisation with people, an open and an expired invitation, and two API clients."""
    now = timezone.now()
    own = makers.participant("Lanterne Mutual", "BE", now)
    for role in ("trader", "viewer"):
        makers.member(own, role, now, f"{role}@lanterne.example")
    by = makers.client(own, now)
    members.invite(own, email="ada@lanterne.example", role="trader", language="fr", by=by)
    earlier = by.moved_to(now - members.INVITATION_LASTS * 2)
    members.invite(own, email="grace.of.a.rather.long.name@lanterne.example", role="viewer", by=earlier)
    done, _ = credentials.issue_client(own, name="old warehouse", scopes=["read"], by=by)
    credentials.revoke(done, by=by)
    return Member.objects.get(participant=own, role="manager")


def _webhook_pages(manager: Member) -> list[tuple[str, str]]:
    """Of one that was added and told, of which two tries failed, and of one that is paused."""
    from exchange.participants.models import WebhookAttempt, WebhookMessage
    from exchange.participants.webhooks import webhooks

    by = makers.client(manager.participant, timezone.now())
    live, _ = webhooks.add(manager.participant, url="https://receiver.lanterne.example/events", by=by)
    test = webhooks.send_test(live, by=by)
    message = WebhookMessage.objects.create(webhook=live, event=test, created_at=by.at, due_at=by.at)
    for status, code in ((None, "no_answer_in_time"), (500, "not_taken"), (204, "")):
        WebhookAttempt.objects.create(message=message, at=by.at, status=status, code=code, milliseconds=31)
    paused, _ = webhooks.add(
        manager.participant, url="https://other.lanterne.example/", names=["charge.*"], by=by
    )
    webhooks.pause(paused, by=by)
    own = f"/organisation/webhooks/{live.pk}"
    return [
        ("webhook", own),
        ("webhook-paused", f"/organisation/webhooks/{paused.pk}"),
        ("webhook-rotate", f"{own}/rotate"),
        ("webhook-delete", f"{own}/delete"),
    ]


@readers
def test_the_pages_of_an_organisation(
    page_at: PageAt, manager: Member, width: int, language: str, theme: str
) -> None:
    page = page_at(width, language, theme, member=manager)
    viewer = Member.objects.get(participant=manager.participant, role="viewer")
    for name, path in (
        ("organisation-verified", "/organisation"),
        ("organisation-apply", "/organisation/apply"),
        ("members", "/organisation/members"),
        ("members-invite", "/organisation/members/invite"),
        ("members-role", f"/organisation/members/{viewer.pk}/role"),
        ("members-remove", f"/organisation/members/{viewer.pk}/remove"),
        ("webhooks", "/organisation/webhooks"),
        ("webhooks-new", "/organisation/webhooks/new"),
        *_webhook_pages(manager),
        ("clients", "/my-data/clients"),
        ("clients-new", "/my-data/clients/new"),
    ):
        page.goto(path)
        look_at(page, name)
    page.locator("#id_name").fill("Nightly download")
    page.locator("main .btn.main").click()
    expect(page.locator("#id_scopes_error")).to_be_visible()
    page.wait_for_load_state()
    look_at(page, "clients-new-refused")
    page.locator("input[value=read]").check()
    page.locator("input[value=buy]").check()
    page.locator("main .btn.main").click()
    expect(page.locator(".sheet .copyable")).to_have_count(2)
    page.wait_for_load_state()
    look_at(page, "clients-secret")
    page.reload()
    expect(page.locator(".sheet .copyable")).to_have_count(0)
    look_at(page, "clients-secret-shown")
    made = manager.participant.api_clients.get(name="Nightly download")
    for name, path in (("client", ""), ("client-rotate", "/rotate"), ("client-revoke", "/revoke")):
        page.goto(f"/my-data/clients/{made.pk}{path}")
        look_at(page, name)


@readers
def test_the_pages_of_somebody_new(
    page_at: PageAt, manager: Member, width: int, language: str, theme: str
) -> None:
    now = timezone.now()
    person = makers.user("somebody@example.org")
    by = makers.client(manager.participant, now)
    _, token = members.invite(manager.participant, email="somebody@example.org", role="trader", by=by)
    _, late = members.invite(
        manager.participant,
        email="late@example.org",
        role="trader",
        by=by.moved_to(now - members.INVITATION_LASTS * 2),
    )
    visitor = page_at(width, language, theme)
    for name, path in (
        ("invitation-visitor", f"/invitations/{token}"),
        ("invitation-expired", f"/invitations/{late}"),
        ("invitation-unknown", "/invitations/nonsense"),
    ):
        visitor.goto(path)
        look_at(visitor, name)
    applied = makers.applicant("Cartouche Mobility Lab", "FR", now)
    waiting = page_at(width, language, theme, member=Member.objects.get(participant=applied))
    for name, path in (
        ("organisation-waits", "/organisation"),
        ("organisation-correct", "/organisation/correct"),
        ("invitation-other", f"/invitations/{token}"),
        ("clients-none", "/my-data/clients"),
    ):
        waiting.goto(path)
        look_at(waiting, name)
    visitor.goto(f"/accounts/login/?next=/invitations/{token}")
    visitor.locator("#id_login").fill(person.email)
    visitor.locator("#id_password").fill(makers.PASSWORD)
    visitor.locator("form[action='/accounts/login/'] button").click()
    expect(visitor.locator("main form .btn.main")).to_be_visible()
    visitor.wait_for_load_state()
    look_at(visitor, "invitation-open")
    visitor.goto("/organisation")
    look_at(visitor, "organisation-none")
    visitor.locator("main form .btn.main").click()
    expect(visitor.locator("main h1")).to_have_text("Lanterne Mutual")
    assert EmailAddress.objects.filter(user__memberships__participant=manager.participant).exists()


@pytest.mark.parametrize("javascript", [True, False], ids=["with scripts", "without scripts"])
def test_a_session_that_ends_in_mid_form_loses_nothing(
    page_at: PageAt, manager: Member, javascript: bool, settings: Any
) -> None:
    page = page_at(390 if javascript else 1440, "en", javascript=javascript, member=manager)
    page.goto("/organisation/members/invite")
    page.locator("#id_email").fill("late.guest@lanterne.example")
    page.locator("input[value=viewer]").check()
    page.context.clear_cookies(name=settings.SESSION_COOKIE_NAME)
    page.locator("main .btn.main").click()
    expect(page.locator("#id_login")).to_be_visible()
    page.wait_for_load_state()
    look_at(page, f"session-ended{'' if javascript else '-no-script'}")
    page.locator("#id_login").fill(manager.user.email)
    page.locator("#id_password").fill(makers.PASSWORD)
    page.locator("form[action='/accounts/login/'] button").click()
    expect(page.locator("#id_email")).to_have_value("late.guest@lanterne.example")
    expect(page.locator("input[value=viewer]")).to_be_checked()
    page.wait_for_load_state()
    look_at(page, f"session-again{'' if javascript else '-no-script'}")
    assert not Invitation.objects.filter(email="late.guest@lanterne.example").exists()
    page.locator("main .btn.main").click()
    expect(
        page.get_by_role("cell", name="late.guest").or_(page.get_by_text("late.guest")).first
    ).to_be_visible()
    assert Invitation.objects.filter(email="late.guest@lanterne.example").count() == 1
