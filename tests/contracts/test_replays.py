"""Decisions given again months later: whatever has changed since, the same rules say the same of what was kept; and
what can no longer be known is named, not guessed."""

import hashlib
import json
from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest

from compliance import gates, legal
from compliance.models import KeptProfile, Review
from contracts.clauses import LIBRARY
from contracts.clauses.declaration import Clause, Facts, Reason
from contracts.decisions import questions, replays
from contracts.decisions.questions import Question
from contracts.decisions.replays import Replayed
from contracts.entitlements import entitlements
from contracts.models import Entitlement, Transfer
from contracts.offers import offers
from contracts.terms import rules
from contracts.transfers import admission, inputs, judgements, transfers
from datasets import datasets
from exchange.kernel import canonical, events
from exchange.kernel.actors import Actor
from exchange.kernel.errors import Forbidden, NotFound
from exchange.kernel.models import Event, EventDetail
from exchange.participants import vault
from exchange.participants.members import members
from exchange.participants.models import VaultRecord
from tests import dataset_makers, makers, sales

pytestmark = pytest.mark.django_db

REASON = "the buyer's report shows another purpose"
EVIDENCE = "The extract of the register was seen today."
TERMS = [
    {"kind": "purpose", "any_of": ["research"]},
    {"kind": "country", "any_of": ["EEA", "JP"]},
    {"kind": "addresses", "any_of": ["192.0.2.0/24"]},
    {"kind": "duration", "days": 365},
    {"kind": "copies", "max": 2},
    {"kind": "revisions", "includes_future": False},
]


@pytest.fixture
def held(seller: Actor, buyer: Actor) -> Entitlement:
    return sales.entitled(seller, buyer, terms=TERMS)


def last(name: str) -> UUID:
    """The id of the newest Event of a name."""
    return Event.objects.filter(name=name).latest("id").pk


def started(held: Entitlement, buyer: Actor, **more: Any) -> UUID:
    assert sales.start(sales.link(held, buyer), buyer.at, **more).code is None
    return last("transfer.started")


def refused(held: Entitlement, buyer: Actor, path: str | None = None, **more: Any) -> tuple[str | None, UUID]:
    code = sales.start(path or sales.link(held, buyer), more.pop("at", buyer.at), **more).code
    return code, last("transfer.refused")


def asked(held: Entitlement, buyer: Actor, **changes: Any) -> UUID:
    fields = {"dataset_id": held.dataset_id, "purpose": "research", "country": "DE", **changes}
    return questions.ask(Question(**fields), by=buyer).decision_id


def said(found: Replayed) -> tuple[str, str | None]:
    assert found.again is not None
    return found.outcome, found.again.code


@pytest.fixture
def months_later(
    seller: Actor, operator: Actor, settings: Any, tmp_path: Path
) -> Callable[[Entitlement], None]:
    """Everything changes that a decision rested on: the right is revoked, the buyer moves, the offer is withdrawn for
    one at another price, and the legal profile says something else under the same name."""

    def change(held: Entitlement) -> None:
        entitlements.revoke(held, reason=REASON, by=seller)
        members.amend(held.buyer, country="IN", evidence=EVIDENCE, by=operator)
        offer = held.agreement.negotiation.offer
        offers.withdraw(offer, by=seller)
        sales.offer(held.dataset, seller, plan=dict(sales.PAID))
        profile = json.loads(legal.PACKAGED.read_text())
        profile["eea"] = [code for code in profile["eea"] if code != "DE"]
        (tmp_path / "law.json").write_text(json.dumps(profile))
        settings.EXCHANGE_LEGAL_PROFILE = str(tmp_path / "law.json")

    return change


