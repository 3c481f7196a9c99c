"""The form of a deletion statement."""

from django import forms
from django.utils.translation import gettext_lazy as _

from exchange.look.forms import Form


class Deleted(forms.BooleanField):
    """The box to tick before the word is given; its own sentence says what is missing."""

    own_messages = ("required",)
    default_error_messages = {"required": _("Say that everything is deleted.")}


class DeletionForm(Form):
    """The buyer's word, and what it may add."""

    remark = forms.CharField(
        label=_("Remark"),
        help_text=_("Such as which backups were overwritten when. Both sides read it. At most 512 characters."),
        max_length=512,
        required=False,
        widget=forms.Textarea(attrs={"rows": 4, "class": "input"}),
    )
    has_deleted = Deleted(label=_("This is so, and I may say it for my organisation."))
