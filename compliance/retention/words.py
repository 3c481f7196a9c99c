"""What retention and legal holds are called on a page."""

from collections.abc import Mapping

from django.utils.functional import Promise
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from compliance.legal import Period
from compliance.marks import Mark

Words = str | Promise

KINDS: Mapping[str, Words] = {
    "sealed_address": _("Sealed network addresses and programs"),
    "actor_identity": _("Who stands behind a pseudonym"),
    "leaves": _("Events and the entries of the log"),
    "request": _("What requests of persons say"),
    "notice": _("Notices to recipients"),
    "breach": _("Closed breaches"),
    "export": _("Exports"),
    "mail": _("Notices to members"),
}
SCOPES: Mapping[str, Words] = {
    "dataset": _("Dataset"),
    "participant": _("Organisation"),
    "agreement": _("Contract"),
    "person": _("Person, by a name in the log"),
    "request": _("Request of a person"),
    "period": _("Period"),
    "log_year": _("Year of the log"),
}
STATES: Mapping[str, Mark] = {
    "placed": Mark(_("Stands"), "warn", "lock"),
    "releasing": Mark(_("Release asked for"), "info", "half"),
    "released": Mark(_("Released"), "ok", "check"),
}


def length(period: Period) -> str:
    """A period in words."""
    if period.months:
        return ngettext("%(count)d month", "%(count)d months", period.months) % {"count": period.months}
    if period.days:
        return ngettext("%(count)d day", "%(count)d days", period.days) % {"count": period.days}
    return _now("%(count)d hours") % {"count": period.hours}