def test_months_later_every_decision_comes_out_the_same(
    held: Entitlement, buyer: Actor, officer: Actor, months_later: Callable[[Entitlement], None], now: datetime
) -> None:
    yes = started(held, buyer)
    transfers.stop(Transfer.objects.get().pk, "storage_stalled", now=now)
    sales.start(sales.link(held, buyer, transfer=Transfer.objects.get()), now)
    resumed = last("transfer.resumed")
    code, no = refused(held, buyer, address="203.0.113.9")
    assert code == "address_not_allowed"
    may, may_not = asked(held, buyer, country="JP"), asked(held, buyer, purpose="marketing")
    months_later(held)
    later = officer.moved_to(now + timedelta(days=200))
    for decision, found in {
        yes: ("same", None),
        resumed: ("same", None),
        no: ("same", "address_not_allowed"),
        may: ("same", None),
        may_not: ("same", "purpose_not_allowed"),
    }.items():
        again = replays.replay(decision, by=later)
        assert (said(again), again.why) == (found, None)
    assert Event.objects.filter(name="officer.replayed").count() == 5
    assert replays.replay(yes, by=later).as_recorded == ("copies",), "the database reserved it"


def test_what_the_law_carried_then_it_carries_again(
    seller: Actor, now: datetime, settings: Any, tmp_path: Path
) -> None:
    from tests.contracts.test_negotiations import personal_offer

    importer = makers.trader("Importer", "JP", now)
    offer = personal_offer(seller, terms=[{"kind": "purpose", "any_of": ["research"]}])
    held = sales.sold(offer, importer, seller, country="JP")
    yes, may, late = started(held, importer), asked(held, importer, country="JP"), sales.link(held, importer)
    profile = json.loads(legal.PACKAGED.read_text())
    for row in profile["adequacy"]:
        if row["country"] == "JP":
            row["valid_to"] = "2026-11-01"
    (tmp_path / "law.json").write_text(json.dumps(profile))
    settings.EXCHANGE_LEGAL_PROFILE = str(tmp_path / "law.json")
    code, no = refused(held, importer, late)
    assert code == "decision_not_in_force"
    settings.EXCHANGE_LEGAL_PROFILE = ""
    assert [said(replays.replay(one, by=importer)) for one in (yes, may, no)] == [
        ("same", None),
        ("same", None),
        ("same", "decision_not_in_force"),
    ]
    assert KeptProfile.objects.count() == 2
    assert gates.destination("personal", "JP", (), date(2026, 11, 23)).allowed


@pytest.mark.parametrize(
    ("state", "code"), [("suspended", "entitlement_suspended"), ("moved", "country_not_allowed")]
)
def test_a_refusal_by_what_was_is_one_when_it_is_no_more(
    held: Entitlement, seller: Actor, buyer: Actor, operator: Actor, state: str, code: str
) -> None:
    path = sales.link(held, buyer)
    if state == "suspended":
        entitlements.suspend(held, reason=REASON, by=seller)
    else:
        members.amend(held.buyer, country="IN", evidence=EVIDENCE, by=operator)
    found, decision = refused(held, buyer, path)
    assert found == code
    if state == "suspended":
        held.refresh_from_db()
        entitlements.resume(held, reason=REASON, by=seller)
    else:
        members.amend(held.buyer, country="DE", evidence=EVIDENCE, by=operator)
    assert said(replays.replay(decision, by=buyer)) == ("same", code)


def test_the_last_microsecond_is_decided_as_it_was(held: Entitlement, buyer: Actor, now: datetime) -> None:
    assert held.ends_at is not None
    end = held.ends_at
    before = buyer.moved_to(end - timedelta(microseconds=1))
    path = sales.link(held, before)
    attempt = sales.attempt(path, before.at)
    assert transfers.start_many([attempt], now=before.at)[0].code is None
    other = sales.attempt(sales.link(held, before), before.at)
    assert transfers.start_many([other], now=end)[0].code == "expired"
    assert said(replays.replay(last("transfer.started"), by=before)) == ("same", None)
    assert said(replays.replay(last("transfer.refused"), by=before)) == ("same", "expired")


