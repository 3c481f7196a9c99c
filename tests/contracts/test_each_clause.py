"""Each kind of clause, by what holds it up: an enforced one refuses at the gateway for its own reason, in both ways of
deciding; an evidenced one leaves its proof; a promised one is called so everywhere and refuses nothing."""

import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.utils import timezone

from compliance import legal
from contracts.agreements import agreements
from contracts.clauses import LIBRARY
from contracts.clauses.declaration import Standing
from contracts.deletions import deletions
from contracts.entitlements import entitlements
from contracts.models import CopyCount, Entitlement, Transfer
from contracts.odrl import policies
from contracts.terms import rights, terms
from contracts.tokens import tokens
from contracts.transfers import admission, judgements, standings, transfers
from datasets.models import Asset
from datasets.profiles import profiles
from exchange.kernel.actors import Actor
from exchange.kernel.errors import ExchangeError, Forbidden
from exchange.kernel.models import Event
from exchange.participants.members import members
from tests import dataset_makers, makers, sales
from tests.contracts import starters
from tests.contracts.starters import BOOK, QUICK

pytestmark = [pytest.mark.transactional, pytest.mark.usefixtures("own_database"), pytest.mark.by_the_clock]

OTHER = "0190aaaa-0000-7000-8000-000000000002"
EVIDENCE = "The extract of the register was seen today."
Raw = dict[str, Any]


@dataclass(frozen=True)
class Broken:
    """A clause of a kind, and what makes it refuse: an act after the sale, another address, or a sale so long ago;
    `sector` is what the operator saw of the buyer before."""

    clause: Callable[[datetime], Raw]
    reason: str
    act: Callable[[Entitlement, Actor], object] = lambda right, operator: None
    file: Callable[[Entitlement, Actor], Asset] = lambda right, seller: sales.asset_of(right)
    address: str = "192.0.2.7"
    sold_ago: timedelta = timedelta(0)
    is_known_at_the_desk: bool = True
    sector: str = ""


def _move_away(right: Entitlement, operator: Actor) -> None:
    members.amend(right.buyer, country="IN", evidence=EVIDENCE, by=operator)


def _change_trade(right: Entitlement, operator: Actor) -> None:
    members.amend(right.buyer, country="DE", sector="C", evidence=EVIDENCE, by=operator)


def _take_the_last(right: Entitlement, operator: Actor) -> None:
    CopyCount.objects.create(entitlement=right, asset=sales.asset_of(right), used=1)


def _file_of_a_later_revision(right: Entitlement, seller: Actor) -> Asset:
    later = dataset_makers.measured(right.dataset, seller)
    assert later.number > right.revision.number
    return later.assets.get()


def _closed_now(now: datetime) -> Raw:
    opens, closes = now + timedelta(hours=2), now + timedelta(hours=3)
    days = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
    return {"kind": "hours", "days": days, "start": f"{opens:%H:00}", "end": f"{closes:%H:00}", "zone": "UTC"}


