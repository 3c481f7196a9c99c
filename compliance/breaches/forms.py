"""The forms of the register of breaches. Moments are typed in the exchange's own zone."""

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from compliance import labels
from compliance.breaches import clock, words
from compliance.breaches.register import TEXTS, Found
from compliance.breaches.reports import Sent
from compliance.breaches.scopes import Asked
from compliance.forms import NamedForm
from compliance.models import Breach, BreachRecipient, BreachReport
from exchange.kernel.actors import Actor
from exchange.look.formats import zone
from exchange.look.forms import Form, WholeNumber
from exchange.participants import queries as participants

_MOST_OFFERED = 50
_WRITTEN = "%Y-%m-%dT%H:%M"
_KNOWN_TO_ALL = _("Name no persons here.")


class Moment(forms.DateTimeField):
    """A day and a time in the exchange's own zone."""

    def __init__(self, **kwargs: Any) -> None:
        widget = forms.DateTimeInput(attrs={"class": "input", "type": "datetime-local"}, format=_WRITTEN)
        super().__init__(widget=widget, input_formats=[_WRITTEN, f"{_WRITTEN}:%S"], **kwargs)

    def to_python(self, value: Any) -> datetime | None:
        found = super().to_python(value)
        return None if found is None else found.replace(tzinfo=zone()).astimezone(UTC)


def local(moment: datetime) -> str:
    """The moment as the field shows it."""
    return moment.astimezone(zone()).strftime(_WRITTEN)


def _prose(
    label: Any, *, help_text: Any = "", required: bool = False, rows: int = 4, most: int = 10_000
) -> Any:
    widget = forms.Textarea(attrs={"class": "input", "rows": str(rows)})
    return forms.CharField(label=label, help_text=help_text, required=required, max_length=most, widget=widget)


def _choice(label: Any, choices: Any, **more: Any) -> forms.ChoiceField:
    return forms.ChoiceField(label=label, choices=choices, widget=forms.RadioSelect, **more)


class OpenForm(Form):
    """A breach, as far as it is known now."""

    became_aware_at = Moment(label=_("Aware since"), help_text=_("The clock runs from this moment."))
    detected_at = Moment(label=_("Detected"))
    kinds = forms.MultipleChoiceField(
        label=_("Type of breach"), choices=list(words.KINDS.items()), widget=forms.CheckboxSelectMultiple
    )
    what = _prose(_("What happened"), help_text=_KNOWN_TO_ALL, required=True)
    reported_by = _choice(_("Who reported it"), list(words.SOURCES.items()))
    occurred_from = Moment(label=_("It began"), required=False, help_text=_("Where it is known."))
    occurred_until = Moment(label=_("It ended"), required=False, help_text=_("Where it is known."))

    def found(self) -> Found:
        return Found(**self.cleaned_data)


class ScopeForm(NamedForm):
    """What the log is asked."""

    dataset = forms.CharField(label=_("Dataset"), required=False, max_length=200)
    participant = forms.CharField(
        label=_("Organisation"), required=False, max_length=200, help_text=_("As seller or as recipient.")
    )
    token = forms.CharField(
        label=_("Link"),
        required=False,
        max_length=32,
        help_text=_("The hash of its token, 32 hexadecimal digits, as the access record names it."),
    )
    since = Moment(label=pgettext_lazy("first moment", "From"), required=False)
    until = Moment(label=pgettext_lazy("last moment", "To"), required=False)

    def clean_participant(self) -> UUID | None:
        return self._organisation("participant")

    def asked(self) -> Asked:
        given = self.cleaned_data
        return Asked(
            dataset=given["dataset"],
            participant=given["participant"],
            token=given["token"].lower() or None,
            since=given["since"],
            until=given["until"],
        )


class DescribeForm(Form):
    """What may be written at any time."""

    what = _prose(_("What happened"), help_text=_KNOWN_TO_ALL, required=True)
    systems = _prose(_("Systems"), rows=2, most=TEXTS["systems"])
    persons_count = WholeNumber(least=0, most=10**12, label=_("About how many persons"), required=False)
    persons_categories = _prose(_("Categories of persons"), rows=2, most=2_000)
    records_count = WholeNumber(least=0, most=10**12, label=_("About how many records"), required=False)
    data_categories = _prose(_("Categories of data"), rows=2, most=2_000)
    consequences = _prose(_("Likely consequences"))
    measures_taken = _prose(_("What was done"))
    measures_proposed = _prose(_("What is to be done"))
    lessons = _prose(_("What was learnt"))


