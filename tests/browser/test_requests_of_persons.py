"""A person asks what is kept of them: the form without scripts, the link, the officer's board, the seller's search, and
the answer, each looked at."""

import re
from pathlib import Path
from typing import Any

import pytest
from django.core import mail
from django.utils import timezone
from playwright.sync_api import Page, expect

from tests import makers
from tests.browser.axe import look_at, readers
from tests.browser.conftest import PageAt


@pytest.fixture(autouse=True)
def _files(settings: Any, tmp_path: Path) -> None:
    settings.EXCHANGE_STORAGE, settings.EXCHANGE_STORAGE_DIR = "files", tmp_path / "assets"
    settings.EXCHANGE_PERSONS_DIR = tmp_path / "persons"


def mailed() -> str:
    """The newest mail to the person, once all that is due has left."""
    from compliance.requests import letters

    letters.send_due(now=timezone.now())
    return str(mail.outbox[-1].body)


def of_persons(seller: Any) -> Any:
    """A sealed revision of a dataset of persons, as the log knows it."""
    from compliance.follower import follow
    from compliance.log.sealing import seal_batch
    from datasets import datasets
    from tests import dataset_makers

    dataset = dataset_makers.draft(seller, title="Readers of a letter")
    datasets.declare(dataset, **dataset_makers.PERSONAL, by=seller)
    revision = dataset_makers.sealed(dataset, seller)
    seal_batch(timezone.now())
    while follow():
        pass
    return revision


def ask(page: Page, language: str) -> str:
    """Send the form as a visitor does; answers where the mailed link leads."""
    page.goto("/privacy")
    page.locator("main .btn.main").click()
    look_at(page, "privacy-request")
    page.locator("main form .btn.main").click()
    expect(page.locator("main [aria-invalid=true]").first).to_be_visible()
    look_at(page, "privacy-request-refused")
    page.fill("[name=name]", "Jane Roe")
    page.fill("[name=email]", "jane@person.example")
    page.fill("[name=words]", "I was a reader from 2021 to 2024.\nWho has my address now?")
    page.locator("main form .btn.main").click()
    expect(page).to_have_url(re.compile("/privacy/request/sent$"))
    body = mailed()
    assert ("Confirmez ici" if language == "fr" else "Confirm here") in body
    return "/privacy/request/" + body.partition("/privacy/request/")[2].split()[0]


def act(page: Page, name: str, *, looks: bool, **typed: str) -> None:
    """Open the page of an act from the request's, fill its form, and do it."""
    page.locator(f"aside a[href$='/do/{name}']").click()
    if looks:
        look_at(page, f"desk-request-{name}")
    for field, value in typed.items():
        if page.locator(f"[name={field}]").first.get_attribute("type") == "radio":
            page.check(f"[name={field}][value={value}]")
        else:
            page.fill(f"[name={field}]", value)
    page.locator("main form .btn.main").click()
    expect(page.locator(".notice.ok")).to_be_visible()


@pytest.mark.slow  # test_erasure.py goes the same way each time; this one looks at every page of it
@readers
def test_a_person_asks_and_gets_an_answer(page_at: PageAt, width: int, language: str, theme: str) -> None:
    looks = (width, language) != (1440, "en")  # at every page of an act: they are alike
    now = timezone.now()
    seller = makers.trader("Cartouche Mobility Lab", "FR", now)
    revision = of_persons(seller)
    exchange = makers.operators_organisation(now)
    officer = makers.member(exchange, "officer", now)
    trader = makers.member(makers.participant_of(seller), "trader", now)

    person = page_at(width, language, theme, javascript=False)
    link = ask(person, language)
    person.goto(link)
    if looks:
        look_at(person, "privacy-follow-unconfirmed")
    person.locator("main .btn.main").click()
    expect(person.locator(".notice.ok")).to_be_visible()
    look_at(person, "privacy-follow")

    desk = page_at(width, language, theme, member=officer, second_factor=True)
    desk.goto("/compliance/requests")
    look_at(desk, "desk-requests")
    desk.locator("tbody th a").click()
    look_at(desk, "desk-request")
    act(desk, "identify", looks=looks, method="address")
    act(desk, "start", looks=looks)
    act(desk, "ask", looks=True, told="jane@person.example, reader from 2021 to 2024")
    act(desk, "look", looks=looks)
    act(desk, "pause", looks=looks, words="Which of the two letters did you read?")
    person.goto(link)
    person.fill("[name=words]", "The one about bicycles.")
    person.locator("main form .btn.main").click()
    if looks:
        look_at(person, "privacy-follow-paused")
    desk.reload()
    act(desk, "resume", looks=looks)

    selling = page_at(width, language, theme, member=trader)
    selling.goto("/sell/persons")
    if looks:
        look_at(selling, "sell-persons")
    selling.locator("tbody th a").click()
    selling.locator("main form[action$='/person'] .btn").click()
    expect(selling.get_by_text("jane@person.example")).to_be_visible()
    look_at(selling, "sell-persons-one")
    selling.check(f"[name='r-{revision.pk}'][value=yes]")
    selling.locator("section[aria-labelledby=hand] .btn").click()
    expect(selling.locator(".notice.ok")).to_be_visible()

    desk.reload()
    act(
        desk,
        "reply",
        looks=True,
        words="You are among the readers of 2021 to 2024. Nobody has received that list.",
    )
    look_at(desk, "desk-request-answered")
    mailed()
    person.goto(link)
    look_at(person, "privacy-follow-answered")
    person.locator(".notice .btn.main").click()
    person.locator("section[aria-labelledby=send] .btn, form[aria-labelledby=send] .btn").click()
    code = re.search(r"\d{6}", mailed())
    assert code is not None
    look_at(person, "privacy-answer")
    person.fill("[name=code]", code.group())
    with person.expect_download() as taken:
        person.locator("form[aria-labelledby=take] .btn.main").click()
    assert Path(taken.value.path()).read_bytes().startswith(b"PK")
    desk.goto("/compliance/requests/new")
    look_at(desk, "desk-request-new")
