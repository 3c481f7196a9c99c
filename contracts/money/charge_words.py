"""What a charge is called on pages: for what occasion it is asked, which VAT stands on it, and where it stands."""

from django.utils.translation import gettext as _

from exchange.look import formats
from exchange.look.names import country_name
from payments.models import Charge


def occasion(word: str) -> str:
    """Which of a sale's charges this is; nothing for the first."""
    noun, _colon, number = word.partition(":")
    named = {"number": number}
    if noun == "period":
        return _("Period %(number)s") % named
    if noun == "instalment":
        return _("Part %(number)s of the price") % named
    if noun == "usage":
        return _("Use, period %(number)s") % named
    return ""


def vat(charge: Charge) -> str:
    """The VAT of a charge and why."""
    country = country_name(charge.payer.verified_country)
    if charge.vat_treatment == "reverse_charge":
        return _("Reverse charge: you account for it in %(country)s") % {"country": country}
    if charge.vat_treatment == "outside_scope":
        return _("Outside the scope of EU VAT")
    if charge.vat_treatment == "exempt":
        return _("None: the supplier is exempt as a small business")
    basis_points = charge.vat_rate_basis_points
    rate = formats.percent(basis_points / 10_000, 1 if basis_points % 100 else 0)
    return _("%(rate)s, the standard rate of %(country)s") % {"rate": rate, "country": country}
