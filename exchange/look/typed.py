"""What was typed into a form that could not be sent, while its page is shown again: every form of that page takes its
own fields back from it. Passwords, files and hidden fields are never among them."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any

from django import forms
from django.http import QueryDict

_MAY_BE_SILENT = (
    forms.CheckboxInput,
    forms.RadioSelect,
    forms.SelectMultiple,
    forms.CheckboxSelectMultiple,
)  # a browser sends nothing for one that is empty


@dataclass
class Typed:
    """`is_shown` says whether a form of the page has taken it."""

    values: QueryDict
    is_shown: bool = False


_typed: ContextVar[Typed | None] = ContextVar("typed", default=None)


@contextmanager
def shown_again(values: QueryDict) -> Iterator[Typed]:
    """Give `values` back to the forms that are made in this block."""
    found = Typed(values)
    mark = _typed.set(found)
    try:
        yield found
    finally:
        _typed.reset(mark)


def again(form: forms.BaseForm) -> dict[str, Any]:
    """What a form of this page begins with, because it was typed before; nothing where it is another form."""
    found = _typed.get()
    if found is None:
        return {}
    open_fields = {name: field for name, field in form.fields.items() if _is_open(field.widget)}
    sent = {name for name in open_fields if form.add_prefix(name) in found.values}
    spoken = {name for name, field in open_fields.items() if not isinstance(field.widget, _MAY_BE_SILENT)}
    if not sent:
        return {}
    found.is_shown = True
    names = (
        open_fields if spoken <= sent else sent
    )  # a form that was sent whole says by silence what is not ticked
    return {
        name: open_fields[name].widget.value_from_datadict(found.values, {}, form.add_prefix(name))
        for name in names
    }


def _is_open(widget: forms.Widget) -> bool:
    return not (widget.is_hidden or isinstance(widget, forms.PasswordInput | forms.FileInput))
