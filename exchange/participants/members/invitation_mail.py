"""The mail that brings an invitation to its reader, in their own language: text, and the same as simple HTML."""

import logging
from smtplib import SMTPException

from allauth.account.models import EmailAddress
from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext

from exchange.kernel.outside import require_no_transaction
from exchange.look import formats
from exchange.participants.models import Invitation
from exchange.participants.notices import preferences

log = logging.getLogger("exchange.invitations")


def send(invitation: Invitation, token: str) -> bool:
    """Send an invitation with its link; answers whether the mail server took it."""
    require_no_transaction()
    try:
        compose(invitation, token).send()
    except (OSError, SMTPException) as error:
        log.warning("the mail of invitation %s did not leave: %s", invitation.pk, type(error).__name__)
        return False
    return True


def compose(invitation: Invitation, token: str) -> EmailMultiAlternatives:
    """The mail, in the language that its reader chose here, else the one that the inviter chose for them."""
    with translation.override(_language_of(invitation)):
        context = {
            "invitation": invitation,
            "participant": invitation.participant.name,
            "until": formats.moment(invitation.expires_at),
            "link": f"{settings.EXCHANGE_URL}{reverse('invitation', args=[token])}",
            "exchange_name": settings.EXCHANGE_NAME,
            "exchange_url": settings.EXCHANGE_URL,
        }
        subject = gettext("%(exchange)s: invitation to act for %(participant)s") % {
            "exchange": settings.EXCHANGE_NAME,
            "participant": invitation.participant.name,
        }
        mail = EmailMultiAlternatives(
            " ".join(subject.split()),
            render_to_string("participants/mail/invitation.txt", context),
            to=[invitation.email],
            headers={"Auto-Submitted": "auto-generated"},
        )
        mail.attach_alternative(render_to_string("participants/mail/invitation.html", context), "text/html")
    return mail


def _language_of(invitation: Invitation) -> str:
    known = (
        EmailAddress.objects.filter(email__iexact=invitation.email, verified=True)
        .select_related("user")
        .first()
    )
    chosen = preferences.of_user(known.user).language if known else ""
    return chosen or invitation.language
