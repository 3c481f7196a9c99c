"""The Event log: what happened, append-only; what a person may see of it, who may see it, and which reactions
still have to run, which were pruned, and when each process last said that it is alive."""

from django.db import models

from exchange.kernel.ids import new_id


class Event(models.Model):
    """One thing that happened. `leaf` is its canonical form and enters the provable log; only `leaf_index`
    may change, once, when the sequencer gives the leaf its place."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    name = models.CharField(max_length=64)
    subject = models.CharField(max_length=80)
    at = models.DateTimeField()
    leaf = models.BinaryField()
    leaf_hash = models.BinaryField(max_length=32)
    leaf_index = models.BigIntegerField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["leaf_index"],
                condition=models.Q(leaf_index__isnull=False),
                name="kernel_event_place_once",
            )
        ]
        indexes = [
            models.Index(fields=["subject", "id"], name="kernel_event_subject"),
            models.Index(fields=["id"], condition=models.Q(leaf_index=None), name="kernel_event_unsealed"),
        ]

    @property
    def subject_id(self) -> str:
        return self.subject.partition(":")[2]


class EventDetail(models.Model):
    """What desk and webhooks show of an Event beyond its leaf. Never changed; may be erased."""

    event = models.OneToOneField(Event, on_delete=models.PROTECT, primary_key=True, related_name="detail")
    body = models.JSONField()


class EventParty(models.Model):
    """A participant who may see an Event. Written with the Event, by the same statement or verb, and as lasting as it:
    so the database need not look for the Event again, nor keep more than the one index by which it is found."""

    pk = models.CompositePrimaryKey("participant_id", "event_id")
    participant_id = models.UUIDField()
    event = models.ForeignKey(
        Event, on_delete=models.PROTECT, related_name="parties", db_index=False, db_constraint=False
    )


class Pruning(models.Model):
    """The one way by which Events leave: once a range of sealed leaves is written here, the database lets those Events
    be deleted, and no others. Never changed, but for when the last of them was gone."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    first_index = models.BigIntegerField()
    stop_index = models.BigIntegerField()
    decided_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["first_index"], name="kernel_pruning_once"),
            models.CheckConstraint(
                condition=models.Q(first_index__lt=models.F("stop_index")), name="kernel_pruning_has_leaves"
            ),
        ]


class Delivery(models.Model):
    """A reaction that an Event asks for. It is done only when its verb has returned; until then the sweep
    sends it again, so a lost message costs a delay."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    event = models.ForeignKey(Event, on_delete=models.PROTECT, related_name="deliveries")
    reaction = models.CharField(max_length=120)
    attempts = models.PositiveIntegerField(default=0)
    due_at = models.DateTimeField()
    done_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["event", "reaction"], name="kernel_delivery_once")]
        indexes = [
            models.Index(fields=["due_at"], condition=models.Q(done_at=None), name="kernel_delivery_due")
        ]


class Pulse(models.Model):
    """A sign of life: when a process of this name last did its round. Nothing is decided by it."""

    name = models.CharField(primary_key=True, max_length=40)
    at = models.DateTimeField()
