"""A gateway whose clock is a minute ahead of the others', or behind: nothing is refused, ended or served by mistake for
longer than that minute, and the log is one."""

from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings

from contracts.entitlements import entitlements
from contracts.models import CopyCount, Transfer
from contracts.transfers import transfers
from exchange.kernel.actors import Actor
from exchange.kernel.models import Event
from tests import sales
from tests.compliance.conftest import PublicLog, public_log, verify  # noqa: F401 (fixtures)

MINUTE = 60


@pytest.fixture(params=[-MINUTE, MINUTE], ids=["behind", "ahead"])
def gateways_now(request: pytest.FixtureRequest, now: datetime) -> datetime:
    """What the gateway's clock says at the moment `now`."""
    return sales.later(now, seconds=request.param)


@pytest.fixture
def right(seller: Actor, buyer: Actor) -> Any:
    return sales.entitled(seller, buyer)


def test_a_fresh_link_opens_and_what_runs_is_not_taken_for_idle(
    right: Any, buyer: Actor, now: datetime, gateways_now: datetime
) -> None:
    verdict = sales.start(sales.link(right, buyer), gateways_now)
    assert verdict.code is None and verdict.transfer_id is not None
    idle = settings.EXCHANGE_TRANSFER_IDLE_SECONDS
    for seconds in range(0, 60, 5):
        transfers.keep_active([verdict.transfer_id], now=sales.later(gateways_now, seconds=seconds))
        later = sales.later(now, seconds=seconds + 10)  # notes come every few seconds; one was lost
        assert transfers.sweep_idle(now=later, idle_seconds=idle) == 0
    size = sales.asset_of(right).size_bytes or 0
    done = transfers.progress(verdict.transfer_id, [(0, size)], now=sales.later(gateways_now, seconds=60))
    assert (done.state, CopyCount.objects.get().used) == ("completed", 1)


def test_a_gateway_that_died_is_found_within_the_idle_time_and_the_minute(
    right: Any, buyer: Actor, now: datetime, gateways_now: datetime
) -> None:
    sales.start(sales.link(right, buyer), gateways_now)
    idle = settings.EXCHANGE_TRANSFER_IDLE_SECONDS
    assert transfers.sweep_idle(now=sales.later(now, seconds=idle + MINUTE + 1), idle_seconds=idle) == 1
    assert Transfer.objects.get().state == "interrupted"


def test_an_order_bites_whatever_the_gateways_clock_says(
    right: Any, seller: Actor, buyer: Actor, now: datetime, gateways_now: datetime
) -> None:
    link = sales.link(right, buyer)
    running = sales.start(link, gateways_now).transfer_id
    assert running is not None
    entitlements.revoke(right, reason="the report shows another use", by=seller)
    assert transfers.stopped_among([running], now=gateways_now) == {running: "entitlement_revoked"}
    ended = transfers.stop(running, "entitlement_revoked", now=gateways_now)
    assert ended.state == "revoked"
    assert sales.start(link, gateways_now).code == "entitlement_revoked"


def test_an_end_is_missed_by_the_minute_at_most(right: Any, buyer: Actor, now: datetime) -> None:
    assert right.ends_at is not None
    link = sales.link(right, buyer.moved_to(sales.later(right.ends_at, seconds=-2 * MINUTE)))
    assert sales.start(link, right.ends_at).code == "expired"
    behind = sales.later(right.ends_at, seconds=-1)  # the true time is up to a minute later
    assert sales.start(link, behind).code is None


def test_moments_that_go_back_and_forth_make_one_log_that_verifies(
    right: Any,
    buyer: Actor,
    now: datetime,
    public_log: PublicLog,  # noqa: F811
    verify: Any,  # noqa: F811
) -> None:
    for seconds in (MINUTE, -MINUTE):
        assert sales.start(sales.link(right, buyer), sales.later(now, seconds=seconds)).code is None
    public_log.publish(now)
    assert not Event.objects.filter(leaf_index=None).exists()
    folder: Path = public_log.folder()
    done = verify("log", folder, "--vkey", public_log.vkey())
    assert done.returncode == 0, done.stdout + done.stderr
