"""What the doors of intermediation need in the house: the settings of a notified operator, and what is sent."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tests.doors.whole_sale import House

NOTIFIED = {
    "EXCHANGE_INTERMEDIATION": "FR-2026-0042",
    "EXCHANGE_INTERMEDIATION_AUTHORITY": "Arcep",
    "EXCHANGE_INTERMEDIATION_DATE": "2026-01-15",
    "EXCHANGE_INTERMEDIATION_ENTITY": "Exchange House Intermediation SAS",
}
FEES = {"body": "Five per cent of each sale, at least EUR 1.", "applies_from": "2099-12-31"}
BODIES: dict[str, Callable[["House"], dict[str, Any]]] = {
    "POST /compliance/intermediation/price-lists": lambda house: dict(FEES),
}
FORMS: dict[str, dict[str, Any]] = {"intermediation_prices": FEES}
"""What is typed into the forms of intermediation."""
OWN_LISTS = {"GET /compliance/intermediation", "GET /compliance/intermediation/price-lists"}
"""What everybody reads of the intermediation."""
OWN_FILES = {"GET /compliance/intermediation/log"}
"""What everybody takes along of their own."""
OPERATORS = {"POST /compliance/intermediation/price-lists"}
"""What operators alone do."""
TO_OUTSIDERS: dict[str, set[tuple[int, str]]] = {name: {(403, "scope_missing")} for name in OPERATORS}
