"""Clauses that cannot both be kept, or of which one takes away what the other gives. Terms with such a pair are refused
when they are written, with both named; what was signed before a pair was known stays as it is."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from contracts.clauses.declaration import Clause

# A public body may provide a service or analyse its own work; these three are commerce whoever does them.
_COMMERCIAL = frozenset({"commercial_research", "marketing", "advertising"})
_KEPT_BY_THE_GATEWAY = ("copies", "volume", "addresses", "address_country")
_FREE_OF_CONDITIONS = frozenset({"CC0-1.0", "PDDL-1.0"})
_NO_COMMERCE = frozenset({"CC-BY-NC-4.0", "CC-BY-NC-SA-4.0"})
_NO_DERIVATIVES = frozenset({"CC-BY-ND-4.0"})


@dataclass(frozen=True)
class Contradiction:
    """Two kinds of clauses, and in what they contradict each other."""

    one: str
    other: str
    why: str

    def __str__(self) -> str:
        return f"The clauses {self.one} and {self.other} contradict each other: {self.why}"


def found(clauses: Mapping[str, Clause]) -> Iterator[Contradiction]:
    """Every contradiction among these clauses, which are given by their kind."""
    yield from _of_training(clauses)
    yield from _of_passing_on(clauses)
    yield from _of_delivery(clauses)
    yield from _of_licences(clauses)


def _of_training(clauses: Mapping[str, Clause]) -> Iterator[Contradiction]:
    permitted = clauses["purpose"].several("any_of") if "purpose" in clauses else ()
    training = clauses["model_training"].words("allowed") if "model_training" in clauses else "no"
    if "model_training" in permitted and training == "no":
        yield Contradiction(
            "purpose",
            "model_training",
            'the purpose "model_training" is permitted, training is not. '
            'Add {"kind": "model_training", "allowed": "yes"}, or remove the purpose.',
        )
    if training == "non_commercial" and permitted and _COMMERCIAL.issuperset(permitted):
        yield Contradiction(
            "purpose",
            "model_training",
            "every permitted purpose is commercial, and training is for non-commercial ends only. "
            "Permit another purpose, or no training.",
        )


def _of_passing_on(clauses: Mapping[str, Clause]) -> Iterator[Contradiction]:
    if not _allows(clauses, "redistribution"):
        return
    for kind, why in (
        ("confidentiality", "the data must be kept confidential, and may be passed on to anybody."),
        ("recipients", "only named participants may receive the data, and those may pass it on to anybody."),
    ):
        if kind in clauses:
            yield Contradiction("redistribution", kind, f"{why} Remove one of them.")


def _of_delivery(clauses: Mapping[str, Clause]) -> Iterator[Contradiction]:
    if "delivery" not in clauses or "gateway" in clauses["delivery"].several("any_of"):
        return
    for kind in _KEPT_BY_THE_GATEWAY:
        if kind in clauses:
            yield Contradiction(
                "delivery",
                kind,
                "only the gateway can keep to the second, and the first leaves the gateway out. Add "
                '"gateway" to the ways of delivery.',
            )


def _of_licences(clauses: Mapping[str, Clause]) -> Iterator[Contradiction]:
    licence = clauses.get("licence")
    if licence is None or not licence.has("spdx"):
        return
    spdx = licence.words("spdx")
    permitted = clauses["purpose"].several("any_of") if "purpose" in clauses else ()
    if spdx in _NO_COMMERCE and permitted and _COMMERCIAL.issuperset(permitted):
        yield Contradiction(
            "licence",
            "purpose",
            f"{spdx} permits no commercial use, and every permitted purpose is commercial.",
        )
    derived = clauses["derived_works"].words("allowed") if "derived_works" in clauses else "no"
    if spdx in _NO_DERIVATIVES and derived == "yes":
        yield Contradiction(
            "licence", "derived_works", f"{spdx} lets nobody pass on derived works, and the clause does."
        )
    if spdx in _FREE_OF_CONDITIONS and "attribution" in clauses:
        yield Contradiction("licence", "attribution", f"{spdx} asks for no source, and the clause does.")
    if "redistribution" in clauses and not clauses["redistribution"].flag("allowed"):
        yield Contradiction(
            "licence", "redistribution", f"{spdx} lets everybody pass the data on, and the clause forbids it."
        )
    for kind in ("confidentiality", "recipients"):
        if kind in clauses:
            yield Contradiction(
                "licence", kind, f"{spdx} is for everybody, and the clause keeps the data from most."
            )


def _allows(clauses: Mapping[str, Clause], kind: str) -> bool:
    return kind in clauses and clauses[kind].flag("allowed")
