"""What the log says of sealed revisions: whose they are, and of which dataset. The follower writes the rows."""

import json
import logging
from collections.abc import Iterable
from uuid import UUID

from compliance.models import SealedRevision
from compliance.proofs.receipts import Entry

log = logging.getLogger("exchange.records")


def is_about(event_name: str) -> bool:
    """Whether a leaf of this name says that a revision was sealed."""
    return event_name == "revision.sealed"


def write(entries: Iterable[Entry]) -> None:
    """Keep the revisions that these leaves name, each once."""
    found = []
    for index, leaf in entries:
        try:
            facts = json.loads(leaf)["facts"]
            ids = {f"{noun}_id": UUID(facts[noun]) for noun in ("dataset", "seller")}
            found.append(
                SealedRevision(pk=UUID(facts["revision"]), number=int(facts["number"]), leaf=index, **ids)
            )
        except (ValueError, KeyError, TypeError, AttributeError):
            log.error("leaf %s cannot be read as the sealing of a revision", index)
    SealedRevision.objects.bulk_create(found, ignore_conflicts=True)
