"""What the Events of intermediation are called on a page."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

EVENTS: dict[str, str | Promise] = {
    "pricelist.published": _("The operator published the exchange’s own fees"),
}
SUBJECTS: dict[str, str | Promise] = {
    "pricelist": _("a price list of the exchange"),
}
