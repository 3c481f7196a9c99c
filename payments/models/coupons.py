"""Codes that take something off a price, and each use of one."""

from collections.abc import Mapping
from uuid import UUID

from django.db import models
from django.db.models import F, Q

from exchange.kernel.canonical import Fact
from exchange.kernel.ids import new_id
from exchange.participants.models import Participant


class Coupon(models.Model):
    """A code that takes a part or an amount off the first charge of a licence. The code itself is not kept."""

    class Bearer(models.TextChoices):
        SELLER = "seller"  # the price is lower
        EXCHANGE = "exchange"  # the exchange's own part is lower

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    owner = models.ForeignKey(Participant, on_delete=models.PROTECT, related_name="coupons")
    code_sha256 = models.CharField(max_length=64, unique=True)
    label = models.CharField(max_length=200)
    offer = models.CharField(max_length=80, blank=True)  # "offer:<uuid>"; empty: all offers of its owner
    borne_by = models.CharField(max_length=16, choices=Bearer.choices)
    basis_points = models.PositiveIntegerField(null=True)
    amount_minor = models.BigIntegerField(null=True)
    currency = models.CharField(max_length=3, blank=True)
    most_uses = models.PositiveIntegerField(null=True)
    used = models.PositiveIntegerField(default=0)
    starts_at = models.DateTimeField(null=True)
    ends_at = models.DateTimeField(null=True)
    withdrawn_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(basis_points__gte=1, basis_points__lt=10_000, amount_minor=None, currency="")
                | Q(basis_points=None, amount_minor__gt=0) & ~Q(currency=""),
                name="coupon_takes_one_thing",
            ),
            models.CheckConstraint(
                condition=Q(most_uses=None) | Q(used__lte=F("most_uses")), name="coupon_not_used_too_often"
            ),
        ]

    def event_facts(self) -> Mapping[str, Fact]:
        return {"coupon": str(self.pk), "owner": str(self.owner_id), "borne_by": self.borne_by}

    def event_parties(self) -> list[UUID]:
        return [self.owner_id]


class CouponUse(models.Model):
    """What a coupon took off one price: once for each buyer, and once for each sale."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    coupon = models.ForeignKey(Coupon, on_delete=models.PROTECT, related_name="uses")
    buyer = models.ForeignKey(Participant, on_delete=models.PROTECT, related_name="coupon_uses")
    reference = models.CharField(max_length=80, unique=True)
    price_minor = models.BigIntegerField()
    off_minor = models.BigIntegerField()
    currency = models.CharField(max_length=3)
    used_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["coupon", "buyer"], name="coupon_once_per_buyer"),
            models.CheckConstraint(
                condition=Q(off_minor__gt=0) & Q(off_minor__lt=F("price_minor")), name="coupon_leaves_a_price"
            ),
        ]
