"""What a buyer may, must and may not do, and the deed: both drawn from one list of clauses, in the reader's language,
each line with what holds it up."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from contracts.clauses import LIBRARY, purposes
from contracts.clauses.access import GOES_ON
from contracts.clauses.declaration import Sentence, Side
from contracts.terms import terms as usage_terms
from contracts.terms.terms import Language, Terms
from exchange.kernel.money import Money
from exchange.look import formats

PROMISED = "promised"
ENFORCED = "enforced"

_HEADINGS = {"use": Sentence("Use", "Usage"), "silence": Sentence("Everything else", "Le reste")}
_NAMING_THE_SOURCE = {"publication", "redistribution"}


@dataclass(frozen=True)
class Right:
    """One line: what it is, what is to be known of it, and its standing."""

    title: str
    note: str
    standing: str


@dataclass
class Rights:
    may: list[Right] = field(default_factory=list)
    must: list[Right] = field(default_factory=list)
    may_not: list[Right] = field(default_factory=list)


@dataclass(frozen=True)
class DeedClause:
    number: int
    heading: str
    text: str
    standing: str


def language() -> Language:
    """The reader's language, as terms name it."""
    return "fr" if formats.is_french() else "en"


def rights_of(
    terms: Terms, *, price: Money | None, inspection_days: int, names: Mapping[str, str] | None = None
) -> Rights:
    """The three lists, from the same clauses as the deed."""
    rights = _listed(terms, names or {})
    if price is not None:
        title = _("Pay %(amount)s on signing") % {"amount": formats.money(price.minor, price.currency)}
        note = ngettext(
            "Before VAT. Held while you check the data, %(days)d day.",
            "Before VAT. Held while you check the data, %(days)d days.",
            inspection_days,
        ) % {"days": inspection_days}
        rights.must.append(Right(title, note, ENFORCED))
    note = _("What these terms do not permit, you may not do.")
    rights.may_not.append(Right(_("Anything else"), note, PROMISED))
    return rights


def duties_of(terms: Terms, *, names: Mapping[str, str] | None = None) -> list[Right]:
    """What stays to be kept once the data is delivered."""
    return _listed(terms, names or {}).must


def deed_of(terms: Terms, *, names: Mapping[str, str] | None = None) -> list[DeedClause]:
    """The contract's text, clause by clause."""
    return [
        DeedClause(row["number"], heading_of(row["kind"]), row["text"], row["standing"])
        for row in usage_terms.text(terms, language(), names=names)
    ]


def heading_of(kind: str) -> str:
    """What a kind of clause is called, those of every contract included; empty for a kind that is not known."""
    if kind in LIBRARY:
        return _said(LIBRARY[kind].heading)
    return _said(_HEADINGS[kind]) if kind in _HEADINGS else ""


def purpose_words(code: str) -> str:
    """A purpose as a heading: Academic research."""
    found = purposes.PURPOSES.get(code)
    if found is None:
        return code
    words = _said(Sentence(found.en, found.fr))
    return words[:1].upper() + words[1:]


def permitted_purposes(terms: Terms) -> list[str]:
    """The purposes that the terms leave to choose from."""

    def is_open(code: str) -> bool:
        verdicts = usage_terms.request_allowed(terms, code, None, None)
        return all(verdict.ok for verdict in verdicts if verdict.kind in ("purpose", "model_training"))

    return [code for code in purposes.PURPOSES if is_open(code)]


def _listed(terms: Terms, names: Mapping[str, str]) -> Rights:
    """The lines of all clauses in force, and those of every contract. What is done with the data stands before its
    delivery."""
    clauses = usage_terms.in_force(terms)
    spoken = {clause.kind for clause in clauses}
    rights = Rights(may=[Right(_("Analyse it"), _("Inside your own organisation."), PROMISED)])
    if "purpose" not in spoken:
        title, note = _("Keep to the purpose you declare"), _("The log keeps what you declared.")
        rights.must.append(Right(title, note, "evidenced"))
    for clause in sorted(clauses, key=lambda clause: LIBRARY[clause.kind].standing_of(clause) == ENFORCED):
        declaration = LIBRARY[clause.kind]
        line = declaration.right(clause)
        note = _said(line.note if line.note is not None else declaration.words(clause, names))
        if clause.kind in _NAMING_THE_SOURCE and line.side == Side.MAY and "attribution" in spoken:
            note = _("If you name the source.")
        side: list[Right] = getattr(rights, line.side)
        side.append(Right(_said(line.title), note, str(declaration.standing_of(clause))))
    if spoken.isdisjoint({"copies", "volume"}):
        rights.may.append(Right(_("Download it as often as you need"), _said(GOES_ON), ENFORCED))
    return rights


def _said(sentence: Sentence) -> str:
    return sentence.fr if formats.is_french() else sentence.en