class AssessForm(Form):
    """How great the risk to persons is."""

    risk = _choice(
        _("Risk to persons"),
        [
            ("unlikely", _("Unlikely: nobody need be told, and your reasons are kept")),
            ("risk", _("A risk: the authority is told")),
            ("high", _("A high risk: the authority is told, and each person")),
        ],
    )
    method = _prose(_("How you found it"), required=True, rows=2, most=2_000)
    reasons = _prose(_("Reasons"), required=True)


class ReportForm(Form):
    """How a notification was sent."""

    channel = _choice(_("How it was sent"), list(words.CHANNELS.items()))
    sent_at = Moment(label=_("Sent"))
    reference = forms.CharField(label=_("Reference"), required=False, max_length=200)
    is_last = forms.BooleanField(label=_("No further phase is planned"), required=False)

    def sent(self) -> Sent:
        return Sent(**self.cleaned_data)


class AuthorityForm(ReportForm):
    """A phase to the authority; late, it needs a reason."""

    delay_reason = _prose(
        _("Reason for the delay"),
        help_text=_("Needed where the first phase is sent after the deadline."),
        rows=3,
    )


class PersonsForm(ReportForm):
    """What the persons read."""

    words = _prose(_("What the persons read"), required=True, rows=10, most=20_000)


class ExemptForm(Form):
    """Why the persons are not told."""

    ground = forms.ChoiceField(label=_("Ground"), widget=forms.RadioSelect)
    reasons = _prose(_("Why it holds here"), required=True)

    def __init__(self, *args: Any, breach: Breach, language: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        grounds = clock.profile_of(breach).grounds("34(3)")
        short = language.partition("-")[0]
        field = self.fields["ground"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [(one.code, f"{one.words.get(short, one.words['en'])} ({one.code})") for one in grounds]


class ReasonForm(Form):
    """Why."""

    reason = _prose(_("Reason"), required=True, most=512)


class ConfirmForm(Form):
    """Nothing to say."""


class StopForm(ReasonForm):
    """What is stopped, of that which the log named for the breach."""

    target = forms.ChoiceField(label=_("What is stopped"), widget=forms.RadioSelect)

    def __init__(self, *args: Any, breach: Breach, by: Actor, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["target"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = _stoppable(breach, by)
        self.order_fields(["target", "reason"])

    def order(self) -> tuple[str, UUID]:
        kind, _colon, target = self.cleaned_data["target"].partition(":")
        return kind, UUID(target)


class TellForm(Form):
    """Whose recipients are told, and what."""

    dataset = forms.ChoiceField(label=_("Dataset"), widget=forms.RadioSelect)
    message = _prose(
        _("What they are told"),
        required=True,
        most=2_000,
        help_text=_("What happened, and what each recipient is to do."),
    )

    def __init__(self, *args: Any, breach: Breach, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        ids = _named(breach, "dataset_id")
        titles = labels.names("dataset", ids)
        field = self.fields["dataset"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [(str(one), titles.get(one, str(one))) for one in ids]


def _stoppable(breach: Breach, by: Actor) -> list[tuple[str, str]]:
    buyers, revisions = _named(breach, "buyer_id"), _named(breach, "revision_id")
    sellers = [
        UUID(str(scope.asked["participant"])) for scope in breach.scopes.all() if "participant" in scope.asked
    ]
    organisations = dict.fromkeys([*sellers, *buyers])
    called = dict(
        participants.participants_visible_to(by).filter(pk__in=organisations).values_list("pk", "name")
    )
    titles = labels.names("revision", revisions)
    suspend, revoke = _("Suspend %(name)s"), _("Revoke revision %(name)s")
    return [
        *((f"participant:{one}", suspend % {"name": called[one]}) for one in organisations if one in called),
        *((f"revision:{one}", revoke % {"name": titles.get(one, one)}) for one in revisions),
    ]


def _named(breach: Breach, column: str) -> list[UUID]:
    rows = BreachRecipient.objects.filter(scope__breach=breach).exclude(**{column: None})
    return list(rows.order_by(column).values_list(column, flat=True).distinct()[:_MOST_OFFERED])


def initial_of_report(now: datetime, audience: str) -> dict[str, Any]:
    """What a report's form begins with."""
    channel = "portal" if audience == BreachReport.Audience.AUTHORITY else "email"
    return {"sent_at": local(now), "channel": channel}
