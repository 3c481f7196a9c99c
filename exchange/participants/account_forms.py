"""The forms of accounts: django-allauth's rules, in the exchange's own words."""

from typing import Any

from allauth.account import forms as account
from allauth.mfa.base import forms as mfa
from allauth.mfa.totp import forms as totp
from allauth.mfa.webauthn import forms as webauthn
from django.utils.translation import gettext_lazy as _

from exchange.look.forms import Form

_LABELS = {
    "login": _("E-mail"),
    "email": _("E-mail"),
    "password": _("Password"),
    "password1": _("New password"),
    "password2": _("New password, once more"),
    "oldpassword": _("Current password"),
    "code": _("Code"),
    "name": _("Name of the key"),
    "passwordless": _("Sign in with this key alone"),
}
_HELP = {
    "password": "",
    "password1": _("12 characters or more. No common password, and nothing like your e-mail address."),
    "code": _("The six figures of your app, or one of your recovery codes."),
    "name": _("So that you can tell your keys apart."),
    "passwordless": _("Your device then asks for your finger, your face or its own code."),
}


class AccountForm(Form):
    """Gives the fields their names and their help."""

    labels: dict[str, Any] = {}
    helps: dict[str, Any] = {}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, field in self.fields.items():
            field.label = (_LABELS | self.labels).get(name, field.label)
            field.help_text = (_HELP | self.helps).get(name, "")


class LoginForm(AccountForm, account.LoginForm):  # type: ignore[misc]
    """A wrong pair is shown at the password, where it is typed again."""

    def clean(self) -> Any:
        try:
            return super().clean()
        except account.forms.ValidationError as error:
            self.add_error("password", error)
            return self.cleaned_data


class SignupForm(AccountForm, account.SignupForm):  # type: ignore[misc]
    labels = {"password1": _("Password"), "password2": _("Password, once more")}
    helps = {"email": _("Your own address at your organisation. We send a link to it.")}


class AddEmailForm(AccountForm, account.AddEmailForm):  # type: ignore[misc]
    """One more address of a person."""


class ChangePasswordForm(AccountForm, account.ChangePasswordForm):  # type: ignore[misc]
    """Another password, by the current one."""


class SetPasswordForm(AccountForm, account.SetPasswordForm):  # type: ignore[misc]
    """A first password."""


class ResetPasswordForm(AccountForm, account.ResetPasswordForm):  # type: ignore[misc]
    """Where to send the link to."""


class ResetPasswordKeyForm(AccountForm, account.ResetPasswordKeyForm):  # type: ignore[misc]
    """Another password, by the link."""


class ReauthenticateForm(AccountForm, account.ReauthenticateForm):  # type: ignore[misc]
    """The password once more."""


class AuthenticateForm(AccountForm, mfa.AuthenticateForm):  # type: ignore[misc]
    """The code at sign-in."""


class ReauthenticateByCodeForm(AccountForm, mfa.ReauthenticateForm):  # type: ignore[misc]
    """A code once more."""


class ActivateTOTPForm(AccountForm, totp.ActivateTOTPForm):  # type: ignore[misc]
    helps = {"code": _("The six figures that the app shows now.")}


class AddWebAuthnForm(AccountForm, webauthn.AddWebAuthnForm):  # type: ignore[misc]
    """A key and its name."""


class EditWebAuthnForm(AccountForm, webauthn.EditWebAuthnForm):  # type: ignore[misc]
    """Another name for a key."""
