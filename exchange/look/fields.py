"""One field of a form, ready for its template: label, help, error and control in that order, tied together for
those who listen."""

from dataclasses import dataclass, field

from django import forms
from django.forms.boundfield import BoundField
from django.utils.functional import Promise
from django.utils.safestring import SafeString


@dataclass(frozen=True)
class Choice:
    """One row of a choice: what follows from it, and how it is held."""

    control: SafeString
    label: str
    note: str = ""
    standing: str = ""


@dataclass(frozen=True)
class Shown:
    """A field as its template takes it."""

    bound: BoundField
    kind: str
    control: SafeString
    label: str
    help: str
    is_optional: bool
    describedby: str
    choices: list[Choice] = field(default_factory=list)


def shown(bound: BoundField, *, label: str = "", help_text: str = "", width: str = "", **attrs: str) -> Shown:
    """The field with the class, width and attributes of its control."""
    widget = bound.field.widget
    if help_text:
        bound.help_text = help_text
    kind = _kind(widget)
    given = str(widget.attrs.get("class", ""))
    classes = " ".join(part for part in ("" if kind != "line" else "input", given, width) if part)
    extra: dict[str, str | bool] = {name.replace("_", "-"): value for name, value in attrs.items()}
    if classes:
        extra["class"] = classes
    extra.setdefault("placeholder", False)  # it would vanish with the first letter
    if bound.field.required and kind != "choices":
        extra["aria-required"] = "true"
    return Shown(
        bound=bound,
        kind=kind,
        control=SafeString() if kind == "choices" else bound.as_widget(attrs=extra),
        label=label or str(bound.label),
        help=str(bound.help_text),
        is_optional=not (
            bound.field.required or kind == "check" or getattr(bound.field, "is_conditional", False)
        ),
        describedby=_describedby(bound),
        choices=_choices(bound) if kind == "choices" else [],
    )


def _kind(widget: forms.Widget) -> str:
    if isinstance(widget, forms.RadioSelect | forms.CheckboxSelectMultiple):
        return "choices"
    return "check" if isinstance(widget, forms.CheckboxInput) else "line"


def _describedby(bound: BoundField) -> str:
    ids = [f"{bound.auto_id}_helptext"] if bound.help_text else []
    return " ".join([*ids, f"{bound.auto_id}_error"] if bound.errors else ids)


def _choices(bound: BoundField) -> list[Choice]:
    """Each choice; `field.notes` may give `{value: note}` or `{value: (note, standing)}`."""
    notes: dict[str, str | Promise | tuple[str | Promise, str]] = getattr(bound.field, "notes", {})
    rows = []
    for part in bound.subwidgets:
        note = notes.get(str(part.data.get("value")), "")
        text, standing = note if isinstance(note, tuple) else (note, "")
        rows.append(Choice(SafeString(part.tag()), str(part.choice_label), str(text), standing))
    return rows
