"""The clauses about how much of the data a right reaches: how many rows or bytes in all, and which of its revisions."""

from datetime import UTC, date, datetime
from typing import TypeGuard

from contracts.clauses.access import GOES_ON, OWN
from contracts.clauses.declaration import (
    Clause,
    Declaration,
    Facts,
    InBrief,
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
from contracts.clauses.pieces import bound, right, spelt, spelt_in, whole
from contracts.clauses.wording import NO_BREAK, day_en, day_fr, number_en, number_fr

_MOST = 2**53 - 1
"""What every reader of JSON takes for the same number."""

_UNITS = {"rows": Sentence("row", "ligne"), "bytes": Sentence("byte", "octet")}
_VOLUME = {"rows": f"{OWN}rowsTaken", "bytes": f"{OWN}bytesTaken"}
_PAST = {"last": f"{OWN}lastRevisions", "since": f"{OWN}revisionsSince"}
_FUTURE = f"{OWN}laterRevisions"


def _volume_words(clause: Clause, names: Names) -> Sentence:
    amounts = _amounts(clause)
    en = "You may download " + " and ".join(f"at most {amount.en}" for amount in amounts) + " in all."
    fr = "Vous pouvez télécharger " + " et ".join(f"au plus {amount.fr}" for amount in amounts) + " en tout."
    en += " Each copy of each file counts whole when it begins. " + GOES_ON.en
    fr += " Chaque copie de chaque fichier compte en entier dès qu’elle commence. " + GOES_ON.fr
    if clause.has("rows"):
        en += " A file whose rows were not counted is refused."
        fr += " Un fichier dont les lignes n’ont pas été comptées est refusé."
    return Sentence(en, fr)


def _amounts(clause: Clause) -> list[Sentence]:
    limits = [(clause.number(name), units) for name, units in _UNITS.items() if clause.has(name)]
    return [
        Sentence(
            f"{number_en(most)} {units.en}{'' if most == 1 else 's'}",
            f"{number_fr(most)}{NO_BREAK}{units.fr}{'' if most == 1 else 's'}",
        )
        for most, units in limits
    ]


def _volume_rules(clause: Clause) -> Rules:
    # A prohibition for each: what two constraints of one would forbid is to break both at once.
    return Rules(
        prohibitions=tuple(
            {"action": "reproduce", "constraint": [{**constraint, "operator": "gt"}]}
            for constraint in spelt(clause, _VOLUME)
        )
    )


def _volume_reads(rules: Rules) -> Raw | None:
    found = {name: bound(rules.prohibitions, "reproduce", left, "gt") for name, left in _VOLUME.items()}
    return {name: whole(operand) for name, operand in found.items() if operand is not None} or None


def _volume_against(clause: Clause, facts: Facts) -> Reason | None:
    for name, taken, more in (
        ("rows", facts.rows_taken, facts.asset_rows),
        ("bytes", facts.bytes_taken, facts.asset_bytes),
    ):
        if not clause.has(name):
            continue
        if not _is_count(taken):
            return Reason.UNDECIDABLE
        if name == "rows" and more is None:
            return Reason.ROWS_UNKNOWN
        if not _is_count(more):
            return Reason.UNDECIDABLE
        if taken + more > clause.number(name):
            return Reason.VOLUME_SPENT
    return None


def _is_count(value: object) -> TypeGuard[int]:
    return type(value) is int and value >= 0


def _volume_fault(clause: Clause) -> str | None:
    return None if clause.values else "it takes rows, bytes or both"


def _volume_in_brief(clause: Clause) -> InBrief:
    amounts = _amounts(clause)
    title = Sentence(
        f"Download {' and '.join(amount.en for amount in amounts)} in all",
        f"Télécharger {' et '.join(amount.fr for amount in amounts)} en tout",
    )
    return InBrief(Side.MAY, title, GOES_ON)


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
        kind="volume",
        heading=Sentence("How much", "Quelle quantité"),
        standing=Standing.ENFORCED,
        parameters={"rows": Maybe(Whole(1, _MOST)), "bytes": Maybe(Whole(1, _MOST))},
        words=_volume_words,
        rules=_volume_rules,
        right=_volume_in_brief,
        against=_volume_against,
        needs=frozenset({"rows_taken", "bytes_taken", "asset_rows", "asset_bytes"}),
        is_of_delivery=True,
        fault=_volume_fault,
        reads=_volume_reads,
    ),
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
