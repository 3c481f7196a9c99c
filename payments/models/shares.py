"""Who earns what part of a subject: versions of a split, and the share of each party in one."""

from collections.abc import Mapping
from uuid import UUID

from django.db import models
from django.db.models import Q

from exchange.kernel.canonical import Fact
from exchange.kernel.ids import new_id
from exchange.kernel.states import known_states
from exchange.participants.models import Participant

WHOLE_BASIS_POINTS = 10_000


class Split(models.Model):
    """One version of who earns what part of a subject ("dataset:<uuid>"). It counts from the moment at which every
    party has accepted it, and until another takes its place; a sale keeps the one that it was made under."""

    class State(models.TextChoices):
        PROPOSED = "proposed"
        IN_FORCE = "in_force"
        DECLINED = "declined"
        WITHDRAWN = "withdrawn"
        SUPERSEDED = "superseded"

    TRANSITIONS = {
        "activate": ({State.PROPOSED}, State.IN_FORCE, "split.activated"),
        "decline": ({State.PROPOSED}, State.DECLINED, "split.declined"),
        "withdraw": ({State.PROPOSED}, State.WITHDRAWN, "split.withdrawn"),
        "supersede": ({State.IN_FORCE}, State.SUPERSEDED, "split.superseded"),
    }

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    subject = models.CharField(max_length=80)
    number = models.PositiveIntegerField()  # of the version, from 1
    owner = models.ForeignKey(Participant, on_delete=models.PROTECT, related_name="splits_as_owner")
    state = models.CharField(max_length=16, choices=State.choices, default=State.PROPOSED)
    measure = models.CharField(max_length=80, blank=True)  # what the weights count; none: no weights
    reason = models.TextField(blank=True)
    proposed_by = models.CharField(max_length=80)
    proposed_at = models.DateTimeField()
    decided_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            known_states("split", "proposed", "in_force", "declined", "withdrawn", "superseded"),
            models.UniqueConstraint(fields=["subject", "number"], name="split_once_per_number"),
            models.UniqueConstraint(
                fields=["subject"], condition=Q(state="proposed"), name="split_one_proposed"
            ),
            models.UniqueConstraint(
                fields=["subject"], condition=Q(state="in_force"), name="split_one_in_force"
            ),
        ]

    def event_facts(self) -> Mapping[str, Fact]:
        return {
            "split": str(self.pk),
            "subject": self.subject,
            "number": self.number,
            "seller": str(self.owner_id),
            "shares": [
                {"party": str(party), "basis_points": points}
                for party, points in self.shares.order_by("party_id").values_list("party_id", "basis_points")
            ],
        }

    def event_parties(self) -> list[UUID]:
        return [self.owner_id, *self.shares.values_list("party_id", flat=True)]


class Share(models.Model):
    """A party's part in a version. One of zero belongs to a party of the version before, which agrees to leave."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    split = models.ForeignKey(Split, on_delete=models.PROTECT, related_name="shares")
    party = models.ForeignKey(Participant, on_delete=models.PROTECT, related_name="shares")
    basis_points = models.PositiveIntegerField()
    weight = models.BigIntegerField(null=True)  # of its contribution, where the parts follow weights
    accepted_by = models.CharField(max_length=80, blank=True)
    accepted_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["split", "party"], name="share_once_per_party"),
            models.CheckConstraint(
                condition=Q(basis_points__gte=0, basis_points__lte=WHOLE_BASIS_POINTS), name="share_is_a_part"
            ),
            models.CheckConstraint(condition=Q(weight=None) | Q(weight__gte=0), name="share_weighs_something"),
        ]

    def event_facts(self) -> Mapping[str, Fact]:
        return {
            "split": str(self.split_id),
            "subject": self.split.subject,
            "number": self.split.number,
            "seller": str(self.split.owner_id),
            "party": str(self.party_id),
            "basis_points": self.basis_points,
        }

    def event_parties(self) -> list[UUID]:
        return self.split.event_parties()
