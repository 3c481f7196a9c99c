"""The log: its years, heads and checkpoints, and what watches it found wrong."""

from collections.abc import Mapping
from uuid import UUID

from django.db import models

from exchange.kernel.canonical import Fact
from exchange.kernel.ids import new_id


class Log(models.Model):
    """One log: a year's, or one that succeeds a log that had to be closed. Its leaf i is the Event whose leaf_index is
    `first_index` + i, up to where a newer log begins. Newer logs have greater names."""

    name = models.CharField(max_length=8, primary_key=True)  # "2026"; its successors "2026.1" to "2026.9"
    origin = models.CharField(max_length=200, unique=True)
    first_index = models.BigIntegerField()
    opened_at = models.DateTimeField()

    def event_facts(self) -> Mapping[str, Fact]:
        return {"log": self.name, "first_index": self.first_index}

    def event_parties(self) -> list[UUID]:
        return []


class LogHead(models.Model):
    """The tree after one batch, by the sequencer: unsigned, what the signer checks before it signs.
    `frontier` is all of the tree that appending to it needs, as `compliance.log.proofs.Frontier` writes it."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    log = models.ForeignKey(Log, on_delete=models.PROTECT, related_name="heads")
    size = models.BigIntegerField()
    root = models.BinaryField(max_length=32)
    frontier = models.BinaryField()
    sealed_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["log", "size"], name="log_head_size_once")]


class Checkpoint(models.Model):
    """A head that the signer has signed and published, as a C2SP signed note."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    log = models.ForeignKey(Log, on_delete=models.PROTECT, related_name="checkpoints")
    size = models.BigIntegerField()
    note = models.TextField()
    signed_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["log", "size"], name="checkpoint_size_once")]


class Alarm(models.Model):
    """What the monitor inside the exchange found wrong with the published log, until a look finds it well again. What
    an officer has acknowledged, with a `reason`, stands too, and troubles nobody."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    kind = models.CharField(max_length=16)
    sentence = models.CharField(max_length=500)
    raised_at = models.DateTimeField()
    cleared_at = models.DateTimeField(null=True)
    acknowledged_at = models.DateTimeField(null=True)
    reason = models.TextField(blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["kind", "sentence"], condition=models.Q(cleared_at=None), name="alarm_stands_once"
            )
        ]

    def event_facts(self) -> Mapping[str, Fact]:
        return {"kind": self.kind}

    def event_parties(self) -> list[UUID]:
        return []
