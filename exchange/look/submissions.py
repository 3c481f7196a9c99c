"""Forms that make something, kept once in a session: sent again as they were, after going back or reloading, they
lead to what they made."""

import hashlib
import json

from django.http import HttpRequest

_KEPT = 30
_IN_SESSION = "made"
_NOT_TYPED = ("csrfmiddlewaretoken", "seen")


def made(request: HttpRequest) -> str:
    """The id of what the same form has made in this session; else nothing."""
    return str(request.session.get(_IN_SESSION, {}).get(_fingerprint(request), ""))


def keep(request: HttpRequest, row_id: object) -> None:
    """Remember what this form has made."""
    found = dict(request.session.get(_IN_SESSION, {}))
    found[_fingerprint(request)] = str(row_id)
    request.session[_IN_SESSION] = dict(list(found.items())[-_KEPT:])


def _fingerprint(request: HttpRequest) -> str:
    typed = {name: request.POST.getlist(name) for name in request.POST if name not in _NOT_TYPED}
    return hashlib.sha256(json.dumps([request.path, typed], sort_keys=True).encode()).hexdigest()[:32]
