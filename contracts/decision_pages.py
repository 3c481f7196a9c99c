"""“May I?” as a page: one question about what the organisation holds, and its answer with the clause that decides."""

from datetime import date
from typing import Any
from uuid import UUID

from django import forms
from django.http import HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from contracts import purposes, queries, questions, rights
from contracts.badges import Badge
from contracts.clauses import LIBRARY
from contracts.questions import Answer, Question
from contracts.refusals import SENTENCES
from exchange.kernel.actors import Actor, Scope
from exchange.kernel.errors import ExchangeError
from exchange.look.answers import show
from exchange.look.forms import Form
from exchange.look.names import country_choices
from exchange.participants.page_auth import PageRequest, member_page

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
            "recipient": [
                ("", _("Our own organisation")),
                *((str(pk), name) for pk, name in queries.possible_buyers(actor)),
            ],
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
            "badge": _badge(answer),
            "why": _why(answer),
            "clause": _clause(answer.clause),
        }
    return show(request, "contracts/may_i.html", context, status=status)


def _held(actor: Actor) -> list[tuple[str, str]]:
    """The datasets that the organisation has a contract about, those bought last before the others."""
    mine = queries.entitlements_visible_to(actor).filter(buyer_id=actor.participant_id).order_by("-pk")
    rows = mine.select_related(None).values_list("dataset_id", "dataset__title")[:_MOST_SHOWN]
    return list({str(row_id): title for row_id, title in rows}.items())


def _badge(answer: Answer) -> Badge:
    return {
        "yes": Badge(_("Yes"), "ok", "check"),
        "no": Badge(_("No"), "stop", "cross"),
        "undecided": Badge(_("Undecided: ask a person"), "warn", "half"),
    }[answer.answer]


def _why(answer: Answer) -> str:
    if answer.code is None:
        return _("The contract permits it.")
    return str(SENTENCES.get(answer.code, SENTENCES["undecidable"]))


def _clause(kind: str | None) -> str:
    """What a contract calls the clause."""
    if kind == "destination":
        return _("Where personal data may go")
    if kind is None or kind not in LIBRARY:
        return kind or ""
    heading = LIBRARY[kind].heading
    return heading.fr if rights.language() == "fr" else heading.en
