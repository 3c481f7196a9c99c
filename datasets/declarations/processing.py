"""What a seller says of the processing behind a dataset, for the records of processing: codes of fixed vocabularies and
a number of months, so that a leaf can hold all of it. Nothing of it has to be said; what is not said is not kept."""

from collections.abc import Iterable, Mapping

from compliance import labels
from compliance.activities import vocabulary
from exchange.kernel.canonical import Fact
from exchange.kernel.errors import Invalid

LONGEST_MONTHS = 1_200
_NAMES = ("data", "persons", "passed_on_for", "passed_on_to", "retention_months")


def read(given: Mapping[str, object] | None) -> dict[str, Fact]:
    """What was said, in one order; Invalid names a word that no vocabulary has."""
    said = {name: value for name, value in (given or {}).items() if value not in (None, "", [], ())}
    if unknown := sorted(set(said) - set(_NAMES)):
        raise Invalid(f"processing has no field {unknown[0][:80]!r}; it has {', '.join(_NAMES)}")
    found: dict[str, Fact] = {}
    for name, known in (
        ("data", vocabulary.DATA),
        ("persons", vocabulary.PERSONS),
        ("passed_on_for", labels.terms("purpose")),
    ):
        if name in said:
            found[name] = _codes(name, said[name], list(known))
    if "passed_on_to" in said:
        found["passed_on_to"] = _code("passed_on_to", said["passed_on_to"], vocabulary.REACHES)
    if "retention_months" in said:
        found["retention_months"] = _months(said["retention_months"])
    return found


def _codes(name: str, given: object, known: Iterable[str]) -> list[Fact]:
    if not isinstance(given, list | tuple):
        raise Invalid(f"processing.{name} must be a list")
    words = {_code(name, one, known) for one in given}
    return [code for code in known if code in words]


def _code(name: str, given: object, known: Iterable[str]) -> str:
    if isinstance(given, str) and given in known:
        return given
    raise Invalid(f"processing.{name} must be of {', '.join(known)}; given {ascii(given)[:80]}")


def _months(given: object) -> int:
    if isinstance(given, int) and not isinstance(given, bool) and 1 <= given <= LONGEST_MONTHS:
        return given
    raise Invalid(f"processing.retention_months must be a whole number from 1 to {LONGEST_MONTHS}")
