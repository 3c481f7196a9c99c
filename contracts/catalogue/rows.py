"""What the catalogue shows of each dataset: one offer's answer to the five permissions with its price, what the
scan says of personal data, and the figures of the revision that can be had now."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, pgettext_lazy

from contracts.badges import Badge
from contracts.catalogue.catalogue import Entry
from contracts.catalogue.entries import PERMISSIONS, amount_of, marks_of
from contracts.catalogue.searches import Values, holds
from contracts.choices import choices
from contracts.choices.choices import Choice
from contracts.models import Offer
from datasets.gate import findings
from datasets.models import Asset, Dataset, PersonalData, Revision
from exchange.kernel.errors import Invalid
from exchange.kernel.money import Money
from exchange.look import formats
from exchange.participants.models import Participant
from payments.plans import plans
from payments.plans import words as plan_words

_HEADS: Mapping[str, tuple[str | Promise, str | Promise]] = {
    "analyse": (gettext_lazy("Analyse"), gettext_lazy("Analyse")),
    "combine": (pgettext_lazy("permission", "Combine"), gettext_lazy("Combine with other data")),
    "train_models": (pgettext_lazy("permission", "Train"), gettext_lazy("Train models")),
    "publish_results": (pgettext_lazy("permission", "Publish"), gettext_lazy("Publish results")),
    "pass_on": (gettext_lazy("Pass on"), gettext_lazy("Pass on")),
}
_MARKS: Mapping[str, tuple[str, str, str | Promise]] = {
    "yes": ("y", "check", pgettext_lazy("answer", "Yes")),
    "if": ("c", "tilde", pgettext_lazy("answer", "If")),
    "no": ("n", "cross", pgettext_lazy("answer", "No")),
}


@dataclass(frozen=True)
class Answer:
    """What an offer says to one permission: its short and its long name, and a mark with its word."""

    short: str | Promise
    long: str | Promise
    kind: str
    icon: str
    words: str | Promise


@dataclass(frozen=True)
class Price:
    """`amount` is None where nothing is to be paid, or nobody can say what; `words` then stand in its place. `is_from`
    where it is the least of several that a buyer chooses between, `due` what is charged at the signature."""

    amount: Money | None
    words: str
    notes: list[str]
    is_from: bool = False
    due: Money | None = None


@dataclass(frozen=True)
class Table:
    """Files with the same columns, taken together."""

    rows: int
    fields: int
    filled: int

    @property
    def fill_rate(self) -> str:
        """The share of cells with a value, never rounded up to all of them; empty where there are none."""
        cells = self.rows * self.fields
        if not cells:
            return ""
        if self.filled == cells:
            return formats.percent(1)
        return formats.percent(min(self.filled / cells, 0.999), 1)


@dataclass
class Figures:
    """What the files of a revision hold. `tables` are those that could be measured, by their columns."""

    number: int
    sealed_at: datetime | None
    is_measured: bool
    files: int = 0
    size_bytes: int = 0
    has_finding: bool = False
    tables: dict[tuple[str, ...], Table] = field(default_factory=dict)

    @property
    def largest(self) -> Table | None:
        """The table with the most rows."""
        return max(self.tables.values(), key=lambda table: (table.rows, table.fields), default=None)


@dataclass(frozen=True)
class Row:
    dataset: Dataset
    is_verified: bool
    badge: Badge | None
    figures: Figures | None
    answers: list[Answer]
    price: Price


def of(entries: Sequence[Entry], asked: Mapping[str, Values]) -> list[Row]:
    """A row for each entry; of its offers the cheapest that is `asked` for speaks. Two queries in all."""
    figures = _figures([entry.dataset for entry in entries])
    return [_row(entry, asked, figures.get(entry.dataset.pk)) for entry in entries]


def heads() -> list[str | Promise]:
    """The names of the permissions over their columns."""
    train = pgettext_lazy("column", "Train models")
    return [train if name == "train_models" else _HEADS[name][0] for name in PERMISSIONS]


def _row(entry: Entry, asked: Mapping[str, Values], figures: Figures | None) -> Row:
    ways = [(offer, one) for offer in entry.offers for one in choices.of(offer)]
    fitting = [way for way in ways if holds(asked, marks_of(*way))] or ways
    way = min(fitting, key=lambda way: _cost(way[1]), default=None)
    return Row(
        entry.dataset,
        entry.dataset.seller.state == Participant.State.VERIFIED,
        _badge(entry.dataset, figures),
        figures,
        _answers(*way) if way else [],
        _price(way, len(entry.offers) - 1),
    )


def _answers(offer: Offer, choice: Choice) -> list[Answer]:
    marks = marks_of(offer, choice)
    return [_answer(name, marks[name]) for name in PERMISSIONS]


def _answer(name: str, said: str) -> Answer:
    (short, long), (kind, icon, words) = _HEADS[name], _MARKS[said]
    return Answer(short, long, kind, icon, words)


def _cost(choice: Choice) -> tuple[bool, int]:
    amount = amount_of(choice)
    return amount is None, amount or 0


def _plan(choice: Choice) -> plans.Plan | None:
    try:
        return plans.parse(choice.plan)
    except Invalid:
        return None


def _price(way: tuple[Offer, Choice] | None, others: int) -> Price:
    if way is None:
        return Price(None, _("No offer yet"), [_("buyers do not find it")])
    offer, choice = way
    plan, several = _plan(choice), len(offer.choices)
    notes = [_note(plan)]
    if several:
        notes.append(
            ngettext("%(count)s choice", "%(count)s choices", several) % {"count": formats.number(several)}
        )
    if others > 0:
        more = ngettext("or %(count)s other offer", "or %(count)s other offers", others)
        notes.append(more % {"count": formats.number(others)})
    if plan is None:
        return Price(None, _("Price on request"), notes)
    if plan.price:
        return Price(plan.price, "", notes, is_from=bool(several), due=plan.due_first)
    if not plan.is_free:
        return Price(None, plan_words.name(plan), notes)
    return Price(None, _("Free or paid") if offer.has_paid_choice else _("Free"), notes)


def _note(plan: plans.Plan | None) -> str:
    """When it is paid, in a word or two."""
    if plan is None or plan.is_quote:
        return _("answered by the seller")
    if plan.metering is not None:
        return _("after each period")
    if plan.price is None:
        return _("agreement needed")
    return plan_words.rhythm(plan) or _("once")


def _badge(dataset: Dataset, figures: Figures | None) -> Badge | None:
    kinds = {
        PersonalData.NONE: Badge(_("No personal data declared"), "", "check"),
        PersonalData.PSEUDONYMISED: Badge(_("Personal data, pseudonymised"), "warn", "person"),
        PersonalData.PERSONAL: Badge(_("Personal data, direct"), "warn", "person"),
        PersonalData.SPECIAL: Badge(_("Personal data, special categories"), "warn", "person"),
    }
    if not dataset.personal_data:
        return None
    if dataset.personal_data != PersonalData.NONE or figures is None or not figures.is_measured:
        return kinds[PersonalData(dataset.personal_data)]
    if figures.has_finding:
        return Badge(_("Possible personal data found"), "warn", "person")
    return Badge(_("No personal data found"), "ok", "check")


def _figures(datasets: Iterable[Dataset]) -> dict[UUID, Figures]:
    """The latest sealed revision of each dataset and what is known of its files."""
    sealed = Revision.objects.filter(dataset__in=list(datasets), state=Revision.State.SEALED).order_by("number")
    current = {row.dataset_id: row for row in sealed.defer("manifest")}
    found = {
        row.pk: Figures(row.number, row.sealed_at, row.measured_at is not None) for row in current.values()
    }
    files = Asset.objects.filter(revision__in=list(found)).exclude(received_at=None).order_by()
    profile = ("profile__row_count", "profile__columns", "profile__findings")
    for revision_id, size_bytes, rows, columns, scanned in files.values_list(
        "revision_id", "size_bytes", *profile
    ):
        figures = found[revision_id]
        figures.files += 1
        figures.size_bytes += size_bytes or 0
        _add_table(figures.tables, rows, columns or [])
        stored = (findings.from_stored(values) for values in (scanned or {}).values())
        figures.has_finding |= any(map(findings.is_personal, stored))
    return {dataset_id: found[row.pk] for dataset_id, row in current.items()}


def _add_table(
    tables: dict[tuple[str, ...], Table], rows: int | None, columns: Sequence[Mapping[str, Any]]
) -> None:
    names = tuple(str(column["name"]) for column in columns)
    if names and rows is not None:
        before = tables.get(names, Table(0, len(names), 0))
        filled = sum(int(column["filled"]) for column in columns)
        tables[names] = Table(before.rows + rows, len(names), before.filled + filled)