ENFORCED: dict[str, Broken] = {
    "country": Broken(
        lambda now: {"kind": "country", "any_of": ["EEA"]}, "country_not_allowed", act=_move_away
    ),
    "addresses": Broken(
        lambda now: {"kind": "addresses", "any_of": ["192.0.2.0/24"]},
        "address_not_allowed",
        address="203.0.113.9",
        is_known_at_the_desk=False,
    ),
    "address_country": Broken(
        lambda now: {"kind": "address_country", "any_of": ["EEA"], "is_checked": True},
        "address_country_not_allowed",
        address="203.0.113.9",
        is_known_at_the_desk=False,
    ),
    "end_date": Broken(
        lambda now: {"kind": "end_date", "on": (now - timedelta(days=3)).date().isoformat()},
        "expired",
        sold_ago=timedelta(days=9),
    ),
    "duration": Broken(lambda now: {"kind": "duration", "days": 3}, "expired", sold_ago=timedelta(days=9)),
    "copies": Broken(lambda now: {"kind": "copies", "max": 1}, "copies_spent", act=_take_the_last),
    "volume": Broken(
        lambda now: {"kind": "volume", "rows": 100, "bytes": 2 * len(dataset_makers.SMALL_CSV) - 1},
        "volume_spent",
        act=_take_the_last,
    ),
    "sector": Broken(
        lambda now: {"kind": "sector", "any_of": ["L"]}, "sector_not_allowed", act=_change_trade, sector="L"
    ),
    "hours": Broken(_closed_now, "out_of_hours"),
    "revisions": Broken(
        lambda now: {"kind": "revisions", "includes_future": False},
        "revision_not_included",
        file=_file_of_a_later_revision,
    ),
    "delivery": Broken(
        lambda now: {"kind": "delivery", "any_of": ["sharing"]},
        "delivery_not_allowed",
        is_known_at_the_desk=False,
    ),
}
JUDGED = {"recipients"}
"""A buyer that the terms do not name can make no contract, so its refusal is shown of the judgement alone."""
EVIDENCED: dict[str, Raw] = {
    "purpose": {"kind": "purpose", "any_of": ["research"]},
    "use_country": {"kind": "use_country", "any_of": ["DE"]},
    "deletion": {"kind": "deletion", "days": 30},
    "warranty": {"kind": "warranty", "rows_percent": 95, "filled_percent": 98},
}
PROMISED: dict[str, Raw] = {
    "affiliates": {"kind": "affiliates", "any_of": [OTHER]},
    "combination": {"kind": "combination", "allowed": False},
    "model_training": {"kind": "model_training", "allowed": "non_commercial"},
    "publication": {"kind": "publication", "allowed": True},
    "redistribution": {"kind": "redistribution", "allowed": False},
    "attribution": {"kind": "attribution", "text": "Port-Libre"},
    "derived_works": {"kind": "derived_works", "allowed": "internal"},
    "sub_processors": {"kind": "sub_processors", "allowed": "named", "names": ["Atelier des nombres"]},
    "confidentiality": {"kind": "confidentiality", "years": 5},
    "audit": {"kind": "audit", "notice_days": 30, "times_a_year": 1},
    "liability": {"kind": "liability", "amount_minor": 1_000_000, "currency": "EUR"},
    "governing_law": {"kind": "governing_law", "law": "FR"},
}
LICENCE: Raw = {"kind": "licence", "spdx": "CC-BY-4.0"}


@pytest.fixture(autouse=True)
def address_countries(settings: Any, tmp_path: Path) -> None:
    """A list of address ranges, as an operator provides it."""
    file = tmp_path / "countries.csv"
    file.write_text("192.0.2.0,192.0.2.255,FR\n203.0.113.0,203.0.113.255,US\n", encoding="utf-8")
    settings.EXCHANGE_ADDRESS_COUNTRIES = str(file)


def test_every_kind_of_the_library_is_shown_here() -> None:
    assert {*ENFORCED, *JUDGED, *EVIDENCED, *PROMISED, LICENCE["kind"]} == set(LIBRARY)


def sold(broken: Broken, operator: Actor, now: datetime) -> tuple[Entitlement, Actor, Actor]:
    """A right on terms of this clause alone, sold when it still held."""
    then = now - broken.sold_ago
    seller, buyer = makers.trader("Port-Libre", "FR", then), makers.trader("Lanterne", "DE", then)
    lanterne = makers.participant_of(buyer)
    members.amend(lanterne, country="DE", sector=broken.sector, evidence=EVIDENCE, by=operator)
    return sales.entitled(seller, buyer, terms=[broken.clause(now)]), seller, buyer


def path_of(right: Entitlement, by: Actor, asset: Asset | None = None) -> str:
    """A link as the desk gave it while it still did."""
    asset = asset or sales.asset_of(right)
    token, _ends = tokens.issue(entitlement_id=right.pk, asset_id=asset.pk, transfer_id=None, by=by)
    return urlsplit(tokens.link(token, asset.name)).path


@pytest.mark.parametrize("way", [BOOK, QUICK])
@pytest.mark.parametrize("kind", ENFORCED)
def test_an_enforced_clause_refuses_for_its_own_reason(
    kind: str, way: str, operator: Actor, now: datetime
) -> None:
    broken = ENFORCED[kind]
    right, seller, buyer = sold(broken, operator, now)
    broken.act(right, operator)
    file = broken.file(right, seller)
    used = list(CopyCount.objects.values_list("used", flat=True))
    path = path_of(right, buyer.moved_to(timezone.now()), file)
    with starters.door(way) as door:
        (verdict,) = door.decide(sales.attempt(path, timezone.now(), address=broken.address))
        assert door.starting.written == 0
    assert (verdict.code, verdict.clause, verdict.transfer_id) == (broken.reason, kind, None)
    leaf = json.loads(bytes(Event.objects.get(name="transfer.refused").leaf))
    assert (leaf["facts"]["code"], leaf["facts"]["clause"]) == (broken.reason, kind)
    told = {clause["kind"]: clause for clause in leaf["facts"]["clauses"]}[kind]
    assert told == {"kind": kind, "standing": "enforced", "ok": False, "reason": broken.reason}
    assert not Transfer.objects.exists()
    assert [count for count in CopyCount.objects.values_list("used", flat=True) if count] == used


