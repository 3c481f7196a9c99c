"""What the doors of destinations and law need in the house: transfer bases, what is sent, and who is answered."""

from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING, Any

from compliance.destinations import bases
from compliance.destinations.bases import Entry

if TYPE_CHECKING:
    from tests.doors.whole_sale import House

NO_SCOPE = (403, "scope_missing")
REASON = "Seen by the test that tries every door."
_BASES = "/compliance/destinations/bases"
_ONE = f"POST {_BASES}/{{basis_id}}"
_LAW = "/compliance/destinations/law"

BODIES: dict[str, Callable[["House"], Any]] = {
    f"POST {_BASES}": lambda house: {
        "importer_id": str(house.buyer.participant_id),
        "country": "IN",
        "mechanism": "bcr",
        "document": "Rules of the group, file 4",
        "valid_from": "2026-01-01",
    },
    f"{_ONE}/revoke": lambda house: {"reason": REASON},
    f"POST {_LAW}": lambda house: {"note": "{}\n\n— nobody AAAAAAAA\n"},
}
READS = {"GET /compliance/destinations", f"GET {_LAW}"}
"""What officers alone read."""
ACTS = {f"POST {_BASES}", f"{_ONE}/confirm", f"{_ONE}/revoke", f"POST {_LAW}"}
"""What officers alone do."""
OWN_LISTS = {f"GET {_BASES}"}
TO_OUTSIDERS: dict[str, set[tuple[int, str]]] = {
    name: {NO_SCOPE} for name in (READS | {f"POST {_BASES}", f"POST {_LAW}"})
}
TYPED: dict[str, dict[str, Any]] = {
    "desk_destinations_basis_new": {
        "importer": "Buyer",
        "country": "IN",
        "module": "1",
        "document": "Clauses, file 5",
        "valid_from": "2026-01-01",
    },
    "desk_destinations_revoke": {"reason": REASON},
}
"""What an officer types in the forms."""


def made(house: "House", now: datetime) -> dict[str, list[str]]:
    """The ids by the name of their place in an address; each page that changes a basis has its own."""
    assert house.buyer.participant_id is not None
    entry = Entry(
        importer_id=house.buyer.participant_id,
        country="IN",
        mechanism="scc",
        module="1",
        document="Clauses, file 3",
        assessment="Assessment 3",
        assessed_on=now.date(),
        valid_from=now.date(),
    )
    made = [bases.record(entry, by=house.officer) for _ in range(2)]
    return {"basis_id": [str(made[0].pk)], "standing_basis": [str(made[1].pk)]}
