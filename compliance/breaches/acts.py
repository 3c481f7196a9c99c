"""What an officer may do in a breach, one act a page: when it is possible, which form it asks for, and which verb it
calls."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from compliance.breaches import clock, desk, forms, lines, register, reports, scopes, stops
from compliance.breaches.words import Words
from compliance.models import Breach, BreachReport
from exchange.kernel.actors import Actor
from exchange.look.forms import Form

Audience = BreachReport.Audience


@dataclass(frozen=True)
class Act:
    """One act. `note` says what follows from it; `form` makes its form for a breach."""

    title: Words
    note: Words
    done: Words
    form: Callable[[Breach, Actor, Any], Form]
    do: Callable[[Breach, Any, Actor], object]
    may: Callable[[Breach], bool]
    is_danger: bool = False


def _open(breach: Breach) -> bool:
    return breach.state == Breach.State.OPEN


def _reached(breach: Breach) -> bool:
    return _open(breach) and any(scope.recipients for scope in breach.scopes.all())


def _describe_form(breach: Breach, by: Actor, data: Any) -> Form:
    initial = {name: getattr(breach, name) for name in (*register.TEXTS, *register.COUNTS)}
    return forms.DescribeForm(data, initial=initial)


def _describe(breach: Breach, form: Any, by: Actor) -> Breach:
    said: Mapping[str, Any] = form.cleaned_data
    texts = {name: said[name] for name in register.TEXTS}
    return register.describe(breach, texts, {name: said[name] for name in register.COUNTS}, by=by)


def _assess_form(breach: Breach, by: Actor, data: Any) -> Form:
    known = {"risk": breach.risk, "method": breach.risk_method, "reasons": breach.risk_reasons}
    return forms.AssessForm(data, initial=known)


def _persons_form(breach: Breach, by: Actor, data: Any) -> Form:
    words = clock.profile_of(breach).texts("breach.persons", get_language() or "en")
    initial = {**forms.initial_of_report(by.at, Audience.PERSONS), "words": words}
    return forms.PersonsForm(data, initial=initial)


def _stop(breach: Breach, form: Any, by: Actor) -> object:
    kind, target = form.order()
    return stops.order(breach, kind=kind, target_id=target, reason=form.cleaned_data["reason"], by=by)


def _tell(breach: Breach, form: Any, by: Actor) -> object:
    said = form.cleaned_data
    return desk.tell_recipients(breach, UUID(said["dataset"]), None, said["message"], by=by)


ACTS: Mapping[str, Act] = {
    "scope": Act(
        _("Ask the log whom it reaches"),
        _("The answer is frozen with the signed head of the log. Ask as often as you need: each answer stays."),
        _("The log has answered. The answer is frozen."),
        lambda breach, by, data: forms.ScopeForm(data, actor=by),
        lambda breach, form, by: scopes.take(breach, form.asked(), by=by),
        _open,
    ),
    "stop": Act(
        _("Stop something now"),
        _(
            "A suspended organisation sells, buys and downloads nothing, and nobody downloads its data. A revoked "
            "revision never leaves again. Running downloads stop within a second."
        ),
        _("Stopped."),
        lambda breach, by, data: forms.StopForm(data, breach=breach, by=by),
        _stop,
        _reached,
        is_danger=True,
    ),
    "assess": Act(
        _("Assess the risk"),
        _(
            "Where a risk is unlikely, the clock stops: nobody need be told, and your reasons stand in the register."
        ),
        _("The assessment is kept."),
        _assess_form,
        lambda breach, form, by: register.assess(breach, **form.cleaned_data, by=by),
        _open,
    ),
    "authority": Act(
        _("Keep what the authority was told"),
        _("The register as it stands now is frozen as this phase. Send it first, then keep it here."),
        _("Kept as it was sent."),
        lambda breach, by, data: forms.AuthorityForm(
            data, initial=forms.initial_of_report(by.at, Audience.AUTHORITY)
        ),
        lambda breach, form, by: reports.tell_authority(breach, form.sent(), by=by),
        lambda breach: _open(breach) and bool(breach.risk),
    ),
    "persons": Act(
        _("Keep what the persons were told"),
        _("In clear and plain words: what happened, what may follow, what they can do, and whom they can ask."),
        _("Kept as it was sent."),
        _persons_form,
        lambda breach, form, by: reports.tell_persons(breach, form.sent(), by=by),
        _open,
    ),
    "exempt": Act(
        _("Say why the persons are not told"),
        _("Article 34(3) knows three grounds. Yours stands in the register, with your reasons."),
        _("The reason is kept."),
        lambda breach, by, data: forms.ExemptForm(data, breach=breach, language=get_language() or "en"),
        lambda breach, form, by: register.exempt(breach, **form.cleaned_data, by=by),
        _open,
    ),
    "recipients": Act(
        _("Tell the recipients"),
        _("All who ever received the dataset, even in part, are told, reminded, and asked what they did."),
        _("The recipients are told. Their answers stand under Notices."),
        lambda breach, by, data: forms.TellForm(data, breach=breach),
        _tell,
        _reached,
    ),
    "describe": Act(
        _("Write down what is known"),
        _("Each change is written to the log by its hash; the words stay on the desk."),
        _("Written down."),
        _describe_form,
        _describe,
        _open,
    ),
    "close": Act(
        _("Close the breach"),
        _("It stays in the register as it is."),
        _("Closed."),
        lambda breach, by, data: forms.ConfirmForm(data),
        lambda breach, form, by: register.close(breach, by=by),
        lambda breach: _open(breach) and not lines.missing(breach),
    ),
    "reopen": Act(
        _("Open it again"),
        _("More has become known. What was kept stays."),
        _("Open again."),
        lambda breach, by, data: forms.ReasonForm(data),
        lambda breach, form, by: register.reopen(breach, form.cleaned_data["reason"], by=by),
        lambda breach: not _open(breach),
    ),
}
"""In the order in which they stand on the page."""


def now_possible(breach: Breach) -> list[tuple[str, Act]]:
    """What can be done now, by name."""
    return [(name, act) for name, act in ACTS.items() if act.may(breach)]
