"""What the forms of several rooms have in common: fields of several texts, and a confirmation without words."""

import re
from typing import Any

from django import forms

from exchange.look.forms import Form


class Words(forms.Field):
    """Several short texts in one field, with commas or line ends between them."""

    widget = forms.TextInput
    between = re.compile(r"[,;\n]")
    shown_between = ", "

    def to_python(self, value: Any) -> list[str]:
        """The texts that hold anything."""
        return [part.strip() for part in self.between.split(str(value or "")) if part.strip()]

    def prepare_value(self, value: Any) -> Any:
        """A list as it is typed."""
        return self.shown_between.join(value) if isinstance(value, list) else value


class Lines(Words):
    """Several texts, one on each line."""

    between = re.compile(r"[\r\n]+")
    shown_between = "\n"


def area(rows: int) -> forms.Textarea:
    """A field of several lines."""
    return forms.Textarea(attrs={"rows": rows, "class": "input"})


class ShownForm(Form):
    """A confirmation that needs no words."""

    shown = forms.CharField(widget=forms.HiddenInput)
