"""What the law asks for that nobody can derive, by name: what is said of a whole register, and of one activity."""

from collections.abc import Mapping

from exchange.kernel import text
from exchange.kernel.errors import Invalid

OF_REGISTER: Mapping[str, int] = {"security_measures": 5_000}
OF_ACTIVITY: Mapping[str, int] = {
    "name": 200,
    "reference": 80,
    "purposes": 2_000,
    "joint_controllers": 2_000,
    "recipient_categories": 2_000,
    "retention": 2_000,
    "security_measures": 5_000,
    "processors": 2_000,
    "dpia": 500,
    "remark": 2_000,
}
"""Each with the most characters it takes."""

CONTACTS_OF_REGISTER: Mapping[str, int] = {"controller": 500, "representative": 500, "dpo": 500}
CONTACTS_OF_ACTIVITY: Mapping[str, int] = {"owner": 200}
"""Who can be asked: kept in the vault."""

ASKED_OF_CONTROLLER = ("controller", "security_measures")
"""Without which a register is not whole; the others do not fit every organisation."""


def parts_of(activity: str) -> Mapping[str, int]:
    """What may be added to an activity, or to the register where it is none."""
    return OF_ACTIVITY if activity else OF_REGISTER


def contacts_of(activity: str) -> Mapping[str, int]:
    """Who may be named for an activity, or for the register where it is none."""
    return CONTACTS_OF_ACTIVITY if activity else CONTACTS_OF_REGISTER


def clean(given: Mapping[str, str], known: Mapping[str, int]) -> dict[str, str]:
    """The texts as they are kept, empty ones too; Invalid names one that has no such name, or is too long."""
    if unknown := sorted(set(given) - set(known)):
        raise Invalid(f"there is no part {unknown[0][:80]!r}; there are {', '.join(known)}")
    return {name: text.prose(value, name=name, at_most=known[name]) for name, value in given.items()}
