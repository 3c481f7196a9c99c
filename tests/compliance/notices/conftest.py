"""Recipients of one dataset, as the log tells of them, and notices to them."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import pytest

from exchange.kernel.ids import new_id


@dataclass
class Received:
    """A dataset with transfers of it: each is told to the log, and sealed when it is asked for."""

    log: Any
    story: Any
    seller_id: UUID
    dataset_id: UUID = field(default_factory=new_id)
    revision_id: UUID = field(default_factory=new_id)

    def take(self, buyer_id: UUID, sent: int = 1_000, *, revision: UUID | None = None, minutes: int = 0) -> Any:
        """A transfer of 1,000 bytes, of which `sent` leave; more than none and less than all cuts it."""
        one = self.story(self.seller_id, buyer_id)
        one.row.dataset_id, one.row.revision_id = self.dataset_id, revision or self.revision_id
        one.tell("started", minutes=minutes)
        end = "completed" if sent == 1_000 else "interrupted" if sent else "aborted"
        one.tell(end, sent, minutes=minutes + 1)
        return one

    def seal(self) -> None:
        self.log.seal()


@pytest.fixture
def received(public_log: Any, story: Any, seller: Any) -> Received:
    return Received(public_log, story, seller.participant_id)


@pytest.fixture
def opened(received: Received, officer: Any) -> Callable[..., Any]:
    """Open a notice about the revision, on a fresh occasion unless one is given."""

    def make(**changed: Any) -> Any:
        from compliance import notices

        given = {
            "occasion": f"request:{new_id()}",
            "kind": "erasure",
            "dataset_id": received.dataset_id,
            "revision_ids": [received.revision_id],
            "message": "Delete the rows of the person whose key we sent.",
            "by": officer,
        }
        return notices.open_notice(**{**given, **changed})

    return make
