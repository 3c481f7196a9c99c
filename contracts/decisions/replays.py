"""Decisions, given again: from what their Events have kept, the contracts as they were signed and the law as it was
kept, never from rows that change. The same rules must come to the same answer, however long ago it was."""

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal, TypeAlias
from uuid import UUID

from django.db import transaction

from compliance import desk, gates, legal
from compliance.legal.profile import LegalProfile
from contracts.agreements import agreements
from contracts.clauses import LIBRARY
from contracts.clauses.declaration import Reason, Standing
from contracts.decisions import answers, questions
from contracts.models import Agreement
from contracts.terms import rules
from contracts.terms import terms as usage_terms
from contracts.terms.terms import Terms, Verdict
from contracts.transfers import inputs, judgements, resumptions
from exchange.kernel import events
from exchange.kernel.actors import Actor, Scope
from exchange.kernel.errors import Conflict, Invalid, NotFound
from exchange.kernel.models import Event, EventDetail
from exchange.participants import queries as participants
from exchange.participants import vault
from payments.subscriptions import meters

ANSWERED = "may_i.answered"
REFUSED = "transfer.refused"
PUBLISHED = "dataset.published"
GATES = (PUBLISHED, "review.opened", "review.reopened")
NAMES = ("transfer.started", "transfer.resumed", REFUSED, ANSWERED, *GATES)

Outcome: TypeAlias = Literal["same", "differs", "not_replayed"]
Word: TypeAlias = Literal["yes", "no", "undecided"]


@dataclass(frozen=True)
class Said:
    """An answer: `code` says why it is no yes, `clause` is the kind of clause that decides."""

    answer: Word
    code: str | None
    clause: str | None


_PASSED = Said("yes", None, None)
_HELD = Said("no", "held_for_officer", None)


@dataclass(frozen=True)
class Decision:
    """A decision as its Event keeps it; `rules` is None where it was made before rules had versions."""

    id: UUID
    kind: str
    at: datetime
    rules: int | None
    said: Said
    leaf: Mapping[str, Any]

    @property
    def facts(self) -> Mapping[str, Any]:
        facts: Mapping[str, Any] = self.leaf["facts"]
        return facts

    @property
    def agreement_id(self) -> UUID | None:
        """The contract that it names."""
        named = self.facts["answer"]["agreement"] if self.kind == ANSWERED else self.facts.get("agreement")
        return UUID(named) if named else None


@dataclass(frozen=True)
class Replayed:
    """What the same rules say of the same inputs: `again` is None and `why` says what lacks where that cannot be known;
    where the two differ, `why` says in what. `as_recorded` are clauses that nobody can ask again, so that what they
    said is taken as it was recorded."""

    decision: Decision
    outcome: Outcome
    again: Said | None
    why: str | None
    as_recorded: tuple[str, ...]


@dataclass(frozen=True)
class Sources:
    """Where that is found which an Event only names: the terms of a contract by its id, with the digest of the terms
    where one was kept; a legal profile by its digest; what lies sealed, None once it was erased; what stands beside the
    leaf of an Event under a name, empty once it was erased."""

    terms: Callable[[str, str | None], Terms]
    law: Callable[[str], LegalProfile]
    origin: Callable[[UUID], Mapping[str, str] | None]
    beside: Callable[[UUID, str], str]


class Lacking(Exception):
    """Something that a decision followed from is not there any more, or never was kept."""


class Altered(Exception):
    """What was signed, or looked at, is not what the log says it was."""


def decision_visible_to(actor: Actor, event_id: UUID) -> Decision:
    """A decision of the gateway or the publish gate, or an answer to “May I?”, by the id of its Event."""
    event = participants.events_visible_to(actor).filter(pk=event_id, name__in=NAMES).first()
    if event is None:
        raise NotFound("there is no such decision")
    return read(event.pk, json.loads(bytes(event.leaf)))


