"""How often a visitor may do what needs no account, such as sending a form: counted as sign-ins are, by the caller's
network address and by what the form is about."""

from allauth.core import ratelimit
from django.http import HttpRequest


def allows(request: HttpRequest, action: str, *, about: str) -> bool:
    """Count one more; answers whether it is within the limits that ACCOUNT_RATE_LIMITS gives this action."""
    return bool(ratelimit.consume(request, action=action, key=about.casefold()))
