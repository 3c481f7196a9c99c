"""Forms in the look: what an error says, and the base that every form of a page has. An error names what was entered
and says what to do; what was typed stays in its field."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext_lazy

from exchange.kernel.errors import ExchangeError
from exchange.look import typed
from exchange.look.refusals import sentence_of

_EVERY: dict[str, Any] = {
    "required": _("Fill this in."),
    "invalid_choice": _("Choose one of the entries shown."),
    "max_length": ngettext_lazy(
        "Write at most %(limit_value)d character. You wrote %(show_value)d.",
        "Write at most %(limit_value)d characters. You wrote %(show_value)d.",
        "limit_value",
    ),
    "min_length": ngettext_lazy(
        "Write at least %(limit_value)d character. You wrote %(show_value)d.",
        "Write at least %(limit_value)d characters. You wrote %(show_value)d.",
        "limit_value",
    ),
    "min_value": _("Enter %(limit_value)s or more. You entered %(show_value)s."),
    "max_value": _("Enter %(limit_value)s or less. You entered %(show_value)s."),
    "null_characters_not_allowed": _("Remove the invisible characters from this entry."),
}
_INVALID: tuple[tuple[type[forms.Field], Any], ...] = (
    (forms.FloatField, _("Write it in figures, for example 480.00.")),
    (forms.DecimalField, _("Write it in figures, for example 480.00.")),
    (forms.IntegerField, _("Enter a whole number.")),
    (forms.EmailField, _("Write an e-mail address, for example name@example.org.")),
    (forms.DateTimeField, _("Enter a day and a time.")),
    (forms.DateField, _("Enter a day, for example 2026-11-20.")),
    (forms.URLField, _("Write a web address, for example https://example.org.")),
)


class Form(forms.Form):
    """A form whose errors speak in the exchange's voice."""

    use_required_attribute = False  # the browser's own bubbles would speak before our sentences can

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("label_suffix", "")
        super().__init__(*args, **kwargs)
        self.add_fields({})

    def add_fields(self, fields: Mapping[str, forms.Field]) -> None:
        """Take fields that are made for one page: they speak, and keep what was typed, as all others do."""
        self.fields.update(fields)
        if not self.is_bound:
            self.initial.update(typed.again(self))
        for field in self.fields.values():
            own = {key for kind in type(field).__mro__ for key in getattr(kind, "default_error_messages", {})}
            given = getattr(field, "own_messages", ())
            for code, words in _EVERY.items():
                if code not in given and (code in own or code.startswith(("max_", "min_", "null_"))):
                    field.error_messages[code] = words
            invalid = next((words for kind, words in _INVALID if isinstance(field, kind)), None)
            if invalid is not None and "invalid" not in given:
                field.error_messages["invalid"] = invalid

    def refuse(self, error: ExchangeError, field: str | None = None) -> None:
        """Show a verb's refusal at the form, or at one of its fields."""
        self.add_error(field, sentence_of(error))


class WholeNumber(forms.IntegerField):
    """A whole number from `least` to `most`; the error names both and what was entered."""

    own_messages = ("invalid",)

    def __init__(self, *, least: int, most: int, **kwargs: Any) -> None:
        kwargs.setdefault("widget", forms.TextInput(attrs={"inputmode": "numeric", "class": "short"}))
        super().__init__(**kwargs)
        self.least, self.most = least, most

    def to_python(self, value: Any) -> int | None:
        """The number, read without the spaces that people put between thousands."""
        given = "".join(str(value or "").split())
        if not given:
            return None
        if not given.isascii() or not given.isdigit() or not self.least <= int(given[:20]) <= self.most:
            raise forms.ValidationError(
                _("Enter a number from %(least)s to %(most)s. You entered %(given)s."),
                code="invalid",
                params={"least": self.least, "most": self.most, "given": str(value)[:40]},
            )
        return int(given)


class Phrase(forms.CharField):
    """What is typed to confirm an act that cannot be undone; only the phrase itself is accepted."""

    def __init__(self, phrase: str, **kwargs: Any) -> None:
        kwargs.setdefault("label", _("Type “%(phrase)s” to confirm") % {"phrase": phrase})
        super().__init__(**kwargs)
        self.phrase = phrase

    def clean(self, value: Any) -> str:
        """The phrase, whatever its capitals and spaces."""
        given = " ".join(str(value or "").split())
        if given.casefold() != self.phrase.casefold():
            raise forms.ValidationError(
                _("Type “%(phrase)s”. You typed “%(given)s”."),
                code="invalid",
                params={"phrase": self.phrase, "given": given[:80]},
            )
        return given
