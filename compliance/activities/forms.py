"""The forms of the records of processing: what is added by hand, a review, and a file that is taken over."""

from typing import Any, cast

from django import forms
from django.utils.translation import gettext_lazy as _

from compliance.activities import parts, words
from compliance.activities.shape import Completed
from exchange.look.forms import Form

_SHORT = 200
LARGEST_UPLOAD = 2_000_000
_HELP: dict[str, Any] = {
    "name": _("Left empty, it is called after what it is about."),
    "purposes": _("What the derived purposes do not say."),
    "retention": _("Why this period, or what decides it."),
    "recipient_categories": _("Those whom the log does not name, such as your own departments."),
    "security_measures": _("Article 32, in general terms."),
    "dpia": _("Where an impact assessment is kept, its version and its date."),
    "controller": _("Name, address, telephone or e-mail. Kept sealed in the vault."),
    "representative": _("Article 27: of a controller outside the Union. Kept sealed in the vault."),
    "dpo": _("Name, address, telephone or e-mail. Kept sealed in the vault."),
    "owner": _("Kept sealed in the vault."),
}


class CompletionForm(Form):
    """What is added by hand to one activity, or to the whole register."""

    number = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(self, *args: Any, activity: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.activity = activity
        known = {**parts.contacts_of(activity), **parts.parts_of(activity)}
        self.add_fields({name: _text(name, longest) for name, longest in known.items()})

    def parts(self) -> dict[str, str]:
        """What was typed, once the form is valid."""
        return {name: self.cleaned_data[name] for name in parts.parts_of(self.activity)}

    def contacts(self) -> dict[str, str]:
        """Who can be asked."""
        return {name: self.cleaned_data[name] for name in parts.contacts_of(self.activity)}


class ReviewForm(Form):
    """That an activity was looked at."""

    remark = forms.CharField(
        label=_("Remark"),
        required=False,
        max_length=2_000,
        help_text=_("What was looked at, or changed. Its hash is in the log."),
        widget=forms.Textarea(attrs={"class": "input", "rows": "3"}),
    )


class FileForm(Form):
    """A register as a file: chosen, then confirmed."""

    file = forms.FileField(
        label=_("File"), required=False, help_text=_("CSV or JSON-LD, as it was exported here. At most 2 MB.")
    )
    content = forms.CharField(required=False, widget=forms.HiddenInput, strip=False)

    def clean(self) -> dict[str, Any]:
        given = super().clean() or self.cleaned_data
        file = given.get("file")
        if file is None and not given.get("content"):
            self.add_error("file", _("Choose a file."))
        elif file is not None and file.size > LARGEST_UPLOAD:
            self.add_error("file", _("Choose a file of 2 MB at most, or use the API."))
        return given

    def written(self) -> bytes:
        """What the file says, once the form is valid."""
        file = self.cleaned_data.get("file")
        return (
            bytes(file.read())
            if file is not None
            else str(self.cleaned_data["content"]).encode(errors="surrogatepass")
        )


def initial_of(completed: Completed) -> dict[str, Any]:
    """What the form begins with."""
    return {"number": completed.number, **completed.parts, **completed.contacts}


def _text(name: str, longest: int) -> forms.CharField:
    is_line = longest <= _SHORT and name != "dpia"
    rows = {"class": "input", "rows": "3"}
    return forms.CharField(
        label=cast(Any, words.PARTS[name]),
        required=False,
        max_length=longest,
        help_text=_HELP.get(name, ""),
        widget=forms.TextInput(attrs={"autocomplete": "off"}) if is_line else forms.Textarea(attrs=rows),
    )
