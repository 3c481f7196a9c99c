"""Decisions of each kind, by each clause and with each code, as their Events keep them: written once for each version
of the rules, and replayed for ever (`test_rules`)."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

from compliance import gates, legal
from compliance.classification.classification import Confidence, Evidence, Finding
from compliance.destinations.destinations import Basis
from compliance.legal.profile import LegalProfile
from contracts.clauses.declaration import Facts
from contracts.decisions import answers, questions, replays
from contracts.decisions.answers import Asked, Buyer, Right
from contracts.terms import rules
from contracts.terms import terms as usage_terms
from contracts.transfers import inputs, judgements, resumptions
from contracts.transfers.inputs import micro
from contracts.transfers.judgements import Known, Wanted
from exchange.kernel import events
from exchange.kernel.text import timestamp

FOLDER = Path(__file__).with_name("decisions")
LAW = json.loads((FOLDER / "law.json").read_text())
PROFILE = legal.parse(json.dumps(LAW).encode(), where="law.json")
WHOLE = legal.load(FOLDER / "law2.json")
LAWS = {profile.sha256: profile for profile in (PROFILE, WHOLE)}
NOW = datetime(2026, 11, 22, 9, 0, 0, 123456, tzinfo=UTC)
BUYER, SELLER, OTHER, ID = (f"0190aaaa-0000-7000-8000-00000000000{number}" for number in range(1, 5))
CODES = (
    *("entitlement_pending", "entitlement_suspended", "entitlement_expired", "entitlement_revoked"),
    *("participant_not_verified", "asset_not_included", "revision_revoked", "revision_not_cleared"),
    *("purpose_not_allowed", "country_not_allowed", "use_country_not_allowed", "recipient_not_named"),
    *("address_not_allowed", "address_country_not_allowed", "expired", "out_of_hours", "copies_spent"),
    *("revision_not_included", "delivery_not_allowed", "sector_not_allowed", "sector_unknown"),
    *("volume_spent", "rows_unknown", "undecidable", "country_unknown", "no_adequacy_decision"),
    *("decision_not_in_force", "condition_not_met:dpf", "token_expired", "not_the_buyer"),
    *("no_such_transfer", "transfer_over", "transfer_lapsed", "transfer_spent"),
)
FACTS = Facts(
    now=NOW,
    purpose="research",
    use_country="DE",
    buyer_country="DE",
    recipient_id=BUYER,
    address="192.0.2.7",
    address_country="FR",
    copies_used=0,
    active_since=NOW - timedelta(days=10),
    delivery="gateway",
    revision_number=3,
    revision_sealed_at=NOW - timedelta(days=20),
    agreed_number=3,
    sector="J",
    bytes_taken=0,
    rows_taken=0,
    asset_bytes=100,
    asset_rows=10,
)
KNOWN = Known(
    terms=usage_terms.parse([]),
    state="active",
    buyer_state="verified",
    seller_state="verified",
    revision_state="sealed",
    wanted=Wanted.AGREED,
    ends_at=None,
    personal_data="none",
    certifications=frozenset(),
    now=NOW,
    facts=FACTS,
)
DAYS = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
Line = dict[str, Any]
Change = dict[str, Any]

CLAUSES: list[tuple[dict[str, Any], Change]] = [
    ({"kind": "purpose", "any_of": ["research"]}, {"purpose": "marketing"}),
    ({"kind": "country", "any_of": ["EEA"]}, {"buyer_country": "JP"}),
    ({"kind": "use_country", "any_of": ["ADEQUATE", "DE"]}, {"use_country": "BY"}),
    ({"kind": "recipients", "any_of": [BUYER]}, {"recipient_id": OTHER}),
    ({"kind": "addresses", "any_of": ["192.0.2.0/24"]}, {"address": "203.0.113.9"}),
    ({"kind": "address_country", "any_of": ["FR"], "is_checked": True}, {"address_country": "US"}),
    ({"kind": "end_date", "on": "2026-11-22"}, {"now": NOW + timedelta(days=1)}),
    ({"kind": "duration", "days": 11}, {"active_since": NOW - timedelta(days=11)}),
    ({"kind": "copies", "max": 1}, {"copies_used": 1}),
    (
        {"kind": "hours", "days": DAYS, "start": "10:00", "end": "18:00", "zone": "Europe/Paris"},
        {"now": NOW - timedelta(minutes=1)},
    ),
    ({"kind": "revisions", "last": 1, "includes_future": False}, {"revision_number": 4}),
    ({"kind": "delivery", "any_of": ["gateway"]}, {"delivery": "bucket"}),
    ({"kind": "sector", "any_of": ["J"]}, {"sector": "M"}),
    ({"kind": "sector", "any_of": ["J"]}, {"sector": ""}),
    ({"kind": "volume", "bytes": 1000}, {"bytes_taken": 901}),
    ({"kind": "volume", "rows": 100}, {"asset_rows": None}),
    ({"kind": "model_training", "allowed": "yes"}, {"purpose": "model_training", "address": None}),
    ({"kind": "addresses", "any_of": ["192.0.2.0/24"]}, {"address": None}),
]
"""A clause that holds, and what makes it refuse."""

STATES: list[tuple[str, Change]] = [
    *((f"the right is {state}", {"state": state}) for state in ("pending", "suspended", "expired", "revoked")),
    ("the buyer is suspended", {"buyer_state": "suspended"}),
    ("the seller is suspended", {"seller_state": "suspended"}),
    ("the revision is revoked", {"revision_state": "revoked"}),
    ("another revision", {"wanted": Wanted.OTHER}),
    ("another dataset", {"wanted": Wanted.FOREIGN}),
    ("the end of the right", {"ends_at": NOW}),
    ("a microsecond before its end", {"ends_at": NOW + timedelta(microseconds=1)}),
    ("personal data to a country that is not known", {"personal_data": "personal", "country": None}),
    ("personal data without adequacy", {"personal_data": "special", "country": "BY"}),
    ("personal data after adequacy", {"personal_data": "personal", "country": "BR"}),
    ("personal data by adequacy", {"personal_data": "pseudonymised", "country": "JP"}),
    ("personal data without certification", {"personal_data": "personal", "country": "US"}),
    ("personal data with certification", {"personal_data": "personal", "country": "US", "certified": "dpf"}),
    ("data of a class that is not known", {"personal_data": "odd", "country": "BY"}),
]
CLAUSES_2021 = Basis(
    id=ID,
    mechanism="scc",
    country="IN",
    detail="1",
    state="confirmed",
    valid_from=NOW.date(),
    valid_to=None,
    review_due=NOW.date(),
)
DEROGATION = replace(CLAUSES_2021, mechanism="derogation", detail="49(1)(a)", review_due=None)
BASES: list[tuple[str, Change]] = [
    ("personal data by standard clauses", {"bases": (CLAUSES_2021,)}),
    ("standard clauses that wait", {"bases": (replace(CLAUSES_2021, state="recorded"),)}),
    ("standard clauses without an assessment", {"bases": (replace(CLAUSES_2021, review_due=None),)}),
    (
        "standard clauses after the day of review",
        {"bases": (replace(CLAUSES_2021, review_due=NOW.date() - timedelta(days=1)),)},
    ),
    ("standard clauses that have ended", {"bases": (replace(CLAUSES_2021, valid_to=date(2026, 11, 21)),)}),
    ("personal data by a derogation", {"bases": (DEROGATION,)}),
    ("a derogation that was used", {"bases": (replace(DEROGATION, state="spent"),)}),
    ("a derogation that goes on", {"bases": (replace(DEROGATION, state="in_use"),)}),
    ("an address in the buyer's country", {"country": "FR", "egress": "FR"}),
    ("an address in an adequate country", {"country": "FR", "egress": "JP"}),
    ("an address that nobody knows", {"country": "FR", "egress": ""}),
    ("an address by standard clauses", {"country": "FR", "egress": "IN", "bases": (CLAUSES_2021,)}),
    ("an address by a derogation", {"country": "FR", "egress": "IN", "bases": (DEROGATION,)}),
    ("a country that was split", {"country": "AN"}),
]
ASKED: list[tuple[str, Change, Change, list[dict[str, Any]]]] = [
    ("may we", {}, {}, [{"kind": "purpose", "any_of": ["research"]}]),
    ("may we do something else", {"purpose": "marketing"}, {}, [{"kind": "purpose", "any_of": ["research"]}]),
    ("may we elsewhere", {"country": "JP"}, {}, [{"kind": "country", "any_of": ["EEA"]}]),
    ("may another", {"recipient": OTHER}, {}, []),
    ("may one of the group", {"recipient": OTHER}, {}, [{"kind": "affiliates", "any_of": [OTHER]}]),
    (
        "may we train",
        {"purpose": "model_training"},
        {},
        [{"kind": "model_training", "allowed": "non_commercial"}],
    ),
    ("may we while suspended", {}, {"state": "suspended"}, []),
    ("may we after the end", {}, {"ends_at": NOW}, []),
    ("may we until the end", {}, {"ends_at": NOW + timedelta(days=3)}, [{"kind": "duration", "days": 20}]),
    ("may we once it is revoked", {}, {"is_sealed": False}, []),
]


def write() -> None:
    """Write the decisions of the rules that are current; a version that was written is never written again."""
    file = FOLDER / f"v{rules.CURRENT}.jsonl"
    file.write_text("".join(json.dumps(line, sort_keys=True) + "\n" for line in made()))


def made() -> Iterator[Line]:
    """All of them."""
    for clause, change in CLAUSES:
        known = replace(KNOWN, terms=usage_terms.parse([clause]))
        if change.get("purpose") != "model_training":
            yield _attempt(f"{clause['kind']} holds", known)
        moved = {"now": change["now"]} if "now" in change else {}
        yield _attempt(
            f"{clause['kind']} against {change}", replace(known, facts=replace(FACTS, **change), **moved)
        )
    for name, change in STATES:
        fields = dict(change)
        facts = replace(FACTS, buyer_country=fields.pop("country", "DE"))
        certified = frozenset({fields.pop("certified")} if "certified" in fields else ())
        yield _attempt(name, replace(KNOWN, facts=facts, certifications=certified, **fields))
    for name, change in BASES:
        facts = replace(FACTS, buyer_country=change.get("country", "IN"))
        fields = {field: value for field, value in change.items() if field != "country"}
        known = replace(KNOWN, facts=facts, personal_data="personal", **fields)
        yield _attempt(name, known, profile=WHOLE)
    revisions = usage_terms.parse([{"kind": "revisions", "includes_future": True}])
    for wanted in (Wanted.OTHER, Wanted.UNCLEARED):
        yield _attempt(f"{wanted} where revisions are included", replace(KNOWN, terms=revisions, wanted=wanted))
    yield _attempt("a clause of tomorrow", replace(KNOWN, terms=usage_terms.thaw([{"kind": "of tomorrow"}])))
    yield from _gone_on_with()
    yield _of_token("a token that is over", {"now": micro(NOW), "ended_at": micro(NOW)}, "token_expired", BUYER)
    yield _of_token("another's token", {"now": micro(NOW)}, "not_the_buyer", OTHER)
    for kind in replays.GATES:
        yield _of_gate(kind)
    for name, question, right, clauses in ASKED:
        yield _asked(name, question, right, clauses)


def _gone_on_with() -> Iterator[Line]:
    until = micro(NOW + timedelta(days=1))
    good = {
        "state": "interrupted",
        "is_given_back": False,
        "resumable_until": until,
        "spent_bytes": "1",
        "most_bytes": "9",
    }
    for name, found in {
        "no such transfer": None,
        "a transfer that was stopped": {**good, "state": "revoked"},
        "a copy that came back": {**good, "is_given_back": True},
        "a transfer that lapsed": {**good, "resumable_until": micro(NOW)},
        "a transfer that has sent it all": {**good, "spent_bytes": "9"},
    }.items():
        yield _attempt(name, KNOWN, {"transfer": found}, resumptions.refusal(found, NOW))


def _attempt(
    name: str,
    known: Known,
    more: Mapping[str, Any] | None = None,
    code: str | None = None,
    profile: LegalProfile = PROFILE,
) -> Line:
    judgement = judgements.judged(known, lambda: profile)
    code = judgement.code or code
    facts = {
        **_who(known),
        **judgements.told(judgement),
        "decided": inputs.kept(known, judgement),
        "sealed": {"record": ID, "sha256": "0" * 64},
    }
    if code is not None:
        facts["decided"] = {**facts["decided"], **inputs.of_refusal(known, **(more or {}))}
        facts |= {"code": code} | ({"clause": judgement.clause} if judgement.clause else {})
    origin = {"address": known.facts.address or "", "address_country": known.facts.address_country or ""}
    return _line(
        name,
        "transfer.refused" if code else "transfer.started",
        facts,
        known.now,
        known.terms.to_list(),
        origin,
    )


def _who(known: Known) -> dict[str, Any]:
    return {
        "agreement": ID,
        "buyer": known.facts.recipient_id,
        "class": known.personal_data,
        "purpose": known.facts.purpose,
        "country_to": known.facts.buyer_country or "",
        "country_of_use": known.facts.use_country,
    }


def _of_token(name: str, decided: Mapping[str, Any], code: str, actor: str) -> Line:
    facts = {**_who(KNOWN), "decided": {"rules": rules.CURRENT, **decided}, "code": code}
    line = _line(name, "transfer.refused", facts, NOW, [], {})
    line["leaf"]["actor_participant"] = actor
    return line


def _of_gate(kind: str) -> Line:
    is_approved = kind == replays.PUBLISHED
    found = Finding("email", "personal", Confidence.SURE, Evidence(9, 9), "values")
    seen = gates.examined({"email": "none", "city": "none"}, "none", {"email": found})
    line = _line(f"the publish gate: {kind}", kind, dict(gates.decided(is_approved=is_approved)), NOW, [], {})
    line["leaf"] |= {"salt": "salt", "typed": {"examined": events.salted_hash("salt", seen)}}
    return {**line, "beside": seen}


def _asked(name: str, question: Change, right: Change, clauses: list[dict[str, Any]]) -> Line:
    asked = Asked(
        **{"purpose": "research", "country": "DE", "recipient": None, "first": NOW, "last": NOW, **question}
    )
    known = _known(right, clauses)
    law = answers.law_of(PROFILE, known.buyer, lambda one: "none")
    judged = answers.judge(asked, known, law)
    (held,) = known.rights
    facts = {
        "participant": BUYER,
        "question": {**vars(asked), "first": micro(asked.first), "last": micro(asked.last)},
        "answer": questions.answer_facts(judged),
        "decided": {
            "rules": rules.CURRENT,
            "profile": PROFILE.sha256,
            "now": micro(NOW),
            "buyer_state": known.buyer.state,
            "buyer_country": known.buyer.country,
            "buyer_sector": known.buyer.sector,
            "certifications": [],
            "is_whole": True,
            "rights": [
                {
                    **{
                        name: getattr(held, name)
                        for name in ("agreement", "agreement_state", "state", "purpose")
                    },
                    "entitlement": held.id,
                    "terms": questions.digest_of(held.terms.to_list()),
                    "activated_at": micro(held.activated_at),
                    "ends_at": micro(held.ends_at),
                    "revision_is_sealed": held.is_sealed,
                    "class": "none",
                }
            ],
        },
    }
    return _line(name, "may_i.answered", facts, NOW, clauses, {})


def _known(right: Change, clauses: list[dict[str, Any]]) -> answers.Known:
    fields = {
        "id": ID,
        "agreement": ID,
        "agreement_state": "signed",
        "state": "active",
        "terms": usage_terms.parse(clauses),
        "purpose": "research",
        "activated_at": NOW - timedelta(days=10),
        "ends_at": None,
        "is_sealed": True,
        **right,
    }
    buyer = Buyer(BUYER, "verified", "DE", frozenset(), "J")
    return answers.Known(buyer, (Right(**fields),), True, NOW)


def _line(name: str, kind: str, facts: Any, at: datetime, terms: Any, origin: Any) -> Line:
    leaf = {"type": kind, "ts": timestamp(at), "actor_participant": BUYER, "facts": facts}
    return {"name": name, "leaf": leaf, "terms": terms, "origin": origin}
