"""The icons, written into the page: an outside file could not take the colour of the text around it."""

import re
from functools import cache
from pathlib import Path

from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

FOLDER = Path(__file__).resolve().parent / "static" / "look" / "icons"
_SVG = re.compile(r"<svg[^>]*>(.*)</svg>", re.DOTALL)


@cache
def _drawing(name: str) -> str:
    file = FOLDER / f"{name}.svg"
    found = _SVG.search(file.read_text()) if re.fullmatch(r"[a-z-]+", name) and file.is_file() else None
    if found is None:
        raise ValueError(f"there is no icon called {name!r}")
    return found[1].strip()


def icon(name: str, classes: str = "") -> SafeString:
    """The icon as decoration: the word beside it says what it means."""
    drawing = mark_safe(_drawing(name))  # noqa: S308  (a file of ours)
    return format_html(
        '<svg class="{}" viewBox="0 0 16 16" aria-hidden="true">{}</svg>', f"i {classes}".strip(), drawing
    )
