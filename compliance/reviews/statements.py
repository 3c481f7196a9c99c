"""What a seller states beside the classes of its data: evidence of a ground, a DPIA, the notice to the persons, its
rights. What law asks for and nobody states is lacking, and what lacks is not published."""

import re
from collections.abc import Collection, Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass, fields
from datetime import date
from typing import Any
from urllib.parse import urlsplit

from compliance.legal import LegalProfile
from compliance.reviews.examination import CRIMINAL
from exchange.kernel import text
from exchange.kernel.canonical import Fact
from exchange.kernel.errors import Invalid

CRITERIA = (
    "scoring",
    "automated_decisions",
    "monitoring",
    "sensitive_data",
    "large_scale",
    "matching",
    "vulnerable_persons",
    "new_technology",
    "prevents_a_right",
)
"""The nine criteria of WP248; `sensitive_data` and `large_scale` are also found by the exchange."""
OUTCOMES = ("low_risk", "risk_accepted", "authority_consulted")
ORIGINS = ("persons", "others", "public", "own")
EXEMPTIONS = ("14.5.a", "14.5.b", "14.5.c", "14.5.d")
RIGHTS = ("own", "licensed", "open_licence", "law")
_OF_OTHERS = ("licensed", "open_licence", "law")
SENTENCES: Mapping[str, str] = {
    "criminal_law_missing": "data of convictions and offences needs the law or the authority that permits it (Art. 10)",
    "article_9_ground_missing": "special categories need one of the grounds of Article 9(2)",
    "ground_not_in_law": "the legal profile in force does not know this ground of Article 9(2)",
    "ground_evidence_missing": "say where the evidence of the ground lies, and give the SHA-256 of the document",
    "dpia_missing": "two or more criteria of WP248 hold, so a DPIA is needed: its reference, day and outcome",
    "notice_missing": "the notice to the persons (Art. 13 and 14) is needed: address, version, SHA-256 and day",
    "origin_missing": "say from whom the data was obtained",
    "rights_missing": "say by which right you pass the data on, name the licence or contract, and state that you may",
}
"""What lacks, by its code, as the refusal says it."""
_MOST_PERSONS = 10_000_000_000
_SHA256 = re.compile(r"[0-9a-f]{64}")
_LENGTHS = {
    "criminal_law": 200,
    "ground_evidence": 500,
    "dpia_reference": 200,
    "notice_version": 100,
    "notice_reason": 1_000,
    "rights_reference": 500,
}
_OPEN = (
    "ground_sha256",
    "persons",
    "dpia_on",
    "dpia_outcome",
    "notice_sha256",
    "notice_on",
    "notice_exemption",
    "origin",
    "rights",
)
_TYPED = (*_LENGTHS, "notice_url")


@dataclass(frozen=True)
class Statement:
    """Empty where nothing is stated. `persons`: about how many, None where that is not known; `screening`: criteria of
    WP248; `rights_stated`: the seller has said that it may pass the data on."""

    criminal_law: str = ""
    ground_evidence: str = ""
    ground_sha256: str = ""
    persons: int | None = None
    screening: tuple[str, ...] = ()
    dpia_reference: str = ""
    dpia_on: date | None = None
    dpia_outcome: str = ""
    notice_url: str = ""
    notice_version: str = ""
    notice_sha256: str = ""
    notice_on: date | None = None
    notice_exemption: str = ""
    notice_reason: str = ""
    origin: str = ""
    rights: str = ""
    rights_reference: str = ""
    rights_stated: bool = False

    def to_dict(self) -> dict[str, Any]:
        """As a declaration and a review keep it; what is empty is left out."""
        plain = {
            name: value.isoformat()
            if isinstance(value, date)
            else list(value)
            if isinstance(value, tuple)
            else value
            for name, value in asdict(self).items()
        }
        return {name: value for name, value in plain.items() if value not in ("", None, [], False)}

    def facts(self) -> dict[str, Fact]:
        """What an Event says of it openly: codes, digests, days and counts."""
        kept = self.to_dict()
        found: dict[str, Fact] = {name: kept[name] for name in _OPEN if name in kept}
        return found | ({"screening": list(self.screening)} if self.screening else {})

    def typed(self) -> dict[str, str]:
        """What an Event keeps as typed."""
        kept = self.to_dict()
        return {name: str(kept[name]) for name in _TYPED if name in kept}


