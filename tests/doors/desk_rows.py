"""What the desk's doors need in the house: the ids of its rows, what is sent to its doors, and who is answered."""

from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING, Any

from compliance.bundles import bundles
from compliance.bundles.scopes import Scope
from compliance.work import views

if TYPE_CHECKING:
    from tests.doors.whole_sale import House

NO_SCOPE = (403, "scope_missing")
REASON = "The authority asked for it in writing."

BODIES: dict[str, Callable[["House"], Any]] = {
    "POST /compliance/bundles": lambda house: {
        "dataset": house.ids["dataset_id"][0],
        "addressee": "CNIL",
        "reason": REASON,
    },
    "POST /compliance/activities/complete": lambda house: {"parts": {"security_measures": "TLS"}},
    "POST /compliance/activities/import": lambda house: {"content": "activity\r\n"},
    "POST /compliance/activities/{key}/complete": lambda house: {"parts": {"reference": "A-1"}},
    "POST /compliance/activities/{key}/review": lambda house: {"remark": "All is as it was."},
}
FORMS: dict[str, dict[str, Any]] = {
    "desk_activities_import": {"content": "activity\r\n"},
    "desk_bundles": {"person": "pn_" + "0a" * 12, "addressee": "CNIL", "reason": REASON},
    "desk_view_new": {"title": "To France", "query": "country=FR"},
    "desk_digest": {"pace": "daily"},
}
"""What is typed into the forms of the desk."""
READS = {
    "GET /compliance/flows",
    "GET /compliance/bundles",
    "GET /compliance/bundles/{bundle_id}",
    "GET /compliance/bundles/{bundle_id}/file",
}
"""What officers alone read."""
ACTS = {
    "POST /compliance/bundles",
}
"""What officers alone do."""
TO_OUTSIDERS: dict[str, set[tuple[int, str]]] = {name: {NO_SCOPE} for name in READS | ACTS}


def made(house: "House", now: datetime) -> dict[str, list[str]]:
    """The ids by the name of their place in an address."""
    asked = bundles.ask(
        Scope(participant=house.seller.participant_id), addressee="CNIL", reason=REASON, by=house.officer
    )
    bundles.make(asked.pk, now=now)
    view = views.keep(title="To Germany", query="country=DE", by=house.officer)
    return {"bundle_id": [str(asked.pk)], "view_id": [str(view.pk)], "key": ["accounts"]}
