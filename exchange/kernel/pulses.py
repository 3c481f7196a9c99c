"""Signs of life of the processes behind the pages: each leaves one now and then, and the operator's page reads them."""

from datetime import datetime

from exchange.kernel.models import Pulse

EVERY_SECONDS = 10.0
WORKER, SEQUENCER, SIGNER, MESSENGER = "worker", "sequencer", "signer", "messenger"


def beat(name: str, now: datetime) -> None:
    """Note that the process of this name is alive."""
    Pulse.objects.bulk_create(
        [Pulse(name=name, at=now)], update_conflicts=True, unique_fields=["name"], update_fields=["at"]
    )


def last() -> dict[str, datetime]:
    """When each process was last alive; one that never was is not there."""
    return dict(Pulse.objects.values_list("name", "at"))
