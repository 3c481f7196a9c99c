"""What the kinds of findings are called on a page."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

KINDS: dict[str, str | Promise] = {
    "email": _("e-mail addresses"),
    "phone": _("phone numbers"),
    "person_name": _("names of persons"),
    "address": _("postal addresses"),
    "birth": _("dates of birth"),
    "national_id": _("national identifiers"),
    "bank_account": _("bank accounts"),
    "payment_card": _("payment cards"),
    "network_address": _("network addresses"),
    "health": _("health"),
    "religion": _("religion"),
    "ethnicity": _("ethnic origin"),
    "union": _("trade union membership"),
    "politics": _("political opinions"),
    "sexuality": _("sex life or orientation"),
    "biometric": _("biometric data"),
    "genetic": _("genetic data"),
    "criminal": _("criminal records"),
    "identifier": _("numbers given to persons, and registrations of vehicles"),
    "device": _("identifiers of devices and browsers"),
    "free_text": _("free text, which may name persons"),
    "rare_combination": _("rare together with other columns"),
}
