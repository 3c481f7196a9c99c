"""What the database itself refuses about retention: a hold's scope and authority never change, and no row of a hold
or of a sweep goes."""

from compliance.models import LegalHold, Sweep
from exchange.kernel.triggers import Trigger, append_only, frozen_but

_CHANGING = ("state", "review_on", "asked_by", "released_by", "released_at", "release_reason")


def all_of_them() -> list[Trigger]:
    return [*frozen_but(LegalHold, *_CHANGING), *append_only(Sweep)]
