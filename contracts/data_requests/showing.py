"""The one page of a data request that buyer, sellers and officers read, as it stands now; and as it stands after an act
was refused."""

from uuid import UUID

from django.http import HttpResponse

from contracts.data_requests import queries as reads
from contracts.data_requests import rows
from contracts.models import DataRequest
from contracts.terms import rights
from datasets import words
from exchange.kernel.actors import Scope
from exchange.kernel.errors import ExchangeError
from exchange.kernel.pagination import page
from exchange.look.answers import show
from exchange.look.names import country_name
from exchange.look.refusals import refusal_of
from exchange.participants.actors.page_auth import PageRequest

_SECTIONS = {
    "buyer": "buy_data_requests",
    "seller": "sell_data_requests",
    "officer": "desk_data_requests",
}


def page_of(
    request: PageRequest, data_request_id: UUID, *, refusal: ExchangeError | None = None
) -> HttpResponse:
    """The page of a data request as it stands now; with a refusal where an act was refused."""
    actor = request.actor
    found = reads.data_request_visible_to(actor, data_request_id)
    side = side_of(request, found)
    answers = page(reads.answers_visible_to(actor, found.pk), cursor=request.GET.get("cursor") or None)
    is_open = found.state == DataRequest.State.OPEN and found.closes_at > actor.at
    context = {
        "wanted": found,
        "refusal": refusal_of(refusal) if refusal else None,
        "badge": rows.of_data_request(found),
        "side": side,
        "is_open": is_open,
        "themes": [words.THEMES.get(code, code) for code in found.themes],
        "purpose": rights.purpose_words(found.purpose),
        "country": country_name(found.country),
        "buyer_country": country_name(found.buyer.verified_country),
        "budget": found.budget if reads.knows_budget(actor, found) else None,
        "audience": reads.names_of_audience(found) if side != "seller" else [],
        "page": answers,
        "answers": [rows.answer_row(one, by=actor) for one in answers.items],
        "may_change": side == "buyer" and is_open and not found.answers.exists(),
        "may_buy": actor.can(Scope.BUY),
        "may_sell": actor.can(Scope.SELL),
        "may_audit": actor.can(Scope.AUDIT),
    }
    status = 409 if refusal else 200
    return show(request, "contracts/data_request.html", context, section=_SECTIONS[side], status=status)


def side_of(request: PageRequest, found: DataRequest) -> str:
    """On which side of a data request its reader stands."""
    if request.actor.participant_id == found.buyer_id:
        return "buyer"
    return "officer" if request.actor.can(Scope.AUDIT) else "seller"


def section_of(request: PageRequest, found: DataRequest) -> str:
    """The section in which the reader finds it."""
    return _SECTIONS[side_of(request, found)]
