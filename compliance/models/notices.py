"""Notices to recipients: what is asked of everybody who received data, and how far each of them has come."""

from collections.abc import Mapping
from uuid import UUID

from django.db import models
from django.db.models import Q

from exchange.kernel.canonical import Fact
from exchange.kernel.ids import new_id
from exchange.kernel.states import known_states
from exchange.kernel.text import timestamp


class RecipientNotice(models.Model):
    """What all recipients of some revisions are asked to do, on one occasion ("request:<uuid>"). Where it `covers_all`,
    it is about every revision of which something had left when it was opened. `filled_to` is the last recipient that
    was taken from the log, `filled_at` is empty until all were. The profile is the one that its deadlines follow."""

    class State(models.TextChoices):
        OPEN = "open"
        SETTLED = "settled"

    class Kind(models.TextChoices):
        ERASURE = "erasure"
        CORRECTION = "correction"
        RESTRICTION = "restriction"
        REVOCATION = "revocation"
        BREACH = "breach"

    TRANSITIONS = {
        "settle": ({State.OPEN}, State.SETTLED, "recipientnotice.settled"),
        "reopen": ({State.SETTLED}, State.OPEN, "recipientnotice.unsettled"),
    }

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    state = models.CharField(max_length=16, choices=State.choices, default=State.OPEN)
    occasion = models.CharField(max_length=60)
    kind = models.CharField(max_length=16, choices=Kind.choices)
    dataset_id = models.UUIDField()
    seller_id = models.UUIDField(null=True)
    covers_all = models.BooleanField()
    revisions = models.JSONField(default=list)  # ids as text
    message = models.TextField()
    replaced_by_id = models.UUIDField(null=True)  # the revision that takes the place of those
    profile_version = models.CharField(max_length=200)
    profile_sha256 = models.CharField(max_length=64)
    opened_at = models.DateTimeField()
    filled_to = models.UUIDField(null=True)
    filled_at = models.DateTimeField(null=True)
    settled_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            known_states("recipientnotice", "open", "settled"),
            models.CheckConstraint(
                condition=Q(kind__in=["erasure", "correction", "restriction", "revocation", "breach"]),
                name="recipientnotice_kind_known",
            ),
            models.UniqueConstraint(fields=["occasion", "kind", "dataset_id"], name="recipientnotice_once"),
        ]
        indexes = [
            models.Index(fields=["dataset_id"], name="recipientnotice_of_dataset"),
            models.Index(fields=["seller_id", "id"], name="recipientnotice_of_seller"),
            models.Index(fields=["id"], condition=Q(filled_at=None), name="recipientnotice_to_fill"),
        ]

    def event_facts(self) -> Mapping[str, Fact]:
        return {
            "notice": str(self.pk),
            "occasion": self.occasion,
            "kind": str(self.kind),
            "dataset": str(self.dataset_id),
            "seller": str(self.seller_id) if self.seller_id else None,
            "revisions": None if self.covers_all else list(self.revisions),
            "profile": self.profile_sha256,
        }

    def event_parties(self) -> list[UUID]:
        return [self.seller_id] if self.seller_id else []


