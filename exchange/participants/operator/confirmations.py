"""What the operator's confirmation pages say before an organisation is suspended, restored or closed."""

from collections.abc import Callable
from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from exchange.look import formats
from exchange.participants.members import members
from exchange.participants.models import Participant
from exchange.participants.operator import figures
from exchange.participants.operator.forms import ClosingForm, LastReasonForm, ReasonForm

_STATE = Participant.State


@dataclass(frozen=True)
class Confirmation:
    """`consequences` are pairs of an icon and a sentence; `done` is said after the act."""

    heading: str
    act: str
    keep: str
    done: str
    consequences: list[tuple[str, str]]
    form: type[ReasonForm]
    decide: Callable[..., Participant]


def of(verb: str, participant: Participant) -> Confirmation | None:
    """The page of one verb; None where the organisation's state does not allow it."""
    state = participant.state
    if verb == "suspend" and state == _STATE.VERIFIED:
        return _suspension(participant)
    if verb == "restore" and state == _STATE.SUSPENDED:
        return _restoration(participant)
    if verb == "close" and state == _STATE.APPLIED:
        return _refusal(participant)
    if verb == "close" and state in (_STATE.VERIFIED, _STATE.SUSPENDED):
        return _closure(participant)
    return None


def _suspension(participant: Participant) -> Confirmation:
    return Confirmation(
        heading=_("Suspend %(name)s?") % {"name": participant.name},
        act=_("Suspend it"),
        keep=_("Leave it as it is"),
        done=_("Suspended. Its downloads stop, and those of its data."),
        consequences=[
            ("stop", _running(participant)),
            ("lock", _("It sells, buys and downloads nothing, and nobody downloads its data.")),
            ("find", _("Its offers leave the catalogue.")),
            ("eye", _("Its members still sign in, and see what it is a party to.")),
            ("scale", _("Contracts stay signed. Money that is held keeps its own dates.")),
            ("person", _("It reads your reason. You can restore it.")),
        ],
        form=ReasonForm,
        decide=members.suspend,
    )


def _restoration(participant: Participant) -> Confirmation:
    return Confirmation(
        heading=_("Restore %(name)s?") % {"name": participant.name},
        act=_("Restore it"),
        keep=_("Keep it suspended"),
        done=_("Restored. It may sell and buy again."),
        consequences=[
            ("check", _("It sells and buys again at once, on the evidence that stands here.")),
            ("find", _("Its published offers come back to the catalogue.")),
            ("down", _("Downloads work again; those that were cut go on where they stopped.")),
        ],
        form=ReasonForm,
        decide=members.restore,
    )


def _refusal(participant: Participant) -> Confirmation:
    return Confirmation(
        heading=_("Refuse %(name)s?") % {"name": participant.name},
        act=_("Refuse the application"),
        keep=_("Let it wait"),
        done=_("Refused. The application is closed."),
        consequences=[
            ("cross", _("The application is closed for good. The organisation may apply anew.")),
            ("person", _("Nobody acts for it any more. Its people keep their accounts.")),
            ("pen", _("Nobody is told by this page: write to its managers what is missing.")),
        ],
        form=ClosingForm,
        decide=members.close,
    )


def _closure(participant: Participant) -> Confirmation:
    return Confirmation(
        heading=_("Close %(name)s for good?") % {"name": participant.name},
        act=_("Close it for good"),
        keep=_("Leave it as it is"),
        done=_("Closed for good."),
        consequences=[
            ("stop", _running(participant)),
            ("cross", _("This cannot be undone: nobody acts for it any more, neither people nor API clients.")),
            ("find", _("Its offers leave the catalogue.")),
            ("scale", _("Contracts stay signed and provable. Money that is held keeps its own dates.")),
        ],
        form=LastReasonForm,
        decide=members.close,
    )


def _running(participant: Participant) -> str:
    count = figures.running(participant.pk)
    if not count:
        return _("A running download stops within a second. None runs now.")
    return ngettext(
        "A running download stops within a second. %(count)s runs now.",
        "Running downloads stop within a second. %(count)s run now.",
        count,
    ) % {"count": formats.number(count)}
