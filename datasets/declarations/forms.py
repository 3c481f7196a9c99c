"""The declaration of personal data as a form: the whole, then column by column. Where the columns are measured they
are listed; else there are rows to write them in. It works without a script."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django import forms
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from compliance.words import BASES, CLASSES
from datasets import words
from datasets.declarations import declarations
from datasets.declarations.processing_forms import PROCESSING, ProcessingForm
from datasets.declarations.processing_forms import initial_of as initial_of_processing
from datasets.declarations.statement_forms import NAMES, StatementForm
from datasets.forms import Lines, area
from datasets.models import Declaration, PersonalData
from exchange.kernel.errors import ExchangeError

MOST_LISTED = 800
"""Columns in one form; more are declared by API."""

EMPTY_ROWS = 6
_COLUMN, _NAME, _CLASS = "column:", "new-name-", "new-class-"
_AS_WHOLE = ""
_ABOUT = {
    "legal_basis_missing": "legal_basis",
    "needless_basis": "legal_basis",
    "article_9_ground_missing": "article_9_ground",
    "purposes_missing": "purposes",
    "source_missing": "source",
    "stricter_column": "personal_data",
}


class DeclarationForm(ProcessingForm, StatementForm):
    """The declaration for the whole. `shown` is the number of the one that was on the page."""

    shown = forms.CharField(widget=forms.HiddenInput)
    personal_data = forms.ChoiceField(
        label=_("How personal is the data?"),
        help_text=_("The strictest class that any column has."),
        widget=forms.RadioSelect,
    )
    legal_basis = forms.ChoiceField(
        label=_("Legal basis"), required=False, help_text=_("For personal data: the article of the GDPR.")
    )
    article_9_ground = forms.ChoiceField(
        label=_("Ground of Article 9"), required=False, help_text=_("For special categories only.")
    )
    purposes = Lines(
        label=_("Purposes for which it was collected"),
        required=False,
        widget=area(3),
        help_text=_("1 to 10, one on each line. For every class but no personal data."),
    )
    source = forms.CharField(
        label=_("Source"),
        required=False,
        max_length=2_000,
        widget=area(3),
        help_text=_("Where the data comes from. For every class but no personal data."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        whole: Any = self.fields["personal_data"]
        whole.choices = class_choices()
        whole.notes = _notes()
        none = ("", _("None needed"))
        self.fields["legal_basis"].choices = [none, *words_of(BASES)]  # type: ignore[attr-defined]
        grounds = words_of(words.GROUNDS_OF_ARTICLE_9)
        for name in ("legal_basis", "article_9_ground", "purposes", "source"):
            self.fields[name].is_conditional = True  # type: ignore[attr-defined]
        self.fields["article_9_ground"].choices = [none, *grounds]  # type: ignore[attr-defined]

    def refuse(self, error: ExchangeError, field: str | None = None) -> None:
        """Show a verb's refusal at the field that it is about."""
        super().refuse(error, field or error.more.get("field") or _ABOUT.get(error.code))

    def declared(self) -> dict[str, Any]:
        """What was declared for the whole, as the verb takes it, once the form is valid."""
        apart = (*NAMES, *PROCESSING, "shown")
        whole = {name: value for name, value in self.cleaned_data.items() if name not in apart}
        return {**whole, "statement": self.statement(), "processing": self.processing()}


@dataclass(frozen=True)
class ColumnRow:
    """A column that is listed: its field, what is declared for it, and what the scan found in it."""

    key: str
    name: str
    kind: str
    declared: str
    found: str
    found_kind: str


@dataclass(frozen=True)
class EmptyRow:
    """A row to write a column in."""

    name_key: str
    class_key: str
    name: str
    declared: str


def initial_of(declaration: Declaration | None) -> dict[str, Any]:
    """What the form begins with."""
    if declaration is None:
        return {"shown": "0"}
    return {
        "shown": str(declaration.number),
        "personal_data": declaration.personal_data,
        "legal_basis": declaration.legal_basis,
        "article_9_ground": declaration.article_9_ground,
        "purposes": declaration.purposes,
        "source": declaration.source,
        **declaration.statement,
        **initial_of_processing(declaration.processing),
    }


def listed_rows(
    columns: Mapping[str, tuple[str, str, str]], declared: Mapping[str, str], typed: Mapping[str, str]
) -> list[ColumnRow]:
    """A row for each known column; `columns` gives its type, and the class and kind of what was found in it."""
    return [
        ColumnRow(
            f"{_COLUMN}{name}",
            name,
            kind,
            typed.get(f"{_COLUMN}{name}", declared.get(name, "")),
            found,
            found_kind,
        )
        for name, (kind, found, found_kind) in list(columns.items())[:MOST_LISTED]
    ]


def empty_rows(known: Iterable[str], declared: Mapping[str, str], typed: Mapping[str, str]) -> list[EmptyRow]:
    """Rows for columns that are declared and not known, and some that are empty."""
    seen = set(known)
    unknown = [(name, word) for name, word in declared.items() if name not in seen]
    if any(key.startswith(_NAME) for key in typed):
        count = sum(key.startswith(_NAME) for key in typed)
        unknown = [(typed.get(f"{_NAME}{i}", ""), typed.get(f"{_CLASS}{i}", "")) for i in range(count)]
    elif not seen:
        unknown += [("", "")] * EMPTY_ROWS
    return [EmptyRow(f"{_NAME}{i}", f"{_CLASS}{i}", name, word) for i, (name, word) in enumerate(unknown)]


def columns_of(typed: Mapping[str, str]) -> dict[str, str]:
    """The columns as the verb takes them; those that are as the whole are left out."""
    found = {
        key.removeprefix(_COLUMN): word
        for key, word in typed.items()
        if key.startswith(_COLUMN) and word != _AS_WHOLE
    }
    for key, name in typed.items():
        if key.startswith(_NAME) and name.strip():
            word = typed.get(f"{_CLASS}{key.removeprefix(_NAME)}", "")
            if word:
                found[name.strip()] = word
    return dict(list(found.items())[: declarations.MOST_COLUMNS])


def class_choices() -> list[tuple[str, str]]:
    """The classes from free to strictest."""
    return [(code, str(CLASSES[code])) for code in PersonalData.values]


def words_of(table: Mapping[str, str | Promise]) -> list[tuple[str, str]]:
    """Codes with their words, in their own order."""
    return [(code, str(said)) for code, said in table.items()]


def _notes() -> dict[str, str | Promise]:
    return {
        "none": _("Nobody can be recognised in it, not even with other data. It may go anywhere."),
        "pseudonymised": _("Names are replaced by codes that somebody can resolve. It stays personal data."),
        "personal": _("It is about people who can be recognised: names, addresses, places, habits."),
        "special": _(
            "Health, religion, origin, opinions, sexuality, biometrics, genetics; convictions and offences."
        ),
    }
