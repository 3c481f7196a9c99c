"""What other records say beside the log: counts of guesses, and what does not match."""

from collections.abc import Mapping
from uuid import UUID

from django.db import models

from exchange.kernel.canonical import Fact
from exchange.kernel.ids import new_id


class RefusalCount(models.Model):
    """How many requests of a kind that leave no Event (wild guesses) came on a day."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    day = models.DateField()
    code = models.CharField(max_length=40)
    count = models.BigIntegerField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["day", "code"], name="refusal_count_once_a_day")]


class Comparison(models.Model):
    """One comparison of the tokens, the gateways' record and the log, over a window of time."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    since = models.DateTimeField()
    until = models.DateTimeField(db_index=True)
    compared_at = models.DateTimeField()
    tokens = models.BigIntegerField()
    transfers = models.BigIntegerField()
    unmatched = models.BigIntegerField()


class Mismatch(models.Model):
    """What one record knows and another does not, or tells otherwise: bytes without an Event, an Event without bytes,
    a token that nobody gave out, a read of storage without a link. Never changed."""

    class Kind(models.TextChoices):
        UNLOGGED = "unlogged"  # bytes left, and the log has no start of their transfer
        UNSEEN = "unseen"  # the log has bytes that no gateway saw
        FEWER_BYTES = "fewer_bytes"  # complete by the log, and less left
        MORE_BYTES = "more_bytes"  # nothing was sent by the log, and bytes left
        UNKNOWN_TOKEN = "unknown_token"  # noqa: S105  (bytes left by a token that nobody gave out)
        STORAGE_READ = "storage_read"  # storage's own log has a read that no link explains

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    kind = models.CharField(max_length=16, choices=Kind.choices)
    subject = models.CharField(max_length=80)  # "transfer:<uuid>", "token:<hash>", "bucketread:<uuid>"
    detail = models.CharField(max_length=80, blank=True)
    sent_bytes = models.BigIntegerField(null=True)
    logged_bytes = models.BigIntegerField(null=True)
    found_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["kind", "subject"], name="mismatch_once")]

    def event_facts(self) -> Mapping[str, Fact]:
        return {
            "kind": self.kind,
            "about": self.subject,
            "sent_bytes": None if self.sent_bytes is None else str(self.sent_bytes),
            "logged_bytes": None if self.logged_bytes is None else str(self.logged_bytes),
        }

    def event_parties(self) -> list[UUID]:
        return []
