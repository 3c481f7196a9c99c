"""The publish checklist: each step of a dataset to the market, how it stands, and where its next move is made."""

from dataclasses import dataclass
from uuid import UUID

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from compliance.reviews.words import LACKS
from compliance.words import CLASSES, KINDS, Words
from datasets.models import Dataset
from datasets.progress.progress import Progress
from datasets.words import THEMES
from exchange.look import formats


@dataclass(frozen=True)
class Move:
    """Where something can be done about a step, and what."""

    route: str
    route_id: UUID
    act: str


@dataclass(frozen=True)
class Sign:
    """How a step stands: an icon and a colour."""

    icon: str
    colour: str


@dataclass(frozen=True)
class Step:
    """One line of the list."""

    title: str
    note: str
    sign: Sign
    move: Move | None = None

    @property
    def is_done(self) -> bool:
        return self.sign is _DONE


_DONE = Sign("check", "c-ok")
_RUNNING = Sign("half", "c-info")
_WAITING = Sign("clock", "c-warn")
_BROKEN = Sign("stop", "c-stop")
_TO_COME = Sign("ring", "c-mute")
_OVER = Sign("cross", "c-mute")


def steps(progress: Progress, offers: int | None = None) -> list[Step]:
    """Every step in order; `offers` is how many are on the market, None where the page does not know."""
    found = [
        _described(progress),
        _declared(progress),
        _sealed(progress),
        _measured(progress),
        _gate(progress),
        _published(progress),
    ]
    return found if offers is None else [*found, _offered(progress, offers)]


def next_step(found: list[Step]) -> Step | None:
    """The first step that is not done."""
    return next((step for step in found if not step.is_done), None)


def contradictions(progress: Progress) -> list[tuple[str, Words, Words, Words]]:
    """What an officer is asked about: column, declared, found, and the kind of what was found."""
    listed = progress.review.contradictions if progress.review else []
    return [
        (
            one["column"],
            CLASSES.get(one["declared"], one["declared"]),
            CLASSES.get(one["found"], one["found"]),
            KINDS.get(one["kind"], one["kind"]),
        )
        for one in listed
    ]


def _described(progress: Progress) -> Step:
    dataset = progress.dataset
    note = str(THEMES.get(dataset.theme, dataset.theme))
    return Step(_("Described"), note, _DONE, Move("sell_datasets_describe", dataset.pk, _("Change")))


def _declared(progress: Progress) -> Step:
    route, row_id = "sell_datasets_declare", progress.dataset.pk
    if progress.declaration is None:
        note = _("Say whether the data is about people, for the whole and column by column.")
        return Step(_("Personal data declared"), note, _TO_COME, Move(route, row_id, _("Declare")))
    note = str(CLASSES[progress.declaration.personal_data])
    return Step(_("Personal data declared"), note, _DONE, Move(route, row_id, _("Change")))


def _sealed(progress: Progress) -> Step:
    title = _("Revision sealed")
    if progress.opened is not None:
        note = _("Revision %(number)s is open. Seal it when its files are complete.") % {
            "number": progress.opened.number
        }
        sign = _DONE if progress.current else _RUNNING
        return Step(title, note, sign, Move("sell_datasets_revision", progress.opened.pk, _("Files")))
    if progress.current is not None and progress.current.sealed_at is not None:
        words = {"number": progress.current.number, "day": formats.day(progress.current.sealed_at)}
        note = _("Revision %(number)s, on %(day)s") % words
        return Step(title, note, _DONE, Move("sell_datasets_revision", progress.current.pk, _("Files")))
    return Step(title, _("Open a revision, and put its files into it."), _TO_COME)


def _measured(progress: Progress) -> Step:
    title = _("Measured")
    if progress.current is None:
        return Step(title, _("Begins by itself when the revision is sealed."), _TO_COME)
    if not progress.is_measured:
        note = _("The exchange counts rows and columns, and looks for personal data.")
        return Step(title, note, _RUNNING)
    if progress.unreadable:
        names = ", ".join(_("“%(name)s”") % {"name": row.asset.name} for row in progress.unreadable[:3])
        note = _("It cannot be read: %(names)s. Seal another revision with files that can.") % {"names": names}
        return Step(title, note, _BROKEN, Move("sell_datasets_revision", progress.current.pk, _("Reasons")))
    return Step(title, _("Rows, columns and gaps are known."), _DONE)


def _gate(progress: Progress) -> Step:
    title = _("Let through the gate")
    move = Move("sell_datasets_declare", progress.dataset.pk, _("Correct it"))
    if progress.lacking:
        note = str(LACKS[progress.lacking[0].code])
        return Step(title, note, _WAITING, Move("sell_datasets_declare", progress.dataset.pk, _("State it")))
    if progress.is_held:
        has_more = progress.review is not None and bool(progress.review.contradictions)
        note = (
            _("Held for an officer: more was found than is declared.")
            if has_more
            else _("Held for an officer: it holds special categories, or convictions and offences.")
        )
        return Step(title, note, _WAITING, move)
    if progress.is_refused:
        return Step(title, _("An officer refused it as it is declared."), _BROKEN, move)
    if progress.is_through:
        note = _("An officer approved it.") if progress.review else _("Nothing found speaks against it.")
        return Step(title, note, _DONE)
    return Step(title, _("What is found is held against what is declared."), _TO_COME)


def _published(progress: Progress) -> Step:
    title, dataset = _("Published"), progress.dataset
    if dataset.state == Dataset.State.RETIRED:
        return Step(title, _("Retired. Nobody can ask for it any more."), _OVER)
    if dataset.is_published and dataset.published_at is not None:
        note = _("Since %(day)s") % {"day": formats.day(dataset.published_at)}
        return Step(title, note, _DONE)
    if progress.is_through:
        move = Move("sell_datasets_one", dataset.pk, _("Publish"))
        return Step(title, _("Everything before is done."), _WAITING, move)
    return Step(title, _("Possible when everything before is done."), _TO_COME)


def _offered(progress: Progress, offers: int) -> Step:
    move = Move("sell_offers_new", progress.dataset.pk, _("Write an offer"))
    if not offers:
        return Step(_("Offered"), _("Terms and a price, for everybody or for those you name."), _TO_COME, move)
    note = ngettext("%(count)s offer on the market", "%(count)s offers on the market", offers)
    return Step(_("Offered"), note % {"count": formats.number(offers)}, _DONE, move)
