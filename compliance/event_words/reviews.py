"""What the Events of the publish gate are called on a page; `desk_words` joins them to the others."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

EVENTS: dict[str, str | Promise] = {
    "review.opened": _("Held for an officer at the publish gate"),
    "review.reopened": _("Held for an officer again"),
    "review.endorsed": _("One officer approved; another one must, too"),
    "review.approved": _("An officer approved the publication"),
    "review.inherited": _("Approved as the revision before it, which is the same in every column"),
    "review.refused": _("An officer refused the publication"),
    "review.closed": _("Another version took its place at the publish gate"),
}
