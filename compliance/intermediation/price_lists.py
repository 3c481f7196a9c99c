"""The exchange's own fees, version by version (Art. 12(f)). A version is frozen once it is published, and none applies
to days that are over."""

import hashlib
from datetime import date

from django.db import IntegrityError, transaction

from compliance.intermediation import notification
from compliance.models import PriceList
from exchange.kernel import events, text
from exchange.kernel.actors import Actor, Scope
from exchange.kernel.errors import Conflict, Invalid
from exchange.look.formats import zone


@transaction.atomic
def publish(body: str, *, applies_from: date, by: Actor) -> PriceList:
    """Publish another version, which counts from a day on. The same words for the same day, given again, are the
    version that is there."""
    by.require(Scope.OPERATE)
    notification.required()
    words = text.prose(body, name="the price list", at_least=10)
    newest = PriceList.objects.order_by("-number").first()
    if newest is not None and (newest.body, newest.applies_from) == (words, applies_from):
        return newest
    earliest = max(by.at.astimezone(zone()).date(), newest.applies_from if newest else date.min)
    if applies_from < earliest:
        raise Invalid(
            "a price list applies from today on, and not before the one that is already published",
            code="price_list_too_early",
        )
    row = PriceList(
        number=newest.number + 1 if newest else 1,
        body=words,
        sha256=hashlib.sha256(words.encode()).hexdigest(),
        applies_from=applies_from,
        published_at=by.at,
    )
    try:
        with transaction.atomic():
            row.save(force_insert=True)
    except IntegrityError:
        raise Conflict("somebody publishes at the same moment; look, then try again", code="busy") from None
    events.record("pricelist.published", row, by=by)
    return row
