"""A form that was sent after its session had ended: what was typed is kept, encrypted, until the same person has signed
in again, and is then shown in its form. Nobody else ever sees it, and it is never sent by itself."""

import json
import re
import time
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib.auth.models import User
from django.http import HttpRequest, HttpResponse, QueryDict
from django.utils.crypto import constant_time_compare, salted_hmac
from django.utils.http import url_has_allowed_host_and_scheme

from exchange.look.templatetags.look import ACTING_FOR_FIELD
from exchange.participants import vault

LARGEST_BYTES = 100_000
LASTS_SECONDS = 2 * 60 * 60
_AT_MOST = 3
_COOKIE = "was"
_IN_SESSION = "typed"
_NEVER_KEPT = {"csrfmiddlewaretoken", ACTING_FOR_FIELD, "next"}
_SECRET = re.compile(r"passw|secret|token|^code$|otp", re.IGNORECASE)


def remember(request: HttpRequest, response: HttpResponse) -> None:
    """Leave a mark in the browser of who was signed in last: what is kept is kept for them alone. It names nobody."""
    assert isinstance(request.user, User)
    mark = _mark(request.user)
    if request.COOKIES.get(_COOKIE) != mark:
        response.set_cookie(_COOKIE, mark, secure=settings.SESSION_COOKIE_SECURE, httponly=True, samesite="Lax")


def keep(request: HttpRequest) -> bool:
    """Keep what was typed into the form of a request without a session; answers whether it could be."""
    mark = request.COOKIES.get(_COOKIE, "")
    fields = {name: request.POST.getlist(name) for name in request.POST if _may_be_kept(name)}
    if not re.fullmatch(r"[0-9a-f]{64}", mark) or not any(any(values) for values in fields.values()):
        return False
    text = json.dumps(fields)
    if len(text) > LARGEST_BYTES:
        return False
    kept = dict(request.session.get(_IN_SESSION, {}))
    kept.pop(page_of(request), None)
    kept[page_of(request)] = {"for": mark, "at": int(time.time()), "sealed": vault.wrap(text)}
    request.session[_IN_SESSION] = dict(list(kept.items())[-_AT_MOST:])
    return True


def take(request: HttpRequest) -> QueryDict | None:
    """What this person typed on this page before their session ended, this once; what others typed is forgotten."""
    kept = request.session.get(_IN_SESSION)
    if kept is None:
        return None
    assert isinstance(request.user, User)
    mark, oldest = _mark(request.user), time.time() - LASTS_SECONDS
    own = {
        page: one
        for page, one in kept.items()
        if constant_time_compare(one["for"], mark) and one["at"] > oldest
    }
    found = own.pop(request.get_full_path(), None) if request.method == "GET" else None
    if own:
        request.session[_IN_SESSION] = own
    else:
        del request.session[_IN_SESSION]
    if found is None:
        return None
    values = QueryDict(mutable=True)
    for name, several in json.loads(vault.unwrap(found["sealed"])).items():
        values.setlist(name, several)
    return values


def page_of(request: HttpRequest) -> str:
    """The page on which the form stands: where the browser says it came from, else where it was sent."""
    if request.method in ("GET", "HEAD"):
        return request.get_full_path()
    came_from = request.headers.get("Referer", "")
    is_ours = url_has_allowed_host_and_scheme(
        came_from, {request.get_host()}, require_https=request.is_secure()
    )
    if not is_ours or not came_from.startswith("http"):
        return request.path
    parts = urlsplit(came_from)
    return parts.path + (f"?{parts.query}" if parts.query else "")


def _may_be_kept(name: str) -> bool:
    return name not in _NEVER_KEPT and not _SECRET.search(name)


def _mark(user: User) -> str:
    return salted_hmac("exchange.participants.kept_forms", str(user.pk), algorithm="sha256").hexdigest()
