"""What the two sides of a negotiation write to each other, and the files that go with it."""

from collections.abc import Mapping
from uuid import UUID

from django.db import models

from contracts.models.negotiations import Negotiation, Side
from exchange.kernel.canonical import Fact
from exchange.kernel.ids import new_id


class Message(models.Model):
    """One message in the thread of a negotiation. Append-only."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    negotiation = models.ForeignKey(Negotiation, on_delete=models.PROTECT, related_name="messages")
    side = models.CharField(max_length=8, choices=Side.choices)
    author = models.CharField(max_length=80)  # an actor's name
    body = models.TextField()
    posted_at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["negotiation", "id"], name="message_of_negotiation")]
        constraints = [
            models.CheckConstraint(condition=models.Q(side__in=["seller", "buyer"]), name="message_side_known")
        ]

    def event_facts(self) -> Mapping[str, Fact]:
        talk = self.negotiation
        return {
            "message": str(self.pk),
            "negotiation": str(talk.pk),
            "dataset": str(talk.dataset_id),
            "seller": str(talk.seller_id),
            "buyer": str(talk.buyer_id),
            "side": self.side,
        }

    def event_parties(self) -> list[UUID]:
        return self.negotiation.event_parties()


class Attachment(models.Model):
    """A file that came with a message; the Event of the message holds its SHA-256. Append-only."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    message = models.ForeignKey(Message, on_delete=models.PROTECT, related_name="attachments")
    name = models.CharField(max_length=200)
    size_bytes = models.PositiveIntegerField()
    sha256 = models.CharField(max_length=64)
    content = models.BinaryField()
