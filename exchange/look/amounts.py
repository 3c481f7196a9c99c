"""Amounts and percentages as people type them: written in the reader's format, and read back in that or in the other
one, with spaces between thousands or without. What could be read in two ways is refused, never guessed."""

import re
from decimal import Decimal
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from exchange.look import formats

_SPACES = re.compile(r"[\s'’]")  # \s is every space that Unicode knows, those of French among them
_SPACED = re.compile(r"-?[0-9]{1,3}(?: [0-9]{3})+(?:[.,][0-9]+)?")
_FIGURES = re.compile(r"-?[0-9]+(?:[.,][0-9]+)*|-?[.,][0-9]+")
_THOUSANDS = re.compile(r"-?[1-9][0-9]{0,2}(?:([.,])[0-9]{3})(?:\1[0-9]{3})*")
_LONGEST = 40


def written(amount: Decimal) -> str:
    """An amount as a field has it: 1234.50, or 1234,50."""
    plain = f"{amount:f}"
    return plain.replace(".", ",") if formats.is_french() else plain


def read(text: str, *, places: int = 2) -> Decimal:
    """An amount that a reader has typed; ValidationError where it is none, or could be two. `places` are the decimals
    of its currency: where there are three, a comma before three digits may be theirs in English too."""
    given = _SPACES.sub(" ", text.strip()).replace("−", "-")
    if len(given) <= _LONGEST and _SPACED.fullmatch(given):  # so the mark is that of the decimals
        return Decimal(given.replace(" ", "").replace(",", "."))
    if len(given) > _LONGEST or not given.isascii() or not _FIGURES.fullmatch(given):
        raise ValidationError(_("Write it in figures, for example 480.00."), code="invalid")
    marks = [sign for sign in given if sign in ".,"]
    if len(set(marks)) == 2:
        return _of_both(given)
    if len(marks) > 1:
        return _without_thousands(given)
    if marks and _THOUSANDS.fullmatch(given):
        return _of_one_before_three(given, marks[0], places)
    return Decimal(given.replace(",", "."))


class Amount(forms.DecimalField):
    """An amount or a percentage, typed as its reader writes it. `counted_in` are the decimals of its currency, where a
    form knows them."""

    own_messages = ("invalid",)
    default_error_messages = {
        "max_digits": _("This is too large: write at most %(max)s digits."),
        "max_whole_digits": _("This is too large: write at most %(max)s digits before the decimals."),
        "max_decimal_places": _("Write it with at most %(max)s decimals."),
    }

    def __init__(self, *, counted_in: int = 2, **kwargs: Any) -> None:
        kwargs.setdefault("widget", forms.TextInput(attrs={"inputmode": "decimal", "class": "short"}))
        super().__init__(**kwargs)
        self.counted_in = counted_in

    def to_python(self, value: Any) -> Decimal | None:  # type: ignore[override]
        """What was typed, as a number."""
        given = str(value if value is not None else "").strip()
        return read(given, places=self.counted_in) if given else None

    def prepare_value(self, value: Any) -> Any:
        """A number in the reader's format; what was typed stays as it is."""
        return written(value) if isinstance(value, Decimal) else value

    def run_validators(self, value: Any) -> None:
        """The checks of a number, whose refusals write numbers as their reader does."""
        try:
            super().run_validators(value)
        except ValidationError as refusal:
            for error in refusal.error_list:
                error.params = {name: _said(found) for name, found in (error.params or {}).items()}
            raise


def _said(value: Any) -> Any:
    return written(value) if isinstance(value, Decimal) else value


def _of_both(given: str) -> Decimal:
    """1,234.50 or 1.234,50: the last mark is that of the decimals, the other stands between thousands."""
    decimal = max(".,", key=given.rfind)
    whole, _mark, rest = given.rpartition(decimal)
    if not _THOUSANDS.fullmatch(whole) or decimal in whole:
        raise ValidationError(_("Write it in figures, for example 480.00."), code="invalid")
    return Decimal(f"{_without_thousands(whole)}.{rest}")


def _without_thousands(given: str) -> Decimal:
    if not _THOUSANDS.fullmatch(given):
        raise ValidationError(_("Write it in figures, for example 480.00."), code="invalid")
    return Decimal(given.replace(",", "").replace(".", ""))


def _of_one_before_three(given: str, mark: str, places: int) -> Decimal:
    """1.234 or 1,234. In the reader's own format it is what that format says; else nobody knows."""
    as_decimal, as_whole = Decimal(given.replace(",", ".")), Decimal(given.replace(mark, ""))
    is_own_decimal = mark == ("," if formats.is_french() else ".")
    if is_own_decimal:
        return as_decimal
    if mark == "," and places < 3:  # English writes its thousands so
        return as_whole
    raise ValidationError(
        _("“%(given)s” can be read in two ways. Write %(one)s or %(other)s."),
        code="invalid",
        params={
            "given": given,
            "one": written(as_whole),
            "other": written(round(as_decimal, max(places, 2))),
        },
    )
