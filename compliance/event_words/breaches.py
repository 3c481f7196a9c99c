"""What the Events of breaches, legal holds and retention are called on a page; `desk_words` joins them to the
others."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

EVENTS: dict[str, str | Promise] = {
    "breach.opened": _("A breach was entered in the register"),
    "breach.described": _("More was written of the breach"),
    "breach.assessed": _("The risk of the breach was assessed"),
    "breach.scope_taken": _("The log was asked whom the breach reaches"),
    "breach.authority_told": _("The authority was told of the breach"),
    "breach.persons_told": _("The persons were told of the breach"),
    "breach.persons_exempted": _("The persons are not told, for a reason of the law"),
    "breach.deadline_neared": _("The time to tell the authority was nearly over"),
    "breach.deadline_passed": _("The time to tell the authority was over"),
    "breach.closed": _("The breach was closed"),
    "breach.reopened": _("The breach was opened again"),
    "breachstop.ordered": _("An officer had something stopped in a breach"),
    "legalhold.placed": _("An officer placed a legal hold"),
    "legalhold.reviewed": _("An officer looked at a legal hold again"),
    "legalhold.release_asked": _("An officer asked for the release of a legal hold"),
    "legalhold.release_refused": _("The release of a legal hold was refused"),
    "legalhold.released": _("A legal hold was released"),
    "retention.swept": _("What had had its time was taken away"),
    "log.pruned": _("The entries of an old log were taken away; their hashes stay"),
}
SUBJECTS: dict[str, str | Promise] = {
    "breach": _("a breach"),
    "breachstop": _("a stop in a breach"),
    "legalhold": _("a legal hold"),
    "sweep": _("a sweep of what had had its time"),
}