@transaction.atomic
def replay(event_id: UUID, *, by: Actor) -> Replayed:
    """Decide once more what was decided then. That an officer did is an Event, and so is each look into the vault."""
    decision = decision_visible_to(by, event_id)
    found = again(decision, _kept(by))
    if by.can(Scope.AUDIT):
        desk.note("officer.replayed", by, {"decision": str(event_id), "outcome": found.outcome})
    return found


def again(decision: Decision, sources: Sources) -> Replayed:
    """Decide once more, by the rules of then, from the leaf and what it names."""
    try:
        if decision.rules is None:
            raise Lacking("not_kept")
        if not 1 <= decision.rules <= rules.CURRENT:
            raise Lacking("rules_unknown")
        if decision.kind == ANSWERED:
            return _answered(decision, decision.rules, sources)
        if decision.kind in GATES:
            return _at_gate(decision, decision.rules, sources)
        if not inputs.is_kept(decision.facts["decided"]):
            return _of_token(decision)
        return _at_gateway(decision, decision.rules, sources)
    except Lacking as lacking:
        return Replayed(decision, "not_replayed", None, str(lacking), ())
    except Altered as altered:
        return Replayed(decision, "differs", None, str(altered), ())


def read(event_id: UUID, leaf: Mapping[str, Any]) -> Decision:
    """A decision from its leaf."""
    facts, kind = leaf["facts"], leaf["type"]
    if kind == ANSWERED:
        answer = facts["answer"]
        said = Said(answer["answer"], answer["code"], answer["clause"])
    elif kind in GATES:
        said = _PASSED if kind == PUBLISHED else _HELD
    else:
        code = facts["code"] if kind == REFUSED else None
        said = Said("no" if code else "yes", code, facts.get("clause"))
    version = facts.get("decided", {}).get("rules")
    return Decision(event_id, kind, datetime.fromisoformat(leaf["ts"]), version, said, leaf)


def _answered(decision: Decision, version: int, sources: Sources) -> Replayed:
    facts = decision.facts
    recalled = questions.recall(facts, facts["participant"], sources.terms)
    profile = sources.law(facts["decided"].get("profile", ""))
    law = answers.law_of(
        profile,
        recalled.known.buyer,
        lambda right: recalled.classes[right.id] or "special",
        lambda: recalled.bases,
    )
    judged = answers.judge(recalled.asked, recalled.known, law, version)
    found = Said(judged.word, judged.code, judged.clause)
    if found != decision.said:
        return Replayed(decision, "differs", found, "answer", ())
    is_same = questions.answer_facts(judged) == facts["answer"]
    return Replayed(decision, "same" if is_same else "differs", found, None if is_same else "until", ())


def _at_gateway(decision: Decision, version: int, sources: Sources) -> Replayed:
    facts, decided = decision.facts, decision.facts["decided"]
    terms = sources.terms(facts["agreement"], None)
    origin = _origin(facts, terms, sources)
    unknown = (inputs.SEALED if origin is None else frozenset()) | (inputs.COUNTED - decided.keys())
    recorded = {one["kind"]: _verdict(one) for one in facts.get("clauses", ()) if _needs(one["kind"], unknown)}
    known = inputs.read(facts, terms, at=decision.at, origin=origin or {})
    judgement = judgements.judged(
        known, lambda: sources.law(decided["profile"]), version=version, said=recorded
    )
    if judgement.clause in recorded:
        raise Lacking("origin_erased")
    code = judgement.code
    if code is None and "transfer" in decided:
        code = resumptions.refusal(decided["transfer"], known.now)
    if code is None and "spend" in decided:
        code = meters.refusal(decided["spend"])
    found = Said("no" if code else "yes", code, judgement.clause)
    why = "answer" if found != decision.said else _difference(facts, judgement)
    return Replayed(decision, "differs" if why else "same", found, why, tuple(recorded))


