"""What the doors of incidents with non-personal data need in the house, what is sent to them, and who is answered."""

from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING, Any

from compliance.incidents import register, telling
from compliance.incidents.reach import Asked
from compliance.incidents.register import Found
from compliance.models import Incident, IncidentHolder

if TYPE_CHECKING:
    from tests.doors.whole_sale import House

NO_SCOPE = (403, "scope_missing")
WHAT = "A key of the storage was public for an hour."
EVIDENCE = {"evidence": "A registered letter, number 4711."}
REASON = {"reason": "Seen by the test that tries every door."}
_PLACE, _TOLD = "/compliance/incidents", "/compliance/incidents-told"
_ONE, _HOLDER = f"{_PLACE}/{{incident_id}}", "/compliance/incident-holders/{incident_holder_id}"

BODIES: dict[str, Callable[["House"], Any]] = {
    f"POST {_PLACE}": lambda house: {
        "kinds": ["access"],
        "what": WHAT,
        "detected_at": house.seller.at.isoformat(),
        "participant": str(house.seller.participant_id),
    },
    f"POST {_ONE}/drop": lambda house: REASON,
    f"POST {_HOLDER}/hand-over": lambda house: EVIDENCE,
}
READS = {f"GET {_PLACE}", f"GET {_ONE}", f"GET {_ONE}/holders"}
"""What officers alone read."""
ACTS = {*BODIES, f"POST {_ONE}/confirm", f"POST {_HOLDER}/chase"}
"""What officers alone do."""
OWN_LISTS = {f"GET {_TOLD}"}
ANSWERS = {f"POST {_TOLD}/{{incident_holder_id}}/acknowledge"}
"""What a holder says, suspended or not."""
TO_OUTSIDERS: dict[str, set[tuple[int, str]]] = {name: {NO_SCOPE} for name in READS | ACTS}
FORMS: dict[str, dict[str, Any]] = {
    "desk_incidents_new": {"kinds": "access", "what": WHAT, "participant": "Seller SA"},
    "desk_incidents_drop": REASON,
    "desk_incidents_holder": EVIDENCE,
}
"""What an officer types in the forms."""
AGAIN = {"desk_incidents_chase"}  # reminds once more


def made(house: "House", now: datetime) -> dict[str, list[str]]:
    """The ids by the name of their place in an address."""
    told = register.confirm(_entered(house, now), by=house.officer)
    telling.send_due(now=now)
    holder = IncidentHolder.objects.get(incident=told)
    return {
        "incident_id": [str(_entered(house, now).pk), str(told.pk)],
        "incident_holder_id": [str(holder.pk)],
    }


def _entered(house: "House", now: datetime) -> Incident:
    found = Found(["access"], WHAT, now)
    return register.enter(found, Asked(participant=house.seller.participant_id), by=house.officer)
