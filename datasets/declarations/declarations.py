"""What a declaration of personal data must say, for the whole and column by column. Pure; it fails closed:
the more personal the data, the more has to be said."""

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from compliance.reviews import statements
from compliance.reviews.statements import Statement
from datasets.contents import LONGEST_COLUMN_NAME, shown
from datasets.declarations import processing as processings
from datasets.models import PersonalData
from exchange.kernel import text
from exchange.kernel.canonical import Fact, encode
from exchange.kernel.errors import Invalid

MOST_COLUMNS = 2_000
MOST_PURPOSES = 10

_STRICTNESS = {word: place for place, word in enumerate(PersonalData.values)}
_LEGAL_BASIS = re.compile(r"6\.1\.[a-f]")
_ARTICLE_9 = re.compile(r"9\.2\.[a-j]")


@dataclass(frozen=True)
class Declared:
    """A declaration as it is stored."""

    personal_data: str
    columns: dict[str, str]
    legal_basis: str
    article_9_ground: str
    purposes: list[str]
    source: str
    processing: dict[str, Fact]
    statement: Statement

    def facts(self) -> dict[str, Fact]:
        """What an Event says of it openly: classes, counts and codes."""
        counts = Counter(self.columns.values())
        return {
            "class": self.personal_data,
            "columns": {word: counts[word] for word in PersonalData.values if counts[word]},
            "legal_basis": self.legal_basis or None,
            "article_9_ground": self.article_9_ground or None,
            "purposes": len(self.purposes),
            **({"processing": self.processing} if self.processing else {}),
            **({"statement": stated} if (stated := self.statement.facts()) else {}),
        }

    def typed(self) -> dict[str, str]:
        """What an Event keeps as typed."""
        written = {
            "columns": encode([[name, word] for name, word in self.columns.items()]).decode()
            if self.columns
            else "",
            "purposes": "\n".join(self.purposes),
            "source": self.source,
            **self.statement.typed(),
        }
        return {key: value for key, value in written.items() if value}


def check(
    *,
    personal_data: str,
    columns: Mapping[str, str],
    legal_basis: str,
    article_9_ground: str,
    purposes: Sequence[str],
    source: str,
    processing: Mapping[str, object] | None = None,
    statement: Mapping[str, object] | None = None,
    today: date,
) -> Declared:
    """The declaration as it is stored; Invalid says what is missing, unknown or contradicts itself."""
    whole = _class(personal_data, "personal_data")
    declared = Declared(
        personal_data=whole,
        columns=_columns(columns, whole),
        legal_basis=_code(legal_basis, _LEGAL_BASIS, "legal_basis", "6.1.a to 6.1.f"),
        article_9_ground=_code(article_9_ground, _ARTICLE_9, "article_9_ground", "9.2.a to 9.2.j"),
        purposes=[text.line(purpose, name="a purpose") for purpose in purposes],
        source=text.prose(source, name="source", at_most=2_000),
        processing=processings.read(processing),
        statement=statements.check(statement or {}, today=today),
    )
    _require_grounds(declared)
    _require_context(declared)
    return declared


def class_of(column: str, columns: Mapping[str, str], whole: str) -> str:
    """The class declared for one column: its own, or that of the whole."""
    return columns.get(column, whole)


def _class(word: str, name: str) -> str:
    if word not in _STRICTNESS:
        raise Invalid(f"{name} must be one of {', '.join(_STRICTNESS)}", code="unknown_class")
    return word


def _columns(columns: Mapping[str, str], whole: str) -> dict[str, str]:
    if len(columns) > MOST_COLUMNS:
        raise Invalid(f"at most {MOST_COLUMNS} columns can be declared; there are {len(columns)}")
    found: dict[str, str] = {}
    for name, word in columns.items():
        column = text.line(shown(name, LONGEST_COLUMN_NAME), name="the name of a column")
        if column in found:
            raise Invalid(f"the column {column!r} is declared twice")
        found[column] = _class(word, f"the class of the column {column!r}")
        if _STRICTNESS[word] > _STRICTNESS[whole]:
            raise Invalid(
                f"the column {column!r} is declared {word}, so the whole cannot be {whole}",
                code="stricter_column",
            )
    return found


def _code(value: str, form: re.Pattern[str], name: str, codes: str) -> str:
    if value and not form.fullmatch(value):
        raise Invalid(f"{name} must be one of {codes} of the GDPR", code=f"unknown_{name}")
    return value


def _require_grounds(declared: Declared) -> None:
    whole = declared.personal_data
    if whole == PersonalData.NONE and (declared.legal_basis or declared.article_9_ground):
        raise Invalid("data without personal data has no legal basis to declare", code="needless_basis")
    if whole in (PersonalData.PERSONAL, PersonalData.SPECIAL) and not declared.legal_basis:
        raise Invalid(f"{whole} data needs a legal_basis, 6.1.a to 6.1.f", code="legal_basis_missing")
    if whole == PersonalData.SPECIAL and not (declared.article_9_ground or declared.statement.criminal_law):
        raise Invalid(
            "special category data needs an article_9_ground, 9.2.a to 9.2.j, and criminal data the law that permits "
            "it, as criminal_law",
            code="article_9_ground_missing",
        )
    if whole != PersonalData.SPECIAL and declared.article_9_ground:
        raise Invalid("an article_9_ground is for special category data only", code="needless_basis")


def _require_context(declared: Declared) -> None:
    if len(declared.purposes) > MOST_PURPOSES:
        raise Invalid(f"at most {MOST_PURPOSES} purposes can be declared; there are {len(declared.purposes)}")
    if declared.personal_data == PersonalData.NONE:
        return
    if not declared.purposes:
        raise Invalid("say for which purposes the data was collected: 1 to 10", code="purposes_missing")
    if not declared.source:
        raise Invalid("say in source where the data comes from", code="source_missing")
