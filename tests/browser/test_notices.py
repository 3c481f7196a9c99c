"""The bell, the list of notices and the choice of mails in a browser, with and without scripts."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from exchange.participants.models import Notice
from tests import makers, sales
from tests.browser.axe import look_at, readers
from tests.browser.conftest import PageAt


def notify(member: Any) -> None:
    """Everything that can be told of one sale, from two months ago to now."""
    from exchange.participants.news import all_known
    from exchange.participants.notices import _roles

    now = timezone.now()
    seller, buyer = sales.Dataset.objects.get().seller, member.participant
    dataset = sales.Dataset.objects.get()
    facts = {
        **dict.fromkeys(("negotiation", "agreement", "entitlement", "charge", "review"), str(dataset.pk)),
        "dataset": str(dataset.pk),
        "seller": str(seller.pk),
        "buyer": str(buyer.pk),
        "number": 3,
        "participant": str(buyer.pk),
        "client": "cl_0d6c",
        "ends_at": now.isoformat(),
        "count": 4,
        "code": "copies_spent",
        "currency": "EUR",
        "gross_minor": "148000",
        "net_minor": "123333",
    }
    mine = [one for one in all_known() if "trader" in _roles(one.scope)]
    for age, news in reversed(list(enumerate(mine))):
        at = now - timedelta(days=2 * age, minutes=age)
        read_at = None if age < 4 else at
        Notice.objects.create(
            member=member, news=news.key, key=str(age), facts=facts, created_at=at, read_at=read_at
        )


@pytest.fixture(autouse=True)
def _files(settings: Any, tmp_path: Path) -> None:
    settings.EXCHANGE_STORAGE, settings.EXCHANGE_STORAGE_DIR = "files", tmp_path / "assets"


@readers
def test_notices_are_seen_opened_and_chosen(page_at: PageAt, width: int, language: str, theme: str) -> None:
    from tests import dataset_makers

    now = timezone.now()
    member = makers.member(makers.participant("Lanterne Mutual", "BE", now), "trader", now)
    page = page_at(width, language, theme, member=member)
    page.goto("/notices")
    look_at(page, "notices-none")
    dataset_makers.published(makers.trader("Cartouche Mobility Lab", "FR", now))
    notify(member)
    page.goto("/notices/mail")
    expect(page.locator(".bell b")).to_have_text("4")
    look_at(page, "notices-mail")
    page.locator("#id_money input").nth(2).check()
    page.locator("main .btn.main").click()
    expect(page.locator(".notice.ok")).to_be_visible()
    expect(page.locator("#id_money input").nth(2)).to_be_checked()
    page.locator(".bell").click()
    look_at(page, "notices")
    page.locator(".head .btn").click()
    expect(page.locator(".bell b")).to_have_count(0)
    expect(page.locator(".news .new")).to_have_count(0)
    page.locator(".paging a[rel=next]").click()
    expect(page.locator(".news li")).not_to_have_count(0)
    look_at(page, "notices-older")


def test_the_bell_works_without_scripts_and_names_what_waits(page_at: PageAt) -> None:
    from tests import dataset_makers

    now = timezone.now()
    member = makers.member(makers.participant("Lanterne Mutual", "BE", now), "trader", now)
    dataset_makers.published(makers.trader("Cartouche Mobility Lab", "FR", now))
    notify(member)
    page = page_at(390, "fr", javascript=False, member=member)
    page.goto("/organisation")
    page.get_by_role("link", name="Avis : 4 non lus").click()
    page.locator(".news li.new a").first.click()
    page.goto("/notices")
    expect(page.get_by_role("link", name="Avis : 3 non lus")).to_be_visible()
    page.get_by_role("button", name="Tout marquer comme lu").click()
    expect(page.get_by_role("link", name="Avis", exact=True).first).to_be_visible()
