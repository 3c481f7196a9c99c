"""Answers every exception of the API, and every address that leads nowhere, as an RFC 9457 problem document."""

import logging
from typing import Any

from django.core.exceptions import RequestDataTooBig, SuspiciousOperation
from django.http import Http404, HttpRequest, HttpResponse
from ninja import NinjaAPI
from ninja.errors import AuthenticationError, HttpError, ValidationError

from exchange.kernel.errors import ExchangeError
from exchange.kernel.problems import problem, status_of

log = logging.getLogger("exchange.problems")


def install(api: NinjaAPI) -> None:
    """Answer every exception of the API as a problem document; an unknown one shows nothing of itself."""

    @api.exception_handler(ExchangeError)
    def refused(request: HttpRequest, refusal: ExchangeError) -> HttpResponse:
        return problem(status_of(refusal), refusal.code, refusal.detail)

    @api.exception_handler(ValidationError)
    def invalid(request: HttpRequest, error: ValidationError) -> HttpResponse:
        errors = [{"at": _place(e.get("loc", ())), "detail": str(e.get("msg", ""))} for e in error.errors]
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
    def suspicious(request: HttpRequest, error: SuspiciousOperation) -> HttpResponse:
        return problem(400, "bad_request", "this request cannot be read")

    @api.exception_handler(Exception)
    def failed(request: HttpRequest, error: Exception) -> HttpResponse:
        log.error("%s %s failed", request.method, _route(request), exc_info=error)
        return problem(500, "internal", "something failed here; nothing was changed")


def _place(location: tuple[Any, ...]) -> str:
    return ".".join(str(part) for part in location if part not in ("body", "query", "path", "data", "filters"))


def _route(request: HttpRequest) -> str:
    """The route's pattern, not the address: addresses may carry tokens."""
    return request.resolver_match.route if request.resolver_match else "an unknown route"


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """What stands at an address that leads nowhere."""
    return problem(404, "not_found", "there is nothing here for you")


def server_error(request: HttpRequest) -> HttpResponse:
    return problem(500, "internal", "something failed here; nothing was changed")


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return problem(400, "bad_request", "this request cannot be read")


def forbidden(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return problem(403, "forbidden", "this request was refused")


def csrf_failed(request: HttpRequest, reason: str = "") -> HttpResponse:
    return problem(403, "csrf_failed", "send the CSRF token with a request that a session authorises")
