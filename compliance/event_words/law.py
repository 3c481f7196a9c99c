"""What the Events of law and transfer bases are called on a page; `desk_words` joins them to the others."""

from collections.abc import Mapping

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

EVENTS: Mapping[str, str | Promise] = {
    "profile.installed": _("A legal profile was installed"),
    "transferbasis.recorded": _("An officer recorded a transfer basis"),
    "transferbasis.confirmed": _("An officer confirmed a transfer basis"),
    "transferbasis.used": _("A derogation was used for its one transfer"),
    "transferbasis.revoked": _("An officer revoked a transfer basis"),
}
SUBJECTS: Mapping[str, str | Promise] = {
    "installedprofile": _("a legal profile"),
    "transferbasis": _("a transfer basis"),
}