def test_the_last_copy_and_what_can_no_longer_be_gone_on_with(
    held: Entitlement, buyer: Actor, now: datetime
) -> None:
    late = sales.link(held, buyer)
    for _ in range(2):
        started(held, buyer)
    assert refused(held, buyer, late)[0] == "copies_spent"
    assert said(replays.replay(last("transfer.refused"), by=buyer)) == ("same", "copies_spent")
    first = Transfer.objects.order_by("pk")[0]
    path = sales.link(held, buyer, transfer=first)
    transfers.stop(first.pk, "revision_revoked", now=now)
    assert refused(held, buyer, path)[0] == "transfer_over"
    assert said(replays.replay(last("transfer.refused"), by=buyer)) == ("same", "transfer_over")


def test_what_a_token_says_is_decided_again_but_not_what_it_was_bound_to(
    held: Entitlement, buyer: Actor, now: datetime
) -> None:
    from contracts.tokens.bindings import Binding

    code, decision = refused(held, buyer, at=now + timedelta(hours=2))
    assert code == "token_expired"
    assert said(replays.replay(decision, by=buyer)) == ("same", "token_expired")
    bound = sales.link(held, buyer, asset=sales.asset_of(held), binding=Binding(("198.51.100.0/24",)))
    code, decision = refused(held, buyer, bound)
    assert code == "address_not_bound"
    found = replays.replay(decision, by=buyer)
    assert (found.outcome, found.why, found.again) == ("not_replayed", "token_not_kept", None)


def test_an_erased_address_is_taken_as_recorded_and_named(
    held: Entitlement, buyer: Actor, officer: Actor
) -> None:
    yes, (_, no) = started(held, buyer), refused(held, buyer, address="203.0.113.9")
    vault.shred_with(VaultRecord.objects.latest("pk").pk, "the person asked for it today", officer)
    found = replays.replay(yes, by=officer)
    assert (found.outcome, found.as_recorded) == ("same", ("addresses", "copies"))
    found = replays.replay(no, by=officer)
    assert (found.outcome, found.why) == ("not_replayed", "origin_erased")


def test_a_refusal_seals_its_origin_only_where_a_clause_asked_about_the_address(
    seller: Actor, buyer: Actor, now: datetime
) -> None:
    held = sales.entitled(seller, buyer, terms=[{"kind": "copies", "max": 1}])
    late = sales.link(held, buyer)
    started(held, buyer)
    kept = VaultRecord.objects.count()
    assert refused(held, buyer, late)[0] == "copies_spent"
    assert refused(held, buyer, late, at=now + timedelta(hours=2))[0] == "token_expired"
    assert VaultRecord.objects.count() == kept


def test_who_is_no_party_finds_no_decision_and_the_seller_no_question(
    held: Entitlement, seller: Actor, buyer: Actor, outsider: Actor
) -> None:
    yes, may = started(held, buyer), asked(held, buyer)
    for actor, decision in ((outsider, yes), (outsider, may), (seller, may), (buyer, uuid4())):
        with pytest.raises(NotFound):
            replays.replay(decision, by=actor)
    with pytest.raises(NotFound):
        replays.decision_visible_to(buyer, last("entitlement.activated"))
    with pytest.raises(Forbidden):
        replays.replay(yes, by=Actor(buyer.kind, buyer.name, buyer.participant_id, frozenset(), buyer.at))
    assert said(replays.replay(yes, by=seller)) == ("same", None)
    assert not Event.objects.filter(name="officer.replayed").exists()


