"""The one door to Stripe: a client of a pinned version that settings alone configure, and its errors in our words."""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache

import stripe
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

from exchange.kernel.errors import Conflict, Unavailable
from exchange.kernel.outside import require_no_transaction

API_VERSION = "2026-05-27.dahlia"
"""What every request asks for, whatever the account's own version is."""
API_MAJOR = API_VERSION.partition(".")[2]
_CONNECT_SECONDS = 5
_ANSWER_SECONDS = 30
_RETRIES = 2


def client() -> stripe.StripeClient:
    """A client with the exchange's key. A stand-in for Stripe is spoken to in demo mode alone."""
    if not settings.EXCHANGE_STRIPE_SECRET_KEY:
        raise Unavailable("this exchange has no key for Stripe", code="provider_not_set_up")
    if settings.EXCHANGE_STRIPE_API_URL and not settings.EXCHANGE_DEMO:
        raise ImproperlyConfigured("EXCHANGE_STRIPE_API_URL is for demo mode alone")
    return _client(settings.EXCHANGE_STRIPE_SECRET_KEY, settings.EXCHANGE_STRIPE_API_URL)


@lru_cache(maxsize=4)
def _client(key: str, address: str) -> stripe.StripeClient:
    """Kept, for its connections."""
    return stripe.StripeClient(
        key,
        base_addresses={"api": address} if address else None,
        stripe_version=API_VERSION,
        max_network_retries=_RETRIES,
        http_client=stripe.RequestsClient(timeout=(_CONNECT_SECONDS, _ANSWER_SECONDS)),
    )


@contextmanager
def asking() -> Iterator[None]:
    """Around every call: no transaction is open, and Stripe's errors come out as refusals. Unavailable means that it
    may have acted and may be asked again; Conflict is its last word. Neither repeats what Stripe wrote: that may name
    people and cards."""
    require_no_transaction()
    try:
        yield
    except stripe.CardError as error:
        raise Conflict(reason_of(error), code="declined") from None
    except stripe.StripeError as error:
        raise _refusal(error) from None


def reason_of(error: stripe.StripeError) -> str:
    """Why Stripe said no, in its words for programs."""
    declined = getattr(error.error, "decline_code", None) if error.error is not None else None
    return in_words(error.code, declined)


def in_words(code: str | None, declined: str | None = None) -> str:
    """ "card declined: insufficient funds" """
    words = (code or "refused by the provider").replace("_", " ")
    return f"{words}: {declined.replace('_', ' ')}" if declined else words


def _refusal(error: stripe.StripeError) -> Exception:
    status = error.http_status or 0
    if isinstance(error, stripe.AuthenticationError | stripe.PermissionError) or status in (401, 403):
        return Unavailable("Stripe does not take this exchange's key", code="provider_refuses_key")
    if isinstance(error, stripe.APIConnectionError) or not status:
        return Unavailable("Stripe could not be reached", code="provider_unreachable")
    if status >= 500 or status in (409, 425, 429):
        return Unavailable(f"Stripe answered {status}", code="provider_unreachable")
    if status == 404 or error.code == "resource_missing":
        return Conflict("Stripe has no such object", code="unknown_object")
    return Conflict(reason_of(error), code="provider_refused")
