"""RFC 9457 problem documents: which refusal has which status, and what the document says."""

import json
from typing import Any

from django.http import HttpResponse

from exchange.kernel.errors import (
    Conflict,
    ExchangeError,
    Forbidden,
    Invalid,
    NotAuthenticated,
    NotFound,
    Unavailable,
)

MEDIA_TYPE = "application/problem+json"
LONGEST_DETAIL = 2_000

_STATUS: dict[type[ExchangeError], int] = {
    NotAuthenticated: 401,
    NotFound: 404,
    Forbidden: 403,
    Conflict: 409,
    Invalid: 422,
    Unavailable: 503,
}
_TITLES = {
    400: "Bad request",
    401: "Not authenticated",
    403: "Forbidden",
    404: "Not found",
    405: "Method not allowed",
    408: "Request timeout",
    409: "Conflict",
    412: "Precondition failed",
    413: "Too large",
    415: "Unsupported encoding",
    416: "Range not satisfiable",
    422: "Invalid",
    423: "Locked",
    460: "Checksum mismatch",
    500: "Internal error",
    503: "Unavailable",
}


def status_of(refusal: ExchangeError) -> int:
    """The HTTP status of a kind of refusal."""
    return next((status for kind, status in _STATUS.items() if isinstance(refusal, kind)), 500)


def document(status: int, code: str, detail: str, **more: Any) -> dict[str, Any]:
    """The members of a problem document; `code` ends its type, a URN. A detail that repeats what was given is
    cut where that is long."""
    return {
        "type": f"urn:comptoir:problem:{code}",
        "title": _TITLES.get(status, "Refused"),
        "status": status,
        "detail": detail if len(detail) <= LONGEST_DETAIL else f"{detail[:LONGEST_DETAIL]}…",
        **more,
    }


def problem(status: int, code: str, detail: str, **more: Any) -> HttpResponse:
    """A problem document as a Django answer."""
    body = json.dumps(document(status, code, detail, **more))
    response = HttpResponse(body, status=status, content_type=MEDIA_TYPE)
    if status == 401:
        why = ', error="invalid_token"' if code.startswith("token_") else ""  # RFC 6750
        response.headers["WWW-Authenticate"] = f'Bearer realm="comptoir"{why}'
    return response
