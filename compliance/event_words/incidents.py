"""What the Events of incidents are called on a page; `desk_words` joins them to the others."""

from collections.abc import Mapping

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

EVENTS: Mapping[str, str | Promise] = {
    "incident.entered": _("An incident with non-personal data was entered"),
    "incident.confirmed": _("The incident was confirmed; its holders are told"),
    "incident.dropped": _("The incident was dropped; nobody was told"),
    "incidentholder.notified": _("The holder was told of an incident"),
    "incidentholder.repeated": _("The holder was told of the incident again"),
    "incidentholder.delivered": _("Word of the incident reached the holder"),
    "incidentholder.undelivered": _("Word of the incident could not be delivered"),
    "incidentholder.reminded": _("The holder was reminded of the incident"),
    "incidentholder.acknowledged": _("The holder acknowledged the incident"),
}
SUBJECTS: Mapping[str, str | Promise] = {
    "incident": _("an incident with non-personal data"),
    "incidentholder": _("a holder whom an incident reaches"),
}
