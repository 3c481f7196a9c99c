"""What a buyer may, must and may not do, and the deed: both drawn from one list of clauses, in the reader's language,
each line with what holds it up."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from contracts import purposes
from contracts import terms as usage_terms
from contracts.clauses import LIBRARY
from contracts.clauses.declaration import Clause, Sentence
from contracts.terms import Language, Terms
from exchange.kernel.money import Money
from exchange.look import formats

PROMISED = "promised"
ENFORCED = "enforced"


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
    clauses = {clause.kind: clause for clause in terms.clauses}
    rights = Rights()
    _conduct(rights, usage_terms.permissions(terms), clauses)
    _downloads(rights, clauses)
    _duties(rights, clauses, names or {})
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
    rights = Rights()
    _duties(rights, {clause.kind: clause for clause in terms.clauses}, names or {})
    return rights.must


def deed_of(terms: Terms, *, names: Mapping[str, str] | None = None) -> list[DeedClause]:
    """The contract's text, clause by clause."""
    headings = _headings()
    return [
        DeedClause(row["number"], headings.get(row["kind"], ""), row["text"], row["standing"])
        for row in usage_terms.text(terms, language(), names=names)
    ]


def purpose_words(code: str) -> str:
    """A purpose as a heading: Academic research."""
    found = purposes.PURPOSES.get(code)
    if found is None:
        return code
    words = found.fr if formats.is_french() else found.en
    return words[:1].upper() + words[1:]


def permitted_purposes(terms: Terms) -> list[str]:
    """The purposes that the terms leave to choose from."""

    def is_open(code: str) -> bool:
        verdicts = usage_terms.request_allowed(terms, code, None, None)
        return all(verdict.ok for verdict in verdicts if verdict.kind in ("purpose", "model_training"))

    return [code for code in purposes.PURPOSES if is_open(code)]


def _conduct(rights: Rights, answers: Mapping[str, str], clauses: Mapping[str, Clause]) -> None:
    rights.may.append(Right(_("Analyse it"), _("Inside your own organisation."), PROMISED))
    source = _("If you name the source.") if "attribution" in clauses else ""
    training = _("For non-commercial ends only.") if answers["train_models"] == "if" else ""
    for name, title, note in (
        ("combine", _("Combine it with other data"), ""),
        ("train_models", _("Train models on it"), training),
        ("publish_results", _("Publish results from it"), source),
        ("pass_on", _("Pass it on to third parties"), source),
    ):
        if answers[name] == "no":
            rights.may_not.append(Right(title, "", PROMISED))
        else:
            rights.may.append(Right(title, note, PROMISED))


def _downloads(rights: Rights, clauses: Mapping[str, Clause]) -> None:
    goes_on = _("A download that breaks off goes on without being counted again.")
    if "copies" in clauses:
        most = clauses["copies"].number("max")
        title = ngettext("Download each file once", "Download each file %(count)s times", most) % {
            "count": formats.number(most)
        }
        rights.may.append(Right(title, goes_on, ENFORCED))
    else:
        rights.may.append(Right(_("Download it as often as you need"), goes_on, ENFORCED))
    if "duration" in clauses:
        days = clauses["duration"].number("days")
        title = ngettext("Download after %(days)s day", "Download after %(days)s days", days) % {
            "days": formats.number(days)
        }
        note = _("Counted from the moment at which data and money are both in place.")
        rights.may_not.append(Right(title, note, ENFORCED))
    if "end_date" in clauses:
        day = formats.day(date.fromisoformat(clauses["end_date"].words("on")))
        rights.may_not.append(Right(_("Download after %(day)s") % {"day": day}, "", ENFORCED))


def _duties(rights: Rights, clauses: Mapping[str, Clause], names: Mapping[str, str]) -> None:
    titles = {
        "purpose": _("Keep to the permitted purposes"),
        "country": _("Be established where it is permitted"),
        "recipients": _("Be one of the named recipients"),
        "addresses": _("Download from the named network addresses"),
        "attribution": _("Name the source"),
        "deletion": _("Delete it at the end, and say so"),
    }
    if "purpose" not in clauses:
        title, note = _("Keep to the purpose you declare"), _("The log keeps what you declared.")
        rights.must.append(Right(title, note, "evidenced"))
    for kind, title in titles.items():
        if kind in clauses:
            declaration = LIBRARY[kind]
            sentence: Sentence = declaration.words(clauses[kind], names)
            note = sentence.fr if formats.is_french() else sentence.en
            rights.must.append(Right(title, note, str(declaration.standing)))


def _headings() -> dict[str, str]:
    return {
        "use": pgettext("heading of a clause", "Use"),
        "purpose": pgettext("heading of a clause", "Purpose"),
        "country": pgettext("heading of a clause", "Country"),
        "recipients": pgettext("heading of a clause", "Who"),
        "addresses": pgettext("heading of a clause", "From where"),
        "end_date": pgettext("heading of a clause", "Until when"),
        "duration": pgettext("heading of a clause", "How long"),
        "copies": pgettext("heading of a clause", "How often"),
        "combination": pgettext("heading of a clause", "Combining"),
        "model_training": pgettext("heading of a clause", "Models"),
        "publication": pgettext("heading of a clause", "Results"),
        "redistribution": pgettext("heading of a clause", "Passing on"),
        "attribution": pgettext("heading of a clause", "Source"),
        "deletion": pgettext("heading of a clause", "Deletion"),
        "silence": pgettext("heading of a clause", "Everything else"),
    }
