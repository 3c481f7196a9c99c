"""May personal data go to this country, now, under which mechanism? The answer comes from dated rows in a
legal profile, never from code, and whatever cannot be decided is refused."""

import hashlib
import json
import re
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import lru_cache
from pathlib import Path
from typing import Literal, NoReturn, TypeAlias

import pycountry

from exchange.kernel.errors import Invalid

PersonalData: TypeAlias = Literal["none", "pseudonymised", "personal", "special"]
Mechanism: TypeAlias = Literal["not_personal", "eea", "adequacy"]

EEA, ADEQUATE = "EEA", "ADEQUATE"
"""The groups of countries that a legal profile tells of."""

PACKAGED = Path(__file__).parent / "data" / "legal_profile.json"

_PROFILE_FIELDS = {"version", "as_of", "eea", "adequacy"}
_ADEQUACY_FIELDS = {"country", "decision", "valid_from", "valid_to", "condition", "note"}
_ISO_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_CONDITION = re.compile(r"[a-z][a-z0-9_]{0,31}")


@dataclass(frozen=True)
class Adequacy:
    """One decision of the Commission: valid from the first day to the last, both included."""

    country: str
    decision: str
    valid_from: date
    valid_to: date | None
    condition: str | None
    note: str | None

    def in_force(self, on: date) -> bool:
        """Whether the decision holds on that day."""
        return self.valid_from <= on and (self.valid_to is None or on <= self.valid_to)


@dataclass(frozen=True)
class LegalProfile:
    """The law as it stood on `as_of`: who is in the EEA, and which decisions of adequacy exist. `written` is the file
    that says so, and `sha256` its digest: a version can be used twice."""

    version: str
    as_of: date
    eea: frozenset[str]
    adequacy: tuple[Adequacy, ...]
    sha256: str
    written: bytes = field(repr=False)


@dataclass(frozen=True)
class Destination:
    """The answer for one country: `mechanism` and `decision` carry the transfer, at the latest on `valid_to`, or
    `reason` refuses it."""

    allowed: bool
    mechanism: Mechanism | None
    decision: str | None
    reason: str | None
    profile_version: str
    valid_to: date | None = None


def load(path: Path | None = None) -> LegalProfile:
    """Read and check a legal profile, the packaged one unless a path is given; Invalid names the bad field."""
    return _packaged() if path is None else _read(path)


def parse(written: bytes, *, where: str) -> LegalProfile:
    """A legal profile as it is written; Invalid names the bad field."""
    try:
        raw = json.loads(written.decode(), object_pairs_hook=_distinct_fields)
    except (ValueError, RecursionError) as error:
        _malformed(where, f"is not the JSON of a legal profile ({error})")
    fields = _fields(raw, _PROFILE_FIELDS, "the profile")
    eea = [_country(code, f"eea[{index}]") for index, code in enumerate(_list(fields["eea"], "eea"))]
    _distinct(eea, "eea")
    adequacy = tuple(
        _adequacy(row, f"adequacy[{index}]") for index, row in enumerate(_list(fields["adequacy"], "adequacy"))
    )
    _distinct([(row.country, row.decision, row.valid_from) for row in adequacy], "adequacy")
    return LegalProfile(
        version=_words(fields["version"], "version"),
        as_of=_day(fields["as_of"], "as_of"),
        eea=frozenset(eea),
        adequacy=adequacy,
        sha256=hashlib.sha256(written).hexdigest(),
        written=written,
    )


def decide(
    profile: LegalProfile,
    *,
    country: str | None,
    personal_data: PersonalData,
    certifications: frozenset[str],
    on: date,
) -> Destination:
    """Decide whether data of this class may go to a recipient established in `country` on that day.

    `certifications` are the conditions the recipient has been verified to meet, such as "dpf".
    """
    if personal_data == "none":
        return Destination(True, "not_personal", None, None, profile.version)
    if not is_country(country):
        return _refused(profile, "country_unknown")
    if country in profile.eea:
        return Destination(True, "eea", None, None, profile.version)
    rows = [row for row in profile.adequacy if row.country == country]
    if not rows:
        return _refused(profile, "no_adequacy_decision")
    day = on.date() if isinstance(on, datetime) else on
    current = [row for row in rows if row.in_force(day)]
    if not current:
        return _refused(profile, "decision_not_in_force", rows[-1].decision)
    for row in current:
        if row.condition is None or row.condition in certifications:
            return Destination(True, "adequacy", row.decision, None, profile.version, row.valid_to)
    return _refused(profile, f"condition_not_met:{current[0].condition}", current[0].decision)


