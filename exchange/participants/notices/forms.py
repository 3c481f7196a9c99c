"""The form in which a person chooses which notices come by e-mail, and how soon."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from exchange.look.forms import Form
from exchange.participants.models import MailPreference
from exchange.participants.news import Group
from exchange.participants.notices.preferences import CHOOSABLE

_PACES = [
    (MailPreference.Pace.AT_ONCE, pgettext_lazy("mail", "At once")),
    (MailPreference.Pace.DAILY, pgettext_lazy("mail", "Once a day, in one mail")),
    (MailPreference.Pace.NEVER, pgettext_lazy("mail", "Not by e-mail")),
]


def _field(label: Any, help_text: Any) -> forms.ChoiceField:
    return forms.ChoiceField(choices=_PACES, label=label, help_text=help_text, widget=forms.RadioSelect)


class MailForm(Form):
    """One choice for each group of notices."""

    sales = _field(_("Requests and contracts"), _("A buyer asks, a seller answers, a contract is signed."))
    money = _field(_("Money"), _("Something is to pay, was paid, is contested or released."))
    rights = _field(
        _("Data and rights"), _("A licence starts, stops or ends; a revision or a dataset changes.")
    )

    def paces(self) -> dict[Group, str]:
        return {group: self.cleaned_data[group] for group in CHOOSABLE}
