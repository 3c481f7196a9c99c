"""Evidence as the page shows it: the matter in words, and what is missing from it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext, pgettext_lazy

from compliance import labels
from compliance.models import Bundle
from compliance.rows import organisations
from compliance.words import Mark, Words
from exchange.kernel.actors import Actor
from exchange.look.formats import moment

MARKS: Mapping[str, Mark] = {
    "requested": Mark(_("Being gathered"), "info", "half"),
    "ready": Mark(pgettext_lazy("evidence", "Ready"), "ok", "check"),
    "failed": Mark(_("Not gathered"), "stop", "cross"),
    "expired": Mark(_("No longer kept"), "", "clock"),
}
MATTERS: Mapping[str, Words] = {
    "dataset": _("Dataset"),
    "participant": _("Organisation"),
    "agreement": _("Contract"),
    "request": _("Request of a person"),
    "breach": _("Breach"),
    "person": _("Pseudonym of a person"),
    "since": pgettext_lazy("first day", "From"),
    "until": pgettext_lazy("last moment", "Before"),
}
FAILURES: Mapping[str, Words] = {
    "nothing_found": _("The log holds nothing of this matter."),
    "too_many_events": _("These are too many events for one file: ask for a shorter period."),
}


@dataclass(frozen=True)
class ShownBundle:
    bundle: Bundle
    mark: Mark
    matter: list[tuple[Words, Words]]
    left_out: list[str]
    failure: Words


def bundles(found: Sequence[Bundle], *, by: Actor) -> list[ShownBundle]:
    """Each with its matter in words."""
    return [
        ShownBundle(
            one,
            MARKS[one.state],
            [(MATTERS[name], _value(name, value, by)) for name, value in one.scope.items()],
            [left_out(row["what"], row["count"]) for row in one.left_out],
            FAILURES.get(one.failure, one.failure),
        )
        for one in found
    ]


def left_out(what: str, count: int) -> str:
    """What belongs to a matter and is not in its file, and why, as a sentence."""
    said = {
        "unproven": ngettext(
            "%(count)d later event: no signed head covered it yet.",
            "%(count)d later events: no signed head covered them yet.",
            count,
        ),
        "sealed": ngettext(
            "Who acted in %(count)d event: sealed apart from the log, and opened only by an officer, for a reason.",
            "Who acted in %(count)d events: sealed apart from the log, and opened only by an officer, for a reason.",
            count,
        ),
        "erased": ngettext(
            "What was written with %(count)d event: erased since.",
            "What was written with %(count)d events: erased since.",
            count,
        ),
        "papers": ngettext(
            "%(count)d paper: this machine could not draw it.",
            "%(count)d papers: this machine could not draw them.",
            count,
        ),
    }
    return said[what] % {"count": count} if what in said else f"{what}: {count}"


def _value(name: str, value: str, by: Actor) -> Words:
    if name == "participant":
        return organisations([UUID(value)], by=by).get(UUID(value), value)
    if name == "dataset":
        return labels.names("dataset", [UUID(value)]).get(UUID(value), value)
    return moment(datetime.fromisoformat(value)) if name in ("since", "until") else value
