"""A decision as its page shows it: what it followed from in words, what each clause said, and what a replay found."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from compliance import labels, words
from contracts.badges import Badge
from contracts.decisions import replays
from contracts.decisions.replays import Decision, Replayed, Said
from contracts.refusals import SENTENCES
from contracts.terms import rights
from contracts.transfers import inputs
from exchange.look import formats
from exchange.look.names import country_name


@dataclass(frozen=True)
class Row:
    """One thing that was known; an opaque one is shown as a hash is."""

    name: str
    value: str
    is_opaque: bool = False


@dataclass(frozen=True)
class Asked:
    """What one clause said, and what holds it up."""

    title: str
    note: str
    standing: str
    is_met: bool


def badge(said: Said) -> Badge:
    """An answer in one word."""
    return {
        "yes": Badge(_("Yes"), "ok", "check"),
        "no": Badge(_("No"), "stop", "cross"),
        "undecided": Badge(_("Undecided: ask a person"), "warn", "half"),
    }[said.answer]


def reason(said: Said) -> str:
    """Why it is no yes."""
    if said.code is None:
        return _("Nothing spoke against it.")
    if said.code == "held_for_officer":
        return _("More was found than was declared, so an officer decides.")
    if said.code in SENTENCES:
        return str(SENTENCES[said.code])
    found = str(words.reason_words(said.code))
    return f"{found[:1].upper()}{found[1:]}."


def title(decision: Decision) -> str:
    """What was decided."""
    return {
        "transfer.started": _("A download began"),
        "transfer.resumed": _("A download went on"),
        replays.REFUSED: _("A download was refused"),
        replays.ANSWERED: _("May I?"),
        replays.PUBLISHED: _("A dataset was published"),
    }.get(decision.kind, _("A dataset waited for an officer"))


def clauses(decision: Decision) -> list[Asked]:
    """What each clause said; an answer names the one that decides."""
    if decision.kind == replays.ANSWERED:
        answer, kind = decision.facts["answer"], decision.said.clause
        if kind is None:
            return []
        return [Asked(heading(kind), reason(decision.said), answer["standing"], decision.said.answer == "yes")]
    return [
        Asked(
            heading(one["kind"]), _of_reason(one["reason"]) if one["reason"] else "", one["standing"], one["ok"]
        )
        for one in decision.facts.get("clauses", ())
    ]


def heading(kind: str) -> str:
    """What a contract calls the clause."""
    return _("Where personal data may go") if kind == "destination" else rights.heading_of(kind) or kind


def rows(decision: Decision) -> list[Row]:
    """All that it followed from."""
    facts = decision.facts
    if decision.kind in replays.GATES:
        found = _publication(facts)
    else:
        found = _question(facts) if decision.kind == replays.ANSWERED else _attempt(facts)
    return [row for row in (*found, *_rules(facts)) if row.value]


def outcome(replayed: Replayed) -> Badge:
    """What a replay came to."""
    return {
        "same": Badge(_("The same answer"), "ok", "check"),
        "differs": Badge(_("Another answer"), "stop", "warn"),
        "not_replayed": Badge(_("It cannot be replayed"), "warn", "half"),
    }[replayed.outcome]


def why(replayed: Replayed) -> str:
    """What lacks, or in what the two differ."""
    return {
        "": "",
        "not_kept": _("It was made before rules had versions, and what it followed from was not kept."),
        "rules_unknown": _("It was made by rules that this exchange does not know."),
        "law_not_kept": _("The legal profile by which it was made is not kept here."),
        "token_not_kept": _("To what the link was bound is not kept."),
        "origin_erased": _("The clause that refused asked for the network address, which was erased."),
        "detail_erased": _("What was declared and found, column by column, was erased."),
        "detail_altered": _("What was declared and found is not what the log says it was."),
        "contract_altered": _("The contract is not the one that the log says was signed."),
        "answer": _("The same rules say something else of what was kept."),
        "clauses": _("The answer is the same, but a clause says something else."),
        "destination": _("The answer is the same, but another rule of law carries it."),
        "until": _("The answer is the same, but it names something else."),
    }[replayed.why or ""]


def _question(facts: Mapping[str, Any]) -> Iterator[Row]:
    asked, decided = facts["question"], facts["decided"]
    yield Row(_("Dataset"), asked["dataset"], True)
    yield Row(_("Purpose"), rights.purpose_words(asked["purpose"]))
    yield Row(_("Country of use"), country_name(asked["country"]))
    yield Row(_("Used by"), asked["recipient"] or _("the buyer itself"), bool(asked["recipient"]))
    yield Row(pgettext("first day", "From"), _moment(asked["first"]))
    if asked["last"] != asked["first"]:
        yield Row(pgettext("last day", "To"), _moment(asked["last"]))
    yield Row(_("The buyer’s verified country"), country_name(decided["buyer_country"]))
    yield Row(_("Licences looked at"), formats.number(len(decided["rights"])))


def _attempt(facts: Mapping[str, Any]) -> Iterator[Row]:
    decided = facts.get("decided", {})
    yield _dataset(facts["dataset"])
    yield Row(_("File"), facts.get("sha256", ""), True)
    yield Row(_("Purpose"), rights.purpose_words(facts.get("purpose", "")))
    yield Row(_("Country of use"), _country(facts, "country_of_use"))
    yield Row(_("The buyer’s verified country"), _country(facts, "country_to"))
    yield Row(_("Personal data"), str(words.CLASSES.get(facts.get("class", ""), "")))
    if inputs.is_kept(decided):
        yield from _states(*inputs.states(decided))
    yield Row(_("Access began"), _moment(decided.get("active_since")))
    yield Row(_("Access ends"), _moment(decided.get("ends_at")))
    if "copies_used" in decided:
        yield Row(_("Copies taken before"), formats.number(decided["copies_used"]))
    yield Row(_("Exactly at"), decided.get("now", ""), True)


def _publication(facts: Mapping[str, Any]) -> Iterator[Row]:
    yield _dataset(facts.get("dataset") or facts["subject"].partition(":")[2])
    if facts.get("decided", {}).get("is_approved"):
        yield Row(_("Approved by"), _("an officer"))


def _states(right: str, buyer: str, seller: str, revision: str) -> Iterator[Row]:
    said = {
        "pending": pgettext("a state", "not paid yet"),
        "active": pgettext("a state", "in force"),
        "suspended": pgettext("a state", "suspended"),
        "expired": pgettext("a state", "over"),
        "revoked": pgettext("a state", "revoked"),
        "applied": pgettext("a state", "not verified yet"),
        "verified": pgettext("a state", "verified"),
        "closed": pgettext("a state", "closed"),
        "open": pgettext("a state", "not sealed yet"),
        "sealed": pgettext("a state", "sealed"),
    }
    yield Row(_("Licence"), said[right])
    yield Row(_("Buyer"), said[buyer])
    yield Row(_("Seller"), said[seller])
    yield Row(_("Revision"), said[revision])


def _rules(facts: Mapping[str, Any]) -> Iterator[Row]:
    decided = facts.get("decided", {})
    yield Row(_("Version of the rules"), str(decided.get("rules", "")))
    yield Row(_("Legal profile"), facts.get("legal_profile") or decided.get("legal_profile", ""))
    yield Row(_("Digest of the legal profile"), decided.get("profile", ""), True)


def _dataset(dataset_id: str) -> Row:
    title = labels.names("dataset", [UUID(dataset_id)]).get(UUID(dataset_id))
    return Row(_("Dataset"), title or dataset_id, title is None)


def _of_reason(code: str) -> str:
    return reason(Said("no", code, None))


def _country(facts: Mapping[str, Any], name: str) -> str:
    return country_name(facts[name]) if facts.get(name) else ""


def _moment(text: str | None) -> str:
    return formats.moment(datetime.fromisoformat(text), "second") if text else ""
