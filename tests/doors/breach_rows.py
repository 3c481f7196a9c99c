"""What the doors of breaches, legal holds and retention need in the house, what is sent, and who is answered."""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any

from compliance.breaches import register, reports, scopes
from compliance.breaches.register import Found
from compliance.breaches.reports import Sent
from compliance.breaches.scopes import Asked
from compliance.models import Breach, LegalHold
from compliance.retention import legal_holds

if TYPE_CHECKING:
    from tests.doors.whole_sale import House

NO_SCOPE = (403, "scope_missing")
REASON = "Seen by the test that tries every door."
DATASET = "id of the sold dataset"
WHAT = "A laptop with a copy of the files was stolen."
_BREACHES, _HOLDS = "/compliance/breaches", "/compliance/holds"
_ONE, _HOLD = f"POST {_BREACHES}/{{breach_id}}", f"POST {_HOLDS}/{{legal_hold_id}}"


def _sent(house: "House", **more: Any) -> dict[str, Any]:
    return {"channel": "portal", "sent_at": house.seller.at.isoformat(), "is_last": False, **more}


BODIES: dict[str, Callable[["House"], Any]] = {
    f"POST {_BREACHES}": lambda house: {
        "kinds": ["confidentiality"],
        "what": WHAT,
        "reported_by": "own",
        "detected_at": house.seller.at.isoformat(),
        "became_aware_at": house.seller.at.isoformat(),
    },
    f"{_ONE}/describe": lambda house: {"consequences": "Names may be known."},
    f"{_ONE}/assess": lambda house: {"risk": "risk", "method": "ENISA", "reasons": REASON},
    f"{_ONE}/exempt": lambda house: {"ground": "34(3)(a)", "reasons": REASON},
    f"{_ONE}/scopes": lambda house: {"dataset": house.ids["dataset_id"][0]},
    f"{_ONE}/reports": lambda house: _sent(house, audience="authority"),
    f"{_ONE}/notices": lambda house: {
        "dataset": house.ids["dataset_id"][0],
        "message": "Change your keys now.",
    },
    f"{_ONE}/stops": lambda house: {
        "kind": "revision",
        "target": house.ids["revision_id"][1],
        "reason": REASON,
    },
    f"{_ONE}/reopen": lambda house: {"reason": REASON},
    f"POST {_HOLDS}": lambda house: {
        "scope": "person",
        "target": house.seller.name,
        "authority": "A court",
        "reason": REASON,
        "review_on": "2099-01-01",
    },
    f"{_HOLD}/review": lambda house: {"review_on": "2099-01-01", "reason": REASON},
    f"{_HOLD}/release": lambda house: {"reason": REASON},
    f"{_HOLD}/refuse-release": lambda house: {"reason": REASON},
}
READS = {
    *(f"GET {_BREACHES}", f"GET {_BREACHES}/export", f"GET {_BREACHES}/{{breach_id}}"),
    f"GET {_BREACHES}/scopes/{{scope_id}}/recipients",
    *(f"GET {_HOLDS}", f"GET {_HOLDS}/{{legal_hold_id}}"),
    *("GET /compliance/retention", "GET /compliance/retention/sweeps"),
}
"""What officers alone read."""
ACTS = {*BODIES, f"{_ONE}/close"}
"""What officers alone do."""
TO_OUTSIDERS: dict[str, set[tuple[int, str]]] = {name: {NO_SCOPE} for name in READS | ACTS}
TYPED: dict[str, dict[str, Any]] = {
    "desk_breaches_new": {"kinds": "confidentiality", "what": WHAT, "reported_by": "own"},
    "desk_breaches_act": {
        "risk": "risk",
        "method": "ENISA",
        "reasons": REASON,
        "consequences": "Names may be known.",
        "dataset": DATASET,
        "participant": "Buyer",
        "message": "Change your keys now.",
        "ground": "34(3)(a)",
        "words": "Your data was on a laptop that was stolen. Change your password.",
    },
    "desk_retention_place": {
        "scope": "period",
        "since": "2020-01-01",
        "until": "2020-02-01",
        "authority": "A court",
        "reason": REASON,
    },
    "desk_retention_act": {"review_on": "2099-01-01", "reason": REASON},
}
"""What an officer types in the forms."""


def made(house: "House", now: datetime) -> dict[str, list[str]]:
    """The ids by the name of their place in an address."""
    breach = _breach(house, now)
    scope = scopes.take(breach, Asked(participant=house.buyer.participant_id), by=house.officer)
    register.assess(breach, risk="risk", method="ENISA", reasons=REASON, by=house.officer)
    report = reports.tell_authority(breach, Sent("portal", now, is_last=False), by=house.officer)
    return {
        "breach_id": [str(breach.pk)],
        "scope_id": [str(scope.pk)],
        "report_id": [str(report.pk)],
        "legal_hold_id": [str(_hold(house).pk)],
        "standing_hold": [str(_hold(house).pk)],
    }


def _breach(house: "House", now: datetime) -> Breach:
    found = Found(["confidentiality"], WHAT, "own", now - timedelta(hours=1), now)
    return register.open_breach(found, by=house.officer)


def _hold(house: "House") -> LegalHold:
    """On somebody of whom nothing is kept, so that it is in nobody's way."""
    asked = legal_holds.Asked("person", house.officer.name, None, None, "A court", "", REASON, date(2099, 1, 1))
    return legal_holds.place(asked, by=house.officer)
