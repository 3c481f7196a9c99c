"""What every page must hold, in every state: no violation that axe-core sees, and no sideways scrolling. Where
pictures are asked for, the page is drawn too."""

import os
from pathlib import Path
from typing import Any
from weakref import WeakKeyDictionary, WeakSet

import pytest
from playwright.sync_api import Page

AXE = Path(__file__).resolve().parent / "vendor" / "axe.min.js"
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
seen: "WeakKeyDictionary[Page, str]" = WeakKeyDictionary()
"""How each page was opened, for the names of pictures."""
readers = pytest.mark.parametrize(
    ("width", "language", "theme"),
    [
        (1440, "en", "light"),
        pytest.param(390, "fr", "dark", marks=pytest.mark.slow),
        pytest.param(1440, "fr", "dark", marks=pytest.mark.slow),
        pytest.param(390, "en", "light", marks=pytest.mark.slow),
    ],
)
"""Who reads a page: one of them always, whose page is turned into a dark phone as well; all four where `-m` names the
slow ones, as `make pictures` does."""
TURNED_RULES = ["color-contrast", "link-in-text-block", "target-size"]
"""What can change with width and theme."""
scriptless: "WeakSet[Page]" = WeakSet()
"""Pages without scripts: axe-core cannot run in them, and looks at the same page with scripts."""


def no_violations(page: Page, only: list[str] | None = None) -> None:
    """Fail with each violation's rule and place. The source goes in by the debugger, so the CSP stays as it is."""
    if not page.evaluate("() => Boolean(window.axe)"):
        page.evaluate(f"() => {{ {AXE.read_text()} }}")
    wanted = {"type": "rule", "values": only} if only else {"type": "tag", "values": RULES}
    options: dict[str, Any] = {"runOnly": wanted, "resultTypes": ["violations"]}
    # What is in order stays in the page: it is most of the answer.
    found = page.evaluate("options => axe.run(document, options).then(all => all.violations)", options)
    told = [
        f"{violation['id']}: {node['target']} {node.get('failureSummary', '')}"
        for violation in found
        for node in violation["nodes"]
    ]
    assert told == [], f"{page.url}\n" + "\n".join(told)


def no_sideways_scrolling(page: Page) -> None:
    # The locator waits for a page that has just been turned to, which is empty at first.
    wide, shown = page.locator("html").evaluate("html => [html.scrollWidth, html.clientWidth]")
    assert wide <= shown, f"{page.url} is {wide} wide in {shown}"


def no_spilled_words(page: Page) -> None:
    """Of what stands in a row, nothing is narrower than its words: they would lie over what stands beside it."""
    spilled = page.evaluate(
        "() => [...document.querySelectorAll('header a, .sub a, .btn')]"
        ".filter(one => one.clientWidth && one.scrollWidth > one.clientWidth + 1).map(one => one.innerText)"
    )
    assert spilled == [], page.url


def look_at(page: Page, name: str) -> None:
    """Hold a page to these rules: as it is opened, on a desktop at 200 % zoom, and on the narrowest phone. A page on a
    desktop is turned into a dark one on a phone too; so a phone's page is looked at by axe-core only where pictures
    are asked for, which are kept as `name-<width>[-fr][-dark].png`."""
    folder = os.environ.get("COMPTOIR_PICTURES", "")
    opened = page.viewport_size
    assert opened is not None
    page.wait_for_load_state()
    if folder:
        Path(folder).mkdir(parents=True, exist_ok=True)
        page.screenshot(path=Path(folder) / f"{name}-{seen[page]}.png", full_page=True, animations="disabled")
    no_sideways_scrolling(page)
    is_desktop = opened["width"] > 720
    if page not in scriptless and (is_desktop or folder):
        no_violations(page)
    for width in (720, 320) if is_desktop else (320,):
        page.set_viewport_size({"width": width, "height": opened["height"]})
        no_sideways_scrolling(page)
        no_spilled_words(page)
    if is_desktop and page not in scriptless:
        _turned_dark_on_a_phone(page)
    page.set_viewport_size(opened)


def _turned_dark_on_a_phone(page: Page) -> None:
    page.set_viewport_size({"width": 390, "height": 900})
    is_dark = page.evaluate("() => matchMedia('(prefers-color-scheme: dark)').matches")
    page.emulate_media(color_scheme="light" if is_dark else "dark")
    no_violations(page, TURNED_RULES)
    page.emulate_media(color_scheme="dark" if is_dark else "light")
