"""What needs no account: two preferences, each a link that sets a cookie and leads back to where it stood, and what
the exchange says of itself."""

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from exchange.look import languages
from exchange.look.answers import show
from exchange.look.context import THEME_COOKIE, THEMES

_A_YEAR = 365 * 24 * 60 * 60


@require_safe
@never_cache
def language(request: HttpRequest, code: str) -> HttpResponse:
    """Read the exchange in another language."""
    if code not in dict(settings.LANGUAGES):
        raise Http404
    languages.chosen(request, code)
    return _remember(request, settings.LANGUAGE_COOKIE_NAME, code)


@require_safe
@never_cache
def theme(request: HttpRequest, name: str) -> HttpResponse:
    """Read it light, dark, or as the reader's system does."""
    if name not in (*THEMES, "system"):
        raise Http404
    return _remember(request, THEME_COOKIE, name)


@require_safe
def accessibility(request: HttpRequest) -> HttpResponse:
    """How the pages can be used, how that is checked, and whom to tell of a barrier."""
    return show(request, "look/accessibility.html", {"contact": settings.EXCHANGE_CONTACT})


@require_safe
def privacy(request: HttpRequest) -> HttpResponse:
    """What the exchange keeps of those who use it, why, and who sees it."""
    return show(request, "look/privacy.html", {"contact": settings.EXCHANGE_CONTACT})


def _remember(request: HttpRequest, cookie: str, value: str) -> HttpResponse:
    back = request.GET.get("next", "")
    is_ours = url_has_allowed_host_and_scheme(back, {request.get_host()}, require_https=request.is_secure())
    answer = redirect(back if is_ours and back.startswith("/") else "/")
    answer.set_cookie(
        cookie, value, max_age=_A_YEAR, secure=settings.SESSION_COOKIE_SECURE, httponly=True, samesite="Lax"
    )
    return answer
