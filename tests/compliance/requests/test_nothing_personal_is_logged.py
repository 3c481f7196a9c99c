"""Nobody who asked, bought, mistyped a password or broke a server is written into the log, whatever a logger is asked
to say: every logger writes all that it can, and every line is searched for whatever a person gave."""

import logging
import re
import smtplib
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from celery import shared_task
from django.conf import settings as product
from django.contrib.auth.models import User
from django.core import mail
from django.core.mail.backends.locmem import EmailBackend
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from compliance import messenger, notices, queries
from compliance.breaches import register, scopes
from compliance.models import NoticeRow, SellerSearch, SubjectRequest
from compliance.notices import answers
from compliance.notices.tasks import advance_notices, chase_notices
from compliance.requests import consequences, decisions, identity, seller_search
from compliance.requests.tasks import send_request_letters, watch_requests
from compliance.transfers import desk as transfers_desk
from exchange.participants.tasks import mail_notices
from exchange.participants.webhooks import messages as webhook_messages
from exchange.participants.webhooks import webhooks
from infra.logs import Plain
from tests import makers, receivers, sales
from tests.compliance.breaches.conftest import found as breach_found
from tests.compliance.pages.conftest import signed_in

pytestmark = [pytest.mark.usefixtures("own_database"), pytest.mark.by_the_clock]

NAME, EMAIL = "Ottoline Quillfeather", "ottoline@quillfeather.example"
WORDS = "What do you hold about my late aunt Philippa Zwick?"
PASSWORD, AGENT, IP = "correct-horse-quillfeather", "Quillfeather-reader/7.3", "203.0.113.77"
LETTER = "Erase the rows of the person whose customer number is 77-4411-ZWICK."
PATH = "/inbox?key=quillfeather-hook-key"
SPEAKS_CONTENT = ("weasyprint", "fontTools")
"""Draw what is written on paper, and say so; the product keeps them silent, whatever else is asked to speak."""


class Refusing(EmailBackend):
    """A mail server that takes no mail, and says of whom."""

    def send_messages(self, messages: Any) -> int:
        for message in messages:
            said = {one: (550, f"no mailbox for {one}".encode()) for one in message.recipients()}
            raise smtplib.SMTPRecipientsRefused(said)
        return 0


class Lines(logging.Handler):
    """Every line, written as the product writes it."""

    def __init__(self) -> None:
        super().__init__(level=1)
        self.lines: list[str] = []
        self.formatter = Plain(product.LOGGING["formatters"]["plain"]["format"])

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(self.format(record))


@pytest.fixture
def heard() -> Iterator[list[str]]:
    """All that any logger says, at any level."""
    known = [logging.getLogger(), *map(logging.getLogger, list(logging.root.manager.loggerDict))]
    before = {one: (one.level, one.disabled, one.propagate) for one in known}
    handler = Lines()
    for one in known:
        if not one.name.startswith(SPEAKS_CONTENT):
            one.setLevel(1)
            one.disabled, one.propagate = False, True
    logging.getLogger().addHandler(handler)
    yield handler.lines
    logging.getLogger().removeHandler(handler)
    for one, (level, is_disabled, propagates) in before.items():
        one.setLevel(level)
        one.disabled, one.propagate = is_disabled, propagates


@pytest.fixture
def planted(settings: Any) -> Iterator[set[str]]:
    """What a person gave or was given; more is added on the way."""
    settings.EXCHANGE_OUTBOUND_NETWORKS = ["127.0.0.0/8"]
    mail.outbox = []
    yield {NAME, "Quillfeather", "quillfeather", "Zwick", "ZWICK", EMAIL, WORDS, PASSWORD, AGENT, IP, LETTER}


def assert_silent(lines: list[str], planted: set[str], *, but_for: str) -> None:
    """No line holds any of it, though the log was written: it says `but_for`."""
    assert but_for in "\n".join(lines), "the log says what happened"
    assert [(needle, line[:300]) for line in lines for needle in planted if needle in line] == []


def asks(settings: Any) -> str:
    """A person asks by the form, once while no mail leaves; answers the token of the link."""
    visitor = Client(REMOTE_ADDR=IP, HTTP_USER_AGENT=AGENT)
    typed = {"kind": "erasure", "name": NAME, "email": EMAIL, "words": WORDS}
    settings.EMAIL_BACKEND = f"{__name__}.Refusing"
    assert visitor.post(reverse("privacy_request"), typed).status_code == 302
    assert visitor.post(reverse("privacy_request"), typed | {"email": f"{EMAIL} x"}).status_code == 422
    send_request_letters.apply()
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    SubjectRequest.objects.get().letters.update(mail_due_at=timezone.now() - timedelta(minutes=1))
    send_request_letters.apply()
    token = re.findall(r"/privacy/request/([\w-]+)", str(mail.outbox[-1].body))[0]
    assert visitor.post(reverse("privacy_follow", args=[token])).status_code == 302
    assert visitor.get(reverse("privacy_follow", args=[token])).status_code == 200
    assert visitor.get(reverse("privacy_follow", args=[f"{token}x"])).status_code == 404
    assert visitor.put(reverse("privacy_follow", args=[token])).status_code == 405
    return token


