"""“May I?” as a page, one question about what the organisation holds; and each decision, with what it followed from and
a button that has it made again."""

from datetime import date
from typing import Any
from uuid import UUID

from django import forms
from django.http import HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from contracts import queries
from contracts.clauses import purposes
from contracts.decisions import questions, replays
from contracts.decisions import rows as decision_rows
from contracts.decisions.questions import Answer, Question
from contracts.decisions.replays import Decision, Said
from contracts.refusals import SENTENCES
from contracts.terms import rights
from exchange.kernel.actors import Actor, Scope
from exchange.kernel.errors import ExchangeError
from exchange.look.answers import show
from exchange.look.forms import Form
from exchange.look.names import country_choices
from exchange.participants.actors.page_auth import PageRequest, member_page

_MOST_SHOWN = 200
_FIELDS = {
    "unknown_purpose": "purpose",
    "unknown_country": "country",
    "moment_malformed": "on",
    "moment_past": "on",
}


class QuestionForm(Form):
    """What may be asked: about what the organisation holds, for a use that the vocabulary has."""

    dataset = forms.UUIDField(label=gettext_lazy("Dataset"), widget=forms.Select(attrs={"class": "input"}))
    purpose = forms.ChoiceField(label=gettext_lazy("Purpose"))
    country = forms.ChoiceField(label=gettext_lazy("Country of use"))
    recipient = forms.ChoiceField(
        label=gettext_lazy("Who uses it"),
        help_text=gettext_lazy("Another organisation may only where the contract lets you pass the data on."),
        required=False,
    )
    on = forms.DateField(
        label=gettext_lazy("Day"),
        help_text=gettext_lazy("The whole day in UTC. Left empty, it is now."),
        widget=forms.DateInput(attrs={"type": "date", "class": "date"}),
        required=False,
    )

    def __init__(self, *args: Any, actor: Actor, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        chosen: dict[str, list[tuple[str, Any]]] = {
            "purpose": [(code, rights.purpose_words(code)) for code in purposes.PURPOSES],
            "country": [("", _("Choose a country")), *country_choices()],
            "recipient": _recipients(actor),
        }
        for name, choices in chosen.items():
            self.fields[name].choices = choices  # type: ignore[attr-defined]
        self.fields["dataset"].widget.choices = _held(actor)

    def question(self) -> Question:
        """What was asked."""
        given = self.cleaned_data
        day: date | None = given["on"]
        return Question(
            dataset_id=given["dataset"],
            purpose=given["purpose"],
            country=given["country"],
            recipient_id=UUID(given["recipient"]) if given["recipient"] else None,
            at=day.isoformat() if day else None,
        )

    def refuse(self, error: ExchangeError, field: str | None = None) -> None:
        """Show a refusal at the field it is about."""
        super().refuse(error, field or _FIELDS.get(error.code))


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@member_page(Scope.READ)
def may_i(request: PageRequest) -> HttpResponse:
    """Ask one question; a POST answers it, and the answer is kept."""
    actor = request.actor
    if request.method != "POST":
        start = {"country": queries.verified_country(actor), "dataset": request.GET.get("dataset", "")}
        return _page(request, QuestionForm(initial=start, actor=actor))
    form = QuestionForm(request.POST, actor=actor)
    if not form.is_valid():
        return _page(request, form, status=422)
    try:
        answer = questions.ask(form.question(), by=actor)
    except ExchangeError as refusal:
        form.refuse(refusal)
        return _page(request, form, status=422)
    return _page(request, form, answer)


def _page(
    request: PageRequest, form: QuestionForm, answer: Answer | None = None, status: int = 200
) -> HttpResponse:
    context: dict[str, Any] = {"form": form, "answer": answer, "holds_any": bool(_held(request.actor))}
    if answer is not None:
        context |= {
            "badge": decision_rows.badge(Said(answer.answer, answer.code, answer.clause)),
            "why": _why(answer),
            "clause": decision_rows.heading(answer.clause) if answer.clause else "",
        }
    return show(request, "contracts/may_i.html", context, status=status)


def _held(actor: Actor) -> list[tuple[str, str]]:
    """The datasets that the organisation has a contract about, those bought last before the others."""
    mine = queries.entitlements_visible_to(actor).filter(buyer_id=actor.participant_id).order_by("-pk")
    rows = mine.select_related(None).values_list("dataset_id", "dataset__title")[:_MOST_SHOWN]
    return list({str(row_id): title for row_id, title in rows}.items())


def _recipients(actor: Actor) -> list[tuple[str, Any]]:
    """Who may be asked about: those whom the organisation's own contracts name before all others."""
    mine = queries.entitlements_visible_to(actor).filter(buyer_id=actor.participant_id).order_by("-pk")
    rows = mine.select_related(None).values_list("agreement__negotiation__affiliates", flat=True)
    named = {one for affiliates in rows[:_MOST_SHOWN] for one in affiliates}
    known = [(str(pk), name) for pk, name in queries.possible_buyers(actor)]
    own = [("", _("Our own organisation"))]
    if not named:
        return [*own, *known]
    declared = [one for one in known if one[0] in named]
    others = [one for one in known if one[0] not in named]
    return [*own, (_("Named in your contracts"), declared), (_("Others"), others)]


def _why(answer: Answer) -> str:
    if answer.code is None:
        return _("The contract permits it.")
    return str(SENTENCES.get(answer.code, SENTENCES["undecidable"]))


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@member_page(Scope.READ)
def decision(request: PageRequest, decision_id: UUID) -> HttpResponse:
    """One decision and what it followed from; a POST replays it."""
    actor = request.actor
    found = replays.decision_visible_to(actor, decision_id)
    context: dict[str, Any] = {
        "decision": found,
        "title": decision_rows.title(found),
        "badge": decision_rows.badge(found.said),
        "why": decision_rows.reason(found.said),
        "clauses": decision_rows.clauses(found),
        "is_of_gate": found.kind in replays.GATES,
        "rows": decision_rows.rows(found),
    }
    if request.method == "POST":
        context["replayed"] = replayed = replays.replay(decision_id, by=actor)
        context |= {
            "outcome": decision_rows.outcome(replayed),
            "lacks": decision_rows.why(replayed),
            "again": decision_rows.badge(replayed.again) if replayed.again else None,
            "again_why": decision_rows.reason(replayed.again) if replayed.again else "",
            "as_recorded": [decision_rows.heading(kind) for kind in replayed.as_recorded],
        }
    return show(request, "contracts/decision.html", context, section=_section(actor, found))


def _section(actor: Actor, found: Decision) -> str:
    if actor.can(Scope.AUDIT):
        return "desk_transfers"
    if found.kind in replays.GATES:
        return "sell_datasets"
    return "sell_sales" if found.facts.get("seller") == str(actor.participant_id) else "buy_holdings"
