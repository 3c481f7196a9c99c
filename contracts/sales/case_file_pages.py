"""The case file of a sale, to be kept."""

from uuid import UUID

from django.http import HttpResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from contracts import queries
from contracts.sales import case_file
from exchange.kernel.actors import Scope
from exchange.kernel.errors import NotFound
from exchange.participants.actors.page_auth import PageRequest, member_page


@require_safe
@never_cache
@member_page(Scope.READ)
def sale_case_file(request: PageRequest, agreement_id: UUID) -> HttpResponse:
    """One part of it; the first where none is named."""
    part = request.GET.get("part", "1")
    if not part.isascii() or not part.isdecimal() or len(part) > 6:
        raise NotFound("this case file has no such part")
    found = queries.agreement_visible_to(request.actor, agreement_id)
    return case_file.answer(found, part=int(part), by=request.actor)
