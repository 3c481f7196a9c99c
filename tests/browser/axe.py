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
        (390, "fr", "dark"),
        pytest.param(1440, "fr", "dark", marks=pytest.mark.slow),
        pytest.param(390, "en", "light", marks=pytest.mark.slow),
    ],
)
"""Who reads a page: two of them always, all four where `-m` names the slow ones, as `make pictures` does."""
scriptless: "WeakSet[Page]" = WeakSet()
"""Pages without scripts: axe-core cannot run in them, and looks at the same page with scripts."""


def no_violations(page: Page) -> None:
    """Fail with each violation's rule and place. The source goes in by the debugger, so the CSP stays as it is."""
    page.evaluate(f"() => {{ if (!window.axe) {{ {AXE.read_text()} }} }}")
    options: dict[str, Any] = {"runOnly": {"type": "tag", "values": RULES}, "resultTypes": ["violations"]}
    found = page.evaluate("options => axe.run(document, options)", options)["violations"]
    told = [
        f"{violation['id']}: {node['target']} {node.get('failureSummary', '')}"
        for violation in found
        for node in violation["nodes"]
    ]
    assert told == [], f"{page.url}\n" + "\n".join(told)


def no_sideways_scrolling(page: Page) -> None:
    """As it is opened, at 200 % zoom of a desktop, and on the narrowest phone."""
    opened = page.viewport_size
    assert opened is not None
    for width in (opened["width"], 720 if opened["width"] > 720 else 320):
        page.set_viewport_size({"width": width, "height": opened["height"]})
        wide, shown = page.evaluate(
            "() => [document.documentElement.scrollWidth, document.documentElement.clientWidth]"
        )
        assert wide <= shown, f"{page.url} is {wide} wide in {shown}"
    page.set_viewport_size(opened)


def look_at(page: Page, name: str) -> None:
    """Hold a page to both rules, and keep its picture as `name-<width>[-fr][-dark].png` where pictures are wanted."""
    folder = os.environ.get("COMPTOIR_PICTURES", "")
    if folder:
        Path(folder).mkdir(parents=True, exist_ok=True)
        page.screenshot(path=Path(folder) / f"{name}-{seen[page]}.png", full_page=True, animations="disabled")
    if page not in scriptless:
        no_violations(page)
    no_sideways_scrolling(page)
