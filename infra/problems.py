"""Answers every exception of the API as an RFC 9457 problem document; what pages refuse, and every address that
leads nowhere, as a page for those who would rather read one."""

import logging
from collections.abc import Callable
from typing import Any

from django.core.exceptions import BadRequest, RequestDataTooBig, SuspiciousOperation
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.http.multipartparser import MultiPartParserError
from django.template.loader import render_to_string
from django.utils.translation import get_language_from_request, override
from ninja import NinjaAPI
from ninja.errors import AuthenticationError, HttpError, ValidationError

from exchange.kernel.errors import ExchangeError, NotAuthenticated
from exchange.kernel.problems import MEDIA_TYPE, problem, status_of
from exchange.look.answers import prefers_page, show_refusal
from exchange.look.context import site
from exchange.look.refusals import Refusal, described, refusal_of
from exchange.participants.actors.page_auth import to_sign_in

log = logging.getLogger("exchange.problems")

_API = "/api/"
MOST_ERRORS = 20
_LONGEST_PLACE = 200


def install(api: NinjaAPI) -> None:
    """Answer every exception of the API as a problem document; an unknown one shows nothing of itself."""

    @api.exception_handler(ExchangeError)
    def refused(request: HttpRequest, refusal: ExchangeError) -> HttpResponse:
        return problem(status_of(refusal), refusal.code, refusal.detail, **refusal.more)

    @api.exception_handler(ValidationError)
    def invalid(request: HttpRequest, error: ValidationError) -> HttpResponse:
        found = error.errors[:MOST_ERRORS]
        errors = [{"at": _place(e.get("loc", ())), "detail": str(e.get("msg", ""))} for e in found]
        first = errors[0] if errors else {"at": "", "detail": "the request is not as described"}
        return problem(422, "invalid", f"{first['at']}: {first['detail']}", errors=errors)

    @api.exception_handler(AuthenticationError)
    def unauthenticated(request: HttpRequest, error: AuthenticationError) -> HttpResponse:
        return problem(401, "not_authenticated", "send a valid access token: Authorization: Bearer …")

    @api.exception_handler(Http404)
    def missing(request: HttpRequest, error: Http404) -> HttpResponse:
        return problem(404, "not_found", "there is nothing here for you")

    @api.exception_handler(RequestDataTooBig)
    def too_big(request: HttpRequest, error: RequestDataTooBig) -> HttpResponse:
        return problem(413, "too_large", "this request's body is over the limit of 1 MiB")

    @api.exception_handler(HttpError)
    def http_error(request: HttpRequest, error: HttpError) -> HttpResponse:
        return problem(error.status_code, "bad_request", str(error))

    @api.exception_handler(SuspiciousOperation)
    @api.exception_handler(BadRequest)
    @api.exception_handler(MultiPartParserError)
    def unreadable(request: HttpRequest, error: Exception) -> HttpResponse:
        return bad_request(request, error)

    @api.exception_handler(Exception)
    def failed(request: HttpRequest, error: Exception) -> HttpResponse:
        log.error("%s %s failed", request.method, _route(request), exc_info=error)
        return problem(500, "internal", "something failed here; nothing was changed")


def describe(openapi: dict[str, Any]) -> None:
    """Add to a description of the API what every operation that asks who acts answers when it refuses."""
    text, number = {"type": "string"}, {"type": "integer"}
    openapi["components"]["schemas"]["Problem"] = {
        "title": "Problem",
        "description": "A refusal (RFC 9457). `type` ends in a word for programs; `errors` says what is amiss where.",
        "type": "object",
        "properties": {
            "type": text,
            "title": text,
            "status": number,
            "detail": text,
            "errors": {
                "type": "array",
                "items": {"type": "object", "properties": {"at": text, "detail": text}},
            },
        },
        "required": ["type", "title", "status", "detail"],
    }
    refusal = {
        "description": "A refusal",
        "content": {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}},
    }
    for methods in openapi["paths"].values():
        for operation in methods.values():
            if "security" in operation:
                operation["responses"]["default"] = refusal


def _place(location: tuple[Any, ...]) -> str:
    inside = (str(part) for part in location if part not in ("body", "query", "path", "data", "filters"))
    return ".".join(inside)[:_LONGEST_PLACE]


def _route(request: HttpRequest) -> str:
    """The route's pattern, not the address: addresses may carry tokens."""
    return request.resolver_match.route if request.resolver_match else "an unknown route"


def method_not_allowed(
    get_response: Callable[[HttpRequest], HttpResponse],
) -> Callable[[HttpRequest], HttpResponse]:
    """The middleware that says which methods an address takes, where it was asked for another."""

    def answer(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        if not isinstance(response, HttpResponseNotAllowed):
            return response
        allowed = ", ".join(sorted(response.headers["Allow"].split(", ")))
        detail = f"this address takes {allowed}, not {request.method}"
        refused = _refuse(request, described(405, "method_not_allowed"), detail)
        refused.headers["Allow"] = allowed
        return refused

    return answer


class RefusalPages:
    """The middleware that answers what a page's view refuses: a page for people, a problem document for programs.
    Who is not signed in is led to the sign-in page. The API answers its own refusals."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        if not isinstance(error, ExchangeError):
            return None
        if isinstance(error, NotAuthenticated) and _wants_page(request):
            return to_sign_in(request)
        return _refuse(request, refusal_of(error), error.detail)


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """What stands at an address that leads nowhere."""
    return _refuse(request, described(404, "not_found"), "there is nothing here for you")


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return _refuse(request, described(400, "bad_request"), "this request cannot be read")


def forbidden(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return _refuse(request, described(403, "forbidden"), "this request was refused")


def csrf_failed(request: HttpRequest, reason: str = "") -> HttpResponse:
    detail = "send the CSRF token with a request that a session authorises"
    return _refuse(request, described(403, "csrf_failed"), detail)


def server_error(request: HttpRequest) -> HttpResponse:
    """Shows nothing of the error, and needs nothing that may have failed: no database and no session."""
    shown = described(500, "internal")
    if not _wants_page(request):
        return problem(shown.status, shown.code, "something failed here; nothing was changed")
    return HttpResponse(_bare_page(request, shown), status=shown.status)


def early_page(request: HttpRequest, status: int, code: str) -> str | None:
    """The page of a refusal that no view and no middleware has seen; None for who wants a problem document."""
    if not _wants_page(request):
        return None
    with override(get_language_from_request(request)):
        return _bare_page(request, described(status, code))


def _bare_page(request: HttpRequest, shown: Refusal) -> str:
    return render_to_string("look/refusal.html", {"refusal": shown, **site(request)})


def _refuse(request: HttpRequest, shown: Refusal, detail: str) -> HttpResponse:
    """The page, or the problem document with the detail in the API's own words."""
    if _wants_page(request):
        return show_refusal(request, shown)
    return problem(shown.status, shown.code, detail)


def _wants_page(request: HttpRequest) -> bool:
    return not request.path_info.startswith(_API) and prefers_page(request)
