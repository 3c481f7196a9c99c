"""A small world for the records of processing: a seller's personal dataset, two agreements on it, and what left."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID

import pytest

if TYPE_CHECKING:
    from exchange.kernel.actors import Actor

PEOPLE = b"email,iban,city\n" + b"".join(
    f"person{n}@example.org,FR76300060000112345678901{n:02},Lyon\n".encode() for n in range(30)
)
PERIOD = {"duration_days": 90, "deletion_days": 30}
PROCESSING = {
    "data": ["email"],
    "persons": ["customers"],
    "passed_on_for": ["research"],
    "passed_on_to": "eea",
    "retention_months": 12,
}


@dataclass
class World:
    """Whose registers there are, and what they are about."""

    seller: "Actor"
    buyer: "Actor"
    officer: "Actor"
    dataset: Any
    story: Callable[..., Any]
    log: Any

    def sent(self, country: str, mechanism: str, *, to: "Actor | None" = None, **changes: Any) -> Any:
        """A whole transfer of the dataset."""
        buyer = to or self.buyer
        told = self.story(self.seller.participant_id, buyer.participant_id, **changes)
        told.row.dataset_id = self.dataset.pk
        told.changed |= {"country_to": country, "mechanism": mechanism, "purpose": "research"}
        return told.whole()

    def agreed(self, purpose: str, **facts: Any) -> UUID:
        """An agreement on the dataset, as its signing is told."""
        from contracts.models import Agreement
        from exchange.kernel import events
        from exchange.kernel.ids import new_id

        seller_id, buyer_id = self.seller.participant_id, self.buyer.participant_id
        assert seller_id and buyer_id
        row = Agreement(
            id=new_id(),
            negotiation_id=new_id(),
            dataset_id=self.dataset.pk,
            revision_id=new_id(),
            seller_id=seller_id,
            buyer_id=buyer_id,
        )
        use: dict[str, Any] = {
            "purpose": purpose,
            "country": "DE",
            "affiliates": 0,
            "duration_days": 90,
            "deletion_days": 30,
        }
        events.record("agreement.signed", row, by=self.seller, facts={**use, **facts})
        return row.pk

    def register(self, of: "Actor", at: datetime | None = None) -> Any:
        """The register of an actor's organisation."""
        from compliance.activities import register
        from exchange.participants import queries

        self.log.seal()
        assert of.participant_id
        return register.build(queries.participant(of.participant_id), now=at or of.at)


@pytest.fixture
def refused(database: None) -> Callable[..., Any]:
    """An act that is refused records nothing."""
    from exchange.kernel.errors import ExchangeError
    from exchange.kernel.models import Event

    @contextmanager
    def refused(kind: type[ExchangeError], code: str = "") -> Iterator[None]:
        before = Event.objects.count()
        with pytest.raises(kind) as refusal:
            yield
        assert not code or refusal.value.code == code
        assert Event.objects.count() == before

    return refused


@pytest.fixture
def world(
    seller: "Actor", buyer: "Actor", officer: "Actor", story: Callable[..., Any], public_log: Any
) -> World:
    """A published dataset of customers' addresses, of which the scan found bank accounts too."""
    from datasets import datasets
    from exchange.kernel import events
    from tests import dataset_makers as make

    dataset = make.draft(seller, title="Customers of Lyon")
    declared = {**make.PERSONAL, "columns": {"iban": "personal", "city": "none"}, "processing": PROCESSING}
    datasets.declare(dataset, **declared, by=seller)
    make.measured(dataset, seller, {"people.csv": PEOPLE})
    dataset.refresh_from_db()
    published = replace(seller, at=seller.at + timedelta(minutes=2))
    events.record("dataset.published", dataset, by=published)
    return World(seller, buyer, officer, dataset, story, public_log)
