"""What the Events of the duty to inform are called on a page; `desk_words` joins them to the others."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

EVENTS: dict[str, str | Promise] = {
    "informingword.given": _("The buyer said before the first download how it stands to informing the persons"),
    "informingduty.acknowledged": _("The buyer acknowledged that it has to inform the persons"),
    "informingduty.answered": _("The buyer said how it informed the persons, or why it need not"),
}