def _at_gate(decision: Decision, version: int, sources: Sources) -> Replayed:
    """The publish gate, which looks at what was declared and found, column by column."""
    examined = sources.beside(decision.id, "examined")
    if not examined:
        raise Lacking("detail_erased")
    if events.salted_hash(decision.leaf["salt"], examined) != decision.leaf["typed"]["examined"]:
        raise Altered("detail_altered")
    is_held = gates.holds(examined, is_approved=decision.facts["decided"]["is_approved"], version=version)
    found = _HELD if is_held else _PASSED
    is_same = found == decision.said
    return Replayed(decision, "same" if is_same else "differs", found, None if is_same else "answer", ())


def _of_token(decision: Decision) -> Replayed:
    """A refusal for what the token said. To what it was bound, and how that was proven, is not kept."""
    decided, code = decision.facts["decided"], decision.said.code
    now = datetime.fromisoformat(decided["now"])
    if code == "token_expired":
        is_refused = datetime.fromisoformat(decided["ended_at"]) <= now
    elif code == "not_the_buyer":
        is_refused = decision.leaf["actor_participant"] != decision.facts["buyer"]
    else:
        raise Lacking("token_not_kept")
    if is_refused:
        return Replayed(decision, "same", decision.said, None, ())
    return Replayed(decision, "differs", _PASSED, "answer", ())


def _difference(facts: Mapping[str, Any], judgement: judgements.Judgement) -> str | None:
    """In what the same answer was found otherwise."""
    told = judgements.told(judgement)
    if told.get("clauses") != facts.get("clauses"):
        return "clauses"
    carried = [(found.get("mechanism"), found.get("decision")) for found in (told, facts)]
    return None if carried[0] == carried[1] else "destination"


def _origin(facts: Mapping[str, Any], terms: Terms, sources: Sources) -> Mapping[str, str] | None:
    """From where it came, where a clause asks for that; None where nobody can say."""
    if not inputs.asks_for(terms, inputs.SEALED):
        return {}
    return sources.origin(UUID(facts["sealed"]["record"])) if "sealed" in facts else None


def _kept(by: Actor) -> Sources:
    """What this exchange keeps. What is opened in the vault is shown to nobody, and opened by the exchange."""

    def origin(record_id: UUID) -> Mapping[str, str] | None:
        try:
            return vault.open_record(record_id, by.as_system("replay"))
        except (Conflict, NotFound):
            return None

    return Sources(_terms_signed, _law, origin, _beside)


def _terms_signed(agreement_id: str, digest: str | None) -> Terms:
    """The terms of a contract as the log says that it was signed."""
    agreement = Agreement.objects.get(pk=agreement_id)
    signed = Event.objects.filter(subject=f"agreement:{agreement_id}", name="agreement.signed").first()
    found = hashlib.sha256(bytes(agreement.document)).hexdigest()
    if signed is None or json.loads(bytes(signed.leaf))["facts"]["digest"] != found:
        raise Altered("contract_altered")
    written = agreements.document(agreement)["terms"]
    if digest is not None and digest != questions.digest_of(written):
        raise Altered("contract_altered")
    return usage_terms.thaw(written)


def _beside(event_id: UUID, name: str) -> str:
    detail = EventDetail.objects.filter(pk=event_id).first()
    return str(detail.body.get(name, "")) if detail else ""


def _law(sha256: str) -> LegalProfile:
    try:
        found = legal.kept(sha256)
    except Invalid:
        found = None
    if found is None:
        raise Lacking("law_not_kept")
    return found


def _needs(kind: str, names: frozenset[str]) -> bool:
    return kind in LIBRARY and not names.isdisjoint(LIBRARY[kind].needs)


def _verdict(raw: Mapping[str, Any]) -> Verdict:
    reason = Reason(raw["reason"]) if raw["reason"] else None
    return Verdict(raw["kind"], Standing(raw["standing"]), raw["ok"], reason)
