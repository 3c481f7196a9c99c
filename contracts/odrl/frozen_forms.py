"""Terms in each form that a contract holds. What an offer says never changes and is signed many times, so each form is
made once for the same clauses; nobody changes what is answered here."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, cast

from contracts.odrl import policies
from contracts.terms import terms as usage_terms
from contracts.terms.terms import Limits, Terms
from exchange.kernel.canonical import Fact

MOST_KEPT = 512


@dataclass(frozen=True)
class Forms:
    """`wire` is what `parse` reads; `policy` names nobody yet."""

    wire: list[dict[str, Any]]
    text: Mapping[str, Fact]
    policy: Mapping[str, Any]
    window: Fact
    tolerances: Fact


def terms(raw: object) -> Terms:
    """Frozen terms, read."""
    return _terms(_key(raw))


def limits(raw: object) -> Limits:
    """The limits that frozen terms set."""
    return _limits(_key(raw))


def of(raw: object) -> Forms:
    """Every form of frozen terms; Invalid where they can no longer be read."""
    return _forms(_key(raw))


def _key(raw: object) -> str:
    return json.dumps(raw, sort_keys=True)


@lru_cache(MOST_KEPT)
def _terms(key: str) -> Terms:
    return usage_terms.thaw(json.loads(key))


@lru_cache(MOST_KEPT)
def _limits(key: str) -> Limits:
    return usage_terms.limits(_terms(key))


@lru_cache(MOST_KEPT)
def _forms(key: str) -> Forms:
    found = _terms(key)
    wire = found.to_list()
    return Forms(
        wire,
        {"en": _clauses(found, "en"), "fr": _clauses(found, "fr")},
        policies.written(found, uid="", assigner="", assignee="nobody", target=""),
        next((clause for clause in wire if clause["kind"] == "revisions"), None),
        next((clause for clause in wire if clause["kind"] == "warranty"), None),
    )


def _clauses(found: Terms, language: usage_terms.Language) -> list[Fact]:
    return [cast(Fact, clause) for clause in usage_terms.text(found, language)]
