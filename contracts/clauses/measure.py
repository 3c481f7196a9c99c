"""The clauses about how much of the data a right reaches: which of its revisions."""

from datetime import UTC, date, datetime

from contracts.clauses.access import OWN
from contracts.clauses.declaration import (
    Clause,
    Declaration,
    Facts,
    Names,
    Raw,
    Reason,
    Rules,
    Sentence,
    Side,
    Standing,
    listed,
)
from contracts.clauses.parameters import Day, Flag, Maybe, Whole
from contracts.clauses.pieces import right, spelt, spelt_in
from contracts.clauses.wording import day_en, day_fr, number_en, number_fr

_PAST = {"last": f"{OWN}lastRevisions", "since": f"{OWN}revisionsSince"}
_FUTURE = f"{OWN}laterRevisions"


def _revisions_words(clause: Clause, names: Names) -> Sentence:
    past = Sentence("and every earlier one", "et toutes les précédentes")
    if clause.has("last"):
        earlier = clause.number("last") - 1
        if not earlier:
            past = Sentence("and no earlier one", "sans les précédentes")
        elif earlier == 1:
            past = Sentence("and the one before it", "et la précédente")
        else:
            past = Sentence(
                f"and the {number_en(earlier)} before it", f"et les {number_fr(earlier)} précédentes"
            )
    if clause.has("since"):
        day = date.fromisoformat(clause.words("since"))
        past = Sentence(
            f"and every earlier one that was sealed on {day_en(day)} or later (UTC)",
            f"et toutes les précédentes scellées à compter du {day_fr(day)} (UTC)",
        )
    is_open = clause.flag("includes_future")
    return Sentence(
        f"Your access covers the revision that was agreed {past.en}; "
        f"{'it covers every later revision too, while it lasts' if is_open else 'it covers no later revision'}.",
        f"Votre accès couvre la révision convenue {past.fr}, "
        f"{'ainsi que toute révision ultérieure, tant qu’il dure' if is_open else 'mais aucune révision ultérieure'}.",
    )


def _revisions_rules(clause: Clause) -> Rules:
    later = {
        "leftOperand": _FUTURE,
        "operator": "eq",
        "rightOperand": "all" if clause.flag("includes_future") else "none",
    }
    return Rules(gate=(*spelt(clause, _PAST), later))


def _revisions_reads(rules: Rules) -> Raw | None:
    later = right(rules.gate, _FUTURE, "eq")
    if later not in ("all", "none"):
        return None
    return {"includes_future": later == "all"} | spelt_in({"constraint": rules.gate}, _PAST)


def _revisions_against(clause: Clause, facts: Facts) -> Reason | None:
    number, agreed, sealed_at = facts.revision_number, facts.agreed_number, facts.revision_sealed_at
    if number is None or agreed is None:
        return Reason.UNDECIDABLE
    is_included = number == agreed
    if number > agreed:
        is_included = clause.flag("includes_future")
    elif number < agreed and clause.has("since"):
        if sealed_at is None:
            return Reason.UNDECIDABLE
        first = date.fromisoformat(clause.words("since"))
        is_included = sealed_at >= datetime.combine(first, datetime.min.time(), UTC)
    elif number < agreed:
        is_included = not clause.has("last") or agreed - number < clause.number("last")
    return None if is_included else Reason.REVISION_NOT_INCLUDED


def _revisions_fault(clause: Clause) -> str | None:
    return "it takes last or since, not both" if clause.has("last") and clause.has("since") else None


MEASURE: tuple[Declaration, ...] = (
    Declaration(
        kind="revisions",
        heading=Sentence("Revisions", "Révisions"),
        standing=Standing.ENFORCED,
        parameters={"last": Maybe(Whole(1, 1000)), "since": Maybe(Day()), "includes_future": Flag()},
        words=_revisions_words,
        rules=_revisions_rules,
        right=listed(
            Side.MAY, Sentence("Download the agreed revisions", "Télécharger les révisions convenues")
        ),
        against=_revisions_against,
        needs=frozenset({"revision_number", "revision_sealed_at", "agreed_number"}),
        is_of_delivery=True,
        fault=_revisions_fault,
        reads=_revisions_reads,
    ),
)