@dataclass(frozen=True)
class Lack:
    """What law asks for and the seller has not stated: a code, and the field to fill."""

    code: str
    field: str


def read(kept: Mapping[str, Any]) -> Statement:
    """A statement as it was kept."""
    known = {one.name for one in fields(Statement)}
    found = {name: value for name, value in kept.items() if name in known}
    for name in ("dpia_on", "notice_on"):
        if name in found:
            found[name] = date.fromisoformat(found[name])
    return Statement(**found | {"screening": tuple(kept.get("screening", ()))})


def check(given: Mapping[str, Any], *, today: date) -> Statement:
    """A statement as it is kept; Invalid names what cannot be."""
    words = {
        name: text.line(str(given.get(name) or ""), name=name, at_least=0, at_most=most)
        for name, most in _LENGTHS.items()
    }
    return Statement(
        **words,
        ground_sha256=_digest(given, "ground_sha256"),
        persons=_persons(given.get("persons")),
        screening=_screening(given.get("screening") or ()),
        dpia_on=_past(given, "dpia_on", today),
        dpia_outcome=_code(given, "dpia_outcome", OUTCOMES),
        notice_url=_address(given),
        notice_sha256=_digest(given, "notice_sha256"),
        notice_on=_past(given, "notice_on", today),
        notice_exemption=_code(given, "notice_exemption", EXEMPTIONS),
        origin=_code(given, "origin", ORIGINS),
        rights=_code(given, "rights", RIGHTS),
        rights_stated=given.get("rights_stated") is True,
    )


def lacking(
    statement: Statement,
    *,
    whole: str,
    article_9_ground: str,
    kinds: Collection[str],
    rows: int,
    profile: LegalProfile,
) -> list[Lack]:
    """What is still to be stated before data of this class may be published. `kinds` are those found of special
    categories and of criminal data; `rows` stand for persons where nobody says how many there are."""
    if whole == "none":
        return []
    found = [
        *_of_grounds(statement, whole, article_9_ground, kinds, profile),
        *_of_assessment(statement, whole, kinds, rows, profile),
    ]
    if missing := _of_notice(statement, profile):
        found.append(Lack("notice_missing", missing))
    if not statement.origin:
        found.append(Lack("origin_missing", "origin"))
    if not (statement.rights and statement.rights_stated):
        found.append(Lack("rights_missing", "rights_stated" if statement.rights else "rights"))
    elif statement.rights in _OF_OTHERS and not statement.rights_reference:
        found.append(Lack("rights_missing", "rights_reference"))
    return found


def criteria(
    statement: Statement, *, whole: str, kinds: Collection[str], rows: int, profile: LegalProfile
) -> list[str]:
    """The criteria of WP248 that hold: what the seller ticked, and what the exchange sees."""
    met = set(statement.screening)
    if whole == "special" or kinds:
        met.add("sensitive_data")
    persons = rows if statement.persons is None else statement.persons
    if persons >= profile.number("dpia.large_scale_persons"):
        met.add("large_scale")
    return [one for one in CRITERIA if one in met]


def _of_grounds(
    statement: Statement, whole: str, article_9_ground: str, kinds: Collection[str], profile: LegalProfile
) -> list[Lack]:
    found: list[Lack] = []
    if CRIMINAL in kinds and not statement.criminal_law:
        found.append(Lack("criminal_law_missing", "criminal_law"))
    is_of_article_9 = any(kind != CRIMINAL for kind in kinds) or (
        whole == "special" and not statement.criminal_law
    )
    if is_of_article_9 and not article_9_ground:
        found.append(Lack("article_9_ground_missing", "article_9_ground"))
    if article_9_ground and not _is_in_law(article_9_ground, "9(2)", profile):
        found.append(Lack("ground_not_in_law", "article_9_ground"))
    if article_9_ground or is_of_article_9:
        for name in ("ground_evidence", "ground_sha256"):
            if not getattr(statement, name):
                found.append(Lack("ground_evidence_missing", name))
                break
    return found


