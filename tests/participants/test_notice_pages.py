"""The pages of notices: the bell, the list, opening one, marking all, choosing what is mailed; and the whole way from a
buyer's request to the page on which the seller decides."""

import re
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core import mail
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils.html import escape

from exchange.kernel.actors import Actor
from exchange.kernel.ids import new_id
from exchange.participants.models import MailPreference, Member, Notice
from exchange.participants.notices import mails as notice_mails
from exchange.participants.notices import preferences
from tests import dataset_makers, makers, sales
from tests.browser.sessions import cookie_of
from tests.participants.browsers import Browser

pytestmark = [pytest.mark.one_database, pytest.mark.by_the_clock]
React = Callable[..., int]
HOSTILE = '<script>alert(1)</script> مدينة 🚲 "quoted"'


@pytest.fixture(autouse=True)
def _files(settings: Any, tmp_path: Path) -> None:
    settings.EXCHANGE_STORAGE, settings.EXCHANGE_STORAGE_DIR = "files", tmp_path / "assets"


@pytest.fixture
def sell(seller: Actor, now: datetime, react: React) -> Member:
    made = makers.member(makers.participant_of(seller), "trader", now, "sell@example.org")
    react()
    Notice.objects.all().delete()
    return made


def browser(member: Member) -> Client:
    client = Client(enforce_csrf_checks=True, headers={"Accept": "text/html"})
    cookie = cookie_of(member)
    client.cookies[cookie["name"]] = cookie["value"]
    return client


def post(client: Client, path: str, **form: str) -> Any:
    if "csrftoken" not in client.cookies:
        client.get("/notices/mail")
    return client.post(path, form, headers={"X-CSRFToken": client.cookies["csrftoken"].value})


def ask(seller: Actor, buyer: Actor, react: React, title: str = "Cities of France") -> str:
    """A request that waits; answers where its page is."""
    dataset = dataset_makers.draft(seller, title=title)
    dataset_makers.declare_free(dataset, seller)
    dataset_makers.measured(dataset, seller)
    from datasets import datasets

    negotiation = sales.request(sales.offer(datasets.publish(dataset, seller), seller), buyer)
    react()
    return f"/negotiations/{negotiation.pk}"


def test_a_request_reaches_the_sellers_mail_bell_list_and_page(
    seller: Actor, buyer: Actor, sell: Member, react: React, now: datetime
) -> None:
    place = ask(seller, buyer, react)
    notice_mails.send_due(now=now + timedelta(seconds=5))
    (letter,) = [one for one in mail.outbox if one.to == ["sell@example.org"]]
    (link,) = re.findall(r"http://testserver(/notices/[0-9a-f-]{36})", letter.body)
    client = browser(sell)
    page = client.get("/notices")
    assert "Notices: 1 not read" in page.content.decode()
    assert "Buyer GmbH asks for “Cities of France”" in page.content.decode()
    assert f'href="{link}"' in page.content.decode()
    opened = client.get(link)
    assert (opened.status_code, opened["Location"]) == (302, place)
    assert "Buyer GmbH" in client.get(place).content.decode()
    after = client.get("/notices").content.decode()
    assert "not read" not in after and "Mark all as read" not in after


def test_a_visitor_is_led_to_sign_in_and_back(sell: Member) -> None:
    for path in ("/notices", "/notices/mail", f"/notices/{new_id()}"):
        answer = Client(headers={"Accept": "text/html"}).get(path)
        assert answer["Location"] == f"/accounts/login/?next={path.replace('/', '%2F')}"
    assert Client().post("/notices/read").status_code == 302


def test_nobody_opens_or_marks_another_members_notice(
    seller: Actor, buyer: Actor, outsider: Actor, sell: Member, react: React, now: datetime
) -> None:
    stranger = makers.member(makers.participant_of(outsider), "manager", now)
    colleague = makers.member(makers.participant_of(seller), "viewer", now)
    ask(seller, buyer, react)
    notice = Notice.objects.get(member=sell)
    for other in (stranger, colleague):
        client = browser(other)
        assert client.get(f"/notices/{notice.pk}").status_code == 404
        assert "Cities of France" not in client.get("/notices").content.decode()
        assert post(client, "/notices/read", until=str(notice.pk)).status_code == 302
    notice.refresh_from_db()
    assert notice.read_at is None


