"""What the doors of notices to recipients need in the house: a notice with recipients in the states in which an officer
and a recipient act, what is sent to its doors, and who is answered."""

from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING, Any

from compliance import notices
from compliance.follower import follow
from compliance.log.sealing import seal_batch
from compliance.models import NoticeRow
from compliance.notices import opening, sending
from contracts.models import Entitlement
from exchange.kernel.ids import new_id

if TYPE_CHECKING:
    from tests.doors.whole_sale import House

NO_SCOPE = (403, "scope_missing")
NOT_FOUND = (404, "not_found")
EVIDENCE = {"evidence": "Handed over in person, on Monday."}
_ROW = "POST /compliance/notice-recipients/{row_id}"
_MINE = "compliance/notices-to-answer"

BODIES: dict[str, Callable[["House"], Any]] = {
    "POST /compliance/notices": lambda house: {
        "occasion": f"request:{house.ids['notice_id'][0]}",
        "kind": "restriction",
        "dataset_id": house.ids["dataset_id"][0],
        "message": "Keep it, and do not use it any more.",
    },
    f"{_ROW}/deliver": lambda house: EVIDENCE,
    f"{_ROW}/return": lambda house: EVIDENCE,
    f"{_ROW}/excuse": lambda house: {"reason": "The company does not exist any more."},
    f"POST /{_MINE}/{{row_id}}/answers": lambda house: {"action": "deleted", "copies": 1},
}
READS = {"GET /compliance/recipients", "GET /compliance/recipients/export"}
"""What officers alone read."""
ACTS = {
    "POST /compliance/notices",
    "POST /compliance/notices/{notice_id}/statement",
    *(f"{_ROW}/{verb}" for verb in ("deliver", "return", "chase", "escalate", "excuse")),
}
"""What officers alone do."""
OWN_LISTS = {"GET /compliance/notices", f"GET /{_MINE}"}
ANSWERS = {f"POST /{_MINE}/{{row_id}}/answers"}
"""What a recipient owes, suspended or not."""
READING = {f"POST /{_MINE}/{{row_id}}/read"}
"""What whoever reads for a recipient notes."""
TO_OUTSIDERS: dict[str, set[tuple[int, str]]] = {
    name: {NO_SCOPE} for name in (*READS, "POST /compliance/notices")
}


def made(house: "House", now: datetime) -> dict[str, list[str]]:
    """The ids by the name of their place in an address."""
    right = Entitlement.objects.get(pk=house.ids["entitlement_id"][0])
    notice = notices.open_notice(
        occasion=f"request:{new_id()}",
        kind="erasure",
        dataset_id=right.dataset_id,
        revision_ids=[right.revision_id],
        message="Delete the rows of the person whose key was sent.",
        by=house.officer,
    )
    while seal_batch(now):
        pass
    while follow():
        pass
    while opening.fill(now=now):
        pass
    sending.send_due(now=now)
    row = NoticeRow.objects.get(notice=notice, buyer_id=house.buyer.participant_id)
    return {"notice_id": [str(notice.pk)], "row_id": [str(row.pk)]}
