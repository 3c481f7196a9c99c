"""One attempt, one verdict: what may leave, what is counted, what is recorded."""

import json
from typing import Any

import pytest

from contracts.entitlements import entitlements
from contracts.models import CopyCount, Transfer
from contracts.tokens import tokens
from contracts.transfers import transfers
from contracts.transfers.ranges import Wish
from datasets.revisions import revisions
from exchange.kernel import signing
from exchange.kernel.errors import Conflict, Forbidden, NotFound
from exchange.kernel.models import Event
from exchange.participants.members import members
from exchange.participants.models import VaultRecord
from tests import makers, sales

REASON = "the buyer's report shows another purpose"
SIZE = len(sales.dataset_makers.SMALL_CSV)


@pytest.fixture
def entitlement(seller: Any, buyer: Any) -> Any:
    return sales.entitled(seller, buyer)


def leaf(name: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(bytes(Event.objects.filter(name=name).latest("id").leaf))
    return found


def test_the_first_byte_takes_a_copy_and_leaves_an_event(entitlement: Any, buyer: Any, now: Any) -> None:
    verdict = sales.start(sales.link(entitlement, buyer), now)
    assert verdict.code is None and verdict.transfer_id is not None
    assert CopyCount.objects.get().used == 1
    started = leaf("transfer.started")
    facts = started["facts"]
    assert started["actor"] == buyer.name
    assert facts["country_from"] == "FR" and facts["country_to"] == "DE"
    assert facts["purpose"] == "research" and facts["mechanism"] == "not_personal"
    assert [clause["ok"] for clause in facts["clauses"]] == [True] * len(facts["clauses"])
    assert "192.0.2.7" not in json.dumps(started)
    assert VaultRecord.objects.get(pk=facts["sealed"]["record"]).sealed is not None


def test_the_same_link_goes_on_with_its_transfer(entitlement: Any, buyer: Any, now: Any) -> None:
    link = sales.link(entitlement, buyer)
    verdicts = [sales.start(link, now, Wish(range=f"bytes={n}-")) for n in range(8)]
    assert len({verdict.transfer_id for verdict in verdicts}) == 1
    assert CopyCount.objects.get().used == 1
    assert Event.objects.filter(name__startswith="transfer.").count() == 1


def test_starting_anew_is_another_copy_until_none_is_left(entitlement: Any, buyer: Any, now: Any) -> None:
    links = [sales.link(entitlement, buyer) for _ in range(4)]
    assert [sales.start(link, now).code for link in links] == [None, None, "copies_spent", "copies_spent"]
    assert Transfer.objects.count() == 2
    assert leaf("transfer.refused")["facts"]["code"] == "copies_spent"
    with pytest.raises(Forbidden) as refusal:
        sales.link(entitlement, buyer)
    assert refusal.value.code == "copies_spent"


def test_reading_all_but_the_last_byte_again_and_again_is_one_copy(
    entitlement: Any, buyer: Any, now: Any, settings: Any
) -> None:
    settings.EXCHANGE_TRANSFER_RESENDS = 3
    transfer_id = sales.start(sales.link(entitlement, buyer), now).transfer_id
    transfer = Transfer.objects.get(pk=transfer_id)
    allowed = 0
    for _ in range(20):
        try:
            link = sales.link(entitlement, buyer, transfer=transfer)
        except Conflict as refusal:
            assert refusal.code == "transfer_spent"
            break
        verdict = sales.start(link, now, Wish(range=f"bytes=0-{SIZE - 2}"))
        assert verdict.transfer_id == transfer_id
        transfers.progress(transfer.pk, [(0, SIZE - 1)], now=now)
        transfer.refresh_from_db()
        allowed += 1
    assert allowed == 4  # what a transfer may send in all is bounded too
    assert CopyCount.objects.get().used == 1
    assert transfer.state == "started" and transfer.sent_bytes == SIZE - 1


@pytest.mark.parametrize(
    "wish",
    [
        Wish(method="HEAD"),
        Wish(range="bytes=999999-"),
        Wish(if_match='"other"'),
    ],
)
def test_a_request_without_bytes_takes_no_copy(wish: Wish, entitlement: Any, buyer: Any, now: Any) -> None:
    verdict = sales.start(sales.link(entitlement, buyer), now, wish)
    assert verdict.code is None and verdict.transfer_id is None
    assert not CopyCount.objects.filter(used__gt=0).exists()


def test_every_byte_sent_completes_it(entitlement: Any, buyer: Any, now: Any) -> None:
    transfer_id = sales.start(sales.link(entitlement, buyer), now).transfer_id
    assert transfer_id is not None
    assert transfers.progress(transfer_id, [(10, SIZE)], now=now).state == "started"
    done = transfers.progress(transfer_id, [(0, 12)], now=now)
    assert (done.state, done.sent_ranges, done.sent_bytes, done.spent_bytes) == (
        "completed",
        [[0, SIZE]],
        SIZE,
        SIZE + 2,
    )
    assert leaf("transfer.completed")["facts"]["ranges"] == [[0, SIZE]]


def test_what_nobody_sends_is_interrupted_and_may_go_on(entitlement: Any, buyer: Any, now: Any) -> None:
    link = sales.link(entitlement, buyer)
    transfer_id = sales.start(link, now).transfer_id
    assert transfer_id is not None
    transfers.progress(transfer_id, [(0, 5)], now=now)
    assert transfers.sweep_idle(now=sales.later(now, seconds=10)) == 0
    assert transfers.sweep_idle(now=sales.later(now, seconds=20)) == 1
    assert Transfer.objects.get().state == "interrupted"
    assert sales.start(link, sales.later(now, seconds=30), Wish(range="bytes=5-")).transfer_id == transfer_id
    assert Transfer.objects.get().state == "started"
    assert CopyCount.objects.get().used == 1


def test_a_copy_comes_back_when_no_byte_was_sent(entitlement: Any, buyer: Any, now: Any) -> None:
    link = sales.link(entitlement, buyer)
    transfer_id = sales.start(link, now).transfer_id
    assert transfer_id is not None
    transfers.end_unsent(transfer_id, now=now)
    assert (Transfer.objects.get().state, CopyCount.objects.get().used) == ("interrupted", 1)
    assert transfers.sweep_idle(now=sales.later(now, seconds=10)) == 0
    assert transfers.sweep_idle(now=sales.later(now, seconds=20)) == 1
    assert (Transfer.objects.get().state, CopyCount.objects.get().used) == ("aborted", 0)
    assert sales.start(link, sales.later(now, seconds=30)).code == "transfer_over"


def test_a_copy_stays_taken_when_its_gateway_died_without_a_word(
    entitlement: Any, buyer: Any, now: Any
) -> None:
    link = sales.link(entitlement, buyer)
    sales.start(link, now)
    assert transfers.sweep_idle(now=sales.later(now, seconds=20)) == 1
    assert transfers.sweep_idle(now=sales.later(now, seconds=60)) == 0
    assert (Transfer.objects.get().state, CopyCount.objects.get().used) == ("interrupted", 1)
    assert sales.start(link, sales.later(now, seconds=70)).code is None, "going on is free"


def test_what_was_sent_meanwhile_counts_more_than_a_request_that_ended_unsent(
    entitlement: Any, buyer: Any, now: Any
) -> None:
    transfer_id = sales.start(sales.link(entitlement, buyer), now).transfer_id
    assert transfer_id is not None
    transfers.end_unsent(transfer_id, now=now)
    transfers.progress(transfer_id, [(0, 5)], now=now)
    assert transfers.sweep_idle(now=sales.later(now, seconds=20)) == 0
    transfers.end_unsent(transfer_id, now=now)
    assert transfers.sweep_idle(now=sales.later(now, seconds=20)) == 0
    assert CopyCount.objects.get().used == 1


def test_a_transfer_can_be_gone_on_with_only_so_long(entitlement: Any, buyer: Any, now: Any) -> None:
    transfer_id = sales.start(sales.link(entitlement, buyer), now).transfer_id
    transfer = Transfer.objects.get(pk=transfer_id)
    much_later = buyer.moved_to(sales.later(now, days=8))
    with pytest.raises(Conflict) as refusal:
        transfers.issue_token(entitlement, transfer=transfer, by=much_later)
    assert refusal.value.code == "transfer_lapsed"


@pytest.mark.parametrize(
    ("act", "code"),
    [
        (lambda e, s: entitlements.suspend(e, reason=REASON, by=s), "entitlement_suspended"),
        (lambda e, s: entitlements.revoke(e, reason=REASON, by=s), "entitlement_revoked"),
        (lambda e, s: revisions.revoke(e.revision, REASON, s), "revision_revoked"),
    ],
)
def test_a_token_opens_nothing_once_its_right_has_ended(
    act: Any, code: str, entitlement: Any, seller: Any, buyer: Any, now: Any
) -> None:
    link = sales.link(entitlement, buyer)
    act(entitlement, seller)
    assert sales.start(link, now).code == code
    assert not Transfer.objects.exists() and not CopyCount.objects.filter(used__gt=0).exists()
    assert leaf("transfer.refused")["facts"]["code"] == code
    entitlement.refresh_from_db()
    with pytest.raises((Conflict, Forbidden)) as refusal:
        sales.link(entitlement, buyer)
    assert refusal.value.code == code


def test_the_clock_is_asked_at_every_use(entitlement: Any, buyer: Any, now: Any) -> None:
    at_the_end = sales.later(now, days=365)
    link = sales.link(entitlement, buyer.moved_to(sales.later(at_the_end, seconds=-60)))
    assert sales.start(link, at_the_end).code == "expired"


def test_an_expired_token_of_ours_is_refused_and_recorded(entitlement: Any, buyer: Any, now: Any) -> None:
    link = sales.link(entitlement, buyer)
    assert sales.start(link, sales.later(now, seconds=601)).code == "token_expired"
    assert leaf("transfer.refused")["facts"]["code"] == "token_expired"


def test_a_suspended_participant_moves_nothing(
    entitlement: Any, seller: Any, buyer: Any, operator: Any, participant_of: Any, now: Any
) -> None:
    link = sales.link(entitlement, buyer)
    for side in (seller, buyer):
        members.suspend(participant_of(side), reason=REASON, by=operator)
        assert sales.start(link, now).code == "participant_not_verified"
        members.restore(participant_of(side), reason=REASON, by=operator)
    assert sales.start(link, now).code is None


def test_an_address_clause_is_decided_at_the_gateway(seller: Any, buyer: Any, now: Any) -> None:
    found = sales.entitled(seller, buyer, terms=[{"kind": "addresses", "any_of": ["198.51.100.0/24"]}])
    link = sales.link(found, buyer)
    assert sales.start(link, now, address="192.0.2.7").code == "address_not_allowed"
    assert sales.start(link, now, address="198.51.100.9").code is None


def test_personal_data_is_checked_against_the_law_at_each_transfer(
    seller: Any, now: Any, operator: Any, settings: Any, tmp_path: Any
) -> None:
    from compliance import legal
    from tests.contracts.test_negotiations import personal_offer

    importer = makers.trader("Importer", "JP", now)
    offer = personal_offer(seller, terms=[{"kind": "purpose", "any_of": ["research"]}])
    entitlement = sales.sold(offer, importer, seller, country="JP")
    link = sales.link(entitlement, importer)
    profile = json.loads(legal.PACKAGED.read_text())
    for row in profile["adequacy"]:
        if row["country"] == "JP":
            row["valid_to"] = "2026-11-01"
    (tmp_path / "law.json").write_text(json.dumps(profile))
    settings.EXCHANGE_LEGAL_PROFILE = str(tmp_path / "law.json")
    assert sales.start(link, now).code == "decision_not_in_force"


def test_only_the_buyer_takes_tokens(entitlement: Any, seller: Any, outsider: Any, officer: Any) -> None:
    for actor in (seller, outsider, officer):
        with pytest.raises(Forbidden):
            sales.link(entitlement, actor)


def test_a_token_names_what_belongs_to_its_entitlement(seller: Any, buyer: Any, now: Any) -> None:
    one, two = sales.entitled(seller, buyer), sales.entitled(seller, buyer)
    with pytest.raises(Forbidden) as refusal:
        transfers.issue_token(one, asset=sales.asset_of(two), by=buyer)
    assert refusal.value.code == "asset_not_included"
    sales.start(sales.link(two, buyer), now)
    with pytest.raises(NotFound):
        transfers.issue_token(one, transfer=Transfer.objects.get(), by=buyer)


def test_one_bad_attempt_hurts_no_other(entitlement: Any, buyer: Any, now: Any, monkeypatch: Any) -> None:
    good, broken = sales.link(entitlement, buyer), sales.link(entitlement, buyer)
    attempts = [sales.attempt(broken, now, Wish(range="boom")), sales.attempt(good, now)]
    decide = transfers.ranges.plan

    def failing(wish: Wish, **more: Any) -> Any:
        if wish.range == "boom":
            raise ZeroDivisionError
        return decide(wish, **more)

    monkeypatch.setattr(transfers.ranges, "plan", failing)
    assert [v.code for v in transfers.start_many(attempts, now=now)] == ["internal", None]
    assert Transfer.objects.count() == 1 and CopyCount.objects.get().used == 1


def test_a_link_opens_its_own_file_name_only(entitlement: Any, buyer: Any, now: Any) -> None:
    link = sales.link(entitlement, buyer)
    assert sales.start(link.replace("cities.csv", "other.csv"), now).code == "not_found"
    assert not Transfer.objects.exists()


def test_tokens_of_another_kind_are_none(entitlement: Any, now: Any) -> None:
    expires = sales.later(now, minutes=5)
    for purpose in (signing.Purpose.ACCESS, signing.Purpose.UPLOAD):
        other = signing.sign_token(purpose, {"jti": "x"}, audience=tokens.AUDIENCE, expires=expires)
        with pytest.raises(signing.BadToken) as refusal:
            tokens.read(other, now=now)
        assert refusal.value.code == "token_wrong_kind"


def test_what_was_found_counts_until_an_officer_approves_the_declaration(
    seller: Any, now: Any, officer: Any
) -> None:
    from compliance import gates
    from compliance.models import Review
    from datasets import datasets

    importer = makers.trader("Importer", "IN", now)
    rows = b"email,city\n" + b"".join(b"person%d@invented.example,Dijon\n" % n for n in range(50))
    dataset = sales.dataset_makers.draft(seller)
    datasets.declare(dataset, personal_data="none", by=seller)
    sales.dataset_makers.measured(dataset, seller, {"people.csv": rows})
    gates.approve(Review.objects.get(), "seen: every address is invented", officer)
    offer = sales.offer(datasets.publish(dataset, by=seller), seller, terms=[{"kind": "copies", "max": 9}])
    entitlement = sales.sold(offer, importer, seller, country="IN")
    link = sales.link(entitlement, importer)
    assert sales.start(link, now).code is None
    datasets.declare(dataset, personal_data="none", by=seller)  # a new version, which nobody has approved
    assert sales.start(link, now).code == "no_adequacy_decision"