@lru_cache(maxsize=8)
def groups(profile: LegalProfile, on: date) -> Mapping[str, frozenset[str]]:
    """Who belongs to each group on that day; what a decision of adequacy asks a condition for is left out."""
    adequate = {row.country for row in profile.adequacy if row.condition is None and row.in_force(on)}
    return {EEA: profile.eea, ADEQUATE: frozenset(adequate)}


def is_country(code: object) -> bool:
    """Whether this is an assigned ISO 3166-1 alpha-2 code, in capitals."""
    return isinstance(code, str) and code in _assigned_codes()


@lru_cache(maxsize=1)
def _assigned_codes() -> frozenset[str]:
    return frozenset(country.alpha_2 for country in pycountry.countries)


def _refused(profile: LegalProfile, reason: str, decision: str | None = None) -> Destination:
    return Destination(False, None, decision, reason, profile.version)


@lru_cache(maxsize=1)
def _packaged() -> LegalProfile:
    return _read(PACKAGED)


def _read(path: Path) -> LegalProfile:
    try:
        written = path.read_bytes()
    except OSError as error:
        _malformed(str(path), f"cannot be read ({error.strerror})")
    return parse(written, where=str(path))


def _adequacy(raw: object, where: str) -> Adequacy:
    fields = _fields(raw, _ADEQUACY_FIELDS, where)
    valid_from = _day(fields["valid_from"], f"{where}.valid_from")
    valid_to = None if fields["valid_to"] is None else _day(fields["valid_to"], f"{where}.valid_to")
    if valid_to is not None and valid_to < valid_from:
        _malformed(f"{where}.valid_to", f"is {valid_to}, before valid_from, {valid_from}")
    condition = fields["condition"]
    if condition is not None and not (isinstance(condition, str) and _CONDITION.fullmatch(condition)):
        _malformed(f"{where}.condition", f"must be null or a short lower-case word; it is {condition!r:.80}")
    return Adequacy(
        country=_country(fields["country"], f"{where}.country"),
        decision=_words(fields["decision"], f"{where}.decision"),
        valid_from=valid_from,
        valid_to=valid_to,
        condition=condition,
        note=None if fields["note"] is None else _words(fields["note"], f"{where}.note"),
    )


def _fields(raw: object, expected: set[str], where: str) -> dict[str, object]:
    if not isinstance(raw, dict):
        _malformed(where, f"must be an object; it is {raw!r:.80}")
    if missing := sorted(expected - raw.keys()):
        _malformed(where, f"lacks {', '.join(missing)}")
    if unknown := sorted(raw.keys() - expected):
        _malformed(where, f"has fields that are not known: {', '.join(unknown):.80}")
    return raw


def _list(raw: object, where: str) -> list[object]:
    if not isinstance(raw, list) or not raw:
        _malformed(where, f"must be a list of one or more; it is {raw!r:.80}")
    return raw


def _country(raw: object, where: str) -> str:
    if not isinstance(raw, str) or not is_country(raw):
        _malformed(where, f"must be an ISO 3166-1 alpha-2 code in capitals; it is {raw!r:.80}")
    return raw


def _words(raw: object, where: str) -> str:
    if not isinstance(raw, str) or not 1 <= len(raw.strip()) <= 200:
        _malformed(where, f"must be text of 1 to 200 characters; it is {raw!r:.80}")
    return raw.strip()


def _day(raw: object, where: str) -> date:
    if isinstance(raw, str) and _ISO_DAY.fullmatch(raw):
        with suppress(ValueError):
            return date.fromisoformat(raw)
    return _malformed(where, f"must be a date such as 2026-11-21; it is {raw!r:.80}")


def _distinct(values: Iterable[object], where: str) -> None:
    seen: set[object] = set()
    for value in values:
        if value in seen:
            _malformed(where, f"names {value!r:.80} twice")
        seen.add(value)


def _distinct_fields(pairs: list[tuple[str, object]]) -> dict[str, object]:
    _distinct([name for name, _ in pairs], "an object")
    return dict(pairs)


def _malformed(where: str, problem: str) -> NoReturn:
    raise Invalid(f"The legal profile cannot be used: {where} {problem}.", code="legal_profile_invalid")
