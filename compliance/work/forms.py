"""The forms of an officer's own work: a view by name, and how often to be written to."""

from django import forms
from django.utils.translation import gettext_lazy as _

from compliance.work import views
from exchange.look.forms import Form


class ViewForm(Form):
    """The name of a view; `query` is the question, as the page's address says it."""

    title = forms.CharField(
        label=_("Name"),
        help_text=_("By which officers will find it again. All officers of your organisation see it."),
        max_length=views.LONGEST_TITLE,
    )
    query = forms.CharField(widget=forms.HiddenInput, max_length=views.LONGEST_QUERY, required=False)


class DigestForm(Form):
    """How often the desk is written about."""

    pace = forms.ChoiceField(
        label=_("Write to me"),
        widget=forms.RadioSelect,
        choices=[("daily", _("Every morning")), ("weekly", _("Every Monday morning")), ("never", _("Never"))],
    )

    def clean_pace(self) -> str:
        pace: str = self.cleaned_data["pace"]
        return "" if pace == "never" else pace
