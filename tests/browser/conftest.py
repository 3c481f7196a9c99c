"""A real browser on a running exchange: `page_at` opens it at a width, in a language and a theme, with or without
scripts. Every page that is opened must stay at home, print no error, and break no rule of the CSP."""

import os
import socket
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
import uvicorn
from django.utils import timezone
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

from tests.browser.axe import scriptless, seen

# Debian's; the one that has no windows at all costs less.
CHROMIUM = next(filter(Path.exists, map(Path, ("/usr/bin/chromium-headless-shell", "/usr/bin/chromium"))), None)
PATIENCE_MILLISECONDS = 60_000  # a page that is right comes at once; a machine may be busy
expect.set_options(timeout=PATIENCE_MILLISECONDS)
ARGUMENTS = (
    "--no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking "
    "--disable-component-update --disable-sync --force-color-profile=srgb --font-render-hinting=none"
).split()


@pytest.hookimpl(tryfirst=True)  # before groups are read
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.browser)
            # One browser serves a whole file.
            item.add_marker(pytest.mark.xdist_group(f"browser/{item.path.name}"))


@pytest.fixture
def now() -> datetime:
    """The exchange takes the time from the clock, so what its pages show is made at the same time."""
    return timezone.now().replace(microsecond=0)


# Of a module: playwright keeps a loop in this thread as long as it lives, and tests elsewhere run loops of their own.
@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    if CHROMIUM is None:
        pytest.skip("these tests need Debian's chromium")
    with pytest.MonkeyPatch.context() as patch, sync_playwright() as playwright:
        patch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "1")  # that loop is not Django's
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture
def exchange(own_database: None, chromium: Browser) -> Iterator[str]:
    """The exchange, running on a database of this test alone; answers where it is."""
    from infra.asgi import application

    listener = socket.create_server(("127.0.0.1", 0))
    config = uvicorn.Config(application, lifespan="on", log_config=None, access_log=False, ws="none")
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, args=([listener],), daemon=True)
    thread.start()
    until = time.monotonic() + 120
    while not server.started:
        assert thread.is_alive() and time.monotonic() < until, "the exchange did not start"
        time.sleep(0.02)
    yield f"http://localhost:{listener.getsockname()[1]}"
    server.should_exit = True
    thread.join(timeout=20)
    listener.close()


@dataclass
class Visit:
    """One reader's browser: its page, and what went wrong behind it."""

    context: BrowserContext
    page: Page
    name: str
    home: str
    abroad: tuple[str, ...] = ()
    wrong: list[str] = field(default_factory=list)

    def watch(self) -> None:
        """Note every request that leaves the exchange, and every error that the page prints."""
        self.page.on("request", lambda request: self._left(request.url))
        self.page.on("console", lambda message: self._said(message))
        self.page.on("pageerror", lambda error: self.wrong.append(f"script: {error}"))

    def _left(self, url: str) -> None:
        if not url.startswith((f"{self.home}/", *self.abroad, "blob:", "data:")):
            self.wrong.append(f"left the exchange: {url}")

    def _said(self, message: Any) -> None:
        refused = "Failed to load resource" in message.text  # a refusal's page is an answer, not an error
        if message.type == "error" and not refused:
            self.wrong.append(f"console: {message.text}")


PageAt = Callable[..., Page]


@pytest.fixture
def page_at(exchange: str, chromium: Browser) -> Iterator[PageAt]:
    """`page_at(390, "fr", "dark", javascript=False, member=someone, second_factor=True)` opens a browser there, which
    may go to addresses `abroad` too."""
    visits: list[Visit] = []

    def open_page(
        width: int = 1440,
        language: str = "en",
        theme: str = "light",
        *,
        javascript: bool = True,
        member: Any = None,
        second_factor: bool = False,
        abroad: tuple[str, ...] = (),
    ) -> Page:
        context = chromium.new_context(
            base_url=exchange,
            viewport={"width": width, "height": 900},
            locale={"en": "en-GB", "fr": "fr-FR"}[language],
            color_scheme="dark" if theme == "dark" else "light",
            java_script_enabled=javascript,
            has_touch=width < 600,
            reduced_motion="reduce",  # colours change over a tenth of a second otherwise
        )
        context.set_default_timeout(PATIENCE_MILLISECONDS)
        if member is not None:
            from tests.browser.sessions import cookie_of

            context.add_cookies([{**cookie_of(member, second_factor), "url": exchange}])
        page = context.new_page()
        suffix = f"{width}{'-fr' if language == 'fr' else ''}{'-dark' if theme == 'dark' else ''}"
        visit = Visit(context, page, suffix, exchange, abroad)
        visit.watch()
        visits.append(visit)
        seen[page] = suffix
        if not javascript:
            scriptless.add(page)
        return page

    yield open_page
    for visit in visits:
        visit.context.close()
    assert [wrong for visit in visits for wrong in visit.wrong] == []


def pictures_folder() -> Path | None:
    """Where pictures of the pages go, when somebody asked for them."""
    named = os.environ.get("COMPTOIR_PICTURES", "")
    return Path(named) if named else None
