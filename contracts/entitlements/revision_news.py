"""What holders are told of later revisions: of one that their licence includes, once it may be taken; of one that it
does not include; of one that is revoked; and of those that are announced, late, or come after all."""

from collections.abc import Mapping
from uuid import UUID

from django.utils.translation import gettext_lazy as _

from contracts.entitlements import windows
from datasets import queries as datasets
from datasets.datasets import is_cleared
from datasets.models import Revision
from exchange.kernel.actors import Scope
from exchange.participants.news import Audience, Facts, Group, News, Words

_DELIVERY = "scheduledrevision"


def _holders_of_others(facts: Facts) -> Mapping[UUID, Facts]:
    """Whose licences of its dataset are all for other revisions."""
    return windows.holders_beside(datasets.revision(str(facts["revision"])))


def _holders(facts: Facts) -> Mapping[UUID, Facts]:
    """Whose licences include this revision."""
    return windows.holders_reaching(datasets.revision(str(facts["revision"])))


def _holders_who_may_take_it(facts: Facts) -> Mapping[UUID, Facts]:
    """Whose licences include this later revision, if it may be delivered now."""
    return _who_may_take(datasets.revision(str(facts["revision"])))


def _holders_who_waited(facts: Facts) -> Mapping[UUID, Facts]:
    """The same, where a review held the current revision."""
    found = datasets.current_revision(UUID(str(facts["dataset"]))) if "dataset" in facts else None
    if found is None:
        return {}
    return {row_id: {**own, "number": found.number} for row_id, own in _who_may_take(found).items()}


def _who_may_take(found: Revision) -> Mapping[UUID, Facts]:
    return windows.holders_reaching(found, is_later=True) if is_cleared(found) else {}


def _subscribers(facts: Facts) -> Mapping[UUID, Facts]:
    """Whose licences include revisions that are still to come."""
    return windows.subscribers(UUID(str(facts["dataset"])))


def _subscribers_who_waited(facts: Facts) -> Mapping[UUID, Facts]:
    """The same, where the revision comes late."""
    return _subscribers(facts) if facts["days_late"] else {}


def _to_holders(
    name: str,
    title: Words,
    sentence: Words,
    audience: Audience,
    icon: str,
    kind: str = "",
    noun: str = "",
) -> News:
    return News(
        name,
        "buyer",
        Scope.BUY,
        Group.RIGHTS,
        title,
        sentence,
        route="holding",
        argument="entitlement",
        icon=icon,
        kind=kind,
        audience=audience,
        noun=noun,
    )


TABLE = (
    _to_holders(
        "revision.sealed",
        _("“%(dataset)s” has a new revision, number %(number)s"),
        _("Your licence does not include it and stays as it is."),
        _holders_of_others,
        "seal",
    ),
    *(
        _to_holders(
            name,
            _("Revision %(number)s of “%(dataset)s” is now yours"),
            _("Your licence includes it. It is measured and cleared: take it when you like."),
            audience,
            "down",
            "ok",
        )
        for name, audience in (
            ("revision.measured", _holders_who_may_take_it),
            ("review.approved", _holders_who_waited),
        )
    ),
    _to_holders(
        "revision.revoked",
        _("Revision %(number)s of “%(dataset)s” is revoked"),
        _("The seller has taken it back: it can no longer be downloaded. Look at what you hold of it."),
        _holders,
        "stop",
        "stop",
    ),
    *(
        _to_holders(name, title, sentence, _subscribers, "cal", kind)
        for name, title, sentence, kind in (
            (
                "schedule.announced",
                _("Later revisions of “%(dataset)s” are announced"),
                _("The first is to come on %(first_on)s. The page of your licence shows every day."),
                "",
            ),
            (
                "schedule.changed",
                _("The schedule of “%(dataset)s” has changed"),
                _("What had come due still stands. The page of your licence shows every day."),
                "warn",
            ),
            (
                "schedule.ended",
                _("No further revision of “%(dataset)s” is announced"),
                _("The seller has ended the schedule. What had come due still stands."),
                "warn",
            ),
        )
    ),
    _to_holders(
        "delivery.late",
        _("A revision of “%(dataset)s” is late"),
        _("It was announced for %(due_on)s, and has not come. The seller is told too."),
        _subscribers,
        "flag",
        "warn",
        _DELIVERY,
    ),
    News(
        "delivery.late",
        "seller",
        Scope.SELL,
        Group.RIGHTS,
        _("Your revision of “%(dataset)s” is late"),
        _("It was announced for %(due_on)s. Everybody with a licence for later revisions sees it."),
        route="sell_datasets_schedule",
        argument="dataset",
        icon="flag",
        kind="stop",
        noun=_DELIVERY,
    ),
    _to_holders(
        "delivery.met",
        _("The late revision of “%(dataset)s” has come"),
        _("Revision %(number)s was announced for %(due_on)s. You are told once it may be taken."),
        _subscribers_who_waited,
        "seal",
        noun=_DELIVERY,
    ),
)
