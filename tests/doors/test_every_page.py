"""Every named page, opened by who may read it, by an outsider and by a visitor; and every form on it, sent empty, with
hostile text, without its token, and twice."""

import contextlib
import gettext
import html
import re
import secrets
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.cache import cache
from django.db import transaction
from django.http import HttpResponse
from django.utils import timezone

from infra import translations
from tests import databases, makers
from tests.doors import breach_rows, page_routes, whole_sale
from tests.doors.answers import INSIDES
from tests.doors.page_forms import Form, Values, forms_of
from tests.doors.page_house import DESKS, VISITOR, PageHouse
from tests.doors.page_routes import ACCOUNTS, ALSO, ROUTES, Route
from tests.doors.page_typed import DONE_AGAIN, FILLED, MAKES_ANOTHER

SCRIPT = "<script>hostile()</script>"
HOSTILE = f"{SCRIPT}\"'><img src=x onerror=hostile()> \u202eعربي\u202c 🧾 {{{{ 7|add:7 }}}} \ud7ff"
OF_A_DATABASE = {"NUL": "a\x00b", "huge": SCRIPT * 4_000, "a number": "9" * 400}
TEXTS = {**OF_A_DATABASE, "blank": "", "hostile": HOSTILE}
"""What is typed into every field; databases differ in what they take as a text, how long, and as a number."""
TOKEN = re.compile(r"\b[A-Za-z0-9]{64}\b")
"""A CSRF token, which may look like anything."""
PAGES = [*ROUTES, *ACCOUNTS, *ALSO]
OF_THE_PERSON = {"organisation_apply", "invitation", "invitation_accept", "notices_mail"}
"""Forms about the person who is signed in, whichever organisation they act for."""


