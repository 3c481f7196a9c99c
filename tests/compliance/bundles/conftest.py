"""A sale that was paid, downloaded and stopped, in a log that is published: the matter of each bundle here."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from exchange.kernel.actors import Actor
from tests import sales


@dataclass(frozen=True)
class Case:
    """What was sold, and the log that tells of it."""

    right: Any
    log: Any


@pytest.fixture
def case(public_log: Any, settings: Any, tmp_path: Path, seller: Actor, buyer: Actor, now: Any) -> Case:
    from contracts.entitlements import entitlements
    from contracts.transfers import transfers

    settings.EXCHANGE_EXPORTS_DIR = tmp_path / "exports"
    right = sales.entitled(seller, buyer, plan=dict(sales.PAID))
    verdict = sales.start(sales.link(right, buyer), now)
    assert verdict.transfer_id is not None
    transfers.progress(verdict.transfer_id, [(0, sales.asset_of(right).size_bytes or 0)], now=now)
    entitlements.suspend(right, reason="another purpose than the agreed one", by=seller)
    public_log.publish(now)
    return Case(right, public_log)