def test_what_was_kept_before_rules_had_versions_or_by_later_ones_is_not_guessed_at(
    held: Entitlement, buyer: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as tomorrow:
        tomorrow.setattr(rules, "CURRENT", 7)
        later = started(held, buyer)
    facts = {"code": "copies_spent", "agreement": str(held.agreement_id)}
    before = events.record("transfer.refused", held, by=buyer, facts=facts).pk
    for decision, why in ((later, "rules_unknown"), (before, "not_kept")):
        found = replays.replay(decision, by=buyer)
        assert (found.outcome, found.why, found.again) == ("not_replayed", why, None)


def test_a_rule_that_changes_leaves_what_was_decided_as_it_was(
    held: Entitlement, buyer: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    decided = started(held, buyer), asked(held, buyer)
    was = LIBRARY["purpose"]
    then = rules.CURRENT
    stricter = replace(
        was, against=lambda clause, facts: Reason.PURPOSE_NOT_ALLOWED, earlier={then: was.against}
    )
    monkeypatch.setitem(LIBRARY, "purpose", stricter)
    monkeypatch.setattr(rules, "CURRENT", then + 1)
    assert [said(replays.replay(one, by=buyer)) for one in decided] == [("same", None)] * 2
    clause = Clause("purpose", (("any_of", ("research",)),))
    by_version = [
        stricter.by_rules_of(version)(clause, Facts(buyer.at, purpose="research"))
        for version in (then, then + 1)
    ]
    assert by_version == [None, Reason.PURPOSE_NOT_ALLOWED]


def test_a_leaf_or_a_contract_that_does_not_follow_is_seen(
    held: Entitlement, buyer: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No row can be altered, so these are told otherwise before they are kept."""
    yes = started(held, buyer)
    kept = inputs.kept
    with monkeypatch.context() as forged:
        forged.setattr(
            inputs, "kept", lambda *known: {**kept(*known), "states": ["revoked", *["verified"] * 2, "sealed"]}
        )
        wrong = started(held, buyer)
    found = replays.replay(wrong, by=buyer)
    assert (said(found), found.why) == (("differs", "entitlement_revoked"), "answer")
    monkeypatch.setattr(replays.hashlib, "sha256", hashlib.sha512)
    found = replays.replay(yes, by=buyer)
    assert (found.outcome, found.why) == ("differs", "contract_altered")


def test_the_publish_gate_decides_again_from_what_was_declared_and_found(
    seller: Actor, officer: Actor, now: datetime
) -> None:
    rows = b"email,city\n" + b"".join(b"person%d@invented.example,Dijon\n" % n for n in range(50))
    dataset = dataset_makers.draft(seller)
    datasets.declare(dataset, personal_data="none", by=seller)
    dataset_makers.measured(dataset, seller, {"people.csv": rows})
    held = last("review.opened")
    gates.approve(Review.objects.get(), "seen: every address is invented", officer)
    datasets.publish(dataset, by=seller)
    passed = last("dataset.published")
    datasets.declare(dataset, **dataset_makers.PERSONAL, by=seller)
    assert said(replays.replay(held, by=seller)) == ("same", "held_for_officer")
    assert said(replays.replay(passed, by=officer)) == ("same", None)
    assert b"email" not in bytes(Event.objects.get(pk=passed).leaf)
    EventDetail.objects.filter(pk=passed).delete()
    found = replays.replay(passed, by=officer)
    assert (found.outcome, found.why) == ("not_replayed", "detail_erased")


def test_every_fact_of_a_clause_comes_back_from_the_leaf(
    held: Entitlement, buyer: Actor, now: datetime
) -> None:
    case = admission.case(held, sales.asset_of(held))
    known = admission.known_of(case, now, address="192.0.2.7", copies_used=1)
    judgement = judgements.judged(known, legal.current)
    facts = {**admission.facts_of(case, judgement), **held.event_facts()}
    decided = {**inputs.kept(known, judgement), **inputs.of_refusal(known)}
    leaf = json.loads(canonical.encode({**facts, "decided": decided}))
    asked_for = frozenset().union(*(LIBRARY[clause.kind].needs for clause in known.terms.clauses))
    read = inputs.read(leaf, known.terms, at=now, origin={"address": "192.0.2.7"})
    for name in {*asked_for, "active_since"} - {"groups"}:
        assert getattr(read.facts, name) == getattr(known.facts, name), name
    assert replace(read, facts=known.facts) == known


def test_what_it_followed_from_takes_little_room_in_the_leaf(held: Entitlement, buyer: Actor) -> None:
    """PostgreSQL compresses rows of two kilobytes, which costs more than writing them."""
    leaf = json.loads(bytes(Event.objects.get(pk=started(held, buyer)).leaf))
    whole = len(canonical.encode(leaf))
    decided = leaf["facts"].pop("decided")
    assert whole - len(canonical.encode(leaf)) <= 275, decided