def test_a_notice_for_another_organisation_asks_to_act_for_it_first(
    seller: Actor, buyer: Actor, outsider: Actor, sell: Member, react: React, now: datetime
) -> None:
    from exchange.participants.members import members

    elsewhere = makers.participant_of(outsider)
    _, token = members.invite(elsewhere, email=sell.user.email, role="viewer", by=makers.system(now))
    second = members.join(token, sell.user, by=makers.system(now))
    ask(seller, buyer, react)
    notice = Notice.objects.get(member=sell)
    client = browser(second)
    answer = client.get(f"/notices/{notice.pk}")
    assert answer["Location"] == f"/organisation?next=%2Fnotices%2F{notice.pk}"
    notice.refresh_from_db()
    assert notice.read_at is None
    there = post(client, "/organisation", participant=str(sell.participant_id), next=f"/notices/{notice.pk}")
    assert there["Location"] == f"/notices/{notice.pk}"
    assert client.get(there["Location"])["Location"].startswith("/negotiations/")


def test_marking_all_leaves_what_came_after_the_page(
    seller: Actor, buyer: Actor, sell: Member, react: React
) -> None:
    ask(seller, buyer, react)
    seen = Notice.objects.filter(member=sell).latest("pk")
    ask(seller, buyer, react, "Rivers of France")
    client = browser(sell)
    assert client.post("/notices/read", {"until": str(seen.pk)}).status_code == 403  # no CSRF token
    assert post(client, "/notices/read", until="all").status_code == 422
    assert client.get("/notices/read").status_code == 405
    assert Notice.objects.filter(member=sell, read_at=None).count() == 2
    assert post(client, "/notices/read", until=str(seen.pk))["Location"] == "/notices"
    assert Notice.objects.filter(member=sell, read_at=None).count() == 1


def test_the_list_pages_and_takes_as_many_queries_for_many_as_for_few(
    seller: Actor, buyer: Actor, sell: Member, react: React, now: datetime
) -> None:
    ask(seller, buyer, react)
    first = Notice.objects.get(member=sell)
    client = browser(sell)
    client.get("/notices")
    with CaptureQueriesContext(connection) as few:
        client.get("/notices")
    for number in range(25):
        Notice.objects.create(member=sell, news=first.news, key=str(number), facts=first.facts, created_at=now)
    with CaptureQueriesContext(connection) as many:
        page = client.get("/notices").content.decode()
    assert len(many) == len(few) <= 12
    assert page.count("asks for") == 20
    (older,) = re.findall(r'href="(\?cursor=[^"]+)" rel="next"', page)
    rest = client.get(f"/notices{older}").content.decode()
    assert rest.count("asks for") == 6
    (newer,) = re.findall(r'href="(\?cursor=[^"]+)" rel="prev"', rest)
    assert client.get(f"/notices{newer}").content.decode().count("asks for") == 20
    assert client.get("/notices?cursor=nonsense").status_code == 422


def test_an_empty_list_says_what_will_be_here(sell: Member) -> None:
    page = browser(sell).get("/notices").content.decode()
    assert "Nothing has happened yet" in page and "/notices/mail" in page
    french = browser(sell).get("/notices", headers={"Accept-Language": "fr"}).content.decode()
    assert "Rien ne s’est encore passé" in french


def test_what_others_typed_shows_as_text(seller: Actor, buyer: Actor, sell: Member, react: React) -> None:
    ask(seller, buyer, react, HOSTILE)
    page = browser(sell).get("/notices").content.decode()
    assert "<script>alert" not in page
    assert escape("<script>alert(1)</script>") in page
    french = browser(sell).get("/notices", headers={"Accept-Language": "fr"}).content.decode()
    assert "Buyer GmbH demande «" in french


def test_a_person_chooses_what_is_mailed(sell: Member) -> None:
    client = browser(sell)
    assert client.get("/notices/mail").status_code == 200
    chosen = {"sales": "daily", "money": "never", "rights": "at_once"}
    assert client.post("/notices/mail", chosen).status_code == 403
    refused = post(client, "/notices/mail", **{**chosen, "sales": "hourly"})
    assert refused.status_code == 422
    assert not MailPreference.objects.filter(user=sell.user).exists()
    assert post(client, "/notices/mail", **chosen)["Location"] == "/notices/mail"
    kept = preferences.of_user(sell.user)
    assert (kept.sales, kept.money, kept.rights) == ("daily", "never", "at_once")
    assert client.get("/notices/mail").content.decode().count(" checked") == 3


def test_mails_follow_the_language_that_a_person_chooses_or_signs_in_with(sell: Member) -> None:
    client = browser(sell)
    client.get("/language/fr?next=/notices")
    assert preferences.of_user(sell.user).language == "fr"
    assert "Vos messages sont en français." in client.get("/notices/mail").content.decode()
    Client().get("/language/fr?next=/")  # a visitor's choice is a cookie alone
    assert MailPreference.objects.count() == 1
    Browser().sign_in(sell.user.email)
    assert preferences.of_user(sell.user).language == "en"
