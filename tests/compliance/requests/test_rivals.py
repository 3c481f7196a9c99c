"""Two officers at once: what both begin is done once, and a request ends in one way."""

from collections.abc import Callable
from typing import Any

import pytest

from compliance.models import RequestLetter, SellerSearch, SubjectRequest
from compliance.requests import decisions, seller_search
from exchange.kernel.actors import Actor
from exchange.kernel.models import Event
from tests.rivals import codes, race


@pytest.mark.usefixtures("own_database")
def test_rivals_ask_a_seller_once_and_end_a_request_once(
    officer: Actor, seller: Actor, asked: Callable[..., Any], personal: Callable[..., Any], public_log: Any
) -> None:
    personal(seller)
    public_log.seal()
    request = asked("access", by=officer)
    stale = [SubjectRequest.objects.get(pk=request.pk) for _ in range(4)]
    sellers = list(seller_search.personal_revisions())
    found = race([lambda row=row: seller_search.ask(row, sellers, "Jane Roe", by=officer) for row in stale])
    assert codes(found) == ["won"] * 4
    assert sorted(len(made) for made in found) == [0, 0, 0, 1]
    search = SellerSearch.objects.get()
    seller_search.dismiss(search, "The seller has closed its doors.", by=officer)
    told = codes(
        race(
            [
                lambda: decisions.answer(stale[0], "Here is all that we have of you.", by=officer),
                lambda: decisions.answer(stale[1], "Here is all that we have of you.", by=officer),
                lambda: decisions.refuse(stale[2], "12(6)", "Nobody can say who it is.", by=officer),
                lambda: decisions.withdraw(stale[3], by=officer),
            ]
        )
    )
    assert sorted(told) == ["won", "wrong_state", "wrong_state", "wrong_state"]
    ends = {"subjectrequest.answered", "subjectrequest.refused", "subjectrequest.withdrawn"}
    assert Event.objects.filter(name__in=ends).count() == 1
    assert RequestLetter.objects.filter(kind__in=("answered", "refused", "withdrawn")).count() == 1
