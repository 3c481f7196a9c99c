"""Which flows the map shows: from month to month, of a dataset or a seller, under a mechanism."""

from collections.abc import Iterator
from datetime import date
from typing import Any
from uuid import UUID

from django import forms
from django.utils import dateformat
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from compliance.desk_words import CARRIERS
from compliance.flows.queries import Asked, month_after
from compliance.forms import NamedForm, name_field

_MOST_MONTHS = 120


class MapForm(NamedForm):
    """The filters of the map; months are of the exchange's own zone, the last one included."""

    since = forms.ChoiceField(label=pgettext_lazy("first month", "From"), required=False)
    until = forms.ChoiceField(label=pgettext_lazy("last month", "To"), required=False)
    dataset = name_field(_("Dataset"), "datasets")
    seller = name_field(_("Seller"), "organisations")
    mechanism = forms.ChoiceField(label=_("Mechanism"), required=False)

    def __init__(self, *args: Any, months: tuple[date, date], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = [(one.isoformat(), dateformat.format(one, "F Y")) for one in _between(*months)]
        carriers = [(code, said) for code, said in CARRIERS.items() if code]
        for name, offered in (("since", choices), ("until", choices), ("mechanism", carriers)):
            field = self.fields[name]
            assert isinstance(field, forms.ChoiceField)
            field.choices = [("", _("any")), *offered]
            field.widget.attrs["class"] = "input s"

    def clean_seller(self) -> UUID | None:
        return self._organisation("seller")

    def clean(self) -> dict[str, Any]:
        given: dict[str, Any] = super().clean() or self.cleaned_data
        if given.get("since") and given.get("until") and given["since"] > given["until"]:
            self.add_error("until", _("Choose a month that is not before the first one."))
        return given

    def asked(self) -> Asked:
        """What was asked, once the form is valid."""
        given = self.cleaned_data
        return Asked(
            since=date.fromisoformat(given["since"]) if given["since"] else None,
            until=date.fromisoformat(given["until"]) if given["until"] else None,
            dataset=given["dataset"],
            seller=given["seller"],
            mechanism=given["mechanism"] or None,
        )


def _between(first: date, last: date) -> Iterator[date]:
    """The months from the last back to the first."""
    months = [first]
    while months[-1] < last and len(months) < _MOST_MONTHS:
        months.append(month_after(months[-1]))
    return reversed(months)
