"""A register in codes, the same in every language: what exports carry, and what an import is compared with."""

from collections.abc import Mapping
from datetime import datetime

from compliance.activities import parts
from compliance.activities.shape import Activity, Completed, Derived, Kept, Register
from exchange.kernel.text import timestamp

DERIVED = (
    *(
        "purposes",
        "stated_purposes",
        "legal_bases",
        "grounds",
        "persons",
        "data",
        "special",
        "stated_sources",
        "dpias",
    ),
    *("counterparties", "recipients", "datasets", "transfers", "kept"),
)
"""The fields that nobody types."""
OTHERS = "others"
"""Stands last among recipients where not all are named."""


def of_derived(derived: Derived) -> dict[str, list[str]]:
    """What was derived of an activity, field by field."""
    return {
        "purposes": list(derived.purposes),
        "stated_purposes": list(derived.stated_purposes),
        "legal_bases": list(derived.legal_bases),
        "grounds": list(derived.grounds),
        "persons": list(derived.persons),
        "data": list(derived.data),
        "special": list(derived.special),
        "stated_sources": list(derived.stated_sources),
        "dpias": list(derived.dpias),
        "counterparties": [str(one) for one in derived.counterparties],
        "recipients": [*(str(one) for one in derived.recipients), *([OTHERS] if derived.has_others else [])],
        "datasets": [str(one) for one in derived.datasets],
        "transfers": [f"{one.country}:{one.mechanism}:{one.transfers}" for one in derived.sent],
        "kept": [f"{one.what}:{duration(one)}" for one in derived.kept],
    }


def of_warnings(activity: Activity) -> list[str]:
    """What does not agree, each as one word with what it is about."""
    return [":".join((one.code, *one.about)) for one in activity.warnings]


def duration(kept: Kept) -> str:
    """A period as ISO 8601 writes it; empty where it is none."""
    if kept.months is not None:
        return f"P{kept.months}M"
    return f"P{kept.days}D" if kept.days is not None else ""


def moment(at: datetime | None) -> str:
    """A time, empty where there is none."""
    return timestamp(at) if at else ""


def by_key(register: Register) -> Mapping[str, Completed]:
    """What was added by hand, by activity; the whole register's under the empty name."""
    return {"": register.head, **{one.key: one.completed for one in register.activities}}


def parts_in_order(activity: str, completed: Completed) -> dict[str, str]:
    """What was added, in the order of the register's own list."""
    return {name: completed.parts[name] for name in parts.parts_of(activity) if name in completed.parts}


def contacts_in_order(activity: str, completed: Completed) -> dict[str, str]:
    """Who can be asked, in the same way."""
    return {
        name: completed.contacts[name] for name in parts.contacts_of(activity) if name in completed.contacts
    }
