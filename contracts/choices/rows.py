"""The choices of an offer as its pages show them: by what they differ, in a few words, and what each costs."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from contracts.choices import choices
from contracts.choices.choices import Choice
from contracts.clauses import LIBRARY
from contracts.models import Offer
from contracts.terms import rights
from contracts.terms.terms import thaw
from exchange.look import formats
from exchange.participants import sectors
from payments.plans import plans
from payments.plans.plans import Plan


@dataclass(frozen=True)
class Row:
    """One choice: its words under each heading, and its price."""

    number: int
    words: list[tuple[str, str]]
    plan: Plan
    is_chosen: bool

    @property
    def title(self) -> str:
        """All its words on one line."""
        return ", ".join(words for _heading, words in self.words)


def rows_of(offer: Offer, chosen: int | None = None) -> list[Row]:
    """The choices of an offer in its seller's order; none where there is nothing to choose."""
    decided = choices.decided_by(offer)
    return [
        _row(one.number, one, decided, is_chosen=one.number == chosen)
        for one in choices.of(offer)
        if one.number is not None
    ]


def revision_words(clause: Mapping[str, Any] | None) -> str:
    """Which revisions a clause includes, in a few words; None is no such clause."""
    if clause is None:
        return _("the agreed one alone")
    if clause.get("since") is not None or clause.get("last", 1) > 1:
        return _sentence(clause)
    if clause["includes_future"]:
        return _("the agreed one and all later") if "last" in clause else _("all, later ones too")
    return _("the agreed one alone") if "last" in clause else _("the agreed one and all earlier")


def _row(number: int, choice: Choice, decided: list[str], *, is_chosen: bool) -> Row:
    own = {clause["kind"]: clause for clause in choice.own}
    words = [(rights.heading_of(kind), _words(kind, own.get(kind))) for kind in decided]
    return Row(number, words, plans.parse(choice.plan), is_chosen)


def _words(kind: str, clause: Mapping[str, Any] | None) -> str:
    if kind == "revisions":
        return revision_words(clause)
    if clause is None:
        absent = {"purpose": _("any purpose"), "sector": _("any sector"), "duration": _("without end")}
        return absent[kind]
    if kind == "purpose":
        return ", ".join(rights.purpose_words(code) for code in clause["any_of"])
    if kind == "sector":
        return ", ".join(sectors.shown(code) for code in clause["any_of"])
    if kind == "duration":
        days: int = clause["days"]
        return ngettext("%(count)s day", "%(count)s days", days) % {"count": formats.number(days)}
    return _sentence(clause)


def _sentence(clause: Mapping[str, Any]) -> str:
    """The words of the contract, where there are no shorter ones."""
    (read,) = thaw([clause]).clauses
    if read.kind not in LIBRARY:
        return ""
    said = LIBRARY[read.kind].words(read, {})
    return said.fr if formats.is_french() else said.en