@pytest.mark.parametrize("kind", ENFORCED)
def test_the_desk_says_no_earlier_where_it_can(kind: str, operator: Actor, now: datetime) -> None:
    broken = ENFORCED[kind]
    right, seller, buyer = sold(broken, operator, now)
    broken.act(right, operator)
    file = broken.file(right, seller)
    right = Entitlement.objects.get(pk=right.pk)
    if not broken.is_known_at_the_desk:
        assert sales.link(right, buyer.moved_to(now), asset=file)
        return
    with pytest.raises(ExchangeError) as refusal:
        sales.link(right, buyer.moved_to(now), asset=file)
    assert (refusal.value.code, dict(refusal.value.more)) == (broken.reason, {"clause": kind})
    assert refusal.value.detail.startswith(f"refused by the clause {kind}: ")


def test_a_refusal_at_the_gateway_names_the_clause_and_sends_nothing(
    seller: Actor, buyer: Actor, now: datetime
) -> None:
    right = sales.entitled(seller, buyer, terms=[{"kind": "addresses", "any_of": ["203.0.113.0/24"]}])
    answer = sales.call("GET", path_of(right, buyer))
    problem = json.loads(answer.body)
    assert (answer.status, problem["clause"]) == (403, "addresses")
    assert problem["detail"] == "refused by the clause addresses: the terms do not permit this network address"
    assert dataset_makers.SMALL_CSV not in bytes(answer.body)


def test_the_named_recipients_are_judged_each_time(seller: Actor, buyer: Actor, now: datetime) -> None:
    right = sales.entitled(seller, buyer, terms=[])
    case = admission.case(right, sales.asset_of(right))
    for named, reason, clause in (
        ([str(buyer.participant_id)], None, None),
        ([OTHER], "recipient_not_named", "recipients"),
    ):
        held = replace(case, terms=terms.parse([{"kind": "recipients", "any_of": named}]))
        judgement = admission.decide(held, now=now, address="192.0.2.7", copies_used=0)
        assert (judgement.code, judgement.clause) == (reason, clause)
    with pytest.raises(Forbidden, match="refused by the clause recipients"):
        offer = sales.offer(right.dataset, seller, terms=[{"kind": "recipients", "any_of": [OTHER]}])
        sales.request(offer, buyer)


def test_an_evidenced_clause_leaves_its_proof(seller: Actor, buyer: Actor, now: datetime) -> None:
    right = sales.entitled(seller, buyer, terms=[*EVIDENCED.values()])
    assert sales.start(path_of(right, buyer), now).code is None
    started = json.loads(bytes(Event.objects.get(name="transfer.started").leaf))["facts"]
    assert (started["purpose"], started["country_of_use"]) == ("research", "DE")
    assert all(clause["standing"] == "evidenced" and clause["ok"] for clause in started["clauses"])
    document = agreements.document(right.agreement)
    measured = json.loads(bytes(Event.objects.get(name="revision.measured").leaf))["facts"]
    assert document["revision"]["profile_sha256"] and measured["revision"] == str(right.revision_id)
    transfer = Transfer.objects.get()
    entitlements.revoke(right, reason="the term of the test is over", by=seller)
    right.refresh_from_db()
    _cut(transfer, now)
    statement = deletions.state(right, by=buyer.moved_to(timezone.now()))
    told = json.loads(bytes(Event.objects.get(name="deletion.stated").leaf))
    assert told["subject"].endswith(str(statement.pk))


@pytest.mark.parametrize(
    ("wish", "code", "clause"),
    [
        ({"purpose": "marketing"}, "purpose_not_allowed", "purpose"),
        ({"country": "JP"}, "use_country_not_allowed", "use_country"),
    ],
)
def test_what_the_buyer_declares_is_held_against_the_evidenced_clause(
    seller: Actor, buyer: Actor, wish: Any, code: str, clause: str
) -> None:
    offer = sales.offer(dataset_makers.published(seller), seller, terms=[*EVIDENCED.values()])
    with pytest.raises(Forbidden) as refusal:
        sales.request(offer, buyer, **wish)
    assert (refusal.value.code, dict(refusal.value.more)) == (code, {"clause": clause})