@pytest.fixture(scope="module")
def made(
    django_db_setup: None,
    django_db_blocker: Any,
    search_folders: Path,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[PageHouse]:
    from tests.doors import page_house

    with (
        django_db_blocker.unblock(),
        databases.own(f"pages_{secrets.token_hex(6)}"),
        page_house.built(tmp_path_factory.mktemp("pages"), search_folders / "pages", timezone.now()) as found,
    ):
        yield found


@pytest.fixture(scope="module")
def all_forms(made: PageHouse) -> list[tuple[str, Form]]:
    """Every form that stands on a page, once for each place it is sent to, with its reader."""
    found: dict[tuple[str, str, tuple[str, ...]], Form] = {}
    for route in PAGES:
        path = route.path(made)
        for form in forms_of(made.browser(route.reader).get(path), path):
            found.setdefault((route.reader, form.name, tuple(form.typed)), form)
    return [(reader, form) for (reader, _, _), form in found.items()]


@pytest.fixture(scope="module")
def forms(all_forms: list[tuple[str, Form]]) -> list[tuple[str, Form]]:
    """Those of the exchange's own pages for people who sign in; what visitors send, tests/compliance/requests do."""
    own = [(reader, form) for reader, form in all_forms if not form.action.startswith("/accounts/")]
    return [(reader, form) for reader, form in own if reader != VISITOR]


def text_of(answer: HttpResponse) -> str:
    is_page = answer.headers.get("Content-Type", "").startswith("text/html")
    body = b"".join(answer) if answer.streaming else answer.content
    return body.decode(errors="strict" if is_page else "replace")


@contextlib.contextmanager
def undone() -> Iterator[None]:
    """Takes back what is done in it, as the block around a test does; so mail may leave."""
    block = transaction.atomic()
    block._from_testcase = True
    with block:
        yield
        transaction.set_rollback(True)


def test_every_named_page_is_written_down() -> None:
    written = [route.name for route in ROUTES]
    assert set(written) == page_routes.named_routes()
    assert len(written) == len(set(written))


@pytest.mark.parametrize("route", PAGES, ids=str)
def test_a_page_opens_for_its_reader(made: PageHouse, route: Route) -> None:
    answer = made.browser(route.reader).get(route.path(made))
    assert answer.status_code == route.status, text_of(answer)[:2_000]


@pytest.mark.one_database
@pytest.mark.parametrize("route", [*ROUTES, *ACCOUNTS], ids=str)
def test_a_visitor_signs_in_first_or_the_page_is_open(made: PageHouse, route: Route) -> None:
    answer = made.browser(VISITOR).get(route.path(made))
    if route.is_open and route.reader == VISITOR:
        assert answer.status_code == route.status
    elif route.status == 405:
        assert answer.status_code in (302, 405)
    else:
        assert (answer.status_code, answer["Location"][:22]) == (302, "/accounts/login/?next=")
    foreign = made.house.private - {made.ids.get(row, row) for row in route.rows.values()}
    assert not any(one in text_of(answer) for one in foreign)


@pytest.mark.one_database
@pytest.mark.parametrize("route", [route for route in ROUTES if not route.is_open], ids=str)
def test_an_outsider_sees_nothing_of_others(made: PageHouse, route: Route) -> None:
    answer = made.browser("outsider").get(route.path(made))
    if route.rows or route.reader in ("officer", "operator"):
        assert answer.status_code in (403, 404, 405), text_of(answer)[:2_000]
    assert not INSIDES.search(TOKEN.sub("", text_of(answer)))
    asked = {made.ids.get(row, row) for row in route.rows.values()}
    foreign = made.house.private | set(made.ids.values()) - {made.ids["verified participant"]}
    assert [one for one in foreign - asked if len(one) > 8 and one in text_of(answer)] == []


@pytest.mark.one_database
def test_a_page_in_french_is_in_french(made: PageHouse) -> None:
    english, wrong = untranslated(), []
    for route in PAGES:
        shown = text_of(made.browser(route.reader, "fr").get(route.path(made)))
        if shown.startswith("<!doctype html>"):
            wrong += [] if '<html lang="fr"' in shown else [f"{route}: says that it is not in French"]
            wrong += [f"{route}: {said}" for said in english & set(sayings(shown))]
    assert wrong == [], "\n".join(wrong)


def untranslated() -> set[str]:
    """The English of every phrase that has another French; single words may be names, or French too."""
    found: set[str] = set()
    for app in translations.APPS:
        with translations.file_of(app).with_suffix(".mo").open("rb") as file:
            words: dict[Any, str] = gettext.GNUTranslations(file)._catalog  # type: ignore[attr-defined]
        french = set(words.values())
        said = {key if isinstance(key, str) else key[0] for key, other in words.items() if key != other}
        found |= {one.rpartition("\x04")[2] for one in said} - french
    return {" ".join(one.split()) for one in found if " " in one.strip()}


def sayings(page: str) -> list[str]:
    """The pieces of text that a page shows or has read out, without those marked as of another language."""
    own = re.sub(r'<(\w+)[^>]* lang="en"[^>]*>.*?</\1>|<script.*?</script>', "", page, flags=re.DOTALL)
    read_out = re.findall(r'(?:aria-label|placeholder|title|data-label)="([^"]*)"', own)
    return [" ".join(html.unescape(one).split()) for one in [*re.split(r"<[^>]*>", own), *read_out]]


@pytest.mark.parametrize("is_long", [False, pytest.param(True, marks=pytest.mark.slow)])
def test_whatever_is_typed_breaks_no_page_and_is_shown_as_text(
    made: PageHouse, all_forms: list[tuple[str, Form]], is_long: bool
) -> None:
    """In the long form each form takes every try; in the short one the hostile text, and one of the others by turns."""
    wrong: list[str] = []
    for number, (reader, form) in enumerate(all_forms):
        cache.clear()  # of how often somebody has tried
        texts = TEXTS if databases.is_sqlite() else OF_A_DATABASE
        tries: dict[str, Values] = {kind: form.filled(text) for kind, text in texts.items()}
        if databases.is_sqlite():
            tries |= {"hidden fields too": dict.fromkeys(form.untouched(), HOSTILE), "nothing": {}}
        turn = list(tries)[number % len(tries)]
        for kind in tries if is_long else tries.keys() & {"hostile", turn}:
            with undone():
                wrong += flaws(made, reader, form, tries[kind], kind)
    assert wrong == [], "\n".join(wrong)


def flaws(made: PageHouse, reader: str, form: Form, values: Values, kind: str) -> list[str]:
    """What is wrong with the answer to a form, and with the page it leads to."""
    browser, found = made.browser(reader), []
    answer = browser.post(form.action, values)
    seen = [answer]
    led_to = answer.get("Location", "")
    if led_to and not led_to.startswith("/d/"):  # where the gateway answers
        seen.append(browser.get(led_to))
    for one in seen:
        shown = text_of(one)
        if one.status_code >= 500:
            found.append(f"{form.name} for {reader}, {kind}: answered {one.status_code}")
        if SCRIPT in shown or "<img src=x" in shown:
            found.append(f"{form.name} for {reader}, {kind}: shows it as it came")
        if leak := INSIDES.search(TOKEN.sub("", shown)):
            found.append(f"{form.name} for {reader}, {kind}: shows its insides: {leak.group()}")
    return found


@pytest.mark.one_database
def test_a_form_without_its_token_does_nothing(made: PageHouse, all_forms: list[tuple[str, Form]]) -> None:
    before, wrong = whole_sale.rows(), []
    for reader, form in all_forms:
        browser = made.browser(reader, enforce_csrf_checks=True)
        values = {name: value for name, value in form.untouched().items() if name != "csrfmiddlewaretoken"}
        answer = browser.post(form.action, values)
        wrong += [] if answer.status_code == 403 else [f"{form.name}: {answer.status_code}"]
    assert wrong == [], "\n".join(wrong)
    assert whole_sale.rows() == before


@pytest.mark.one_database
@pytest.mark.parametrize("who", ["outsider", VISITOR])
def test_a_form_about_what_others_have_does_nothing(
    made: PageHouse, forms: list[tuple[str, Form]], who: str
) -> None:
    open_to_all = {route.name for route in ROUTES if route.is_open or not route.rows}
    before, wrong = whole_sale.rows(), []
    for _reader, form in forms:
        if who == "outsider" and form.name in open_to_all:  # theirs too, about what they have themselves
            continue
        filled = {**form.untouched(), **FILLED.get(form.name, {})}
        answer = made.browser(who).post(
            form.action, {name: value for name, value in filled.items() if name != "acting_for"}
        )
        if answer.status_code not in ((403, 404) if who == "outsider" else (302,)):
            wrong.append(f"{form.name}: {answer.status_code}")
    assert wrong == [], "\n".join(wrong)
    assert whole_sale.rows() == before


@pytest.mark.one_database
def test_every_form_says_for_whom_it_was_opened(made: PageHouse, forms: list[tuple[str, Form]]) -> None:
    before, wrong = whole_sale.rows(), []
    for reader, form in forms:
        if form.name in OF_THE_PERSON:
            continue
        other = {**form.untouched(), "acting_for": made.ids["suspended participant"]}
        answer = made.browser(reader).post(form.action, other)
        if "acting_for" not in form.hidden or answer.status_code != 409:
            wrong.append(f"{form.name}: {answer.status_code}")
    assert wrong == [], "\n".join(wrong)
    assert whole_sale.rows() == before


@pytest.mark.parametrize("again_from", ["", pytest.param("elsewhere", marks=pytest.mark.one_database)])
def test_a_form_that_is_sent_twice_does_its_work_once(
    made: PageHouse, forms: list[tuple[str, Form]], again_from: str
) -> None:
    """Sent again after going back; or by somebody on another machine, whose page is old by then."""
    wrong: list[str] = []
    for reader, form in forms:
        if not (again_from and form.name in MAKES_ANOTHER):
            with undone():
                wrong += twice(made, reader, form, again_from)
    assert wrong == [], "\n".join(wrong)


def twice(made: PageHouse, reader: str, form: Form, again_from: str) -> list[str]:
    """What is wrong when a filled form is sent, and sent again."""
    filled = FILLED.get(form.name, {})
    if filled.get("dataset") == breach_rows.DATASET:
        filled = {**filled, "dataset": made.ids["sold dataset"]}
    values = {**form.untouched(), **filled}
    first = made.browser(reader).post(form.action, values)
    if first.status_code not in (200, 302):
        return [
            f"{form.name} at {form.page} for {reader}: the first was answered {first.status_code}: {told(first)}"
        ]
    after = whole_sale.rows()
    second = made.browser(reader, session=again_from).post(form.action, values)
    changed = [name for name, rows in whole_sale.rows().items() if rows != after[name]]
    if second.status_code >= 500 or (changed and form.name not in DONE_AGAIN):
        return [f"{form.name} for {reader}: the second was answered {second.status_code}, changed {changed}"]
    return []


def told(answer: HttpResponse) -> str:
    """The words of a page's alert."""
    return " ".join(re.sub("<[^>]*>", " ", text_of(answer).partition('role="alert"')[2][:2_000]).split())[:200]


@pytest.mark.one_database
def test_a_session_that_ends_in_mid_form_loses_no_words(made: PageHouse, forms: list[tuple[str, Form]]) -> None:
    wrong: list[str] = []
    for reader, form in forms:
        if form.texts and reader not in DESKS:  # who needs a second factor signs in in two steps, alike
            with undone():
                wrong += lost(made, reader, form)
    assert wrong == [], "\n".join(wrong)


def lost(made: PageHouse, reader: str, form: Form) -> list[str]:
    """What does not come back when a session ends before its form is sent."""
    cache.clear()
    browser, words = made.browser(reader), "Typed before the session ended."
    browser.get(form.page)
    browser.cookies.pop(settings.SESSION_COOKIE_NAME)
    before = whole_sale.rows()
    values = {**form.untouched(), **dict.fromkeys(form.texts, words)}
    answer = browser.post(form.action, values, headers={"Referer": f"http://testserver{form.page}"})
    if answer.status_code != 302 or not answer["Location"].startswith("/accounts/login/"):
        return [f"{form.name} for {reader}: answered {answer.status_code}"]
    if whole_sale.rows() != before:
        return [f"{form.name} for {reader}: something was done without a session"]
    who = {"login": made.people[reader].user.email, "password": makers.PASSWORD}
    led = browser.post(answer["Location"], {**who, "next": form.page})["Location"]
    shown = text_of(browser.get(led)).count(words)
    return [] if shown >= len(form.texts) else [f"{form.name} for {reader}: {shown} of {form.texts}"]
