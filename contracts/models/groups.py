"""Named groups of participants that a seller keeps, and the offers that exist for them."""

from collections.abc import Mapping
from uuid import UUID

from django.db import models

from contracts.models.offers import Offer
from exchange.kernel.canonical import Fact
from exchange.kernel.ids import new_id
from exchange.participants.models import Participant


class Group(models.Model):
    """A seller's own list of participants, by a name that nobody else reads."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    seller = models.ForeignKey(Participant, on_delete=models.PROTECT, related_name="groups")
    name = models.CharField(max_length=100)
    created_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["seller", "name"], name="group_name_once")]

    def event_facts(self) -> Mapping[str, Fact]:
        return {"group": str(self.pk), "seller": str(self.seller_id)}

    def event_parties(self) -> list[UUID]:
        return [self.seller_id]


class GroupMember(models.Model):
    """A participant in a group, now."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    group = models.ForeignKey(Group, on_delete=models.PROTECT, related_name="members")
    participant = models.ForeignKey(Participant, on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["group", "participant"], name="group_member_once")]


class OfferGroup(models.Model):
    """A group for whose members an offer exists, whoever they are at a time."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    offer = models.ForeignKey(Offer, on_delete=models.PROTECT, related_name="groups")
    group = models.ForeignKey(Group, on_delete=models.PROTECT, related_name="offers")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["offer", "group"], name="offer_group_once")]