@pytest.mark.parametrize("raw", [[*PROMISED.values()], [LICENCE]])
def test_a_promised_clause_is_called_so_and_refuses_nothing(
    seller: Actor, buyer: Actor, now: datetime, raw: list[Raw]
) -> None:
    right = sales.entitled(seller, buyer, terms=raw)
    kinds = {clause["kind"] for clause in raw}
    agreed = terms.thaw(right.terms)
    for language in ("en", "fr"):
        written = {row["kind"]: row["standing"] for row in terms.text(agreed, language)}
        assert {written[kind] for kind in kinds} == {"promised"}
    shown = {row.heading: row.standing for row in rights.deed_of(agreed)}
    assert {shown[rights.heading_of(kind)] for kind in kinds} == {"promised"}
    signed = agreements.document(right.agreement)["text"]["en"]
    assert {row["standing"] for row in signed if row["kind"] in kinds} == {"promised"}
    assert sales.start(path_of(right, buyer), now).code is None
    started = json.loads(bytes(Event.objects.get(name="transfer.started").leaf))["facts"]
    assert {
        clause["kind"]: (clause["standing"], clause["ok"]) for clause in started["clauses"]
    } == dict.fromkeys(kinds, ("promised", True))


def test_each_kind_answers_from_the_facts_that_it_says_it_needs(now: datetime) -> None:
    everything = admission.Facts(
        now=now,
        purpose="research",
        use_country="DE",
        buyer_country="DE",
        recipient_id=OTHER,
        address="192.0.2.7",
        address_country="DE",
        copies_used=0,
        active_since=now - timedelta(days=1),
        groups={"EEA": frozenset({"DE"}), "ADEQUATE": frozenset()},
        delivery="gateway",
        revision_number=1,
        revision_sealed_at=now,
        agreed_number=1,
        sector="L",
        bytes_taken=0,
        rows_taken=0,
        asset_bytes=1,
        asset_rows=1,
    )
    raw = [broken.clause(now) for broken in ENFORCED.values()]
    raw += [*EVIDENCED.values(), *PROMISED.values(), LICENCE, {"kind": "recipients", "any_of": [OTHER]}]
    for clause in terms.thaw(raw).clauses:
        declaration = LIBRARY[clause.kind]
        known = {name: getattr(everything, name) for name in declaration.needs}
        alone = admission.Facts(now=now, **known)
        assert declaration.against(clause, alone) == declaration.against(clause, everything), clause.kind
        policies.written(terms.Terms((clause,)), uid="u", assigner="a", assignee=None, target="t")
        assert isinstance(declaration.standing_of(clause), Standing)


def test_a_revision_that_is_included_is_delivered_once_it_is_cleared(
    seller: Actor, buyer: Actor, now: datetime
) -> None:
    terms_of = [{"kind": "revisions", "includes_future": True}]
    right = sales.entitled(seller, buyer, terms=terms_of)
    later = dataset_makers.sealed(right.dataset, seller)
    path = path_of(right, buyer, later.assets.get())
    assert sales.start(path, now).code == "revision_not_cleared"
    profiles.measure(str(later.pk), now + timedelta(minutes=1))
    assert sales.start(path, now).code is None
    assert Transfer.objects.get().revision_id == later.pk
    leaf = json.loads(bytes(Event.objects.get(name="transfer.started").leaf))["facts"]
    assert leaf["revision"] == str(later.pk)


def test_what_was_found_good_in_memory_ends_with_the_hour(seller: Actor, buyer: Actor, now: datetime) -> None:
    opens, closes = now - timedelta(hours=1), (now + timedelta(hours=1)).replace(second=0, microsecond=0)
    days = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
    hours = {"kind": "hours", "days": days, "start": f"{opens:%H:%M}", "end": f"{closes:%H:%M}", "zone": "UTC"}
    right = sales.entitled(seller, buyer, terms=[hours])
    (standing,) = standings.read([(right.pk, sales.asset_of(right).pk)], now=now).values()
    for at, code in ((now, None), (closes - timedelta(microseconds=1), None), (closes, "out_of_hours")):
        known = admission.known_of(standing.case, at, address="192.0.2.7", copies_used=0)
        fresh = judgements.judged(known, legal.current)
        assert standing.judge("192.0.2.7", at) == fresh
        assert fresh.code == code


def test_without_a_clause_about_revisions_the_agreed_one_is_all_there_is(
    seller: Actor, buyer: Actor, now: datetime
) -> None:
    right = sales.entitled(seller, buyer, terms=[])
    file = _file_of_a_later_revision(right, seller)
    verdict = sales.start(path_of(right, buyer, file), now)
    assert (verdict.code, verdict.clause) == ("asset_not_included", None)


def _cut(transfer: Transfer, now: datetime) -> None:
    """Some bytes have left, and nobody is sending any more."""
    transfers.progress(transfer.pk, [(0, 10)], now=now)
    transfers.stop(transfer.pk, "entitlement_revoked", now=now)
