"""What an officer may do with a request, one act a page: when it is possible, which form it asks for, and which verb it
calls."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy as _

from compliance.models import SubjectRequest
from compliance.requests import clock, consequences, decisions, forms, identity, own_records, seller_search
from compliance.words import Words
from exchange.kernel.actors import Actor
from exchange.look.forms import Form

State, Kind = SubjectRequest.State, SubjectRequest.Kind
_WORK = (State.IN_PROGRESS,)
_KNOWN = (State.IDENTIFIED, State.IN_PROGRESS)


@dataclass(frozen=True)
class Act:
    """One act. `note` says what follows from it; `is_main` stands first among what can be done now."""

    title: Words
    note: Words
    done: Words
    form: Callable[..., Form]
    do: Callable[[SubjectRequest, Mapping[str, Any], Actor], object]
    may: Callable[[SubjectRequest], bool]
    is_main: bool = False
    is_final: bool = False


def _in(*states: str) -> Callable[[SubjectRequest], bool]:
    return lambda row: row.state in states


def _runs(*states: str) -> Callable[[SubjectRequest], bool]:
    return lambda row: row.state in states and row.paused_at is None and row.is_confirmed


ACTS: Mapping[str, Act] = {
    "resume": Act(
        _("Let the clock run again"),
        _(
            "The person has answered. The new deadline is later by as long as the clock stood still; they are told."
        ),
        _("The clock runs again."),
        forms.PlainForm,
        lambda row, _said, by: clock.resume(row, by=by),
        lambda row: row.is_open and row.paused_at is not None,
        is_main=True,
    ),
    "identify": Act(
        _("Confirm who asks"),
        _("The method and the result are kept. Keep no copy of a document, neither here nor elsewhere."),
        _("The identity is confirmed."),
        forms.CheckForm,
        lambda row, said, by: identity.identify(row, said["method"], by=by),
        _runs(State.RECEIVED),
        is_main=True,
    ),
    "start": Act(
        _("Begin to work on it"),
        _("From then on sellers can be asked, recipients told, and the answer given."),
        _("You may now search, ask and answer."),
        forms.PlainForm,
        lambda row, _said, by: decisions.start(row, by=by),
        _in(State.IDENTIFIED),
        is_main=True,
    ),
    "look": Act(
        _("Search the exchange’s own records"),
        _(
            "Counts by kind are shown, no contents. The person gets the contents with the answer. The log says it."
        ),
        _("The exchange’s own records were searched."),
        forms.PlainForm,
        lambda row, _said, by: own_records.search(row, by=by),
        _in(*_KNOWN),
    ),
    "ask": Act(
        _("Ask sellers to search"),
        _(
            "Each seller sees what you write here, and looks in its own data by its own keys. Write no more than it "
            "needs to find the person. It may see this until it has answered; each look is written to the log."
        ),
        _("The sellers are asked."),
        forms.AskSellersForm,
        lambda row, said, by: seller_search.ask(row, said["sellers"], said["told"], by=by),
        lambda row: row.state in _WORK and bool(forms.sellers_to_ask(row)),
    ),
    "tell": Act(
        _("Tell the recipients"),
        _(
            "Everybody who received a revision with the person in it is told, even of a part and after the end of a "
            "licence. The request cannot be answered before each has done it, or cannot for a reason."
        ),
        _("The recipients are being told."),
        forms.TellForm,
        lambda row, said, by: consequences.tell_recipients(row, said["message"], by=by),
        lambda row: row.state in _WORK and row.kind in consequences.TOLD and bool(consequences.to_tell(row)),
    ),
    "erase": Act(
        _("Erase the addresses of downloads"),
        _(
            "Gone for good: the network address and program of each download of the person. Every proof stays good."
        ),
        _("Erased for good."),
        forms.EraseForm,
        lambda row, said, by: own_records.erase(row, said["reason"], by=by),
        lambda row: row.state in _WORK and row.kind == Kind.ERASURE and own_records.counts(row)["sealed"] > 0,
        is_final=True,
    ),
    "reply": Act(
        _("Answer the person"),
        _(
            "What you write, all that was found and who received it are sealed as the answer. It cannot be changed."
        ),
        _("Answered. The person is told."),
        forms.AnswerForm,
        lambda row, said, by: decisions.answer(
            row, said["words"], by=by, delay_reason=said.get("delay_reason", "")
        ),
        _runs(*_WORK),
        is_main=True,
    ),
    "write": Act(
        _("Write to the person"),
        _("They read it by mail and on the page of their request. The clock runs on."),
        _("Written."),
        forms.WriteForm,
        lambda row, said, by: decisions.write(row, said["words"], by=by),
        lambda row: row.is_open and row.is_confirmed,
    ),
    "pause": Act(
        _("Ask, and stop the clock"),
        _("The clock stands still until you let it run again. Ask without delay, and only what you need."),
        _("Asked. The clock stands still."),
        forms.PauseForm,
        lambda row, said, by: clock.pause(row, _why(row), said["words"], by=by),
        _runs(*SubjectRequest.OPEN),
    ),
    "extend": Act(
        _("Take more time"),
        _(
            "Once, before the time is over, because requests are complex or many. The person is told, with the reason."
        ),
        _("The time is extended. The person is told."),
        forms.ExtendForm,
        lambda row, said, by: clock.extend(row, said["reason"], by=by),
        lambda row: _runs(*SubjectRequest.OPEN)(row) and row.extended_at is None,
    ),
    "doubt": Act(
        _("Note that a check failed"),
        _("The request waits. Ask the person for something else, or refuse it."),
        _("Noted."),
        forms.CheckForm,
        lambda row, said, by: identity.doubt(row, said["method"], by=by),
        _runs(State.RECEIVED),
    ),
    "refuse": Act(
        _("Refuse"),
        _("On a ground of the law. The person is told why, and where to complain. It cannot be taken back."),
        _("Refused. The person is told."),
        forms.RefuseForm,
        lambda row, said, by: decisions.refuse(
            row, said["ground"], said["words"], by=by, delay_reason=said.get("delay_reason", "")
        ),
        lambda row: row.is_open and row.is_confirmed,
        is_final=True,
    ),
    "withdraw": Act(
        _("Close it: taken back"),
        _("The person no longer wants it, and has said so. It cannot be opened again."),
        _("Closed."),
        forms.PlainForm,
        lambda row, _said, by: decisions.withdraw(row, by=by),
        lambda row: row.is_open and row.is_confirmed,
        is_final=True,
    ),
}


def now_possible(request: SubjectRequest) -> list[tuple[str, Act]]:
    """What can be done with a request as it is."""
    return [(name, act) for name, act in ACTS.items() if act.may(request)]


def _why(request: SubjectRequest) -> str:
    """What can be asked while the clock stands still: who it is, and once that is known, what they mean."""
    return "identity" if request.state == State.RECEIVED else "clarification"
