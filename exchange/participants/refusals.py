"""What refusals about members, invitations, API clients and webhooks say to readers of every language but the
verbs' own."""

from collections.abc import Mapping

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

REFUSALS: Mapping[str, str | Promise] = {
    "address_malformed": _("Write an https address, without a user name, a fragment or a space."),
    "address_private": _("This address is inside a private network, which the exchange does not call."),
    "already_member": _("This person is a member already."),
    "application_decided": _("The operator has decided about this application already."),
    "bad_email": _("Write an e-mail address, for example name@example.org."),
    "bad_website": _("Write a web address, for example https://example.org."),
    "invitation_for_another": _(
        "This invitation is for an e-mail address that your account has not confirmed."
    ),
    "invitation_not_found": _("There is no such invitation for you."),
    "last_manager": _("An organisation keeps one manager. Name another first."),
    "same_role": _("The member has this role already."),
    "too_many_invitations": _("Your organisation has invited too often today. Go on tomorrow."),
    "too_many_webhooks": _("An organisation has ten webhooks at most. Delete one first."),
    "unknown_event": _("Choose among the events shown."),
    "unknown_scope": _("Choose one scope or more, none beyond your own."),
}
