"""A legal profile: the law that the exchange decides by, as dated data in one file. A version of it is never changed:
what was decided by it names its digest."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache
from pathlib import Path
from types import MappingProxyType
from typing import Any

from compliance.legal import readings
from compliance.legal.readings import LANGUAGES, malformed
from exchange.kernel.errors import Unavailable

PACKAGED = Path(__file__).parents[1] / "data" / "legal_profile.json"
LARGEST_BYTES = 900_000

_DESTINATIONS = ("version", "as_of", "eea", "adequacy")
"""All that profiles said before they had a serial number; such files, and decisions by them, stay readable."""
_WHOLE = (
    "serial",
    "renamed",
    "conditions",
    "safeguards",
    "grounds",
    "periods",
    "thresholds",
    "holidays",
    "texts",
)
_LATER = ("informing_first_from",)
"""What a profile may say besides, and need not."""
_ADEQUACY = ("country", "decision", "valid_from", "valid_to", "condition", "note")
_SAFEGUARD = ("mechanism", "article", "decision", "valid_from", "valid_to", "modules")
_UNITS = ("months", "days", "hours")
_LONGEST = {"months": 1200, "days": 36_500, "hours": 876_000}


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
        return _holds(self.valid_from, self.valid_to, on)


@dataclass(frozen=True)
class Ground:
    """One of the grounds that an article lists, such as 9(2)(a), and its words in each language."""

    code: str
    words: Mapping[str, str] = field(hash=False)


@dataclass(frozen=True)
class Safeguard:
    """A kind of appropriate safeguards (Art. 46), the decision behind it and the modules it has, if any."""

    mechanism: str
    article: str
    decision: str | None
    valid_from: date
    valid_to: date | None
    modules: tuple[Ground, ...]
    words: Mapping[str, str] = field(hash=False)

    def in_force(self, on: date) -> bool:
        """Whether it can carry data on that day."""
        return _holds(self.valid_from, self.valid_to, on)


@dataclass(frozen=True)
class Period:
    """A time that the law gives, in one unit; one that is to end on a working day moves on to the next."""

    months: int = 0
    days: int = 0
    hours: int = 0
    working_day: bool = False


@dataclass(frozen=True)
class LegalProfile:
    """The law as it stood on `as_of`. `written` is the file that says so, and `sha256` its digest: a version can be
    used twice. One without a serial number says of destinations alone. Under rights that begin on
    `informing_first_from` or later, a buyer acknowledges the duty to inform before it takes personal data; None asks
    that of nobody."""

    version: str
    as_of: date
    eea: frozenset[str]
    adequacy: tuple[Adequacy, ...]
    sha256: str
    written: bytes = field(repr=False)
    serial: int = 0
    safeguards: tuple[Safeguard, ...] = ()
    informing_first_from: date | None = None
    renamed: Mapping[str, tuple[str, ...]] = field(default_factory=dict, compare=False, repr=False)
    conditions: Mapping[str, Mapping[str, str]] = field(default_factory=dict, compare=False, repr=False)
    _grounds: Mapping[str, tuple[Ground, ...]] = field(default_factory=dict, compare=False, repr=False)
    _periods: Mapping[str, tuple[Period, ...]] = field(default_factory=dict, compare=False, repr=False)
    _numbers: Mapping[str, int] = field(default_factory=dict, compare=False, repr=False)
    _holidays: Mapping[str, frozenset[date]] = field(default_factory=dict, compare=False, repr=False)
    _texts: Mapping[str, Mapping[str, str]] = field(default_factory=dict, compare=False, repr=False)

    def period(self, name: str) -> Period:
        """The time that the law gives for this; Unavailable where the profile does not say."""
        found = self.periods(name)
        if len(found) != 1:
            raise self._lacks(f"one period {name}")
        return found[0]

    def periods(self, name: str) -> tuple[Period, ...]:
        """Several such times, such as when alarms are due, in the order of the profile."""
        if name not in self._periods:
            raise self._lacks(f"the period {name}")
        return self._periods[name]

    def names_of_periods(self, start: str = "") -> list[str]:
        """Of which times the profile tells, as those of `retention.`."""
        return sorted(name for name in self._periods if name.startswith(start))

    def number(self, name: str) -> int:
        """A threshold."""
        if name not in self._numbers:
            raise self._lacks(f"the threshold {name}")
        return self._numbers[name]

    def texts(self, name: str, language: str) -> str:
        """Words that the law asks for; what is to be filled in stands in them as `{due}`."""
        if name not in self._texts:
            raise self._lacks(f"the text {name}")
        return _in(language, self._texts[name])

    def grounds(self, article: str) -> tuple[Ground, ...]:
        """The grounds that an article lists, such as those of 9(2)."""
        if article not in self._grounds:
            raise self._lacks(f"the grounds of Article {article}")
        return self._grounds[article]

    def names_of_grounds(self) -> frozenset[str]:
        """For which articles it lists grounds."""
        return frozenset(self._grounds)

    def holidays(self, country: str) -> frozenset[date]:
        """The public holidays of a country. One that the profile does not tell of has none: a deadline is then rather
        too early than too late."""
        return self._holidays.get(country, frozenset())

    def condition(self, name: str, language: str) -> str:
        """What an importer must have shown, in words."""
        return _in(language, self.conditions[name]) if name in self.conditions else name

    def safeguard(self, mechanism: str) -> Safeguard | None:
        """The row of a kind of safeguards."""
        return next((row for row in self.safeguards if row.mechanism == mechanism), None)

    def tells_of(self) -> frozenset[str]:
        """The name of everything that it says: the exchange asks for what the profile that ships has."""
        parts = {
            "grounds": self._grounds,
            "periods": self._periods,
            "thresholds": self._numbers,
            "texts": self._texts,
            "safeguards": {row.mechanism: row for row in self.safeguards},
        }
        found = {f"{part}.{name}" for part, names in parts.items() for name in names}
        return frozenset(found | {"serial"} if self.serial else found)

    def _lacks(self, what: str) -> Unavailable:
        return Unavailable(
            f"the legal profile {self.version} does not say {what}; the operator installs one that does",
            code="legal_profile_incomplete",
        )


def load(path: Path | None = None) -> LegalProfile:
    """Read and check a legal profile, the packaged one unless a path is given; Invalid names the bad field."""
    return _packaged() if path is None else _read(path)


def parse(written: bytes, *, where: str) -> LegalProfile:
    """A legal profile as it is written; Invalid names the bad field."""
    if len(written) > LARGEST_BYTES:
        malformed(where, f"has more than {LARGEST_BYTES} bytes")
    try:
        raw = json.loads(written.decode(), object_pairs_hook=readings.distinct_fields)
    except (ValueError, RecursionError) as error:
        malformed(where, f"is not the JSON of a legal profile ({error})")
    is_whole = isinstance(raw, dict) and "serial" in raw
    found = readings.fields(raw, (*_DESTINATIONS, *(_WHOLE if is_whole else ())), "the profile", also=_LATER)
    eea = _countries(found["eea"], "eea")
    listed = readings.rows(found["adequacy"], "adequacy")
    adequacy = tuple(_adequacy(row, f"adequacy[{index}]") for index, row in enumerate(listed))
    readings.distinct([(row.country, row.decision, row.valid_from) for row in adequacy], "adequacy")
    profile = LegalProfile(
        version=readings.words(found["version"], "version"),
        as_of=readings.day(found["as_of"], "as_of"),
        eea=frozenset(eea),
        adequacy=adequacy,
        sha256=hashlib.sha256(written).hexdigest(),
        written=written,
        **(_whole(found) if is_whole else {}),
    )
    if is_whole:
        _agree(profile)
    return profile


def _whole(found: Mapping[str, object]) -> dict[str, Any]:
    return {
        "serial": readings.whole(found["serial"], "serial", at_least=1),
        "informing_first_from": readings.day(found["informing_first_from"], "informing_first_from")
        if found["informing_first_from"] is not None
        else None,
        "renamed": _renamed(found["renamed"]),
        "conditions": {
            name: _worded(raw, f"conditions.{name}")
            for name, raw in readings.named(found["conditions"], "conditions").items()
        },
        "safeguards": tuple(
            _safeguard(raw, f"safeguards[{index}]")
            for index, raw in enumerate(readings.rows(found["safeguards"], "safeguards"))
        ),
        "_grounds": _all_grounds(found["grounds"]),
        "_periods": {
            name: _periods(raw, f"periods.{name}")
            for name, raw in readings.named(found["periods"], "periods").items()
        },
        "_numbers": {
            name: readings.whole(raw, f"thresholds.{name}")
            for name, raw in readings.named(found["thresholds"], "thresholds").items()
        },
        "_holidays": _holidays(found["holidays"]),
        "_texts": {
            name: _worded(raw, f"texts.{name}", at_most=readings.LONGEST_TEXT)
            for name, raw in readings.named(found["texts"], "texts").items()
        },
    }


def _agree(profile: LegalProfile) -> None:
    """Refuse a profile whose rows name what it does not tell of."""
    for index, row in enumerate(profile.adequacy):
        if row.condition is not None and row.condition not in profile.conditions:
            malformed(f"adequacy[{index}].condition", f"is {row.condition}, which conditions do not tell of")
    readings.distinct([row.mechanism for row in profile.safeguards], "safeguards")


def _adequacy(raw: object, where: str) -> Adequacy:
    found = readings.fields(raw, _ADEQUACY, where)
    valid_from, valid_to = readings.first_and_last(found, where)
    condition = found["condition"]
    return Adequacy(
        country=readings.country(found["country"], f"{where}.country"),
        decision=readings.words(found["decision"], f"{where}.decision"),
        valid_from=valid_from,
        valid_to=valid_to,
        condition=None if condition is None else readings.short_word(condition, f"{where}.condition"),
        note=None if found["note"] is None else readings.words(found["note"], f"{where}.note"),
    )


def _safeguard(raw: object, where: str) -> Safeguard:
    found = readings.fields(raw, (*_SAFEGUARD, *LANGUAGES), where)
    valid_from, valid_to = readings.first_and_last(found, where)
    decision, modules = found["decision"], found["modules"]
    return Safeguard(
        mechanism=readings.short_word(found["mechanism"], f"{where}.mechanism"),
        article=readings.words(found["article"], f"{where}.article", at_most=20),
        decision=None if decision is None else readings.words(decision, f"{where}.decision"),
        valid_from=valid_from,
        valid_to=valid_to,
        modules=() if modules is None else _grounds(modules, f"{where}.modules"),
        words=readings.in_each_language(found, where),
    )


def _renamed(raw: object) -> Mapping[str, tuple[str, ...]]:
    if not isinstance(raw, list):
        malformed("renamed", f"must be a list; it is {raw!r:.80}")
    found: dict[str, tuple[str, ...]] = {}
    for index, row in enumerate(raw):
        where = f"renamed[{index}]"
        names = readings.fields(row, ("was", "now"), where)
        was = readings.country(names["was"], f"{where}.was")
        now = _countries(names["now"], f"{where}.now")
        if was in found or was in now:
            malformed(f"{where}.was", f"names {was} twice")
        found[was] = tuple(now)
    return MappingProxyType(found)


def _all_grounds(raw: object) -> Mapping[str, tuple[Ground, ...]]:
    if not isinstance(raw, dict) or not raw:
        malformed("grounds", f"must be an object of one or more fields; it is {raw!r:.80}")
    return {article: _grounds(listed, f"grounds.{article}") for article, listed in raw.items()}


def _grounds(raw: object, where: str) -> tuple[Ground, ...]:
    found = []
    for index, row in enumerate(readings.rows(raw, where)):
        names = readings.fields(row, ("code", *LANGUAGES), f"{where}[{index}]")
        code = readings.words(names["code"], f"{where}[{index}].code", at_most=40)
        words = readings.in_each_language(names, f"{where}[{index}]", at_most=600)
        found.append(Ground(code, words))
    readings.distinct([ground.code for ground in found], where)
    return tuple(found)


def _periods(raw: object, where: str) -> tuple[Period, ...]:
    if isinstance(raw, list):
        return tuple(_period(one, f"{where}[{index}]") for index, one in enumerate(readings.rows(raw, where)))
    return (_period(raw, where),)


def _period(raw: object, where: str) -> Period:
    found = readings.fields(raw, (), where, also=(*_UNITS, "working_day"))
    units = [name for name in _UNITS if found[name] is not None]
    if len(units) != 1:
        malformed(where, "must be given in one unit: months, days or hours")
    (unit,) = units
    moves = found["working_day"]
    if moves not in (None, True, False) or (moves and unit == "hours"):
        malformed(f"{where}.working_day", "must be true or false, and false where hours are counted")
    count = readings.whole(found[unit], f"{where}.{unit}", at_least=1, at_most=_LONGEST[unit])
    return Period(**{unit: count}, working_day=bool(moves))


def _holidays(raw: object) -> Mapping[str, frozenset[date]]:
    if not isinstance(raw, dict):
        malformed("holidays", f"must be an object; it is {raw!r:.80}")
    found = {}
    for code, listed in raw.items():
        where = f"holidays.{code}"
        if code != "EU":
            readings.country(code, where)
        days = [
            readings.day(one, f"{where}[{index}]") for index, one in enumerate(readings.rows(listed, where))
        ]
        readings.distinct(days, where)
        found[code] = frozenset(days)
    return found


def _worded(raw: object, where: str, *, at_most: int = 200) -> Mapping[str, str]:
    return readings.in_each_language(readings.fields(raw, LANGUAGES, where), where, at_most=at_most)


def _countries(raw: object, where: str) -> list[str]:
    found = [
        readings.country(code, f"{where}[{index}]") for index, code in enumerate(readings.rows(raw, where))
    ]
    readings.distinct(found, where)
    return found


def _holds(first: date, last: date | None, on: date) -> bool:
    return first <= on and (last is None or on <= last)


def _in(language: str, words: Mapping[str, str]) -> str:
    return words.get(language.partition("-")[0], words["en"])


@lru_cache(maxsize=1)
def _packaged() -> LegalProfile:
    return _read(PACKAGED)


def _read(path: Path) -> LegalProfile:
    try:
        written = path.read_bytes()
    except OSError as error:
        malformed(str(path), f"cannot be read ({error.strerror})")
    return parse(written, where=str(path))
