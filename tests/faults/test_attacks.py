"""A gateway under attack, in short; `make soak` attacks for longer. What must hold: strangers leave no rows, get no
byte, and do not keep others waiting."""

from collections.abc import Iterator
from urllib.parse import urlsplit

import httpx
import pytest

from tests import trades
from tests.faults import attacks
from tests.faults.attacks import NAME, Meanwhile
from tests.faults.load import counted
from tests.servers import Demo, Exchange, eventually, running

pytestmark = [pytest.mark.server, pytest.mark.xdist_group("faults")]

MEBIBYTE = 1024 * 1024


@pytest.fixture(scope="module")
def own(loaded_demo: Demo, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Exchange]:
    with running(loaded_demo, tmp_path_factory.mktemp("attacked")) as exchange:
        yield exchange


@pytest.fixture(scope="module")
def seller(own: Exchange) -> httpx.Client:
    return own.client("seller")


@pytest.fixture(scope="module")
def buyer(own: Exchange) -> httpx.Client:
    return own.client("buyer")


def guessed(exchange: Exchange) -> int:
    return counted(exchange, "SELECT sum(count) FROM compliance_refusalcount WHERE code = 'token_forged'")


def withstand_guesses(own: Exchange, seller: httpx.Client, buyer: httpx.Client, count: int) -> list[float]:
    """Guess, while the API is asked; what must hold after any number of guesses. Answers how long the API took."""
    entitlement = trades.entitled(seller, buyer, {NAME: trades.table(10)}, copies=1)
    url = trades.link(buyer, entitlement, asset=NAME)
    before, web = guessed(own), own.pids()["web"]
    attacks.guess(own.url, urlsplit(url).path.split("/")[2], 200)
    memory = attacks.memory_of(web)
    with Meanwhile(lambda: trades.asked(buyer.get("/entitlements"))) as others:
        answers = attacks.guess(own.url, urlsplit(url).path.split("/")[2], count)
    assert answers == {403: count}
    eventually(lambda: guessed(own) - before == count + 200)
    assert attacks.memory_of(web) - memory < 32 * MEBIBYTE
    assert trades.transfers(buyer, entitlement) == [] and trades.copies_used(buyer, entitlement) in (
        {},
        {NAME: 0},
    )
    anew = trades.link(buyer, entitlement, asset=NAME)  # a million guesses outlive the first
    assert httpx.get(anew).content == trades.table(10)
    return others.seconds


def test_guesses_open_nothing_and_are_counted(own: Exchange, seller: httpx.Client, buyer: httpx.Client) -> None:
    events = counted(own, "SELECT count(*) FROM kernel_event WHERE name = 'transfer.refused'")
    assert withstand_guesses(own, seller, buyer, 2_000)
    assert counted(own, "SELECT count(*) FROM kernel_event WHERE name = 'transfer.refused'") == events


def test_every_copy_of_a_token_ends_with_its_right(
    own: Exchange, seller: httpx.Client, buyer: httpx.Client
) -> None:
    entitlement = trades.entitled(seller, buyer, {NAME: trades.table(10)})
    links = [trades.link(buyer, entitlement, asset=NAME) for _ in range(5)]
    for link in links[:2]:
        assert httpx.get(link).is_success
    revoked = seller.post(
        f"/entitlements/{entitlement}/revoke", json={"reason": "the report shows another use"}
    )
    trades.asked(revoked)
    for link in links * 3:
        assert trades.code_of(httpx.get(link)) == "entitlement_revoked"
        assert trades.code_of(httpx.get(link, headers={"Range": "bytes=1-"})) == "entitlement_revoked"
        assert httpx.head(link).status_code == 403
    transfer = trades.transfers(buyer, entitlement)[0]["id"]
    again = buyer.post(f"/entitlements/{entitlement}/tokens", json={"transfer": transfer})
    assert again.status_code in (403, 409)
    assert trades.copies_used(buyer, entitlement) == {NAME: 2}


def test_floods_of_headers_are_cut_short(own: Exchange, seller: httpx.Client, buyer: httpx.Client) -> None:
    entitlement = trades.entitled(seller, buyer, {NAME: trades.table(10)}, copies=1)
    url = trades.link(buyer, entitlement, asset=NAME)
    web = own.pids()["web"]
    attacks.flood_heads(url)
    memory = attacks.memory_of(web)
    for _ in range(5):
        *cut, many_ranges, many_hops = attacks.flood_heads(url)
        assert all(not line or line.split()[1] in (b"400", b"431") for line in cut), cut
        assert many_ranges.split()[1] == many_hops.split()[1] == b"200"  # both are allowed to be passed over
    assert attacks.memory_of(web) - memory < 32 * MEBIBYTE
    assert trades.transfers(buyer, entitlement) == []


@pytest.mark.slow
def test_readers_who_vanish_leave_one_transfer_that_goes_on(
    own: Exchange, seller: httpx.Client, buyer: httpx.Client
) -> None:
    content = trades.table(100_000)
    entitlement = trades.entitled(seller, buyer, {NAME: content}, copies=1)
    url = trades.link(buyer, entitlement, asset=NAME)
    attacks.vanish(url, 12)
    assert httpx.get(url).content == content
    [transfer] = eventually(
        lambda: trades.transfers(buyer, entitlement), lambda found: found[0]["state"] == "completed"
    )
    assert transfer["sent_ranges"] == [[0, len(content)]]
    assert trades.copies_used(buyer, entitlement) == {NAME: 1}
