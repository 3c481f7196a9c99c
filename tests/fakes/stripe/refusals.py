"""What Stripe answers when it refuses, in the words and kinds of its own errors."""

from typing import Any

Json = dict[str, Any]


class Refusal(Exception):
    """An answer that is an error."""

    def __init__(self, status: int, error: Json, headers: dict[str, str] | None = None) -> None:
        super().__init__(error.get("message"))
        self.status = status
        self.error = error
        self.headers = headers or {}


def invalid(message: str, param: str = "", *, code: str = "", status: int = 400) -> Refusal:
    """A request that cannot be done as asked."""
    return Refusal(status, _told("invalid_request_error", message, param=param, code=code))


def absent(kind: str, name: str, param: str, *, status: int = 400) -> Refusal:
    """A request that names what is not there, or not there for this account."""
    return invalid(f"No such {kind}: '{name}'", param, code="resource_missing", status=status)


def declined(code: str, message: str, **told: Any) -> Refusal:
    """A card's bank said no."""
    return Refusal(402, _told("card_error", message, code=code, **told))


def key_reused(key: str) -> Refusal:
    """The same idempotency key with something else."""
    message = (
        "Keys for idempotent requests can only be used with the same parameters they were first used with. "
        f"Try using a key other than '{key}' if you meant to execute a different request."
    )
    return Refusal(400, _told("idempotency_error", message))


def unknown_key() -> Refusal:
    """A request without an API key that Stripe knows."""
    message = "Invalid API Key provided. Give a test key as 'Authorization: Bearer sk_test_...'."
    return Refusal(401, _told("invalid_request_error", message))


def not_yours(account: str) -> Refusal:
    """A request for a connected account that is not this platform's."""
    message = (
        f"The provided key does not have access to account '{account}' (or that account does not exist). "
        "Application access may have been revoked."
    )
    return Refusal(403, _told("invalid_request_error", message, code="account_invalid"))


def too_many(seconds: int) -> Refusal:
    """More requests than Stripe takes."""
    error = _told("invalid_request_error", "Request rate limit exceeded.", code="rate_limit")
    return Refusal(429, error, {"Retry-After": str(seconds), "Stripe-Should-Retry": "false"})


def broken() -> Refusal:
    """Stripe's own fault."""
    return Refusal(500, _told("api_error", "Sorry! There was an error while talking to one of our backends."))


def as_v2(refusal: Refusal) -> Refusal:
    """The same refusal in the shape of v2."""
    known = {"resource_missing": "not_found", "": "invalid_fields"}
    kind = str(refusal.error["type"])
    code = str(refusal.error.get("code", ""))
    if kind in ("idempotency_error", "api_error"):
        code = kind
    error = {"code": known.get(code, code), "message": refusal.error["message"], "type": kind}
    return Refusal(refusal.status, error, refusal.headers)


def _told(kind: str, message: str, **told: Any) -> Json:
    return {"type": kind, "message": message, **{name: value for name, value in told.items() if value}}
