"""Every look by an officer is itself an Event: what an officer of the exchange reads by API is recorded before it is
answered. The desk's own routes record themselves, with what was asked of them."""

import re
from collections.abc import Callable

from django.db import transaction
from django.http import HttpRequest, HttpResponse

from exchange.kernel import events
from exchange.kernel.actors import Actor, Scope
from exchange.participants import queries

_API = "/api/v1/"
_NO_LOOK = re.compile(
    r"/api/v1/(desk/|me$|openapi|docs|log/)|/log$|/compliance/(transfers|recipients|duties|log)(/|$)"
)


def record_looks(get_response: Callable[[HttpRequest], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    """The middleware; if the Event cannot be recorded, nothing is answered."""

    def answer(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        actor = getattr(request, "auth", None)
        is_read = request.method == "GET" and response.status_code == 200
        if (
            is_read
            and isinstance(actor, Actor)
            and actor.can(Scope.AUDIT)
            and not _NO_LOOK.match(request.path_info)
        ):
            _record(request, actor)
        return response

    return answer


@transaction.atomic
def _record(request: HttpRequest, actor: Actor) -> None:
    assert actor.participant_id is not None and request.resolver_match is not None
    route = request.resolver_match.route.removeprefix(_API.removeprefix("/"))
    ids = {name: str(value) for name, value in request.resolver_match.kwargs.items()}
    organisation = queries.participant(actor.participant_id)
    events.record("officer.viewed", organisation, by=actor, facts={"what": route, **ids})
