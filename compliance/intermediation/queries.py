"""What everybody may read of the intermediation: the versions of the exchange's own fees."""

from datetime import datetime

from django.db.models import QuerySet

from compliance.intermediation import notification
from compliance.models import PriceList
from exchange.look.formats import zone


def price_lists() -> QuerySet[PriceList]:
    """Every version, newest first; they are public."""
    notification.required()
    return PriceList.objects.order_by("-number")


def in_force(now: datetime) -> PriceList | None:
    """The version that counts today."""
    return price_lists().filter(applies_from__lte=now.astimezone(zone()).date()).first()
