"""What was taken away because its time was over."""

from collections.abc import Mapping
from uuid import UUID

from django.db import models

from exchange.kernel.canonical import Fact
from exchange.kernel.ids import new_id
from exchange.kernel.text import timestamp


class Sweep(models.Model):
    """One batch of one kind of record that went, because it was older than `cutoff`; never changed. What a legal hold
    kept of the same age is counted as `held`."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    kind = models.CharField(max_length=32)
    cutoff = models.DateTimeField()
    dropped = models.BigIntegerField()
    held = models.BigIntegerField(default=0)
    swept_at = models.DateTimeField()
    profile_version = models.CharField(max_length=200)
    profile_sha256 = models.CharField(max_length=64)

    def event_facts(self) -> Mapping[str, Fact]:
        return {
            "kind": self.kind,
            "cutoff": timestamp(self.cutoff),
            "dropped": str(self.dropped),
            "held": str(self.held),
            "profile_version": self.profile_version,
            "profile_sha256": self.profile_sha256,
        }

    def event_parties(self) -> list[UUID]:
        return []
