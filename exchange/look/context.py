"""What every page shows of the exchange itself: its name, the reader's language and theme."""

from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import get_language, get_language_info

THEMES = ("light", "dark")
THEME_COOKIE = "theme"


def site(request: HttpRequest) -> dict[str, Any]:
    """The context processor."""
    here = request.get_full_path()
    theme = request.COOKIES.get(THEME_COOKIE, "")
    return {
        "exchange_name": settings.EXCHANGE_NAME,
        "exchange_url": settings.EXCHANGE_URL,
        "is_demo": settings.EXCHANGE_DEMO,
        "theme": theme if theme in THEMES else "",
        "theme_links": [(name, _switch("theme", name, here)) for name in ("system", *THEMES)],
        "language_links": [
            (get_language_info(code), _switch("language", code, here))
            for code, _ in settings.LANGUAGES
            if code != get_language()
        ],
    }


def _switch(route: str, choice: str, here: str) -> str:
    return f"{reverse(route, args=[choice])}?{urlencode({'next': here})}"
