"""Records of processing: what leaves say of declarations, of agreements and of where data went, and what people add by
hand where the law asks for more."""

from collections.abc import Mapping
from uuid import UUID

from django.db import models

from exchange.kernel.canonical import Fact
from exchange.kernel.ids import new_id
from exchange.kernel.text import timestamp


class DeclaredDataset(models.Model):
    """What the log proves was declared of a dataset last, and what the last scan found; codes and counts alone."""

    id = models.UUIDField(primary_key=True)  # of the dataset
    seller_id = models.UUIDField(null=True)
    stage = models.CharField(max_length=16, default="draft")  # draft, published or retired
    number = models.PositiveIntegerField(default=0)  # of the declaration; 0 before the first
    personal_data = models.CharField(max_length=16, blank=True)
    columns = models.JSONField(default=dict)  # class: how many columns
    legal_basis = models.CharField(max_length=16, blank=True)
    article_9_ground = models.CharField(max_length=16, blank=True)
    processing = models.JSONField(default=dict)
    found = models.JSONField(default=dict)  # kind: in how many columns of the revision measured last
    declared_at = models.DateTimeField(null=True)
    measured_at = models.DateTimeField(null=True)
    declared_leaf = models.BigIntegerField(null=True)
    measured_leaf = models.BigIntegerField(null=True)
    stage_leaf = models.BigIntegerField(null=True)

    class Meta:
        indexes = [models.Index(fields=["seller_id", "id"], name="declared_of_seller")]


class AgreedUse(models.Model):
    """What the log proves was agreed: who may use which dataset for what, where and until when."""

    id = models.UUIDField(primary_key=True)  # of the agreement
    seller_id = models.UUIDField(null=True)
    buyer_id = models.UUIDField(null=True)
    dataset_id = models.UUIDField(null=True)
    purpose = models.CharField(max_length=40, blank=True)
    country = models.CharField(max_length=2, blank=True)
    affiliates = models.PositiveIntegerField(default=0)
    duration_days = models.PositiveIntegerField(null=True)
    end_date = models.DateField(null=True)
    deletion_days = models.PositiveIntegerField(null=True)
    signed_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    signed_leaf = models.BigIntegerField(null=True)

    class Meta:
        indexes = [
            models.Index(fields=["dataset_id"], name="agreed_of_dataset"),
            models.Index(fields=["buyer_id"], name="agreed_of_buyer"),
        ]


class Flow(models.Model):
    """How often and how much of a dataset left for one country under one mechanism, in one month of the exchange's own
    zone: the sum of its records, written with them. What was refused counts nowhere."""

    id = models.UUIDField(primary_key=True)  # a hash of what the row is about
    month = models.DateField()  # its first day
    dataset_id = models.UUIDField(null=True)
    seller_id = models.UUIDField(null=True)
    country_from = models.CharField(max_length=2)
    country_to = models.CharField(max_length=2)
    mechanism = models.CharField(max_length=24, blank=True)
    personal_data = models.CharField(max_length=16)
    purpose = models.CharField(max_length=40)
    transfers = models.IntegerField()
    sent_bytes = models.BigIntegerField()

    class Meta:
        indexes = [
            models.Index(fields=["month"], name="flow_of_month"),
            models.Index(fields=["dataset_id"], name="flow_of_dataset"),
        ]


class ActivityVersion(models.Model):
    """What was added by hand to one activity of an organisation's register, or to the whole where `activity` is empty.
    `contacts` is a record of the vault, which holds who can be asked. Never changed: a new one follows."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    participant_id = models.UUIDField()
    activity = models.CharField(max_length=80, blank=True)
    number = models.PositiveIntegerField()
    parts = models.JSONField()
    contacts = models.UUIDField(null=True)
    contacts_sha256 = models.CharField(max_length=64, blank=True)
    made_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["participant_id", "activity", "number"], name="activityversion_number_once"
            )
        ]

    def event_facts(self) -> Mapping[str, Fact]:
        sealed = {"record": str(self.contacts), "sha256": self.contacts_sha256} if self.contacts else None
        return {
            "participant": str(self.participant_id),
            "activity": self.activity or None,
            "number": self.number,
            "parts": sorted(self.parts),
            "sealed": sealed,
        }

    def event_parties(self) -> list[UUID]:
        return [self.participant_id]


class ActivityReview(models.Model):
    """That somebody looked at an activity and found it right, and when to look again by the profile named here."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    participant_id = models.UUIDField()
    activity = models.CharField(max_length=80)
    remark = models.TextField(blank=True)
    reviewed_at = models.DateTimeField()
    next_at = models.DateTimeField()
    profile_version = models.CharField(max_length=200)
    profile_sha256 = models.CharField(max_length=64)

    class Meta:
        indexes = [
            models.Index(fields=["participant_id", "activity", "reviewed_at"], name="activityreview_last")
        ]

    def event_facts(self) -> Mapping[str, Fact]:
        return {
            "participant": str(self.participant_id),
            "activity": self.activity,
            "next_at": timestamp(self.next_at),
            "profile_version": self.profile_version,
            "profile_sha256": self.profile_sha256,
        }

    def event_parties(self) -> list[UUID]:
        return [self.participant_id]
