"""Downloads answered by links to storage: when they may be, what is recorded, and what the bucket's log makes of it."""

import json
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit
from urllib.request import urlopen

import pytest
from django.utils import timezone

from contracts.entitlements import entitlements
from contracts.holdings import holdings
from contracts.models import BucketRead, CopyCount, Transfer
from contracts.transfers import bucket_reads, copies, transfers
from contracts.transfers.ranges import Wish
from datasets import datasets
from datasets.models import Dataset
from datasets.storage import ABOUT
from exchange.kernel.errors import Conflict, Forbidden
from exchange.kernel.models import Event
from tests import buckets, dataset_makers, sales

pytestmark = [pytest.mark.one_database, pytest.mark.by_the_clock]

s3_server, bucket = buckets.s3_server, buckets.bucket

FREE = ({"kind": "purpose", "any_of": ["research"]}, {"kind": "duration", "days": 365})
SIZE = len(dataset_makers.SMALL_CSV)
REASON = "the buyer's report shows another purpose"
LATER = timedelta(seconds=3)


@pytest.fixture
def in_a_bucket(settings: Any, bucket: Any, s3_server: str) -> Any:
    """Assets in a bucket at moto, which believes every signature (tests/datasets/storage/test_links.py)."""
    settings.EXCHANGE_STORAGE, settings.EXCHANGE_S3_BUCKET = "s3", bucket.name
    settings.EXCHANGE_S3_ENDPOINT = s3_server
    settings.EXCHANGE_S3_ACCESS_KEY = settings.EXCHANGE_S3_SECRET_KEY = "test"
    return bucket


@pytest.fixture
def entitlement(in_a_bucket: Any, seller: Any, buyer: Any) -> Any:
    """A right without limits to data without anything personal, whose seller allows links."""
    return redirected(sales.entitled(seller, buyer, terms=list(FREE)), seller)


def redirected(right: Any, seller: Any) -> Any:
    datasets.allow_redirects(right.dataset, by=seller)
    right.refresh_from_db()
    return right


def start(right: Any, buyer: Any, wish: Wish | None = None, **which: Any) -> transfers.Verdict:
    return sales.start(sales.link(right, buyer, **which), buyer.at, wish)


def line(transfer: Transfer, at: datetime, **changes: Any) -> str:
    """A line of the access log, as Amazon publishes the format."""
    said: dict[str, Any] = {
        "request": "3E57427F3EXAMPLE",
        "key": transfer.asset.storage_key,
        "about": transfer.pk,
        "status": 200,
        "sent": SIZE,
        "requester": "79a59df900b949e55d96a1e698fbacedfd6e09d98eacf8f8d5218e7cd47ef2be",
        "signature": "X-Amz-Signature=8f0c",
        "operation": "REST.GET.OBJECT",
        **changes,
    }
    uri = f"GET /{said['key']}?response-content-type=text%2Fcsv&{ABOUT}={said['about']}&{said['signature']} HTTP/1.1"
    return (
        f"79a59df900b949e55d96a1e698fbacedfd6e09d98eacf8f8d5218e7cd47ef2be assets [{at:%d/%b/%Y:%H:%M:%S} +0000] "
        f"192.0.2.3 {said['requester']} {said['request']} {said['operation']} {said['key']} "
        f'"{uri}" {said["status"]} - {said["sent"]} '
        f'{SIZE} 70 10 "-" "x" - - SigV4 c AuthHeader h" - s9lzHYrFp76ZVxRcpX9+5cjAnEH2ROuN= SigV4 '
        f"ECDHE-RSA-AES128-GCM-SHA256 QueryString assets.s3.eu-west-3.amazonaws.com TLSv1.2 - -"
    )


