"""What a seller says of when later revisions come, with the limits that the verb has."""

from datetime import date
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from datasets.models import Schedule
from datasets.schedules import schedules
from exchange.kernel.errors import ExchangeError
from exchange.look.forms import Form, WholeNumber

_UNITS = (
    (Schedule.Unit.DAYS, _("days")),
    (Schedule.Unit.WEEKS, _("weeks")),
    (Schedule.Unit.MONTHS, _("months")),
    (Schedule.Unit.YEARS, _("years")),
)


class ScheduleForm(Form):
    """The first day, the interval, and how many days. `shown` says which schedule was on the page."""

    shown = forms.CharField(widget=forms.HiddenInput, required=False)
    first_on = forms.DateField(
        label=_("First day"),
        help_text=_("Each later day is counted from it. A day ends at midnight UTC."),
        widget=forms.DateInput({"type": "date"}, "%Y-%m-%d"),
    )
    every = WholeNumber(label=_("Every"), least=1, most=schedules.MOST_EVERY)
    unit = forms.ChoiceField(label=_("Interval"), choices=_UNITS)
    count = WholeNumber(
        label=_("How many revisions"),
        help_text=_("That many days are announced, with the first."),
        least=1,
        most=schedules.MOST_DAYS,
    )

    def said(self) -> dict[str, Any]:
        """What was typed, as the verb takes it."""
        return {name: value for name, value in self.cleaned_data.items() if name != "shown"}

    def refuse(self, error: ExchangeError, field: str | None = None) -> None:
        """Show a verb's refusal at the field that it is about."""
        super().refuse(error, field or {"first_day_past": "first_on", "bad_schedule": "count"}.get(error.code))


def initial_of(schedule: Schedule | None, today: date) -> dict[str, Any]:
    """What the form begins with: the interval that is announced; a first day that is past is asked for again."""
    if schedule is None:
        return {"shown": "", "every": 1, "unit": Schedule.Unit.MONTHS, "count": 12}
    first = schedule.first_on if schedule.first_on >= today else None
    return {
        "shown": str(schedule.pk),
        "first_on": first,
        **{name: getattr(schedule, name) for name in ("every", "unit", "count")},
    }