def _of_assessment(
    statement: Statement, whole: str, kinds: Collection[str], rows: int, profile: LegalProfile
) -> list[Lack]:
    met = criteria(statement, whole=whole, kinds=kinds, rows=rows, profile=profile)
    if len(met) < profile.number("dpia.criteria"):
        return []
    missing = next(
        (one for one in ("dpia_reference", "dpia_on", "dpia_outcome") if not getattr(statement, one)), None
    )
    return [Lack("dpia_missing", missing)] if missing else []


def _of_notice(statement: Statement, profile: LegalProfile) -> str | None:
    """The field that lacks; an exemption of Article 14(5) is for data that others gave."""
    if statement.notice_exemption:
        is_open = statement.origin != "persons" and _is_in_law(statement.notice_exemption, "14(5)", profile)
        if not is_open:
            return "notice_exemption"
        return None if statement.notice_reason else "notice_reason"
    needed = ("notice_url", "notice_version", "notice_sha256", "notice_on")
    return next((name for name in needed if not getattr(statement, name)), None)


def _is_in_law(code: str, article: str, profile: LegalProfile) -> bool:
    """Whether the law in force lists a ground; it writes 9(2)(a) for 9.2.a."""
    number, paragraph, letter = code.split(".")
    return f"{number}({paragraph})({letter})" in {ground.code for ground in profile.grounds(article)}


def _code(given: Mapping[str, Any], name: str, codes: Collection[str]) -> str:
    value = str(given.get(name) or "")
    if value and value not in codes:
        raise Invalid(f"{name} must be one of {', '.join(codes)}", code="bad_statement", more={"field": name})
    return value


def _screening(given: object) -> tuple[str, ...]:
    ticked = set(map(str, given)) if isinstance(given, list | tuple | set | frozenset) else {str(given)}
    if unknown := sorted(ticked - set(CRITERIA)):
        raise Invalid(
            f"screening has criteria that are not known: {', '.join(unknown):.80}",
            code="bad_statement",
            more={"field": "screening"},
        )
    return tuple(one for one in CRITERIA if one in ticked)


def _digest(given: Mapping[str, Any], name: str) -> str:
    value = str(given.get(name) or "").strip().lower()
    if value and not _SHA256.fullmatch(value):
        raise Invalid(
            f"{name} is the SHA-256 of the document: 64 digits of 0-9 and a-f",
            code="bad_statement",
            more={"field": name},
        )
    return value


def _persons(given: object) -> int | None:
    if given is None or given == "":
        return None
    if not isinstance(given, int) or isinstance(given, bool) or not 0 <= given <= _MOST_PERSONS:
        raise Invalid("persons is a whole number, 0 or more", code="bad_statement", more={"field": "persons"})
    return given


def _past(given: Mapping[str, Any], name: str, today: date) -> date | None:
    value = given.get(name) or None
    if isinstance(value, str):
        with suppress(ValueError):
            value = date.fromisoformat(value)
    if value is not None and (not isinstance(value, date) or value > today):
        raise Invalid(f"{name} is a day, and not one to come", code="bad_statement", more={"field": name})
    return value


def _address(given: Mapping[str, Any]) -> str:
    value = text.line(str(given.get("notice_url") or ""), name="notice_url", at_least=0, at_most=500)
    if value:
        try:
            parts = urlsplit(value)
            is_address = parts.scheme == "https" and bool(parts.hostname) and "@" not in parts.netloc
        except ValueError:
            is_address = False
        if not is_address:
            raise Invalid(
                "notice_url is the address of the notice: https://…",
                code="bad_statement",
                more={"field": "notice_url"},
            )
    return value
