"""How people sign in: django-allauth in the exchange's own words, with the secrets of second factors encrypted at
rest."""

from datetime import datetime
from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.mfa.adapter import DefaultMFAAdapter
from django.conf import settings
from django.contrib.auth.models import User
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from exchange.look import formats
from exchange.participants import vault
from exchange.participants.actors.auth import address_of, memberships_of
from exchange.participants.notices import preferences


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]
    """Names the exchange in every mail, and says what went wrong in its voice."""

    error_messages = {
        **DefaultAccountAdapter.error_messages,
        "account_inactive": _("This account is closed."),
        "cannot_remove_primary_email": _("The main address stays: make another one the main address first."),
        "duplicate_email": _("Your account has this address already."),
        "email_password_mismatch": _("That e-mail and password do not match."),
        "email_taken": _("This address cannot be used."),
        "enter_current_password": _("That is not your current password."),
        "incorrect_code": _("That code is not right. Enter the one that is shown now."),
        "incorrect_password": _("That is not your password."),
        "invalid_password_reset": _("This link no longer works."),
        "max_email_addresses": _("You cannot have more than %d addresses."),
        "too_many_login_attempts": _("Too many attempts. Try again in a few minutes."),
        "rate_limited": _("Too many attempts. Try again in a few minutes."),
        "unknown_email": _("No account has this address."),
        "unverified_primary_email": _("Confirm the address before you make it the main one."),
    }

    def get_login_redirect_url(self, request: HttpRequest) -> str:
        """Where signing in leads: who belongs to no organisation is led to applying and to their invitations."""
        if isinstance(request.user, User) and not memberships_of(request.user):
            return reverse("organisation")
        return str(super().get_login_redirect_url(request))

    def get_client_ip(self, request: HttpRequest) -> str:
        """The address that limits on signing in count by: the caller's own, seen through our proxies alone."""
        return address_of(request) or "unknown"

    def post_login(self, request: HttpRequest, user: User, **hook: Any) -> HttpResponse:
        """Sign in; mails about notices come in the language in which it was done."""
        preferences.keep_language(user, get_language() or "")
        answer: HttpResponse = super().post_login(request, user, **hook)
        return answer

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """Send one of the mails of accounts."""
        moment = context.get("timestamp")
        if isinstance(moment, datetime):
            context["timestamp"] = formats.moment(moment)
        exchange = {"exchange_name": settings.EXCHANGE_NAME, "exchange_url": settings.EXCHANGE_URL}
        super().send_mail(template_prefix, email, {**exchange, **context})


class MfaAdapter(DefaultMFAAdapter):  # type: ignore[misc]
    """Keeps TOTP secrets and recovery seeds under the vault's own key, which is not in the database."""

    error_messages = {
        **DefaultMFAAdapter.error_messages,
        "add_email_blocked": _("An account with a second factor takes no further addresses."),
        "cannot_delete_authenticator": _("This second factor cannot be taken away."),
        "cannot_generate_recovery_codes": _("Set up a second factor first."),
        "incorrect_code": _("That code is not right. Enter the one that is shown now."),
        "unverified_email": _("Confirm your e-mail address first."),
    }

    def encrypt(self, text: str) -> str:
        return vault.wrap(text)

    def decrypt(self, encrypted_text: str) -> str:
        return vault.unwrap(encrypted_text)

    def build_totp_svg(self, url: str) -> str:
        """The QR code as markup of the page: pictures in addresses are not allowed here."""
        _prolog, _end, drawing = super().build_totp_svg(url).partition("?>")
        return str(drawing)