def test_a_request_its_search_its_notices_and_a_breach(
    heard: list[str],
    planted: set[str],
    settings: Any,
    seller: Any,
    buyer: Any,
    officer: Any,
    personal: Callable[..., Any],
    took: Callable[..., Any],
    public_log: Any,
    react: Callable[..., int],
    now: datetime,
) -> None:
    people = makers.participant_of(seller)
    makers.member(makers.participant_of(buyer), "manager", now, email="reader@quillfeather.example")
    revision = personal(seller)
    took(revision, buyer)
    public_log.publish()
    planted.add(asks(settings))
    request = SubjectRequest.objects.get()
    identity.identify(request, "address", by=officer)
    request = decisions.start(request, by=officer)
    [search] = seller_search.ask(request, [people.pk], EMAIL, by=officer)
    browser = signed_in(makers.member(people, "manager", now, email="seller@quillfeather.example"))
    assert browser.get(reverse("sell_persons_one", args=[search.pk])).status_code == 200
    assert NAME not in seller_search.read_told(search, by=seller)
    assert seller_search.read_told(SellerSearch.objects.get(), by=seller) == EMAIL
    seller_search.answer_by_hand(search, {revision.pk: True}, by=seller)
    consequences.tell_recipients(request, LETTER, by=officer)
    breach = register.open_breach(breach_found(officer.at, what=WORDS), by=officer)
    scopes.take(breach, scopes.Asked(dataset=revision.dataset_id), by=officer)
    notices.open_notice(
        occasion=f"breach:{breach.pk}",
        kind="breach",
        dataset_id=revision.dataset_id,
        revision_ids=None,
        message=LETTER,
        by=officer,
    )
    public_log.publish()
    settings.EMAIL_BACKEND = f"{__name__}.Refusing"
    for task in (advance_notices, chase_notices, watch_requests):
        assert task.apply().successful()
    react()
    assert mail_notices.apply().successful()
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    row = NoticeRow.objects.filter(state="sent").select_related("notice").first()
    assert row is not None
    answers.answer(row, action="refused", copies=None, passed_on=NAME, remark=WORDS, by=buyer)
    staff = signed_in(makers.member(makers.participant_of(officer), "officer", now), second_factor=True)
    for address in (
        reverse("desk_requests_one", args=[request.pk]),
        reverse("desk_notices_row", args=[row.pk]),
        reverse("desk_notices_statement", args=[row.notice_id, "pdf"]),
        reverse("desk_breaches_one", args=[breach.pk]),
        reverse("desk_breaches_export", args=["pdf"]),
    ):
        assert staff.get(address).status_code == 200
    assert_silent(heard, planted, but_for="was not taken: SMTPRecipientsRefused")


def test_a_download_a_webhook_that_fails_and_doors_that_stay_shut(
    heard: list[str], planted: set[str], seller: Any, buyer: Any, officer: Any, public_log: Any, tmp_path: Path
) -> None:
    member = makers.member(makers.participant_of(buyer), "manager", buyer.at, email=EMAIL)
    with receivers.listening() as receiver:
        receiver.answers += [500, 500]
        own = makers.participant_of(buyer)
        _, secret = webhooks.add(own, url=f"{receiver.url}{PATH}", names=(), by=buyer)
        right = sales.entitled(seller, buyer.moved_to(timezone.now()))
        link = sales.link(right, buyer.moved_to(timezone.now()))
        token = link.split("/")[2]
        planted |= {secret, secret.removeprefix("whsec_"), token, token.rpartition(".")[2]}
        agent = {"user-agent": AGENT, "x-forwarded-for": IP}
        assert sales.call("GET", link, headers=agent).status == 200
        assert sales.call("GET", link.replace(token, f"{token}x"), headers=agent).status in (401, 403, 404)
        public_log.publish(timezone.now())
        coverage = queries.coverage()
        assert coverage is not None
        webhook_messages.plan(coverage.leaves, now=timezone.now())
        for webhook_id in webhook_messages.waiting(now=timezone.now(), at_most=9):
            messenger.send_some(webhook_id)
        assert receiver.delivered
    visitor = Client(REMOTE_ADDR=IP, HTTP_USER_AGENT=AGENT)
    for password in (PASSWORD, ""):
        typed = {"login": EMAIL, "password": password}
        assert visitor.post(reverse("account_login"), typed).status_code < 500
    assert visitor.get(f"/invitations/{secret.removeprefix('whsec_')}").status_code == 404
    wrong = {"Authorization": f"Bearer {secret}"}
    assert visitor.get("/api/v1/offers", headers=wrong).status_code == 401
    assert signed_in(member).get(f"/my-data/{token}").status_code == 404
    assert transfers_desk.look_through(queries.Filters(), cursor=None, limit=9, by=officer).items
    assert_silent(heard, planted, but_for="did not take a message")


@shared_task(name="tests.fails_about_a_person")
def fails_about_a_person() -> None:
    for _ in range(2):
        User.objects.create_user(EMAIL, first_name=NAME)


def test_what_nobody_expected(
    heard: list[str], planted: set[str], settings: Any, monkeypatch: pytest.MonkeyPatch, now: datetime
) -> None:
    assert not fails_about_a_person.apply().successful()
    visitor = Client(raise_request_exception=False, REMOTE_ADDR=IP, HTTP_USER_AGENT=AGENT)
    token = "quillfeather-token-of-a-link"

    def fail(*_: object, **__: object) -> None:
        fails_about_a_person()

    monkeypatch.setattr("compliance.requests.queries.request_by", fail)
    answer = visitor.get(reverse("privacy_follow", args=[token]))
    assert answer.status_code == 500
    makers.user(f"second.{EMAIL}")
    settings.EMAIL_BACKEND = f"{__name__}.Refusing"
    asked = visitor.post(reverse("account_reset_password"), {"email": f"second.{EMAIL}"})
    for given in (answer, asked):
        assert not any(needle.encode() in given.content for needle in (NAME, token, IP))
    assert_silent(heard, planted, but_for="Internal Server Error: /privacy/request/<slug:token>")
    assert "IntegrityError" in "\n".join(heard) and "auth_user" in "\n".join(heard)
