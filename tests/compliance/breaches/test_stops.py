"""What an officer stops in a breach while it leaves: the running transfer ends, and no link of it is good any more."""

from collections.abc import Callable
from typing import Any

import pytest
from django.utils import timezone

from compliance.breaches import register, stops
from compliance.models import BreachStop
from contracts.models import Transfer
from datasets.models import Revision
from exchange.kernel.actors import Actor
from exchange.kernel.errors import Conflict, NotFound
from exchange.kernel.ids import new_id
from exchange.kernel.models import Event
from tests import dataset_makers, sales
from tests.compliance.breaches.conftest import found

pytestmark = [pytest.mark.usefixtures("own_database"), pytest.mark.by_the_clock]
REASON = "The file holds a table that nobody meant to sell."
BIG = dataset_makers.numbers(700_000)  # over four blocks; no .csv, which would be measured


@pytest.fixture(autouse=True)
def storage_folder(settings: Any, tmp_path: Any) -> None:
    settings.EXCHANGE_STORAGE, settings.EXCHANGE_STORAGE_DIR = "files", tmp_path / "assets"


@pytest.fixture
def entitlement(seller: Actor, buyer: Actor) -> Any:
    return sales.entitled(seller, buyer, files={"big.bin": BIG})


def test_a_revision_is_stopped_while_it_leaves(
    officer: Actor, buyer: Actor, entitlement: Any, react: Callable[..., int]
) -> None:
    breach = register.open_breach(found(officer.at), by=officer)
    revision, link = entitlement.revision, sales.link(entitlement, buyer)
    order: dict[str, Any] = {"kind": "revision", "target_id": revision.pk, "reason": REASON}
    with pytest.raises(NotFound):
        stops.order(breach, **{**order, "target_id": new_id()}, by=officer)

    react(timezone.now())

    def stop() -> None:
        stops.order(breach, **order, by=officer)
        react(timezone.now())

    answer = sales.call("GET", link, pause=0.3, after_first=stop)
    assert answer.status == 200 and not answer.is_whole
    assert 0 < len(answer.body) < len(BIG)
    transfer = Transfer.objects.get()
    assert transfer.state == "revoked" and transfer.sent_bytes == len(answer.body)
    revision.refresh_from_db()
    assert revision.state == Revision.State.REVOKED
    again = sales.call("GET", link)
    assert (again.status, again.body.count(b"revision_revoked")) == (403, 1)

    happened = list(Event.objects.order_by("id").values_list("name", flat=True))
    assert happened.index("breachstop.ordered") < happened.index("revision.revoked")
    assert Event.objects.get(name="revision.revoked").detail.body["reason"] == REASON
    with pytest.raises(Conflict):
        stops.order(breach, **order, by=officer)
    assert react(timezone.now()) == 0 and BreachStop.objects.count() == 1


def test_an_organisation_is_stopped_while_it_takes(officer: Actor, buyer: Actor, entitlement: Any) -> None:
    breach = register.open_breach(found(officer.at), by=officer)
    link = sales.link(entitlement, buyer)
    assert buyer.participant_id
    order: dict[str, Any] = {"kind": "participant", "target_id": buyer.participant_id, "reason": REASON}
    answer = sales.call("GET", link, pause=0.3, after_first=lambda: stops.order(breach, **order, by=officer))
    assert 0 < len(answer.body) < len(BIG) and not answer.is_whole
    assert Transfer.objects.get().state in {"interrupted", "revoked"}
    assert sales.call("GET", link).status == 403