class NoticeRow(models.Model):
    """One recipient of a notice. `received_at` is when it last received some of the data, `again_at` when it began to
    do so after it had said that it was done; `contradiction` is a code where its word and the log differ."""

    class State(models.TextChoices):
        QUEUED = "queued"
        SENT = "sent"
        DELIVERED = "delivered"
        UNDELIVERED = "undelivered"  # another way must be found
        READ = "read"
        ACKNOWLEDGED = "acknowledged"
        REFUSED = "refused"
        DONE = "done"
        IMPOSSIBLE = "impossible"

    OPEN = (
        State.QUEUED,
        State.SENT,
        State.DELIVERED,
        State.UNDELIVERED,
        State.READ,
        State.ACKNOWLEDGED,
        State.REFUSED,
    )
    _TOLD = {State.SENT, State.DELIVERED, State.UNDELIVERED}
    TRANSITIONS = {
        "send": ({State.QUEUED}, State.SENT, "noticerow.notified"),
        "resend": ({State.UNDELIVERED}, State.SENT, "noticerow.repeated"),
        "deliver": ({State.SENT, State.UNDELIVERED}, State.DELIVERED, "noticerow.delivered"),
        "fail": ({State.SENT, State.DELIVERED}, State.UNDELIVERED, "noticerow.undelivered"),
        "read": (_TOLD, State.READ, "noticerow.opened"),
        "acknowledge": ({*_TOLD, State.READ, State.REFUSED}, State.ACKNOWLEDGED, "noticerow.acknowledged"),
        "refuse": ({*_TOLD, State.READ, State.ACKNOWLEDGED}, State.REFUSED, "noticerow.refused"),
        "finish": ({*_TOLD, State.READ, State.ACKNOWLEDGED, State.REFUSED}, State.DONE, "noticerow.finished"),
        "excuse": (set(OPEN), State.IMPOSSIBLE, "noticerow.excused"),
        "reopen": ({State.DONE, State.IMPOSSIBLE}, State.READ, "noticerow.reopened"),
    }

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    notice = models.ForeignKey(RecipientNotice, on_delete=models.PROTECT, related_name="rows", db_index=False)
    buyer_id = models.UUIDField()
    state = models.CharField(max_length=16, choices=State.choices, default=State.QUEUED)
    is_whole = models.BooleanField()  # every file that it received, it received whole
    received_at = models.DateTimeField()
    again_at = models.DateTimeField(null=True)
    contradiction = models.CharField(max_length=32, blank=True)
    reason = models.TextField(blank=True)  # why it is impossible
    sent_at = models.DateTimeField(null=True)
    looked_at = models.DateTimeField(null=True)  # when its delivery was last asked about
    answer_by = models.DateTimeField(null=True)
    reminders = models.PositiveSmallIntegerField(default=0)
    next_step_at = models.DateTimeField(null=True)
    escalated_at = models.DateTimeField(null=True)  # its rights are suspended, as long as the row is open
    closed_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            known_states(
                "noticerow",
                *("queued", "sent", "delivered", "undelivered", "read", "acknowledged", "refused"),
                *("done", "impossible"),
            ),
            models.UniqueConstraint(fields=["notice", "buyer_id"], name="noticerow_once"),
        ]
        indexes = [
            models.Index(fields=["notice", "state", "id"], name="noticerow_of_notice"),
            models.Index(fields=["notice", "id"], name="noticerow_newest"),
            models.Index(
                fields=["notice", "id"],
                condition=Q(
                    state__in=[
                        *("queued", "sent", "delivered", "undelivered"),
                        *("read", "acknowledged", "refused"),
                    ]
                ),
                name="noticerow_open",
            ),
            models.Index(fields=["notice"], condition=Q(state="undelivered"), name="noticerow_unreached"),
            models.Index(
                fields=["notice"],
                condition=~Q(contradiction="") & Q(closed_at__isnull=True),
                name="noticerow_contradicted",
            ),
            models.Index(
                fields=["notice"],
                condition=Q(closed_at__isnull=True, escalated_at__isnull=False),
                name="noticerow_suspended",
            ),
            models.Index(fields=["buyer_id", "id"], name="noticerow_of_buyer"),
            models.Index(fields=["id"], condition=Q(state="queued"), name="noticerow_to_send"),
            models.Index(fields=["looked_at"], condition=Q(state="sent"), name="noticerow_on_its_way"),
            models.Index(
                fields=["next_step_at"], condition=Q(next_step_at__isnull=False), name="noticerow_to_chase"
            ),
            models.Index(fields=["again_at"], condition=Q(again_at__isnull=False), name="noticerow_again"),
        ]

    @property
    def is_open(self) -> bool:
        return self.state in self.OPEN

    def event_facts(self) -> Mapping[str, Fact]:
        facts = {**self.notice.event_facts(), "row": str(self.pk), "buyer": str(self.buyer_id)}
        return facts | ({"answer_by_at": timestamp(self.answer_by)} if self.answer_by else {})

    def event_parties(self) -> list[UUID]:
        return [self.buyer_id, *self.notice.event_parties()]


class NoticeTally(models.Model):
    """How many recipients of a large notice stood where when the worker counted them last."""

    notice = models.OneToOneField(
        RecipientNotice, on_delete=models.PROTECT, primary_key=True, related_name="tally"
    )
    states = models.JSONField()  # state: how many
    contradictions = models.PositiveIntegerField()
    counted_at = models.DateTimeField()


class NoticeAnswer(models.Model):
    """What a recipient said that it did. A later answer stands beside the earlier ones and never in their place."""

    class Action(models.TextChoices):
        ACKNOWLEDGED = "acknowledged"  # it knows, and will act
        DELETED = "deleted"
        CORRECTED = "corrected"
        RESTRICTED = "restricted"
        STOPPED = "stopped"
        SECURED = "secured"
        NEVER_RECEIVED = "never_received"
        CANNOT = "cannot"
        REFUSED = "refused"

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    row = models.ForeignKey(NoticeRow, on_delete=models.PROTECT, related_name="answers")
    action = models.CharField(max_length=16, choices=Action.choices)
    copies = models.PositiveIntegerField(null=True)
    passed_on = models.TextField(blank=True)  # to whom
    remark = models.TextField(blank=True)
    answered_by = models.CharField(max_length=80)  # a pseudonym
    answered_at = models.DateTimeField()


class NoticeAttempt(models.Model):
    """How one way to a recipient ended: `tries` in all, taken or not. What an officer delivered by hand says by which
    way and what shows it."""

    class Channel(models.TextChoices):
        WEBHOOK = "webhook"
        EMAIL = "email"
        HAND = "hand"

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    row = models.ForeignKey(NoticeRow, on_delete=models.PROTECT, related_name="attempts")
    channel = models.CharField(max_length=8, choices=Channel.choices)
    is_taken = models.BooleanField()
    tries = models.PositiveIntegerField()
    code = models.CharField(max_length=40, blank=True)  # why not
    evidence = models.TextField(blank=True)
    at = models.DateTimeField()
