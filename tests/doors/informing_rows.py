"""What the doors of the duty to inform need in the house: a transfer of personal data that the log proves."""

from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING, Any

from compliance.follower import follow
from compliance.log.sealing import seal_batch
from tests.compliance.conftest import Story

if TYPE_CHECKING:
    from tests.doors.whole_sale import House

_ONE = "POST /compliance/informing/{duty_id}"
BODIES: dict[str, Callable[["House"], Any]] = {
    f"{_ONE}/answer": lambda house: {"how": "told", "said": "On our site, in version 2 of the notice."},
}
ANSWERS = {f"{_ONE}/acknowledge", f"{_ONE}/answer"}
"""What a buyer owes, suspended or not."""
OWN_LISTS = {"GET /compliance/informing"}


def made(house: "House", now: datetime) -> dict[str, list[str]]:
    """The ids by the name of their place in an address."""
    assert house.seller.participant_id is not None and house.buyer.participant_id is not None
    told = Story(house.seller.participant_id, house.buyer.participant_id, at=now)
    told.tell("started")
    seal_batch(now)
    follow()
    return {"duty_id": [str(told.row.pk)]}
