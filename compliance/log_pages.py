"""The public page about the log: what it is, how far it is signed, and how anyone can check it."""

from django.http import HttpResponse
from django.views.decorators.http import require_safe

from compliance import overview
from exchange.look.answers import show
from exchange.participants.page_auth import PageRequest, open_page

_HEADS = 5


@require_safe
@open_page
def check_log(request: PageRequest) -> HttpResponse:
    """Check it yourself: for everybody, without an account."""
    return show(request, "compliance/check_log.html", overview.how_to_check(_HEADS))