def leaf(name: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(bytes(Event.objects.filter(name=name).latest("id").leaf))
    return found


def test_a_download_becomes_a_link_and_the_log_says_so(entitlement: Any, buyer: Any, seller: Any) -> None:
    verdict = start(entitlement, buyer)
    assert (verdict.code, verdict.is_redirected) == (None, True)
    transfer = Transfer.objects.get()
    assert (transfer.evidence, transfer.state, transfer.sent_bytes, transfer.spent_bytes) == (
        "issued",
        "started",
        0,
        SIZE,
    )
    assert leaf("transfer.started")["facts"]["evidence"] == "issued"
    [held] = holdings.of_revision(seller, entitlement.revision_id).items
    assert (held.is_open, held.is_whole, held.sent_bytes) == (True, False, 0), (
        "it may be all, it may be nothing"
    )


def test_the_gateway_answers_with_a_link_that_works(entitlement: Any, buyer: Any, own_database: None) -> None:
    now = timezone.now()
    at_work = buyer.moved_to(now)
    answer = sales.call("GET", sales.link(entitlement, at_work))
    assert (answer.status, bytes(answer.body)) == (307, b"")
    assert answer.headers["cache-control"] == "no-store" and answer.headers["referrer-policy"] == "no-referrer"
    at = urlsplit(answer.headers["location"])
    asked = {name: values[0] for name, values in parse_qs(at.query).items()}
    assert asked["X-Amz-Expires"] == "20" and asked[ABOUT] == str(Transfer.objects.get().pk)
    with urlopen(answer.headers["location"]) as found:
        assert found.read() == dataset_makers.SMALL_CSV
        assert found.headers["content-disposition"].startswith('attachment; filename="cities.csv"')
    in_a_form = sales.call("GET", sales.link(entitlement, at_work), headers={"Sec-Fetch-Site": "same-origin"})
    assert (in_a_form.status, bytes(in_a_form.body)) == (200, dataset_makers.SMALL_CSV)
    head = sales.call("HEAD", sales.link(entitlement, at_work))
    assert (head.status, head.headers["content-length"]) == (200, str(SIZE))


def test_only_a_whole_file_is_given_by_a_link(entitlement: Any, buyer: Any) -> None:
    for wish in (
        Wish(method="HEAD"),
        Wish(range="bytes=0-4"),
        Wish(range="bytes=999999-"),
        Wish(if_match='"other"'),
        Wish(takes_redirect=False),
    ):
        assert not start(entitlement, buyer, wish).is_redirected, wish
    assert not Transfer.objects.filter(evidence="issued").exists()


def test_a_limit_that_only_the_gateway_can_keep_is_kept_by_it(
    in_a_bucket: Any, seller: Any, buyer: Any
) -> None:
    for clause in (
        {"kind": "copies", "max": 5},
        {"kind": "volume", "bytes": SIZE},
        {"kind": "addresses", "any_of": ["192.0.2.0/24"]},
    ):
        right = redirected(sales.entitled(seller, buyer, terms=[*FREE, clause]), seller)
        verdict = start(right, buyer)
        assert (verdict.code, verdict.is_redirected) == (None, False)
    assert set(Transfer.objects.values_list("evidence", flat=True)) == {"gateway"}


@pytest.mark.parametrize(
    ("ways", "whole", "part"),
    [
        (["bucket"], (None, True), ("delivery_not_allowed", False)),
        (["gateway"], (None, False), (None, False)),
        (["bucket", "gateway"], (None, True), (None, False)),
        (["sharing"], ("delivery_not_allowed", False), ("delivery_not_allowed", False)),
    ],
)
def test_the_terms_may_name_the_way_of_delivery(
    in_a_bucket: Any, seller: Any, buyer: Any, ways: Any, whole: Any, part: Any
) -> None:
    terms = [*FREE, {"kind": "delivery", "any_of": ways}]
    right = redirected(sales.entitled(seller, buyer, terms=terms), seller)
    for wish, expected in ((None, whole), (Wish(range="bytes=0-4"), part)):
        verdict = start(right, buyer, wish)
        assert (verdict.code, verdict.is_redirected) == expected
        assert verdict.clause == ("delivery" if verdict.code else None)


def test_a_bound_token_is_answered_by_the_gateway(entitlement: Any, buyer: Any, now: Any) -> None:
    from contracts.tokens.bindings import Binding

    asset = sales.asset_of(entitlement)
    url, _ = transfers.issue_token(entitlement, asset=asset, binding=Binding(("192.0.2.0/24",)), by=buyer)
    assert not sales.start(urlsplit(url).path, now).is_redirected


def test_links_are_off_until_the_seller_allows_them(
    in_a_bucket: Any, seller: Any, buyer: Any, outsider: Any, operator: Any, refused: Any
) -> None:
    right = sales.entitled(seller, buyer, terms=list(FREE))
    assert not start(right, buyer).is_redirected
    for actor, code in (
        (buyer, "other_organisation"),
        (outsider, "other_organisation"),
        (operator, "scope_missing"),
    ):
        with refused(Forbidden, code):
            datasets.allow_redirects(right.dataset, by=actor)
    assert not Dataset.objects.get(pk=right.dataset_id).may_redirect


def test_a_folder_gives_no_links(seller: Any, refused: Any) -> None:
    dataset = dataset_makers.published(seller)
    with refused(Conflict, "no_links"):
        datasets.allow_redirects(dataset, by=seller)


def test_what_is_personal_stays_with_the_gateway(in_a_bucket: Any, seller: Any, refused: Any) -> None:
    undeclared = dataset_makers.draft(seller)
    declared = dataset_makers.draft(seller)
    datasets.declare(declared, **dataset_makers.PERSONAL, by=seller)
    found = dataset_makers.draft(seller)
    dataset_makers.declare_free(found, seller)
    rows = b"email,city\n" + b"".join(b"person%d@invented.example,Dijon\n" % n for n in range(50))
    dataset_makers.measured(found, seller, {"people.csv": rows})
    for dataset in (undeclared, declared, found):
        with refused(Conflict, "redirect_of_personal_data"):
            datasets.allow_redirects(dataset, by=seller)
        assert not Dataset.objects.get(pk=dataset.pk).may_redirect


def test_the_setting_drops_when_the_data_becomes_personal(entitlement: Any, seller: Any, buyer: Any) -> None:
    start(entitlement, buyer)
    datasets.declare(entitlement.dataset, **dataset_makers.PERSONAL, by=seller)
    assert not Dataset.objects.get(pk=entitlement.dataset_id).may_redirect
    assert leaf("dataset.redirects_forbidden")["facts"]["code"] == "personal_data"
    assert not start(entitlement, buyer, transfer=Transfer.objects.get()).is_redirected
    datasets.declare(entitlement.dataset, personal_data="none", by=seller)
    assert not start(entitlement, buyer).is_redirected, "the seller must choose it again"


def test_what_is_found_in_a_later_revision_drops_it_too(entitlement: Any, seller: Any) -> None:
    rows = b"email,city\n" + b"".join(b"person%d@invented.example,Dijon\n" % n for n in range(50))
    dataset_makers.measured(entitlement.dataset, seller, {"people.csv": rows})
    assert not Dataset.objects.get(pk=entitlement.dataset_id).may_redirect


def test_the_seller_forbids_links_again(entitlement: Any, seller: Any, buyer: Any) -> None:
    datasets.forbid_redirects(entitlement.dataset, by=seller)
    assert not start(entitlement, buyer).is_redirected
    datasets.forbid_redirects(entitlement.dataset, by=seller)
    assert Event.objects.filter(name="dataset.redirects_forbidden").count() == 1


def test_links_are_given_again_only_as_often_as_bytes_would_be(
    entitlement: Any, buyer: Any, settings: Any, now: Any
) -> None:
    settings.EXCHANGE_TRANSFER_RESENDS = 3
    link = sales.link(entitlement, buyer)
    codes = [sales.start(link, now).code for _ in range(5)]
    assert codes == [None, None, None, "transfer_spent", "transfer_spent"]
    assert CopyCount.objects.get().used == 1 and Transfer.objects.count() == 1


def test_a_revoked_right_ends_what_was_issued(
    entitlement: Any, seller: Any, buyer: Any, now: Any, react: Any
) -> None:
    start(entitlement, buyer)
    assert transfers.sweep_idle(now=now + timedelta(hours=1)) == 0, "no gateway sends it, so none can have died"
    entitlements.revoke(entitlement, reason=REASON, by=seller)
    transfers.end_transfers(entitlement.pk, now=now + LATER)
    assert Transfer.objects.get().state == "revoked"


def test_the_buckets_log_says_what_left(entitlement: Any, seller: Any, buyer: Any, now: Any) -> None:
    start(entitlement, buyer)
    transfer = Transfer.objects.get()
    found = bucket_reads.reconcile([line(transfer, now + LATER)], now=now + timedelta(hours=2))
    assert (found.matched, found.unmatched) == (1, [])
    transfer.refresh_from_db()
    assert (transfer.state, transfer.sent_ranges, transfer.spent_bytes) == ("completed", [[0, SIZE]], SIZE)
    facts = leaf("transfer.reconciled")["facts"]
    assert (facts["sent_bytes"], facts["read_bytes"], facts["status"]) == (str(SIZE), str(SIZE), 200)
    assert facts["evidence"] == "issued" and leaf("transfer.completed")["subject"] == f"transfer:{transfer.pk}"
    assert "192.0.2.3" not in json.dumps(
        [leaf("transfer.reconciled"), *BucketRead.objects.values()], default=str
    )
    [held] = holdings.of_revision(seller, entitlement.revision_id).items
    assert held.is_whole and not held.is_open
    again = bucket_reads.reconcile([line(transfer, now + LATER)], now=now + timedelta(hours=3))
    assert (again.matched, again.repeated) == (0, 1)
    assert Event.objects.filter(name="transfer.reconciled").count() == 1


def test_a_read_that_broke_off_is_a_part_and_may_go_on(entitlement: Any, buyer: Any, now: Any) -> None:
    link = sales.link(entitlement, buyer)
    sales.start(link, now)
    transfer = Transfer.objects.get()
    bucket_reads.reconcile([line(transfer, now + LATER, sent=12)], now=now + LATER)
    transfer.refresh_from_db()
    assert (transfer.state, transfer.sent_ranges) == ("started", [[0, 12]])
    rest = sales.start(link, now + LATER, Wish(range="bytes=12-"))
    assert (rest.code, rest.is_redirected, rest.transfer_id) == (None, False, transfer.pk)
    assert transfers.progress(transfer.pk, [(12, SIZE)], now=now + LATER).state == "completed"
    assert CopyCount.objects.get().used == 1


def test_no_gateway_says_that_nothing_left_by_a_link(entitlement: Any, buyer: Any, now: Any) -> None:
    start(entitlement, buyer)
    transfer = Transfer.objects.get()
    assert transfers.end_unsent(transfer.pk, now=now).state == "started"
    assert transfers.sweep_idle(now=now + timedelta(hours=1)) == 0
    assert CopyCount.objects.get().used == 1


def test_a_part_that_a_client_took_by_itself_is_told_without_its_place(
    entitlement: Any, buyer: Any, now: Any
) -> None:
    start(entitlement, buyer)
    transfer = Transfer.objects.get()
    found = bucket_reads.reconcile([line(transfer, now + LATER, status=206, sent=9)], now=now + LATER)
    transfer.refresh_from_db()
    assert (found.matched, transfer.sent_ranges, transfer.state) == (1, [], "started")
    assert leaf("transfer.reconciled")["facts"]["read_bytes"] == "9"


UNEXPLAINED: list[tuple[dict[str, Any], timedelta]] = [
    ({"about": "0192f0c1-0000-7000-8000-000000000000"}, LATER),
    ({"about": "nothing"}, LATER),
    ({"key": "0" * 32}, LATER),
    ({"sent": SIZE + 1}, LATER),
    ({"requester": "-", "signature": ""}, timedelta(hours=1)),
    ({}, timedelta(minutes=-6)),
    ({}, timedelta(minutes=6)),
]


def test_a_read_that_no_link_explains_is_kept_counted_and_shown(
    entitlement: Any, buyer: Any, officer: Any, now: Any, door: Any
) -> None:
    start(entitlement, buyer)
    transfer = Transfer.objects.get()
    lines = [
        line(transfer, now + shift, request=f"R{number}", **changes)
        for number, (changes, shift) in enumerate(UNEXPLAINED)
    ]
    found = bucket_reads.reconcile(lines, now=now)
    assert (found.matched, found.unmatched) == (0, [f"R{number}" for number in range(len(UNEXPLAINED))])
    transfer.refresh_from_db()
    assert transfer.sent_bytes == 0
    assert leaf("bucket.read_unmatched")["facts"]["request"] == f"R{len(UNEXPLAINED) - 1}"
    shown = door(officer).get("/api/v1/bucket-reads", matched=False).json()["items"]
    assert {(row["request_id"], row["transfer_id"]) for row in shown} == {
        (one, None) for one in found.unmatched
    }
    assert door(officer).get("/api/v1/bucket-reads", matched=True).json()["items"] == []
    assert door(buyer).get("/api/v1/bucket-reads").status_code == 403
    unmatched = door(officer).get("/api/v1/desk/unmatched", limit=50).json()["items"]
    assert {row["kind"] for row in unmatched} == {"storage_read"}
    assert {row["detail"] for row in unmatched} == {f"request:{one}" for one in found.unmatched}


def test_a_gateways_transfer_is_explained_by_no_link(
    seller: Any, buyer: Any, in_a_bucket: Any, now: Any
) -> None:
    start(sales.entitled(seller, buyer, terms=list(FREE)), buyer)
    found = bucket_reads.reconcile([line(Transfer.objects.get(), now)], now=now)
    assert len(found.unmatched) == 1


def test_other_lines_are_told_apart(entitlement: Any, buyer: Any, now: Any) -> None:
    start(entitlement, buyer)
    transfer = Transfer.objects.get()
    lines = [
        line(transfer, now, signature="", about=""),
        line(transfer, now, operation="REST.PUT.OBJECT"),
        line(transfer, now, status=403, sent="-"),
        "no line of a log at all",
        "",
        line(transfer, now).replace("[", "(", 1),
    ]
    found = bucket_reads.reconcile(lines, now=now)
    assert (found.matched, found.own, found.others, found.unreadable, found.unmatched) == (0, 1, 2, 2, [])


def test_a_copy_that_was_issued_may_be_given_back(entitlement: Any, seller: Any, buyer: Any, now: Any) -> None:
    start(entitlement, buyer)
    transfer = copies.give_back(Transfer.objects.get(), reason=REASON, by=seller)
    assert transfer.state == "aborted" and CopyCount.objects.get().used == 0
    bucket_reads.reconcile([line(transfer, now + LATER)], now=now + LATER)
    transfer.refresh_from_db()
    assert (transfer.state, transfer.sent_bytes) == ("aborted", SIZE), "what left is told all the same"


def test_the_log_alone_knows_of_what_was_issued_and_what_left(
    entitlement: Any, buyer: Any, officer: Any, now: Any, settings: Any, tmp_path: Any
) -> None:
    from compliance.follower import follow
    from compliance.log.sealing import seal_batch
    from compliance.recipients import recipients

    settings.EXCHANGE_LOG_DIR = tmp_path / "log"
    start(entitlement, buyer)
    seal_batch(now)
    follow()
    [one] = recipients.of(entitlement.dataset_id, entitlement.revision_id, visible_to=officer)
    assert one.is_running and not one.is_whole
    bucket_reads.reconcile([line(Transfer.objects.get(), now + LATER)], now=now + LATER)
    seal_batch(now + LATER)
    follow()
    [one] = recipients.of(entitlement.dataset_id, entitlement.revision_id, visible_to=officer)
    assert one.is_whole and not one.is_running and one.transfers == 1
