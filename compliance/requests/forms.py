"""The forms about requests of persons: of the officers, of sellers who search, and of the persons themselves."""

from collections.abc import Iterable, Mapping
from datetime import datetime, time
from typing import Any
from uuid import UUID

from django import forms
from django.conf import settings
from django.utils.translation import get_language, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from compliance.models import SearchedRevision, SubjectRequest
from compliance.requests import clock, law, seller_search, words
from compliance.requests.intake import Asked
from exchange.look.formats import zone
from exchange.look.forms import Form, Phrase
from exchange.participants.notices import queries as notice_queries


def _prose(
    label: Any, *, help_text: Any = "", rows: int = 5, least: int = 10, most: int = 4_000
) -> forms.CharField:
    widget = forms.Textarea(attrs={"class": "input", "rows": str(rows)})
    return forms.CharField(label=label, min_length=least, max_length=most, help_text=help_text, widget=widget)


class AboutForm(Form):
    """A form about one request, `at` the moment of the page."""

    def __init__(self, *args: Any, about: SubjectRequest, at: datetime, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.about, self.at = about, at


class EndForm(AboutForm):
    """A form that ends a request: after its time, it asks why so late."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if clock.is_late(self.about, self.at):
            self.fields["delay_reason"] = _prose(
                _("Why the answer is late"),
                help_text=_("10 to 512 characters, without names. The register keeps it."),
                rows=3,
                most=512,
            )


class PlainForm(AboutForm):
    """Nothing is asked but whether."""


class CheckForm(AboutForm):
    method = forms.ChoiceField(
        label=_("By what"),
        widget=forms.RadioSelect,
        choices=list(words.CHECKS.items()),
        help_text=_("Copies of documents are not kept."),
    )


class WriteForm(AboutForm):
    words = _prose(_("What you write"), least=2, most=10_000)


class PauseForm(AboutForm):
    words = _prose(_("What you need from the person"), help_text=_("They read it as you write it here."))


class ExtendForm(AboutForm):
    reason = _prose(_("Reason"), help_text=_("10 to 512 characters. The person reads it."), most=512)


class EraseForm(AboutForm):
    reason = _prose(_("Reason"), help_text=_("10 to 512 characters, without names."), most=512)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["phrase"] = Phrase(str(pgettext_lazy("typed to confirm", "erase for good")))


class TellForm(AboutForm):
    message = _prose(
        _("What they are to do"),
        help_text=_("Name nobody: say which rows or which later revision of the seller replaces them."),
        most=2_000,
    )


class AnswerForm(EndForm):
    words = _prose(
        _("Your answer"),
        rows=8,
        most=10_000,
        help_text=_(
            "In the person’s language. What was found, the recipients and the rights are added by themselves."
        ),
    )


class RefuseForm(EndForm):
    ground = forms.ChoiceField(label=_("Ground"), choices=())
    words = _prose(_("Why, in words for the person"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field, language = self.fields["ground"], (get_language() or "en")[:2]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [
            ("", _("choose one")),
            *((one.code, f"{one.code}: {one.words.get(language, '')}") for one in law.grounds(self.about)),
        ]


class AskSellersForm(AboutForm):
    """Which sellers are asked, of those whose datasets hold data of persons, and what they are told."""

    sellers = forms.MultipleChoiceField(label=_("Sellers"), widget=forms.CheckboxSelectMultiple, choices=())
    told = _prose(_("What they may know of the person"), rows=3, least=3, most=2_000)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["sellers"]
        assert isinstance(field, forms.MultipleChoiceField)
        field.choices = [(str(one), name) for one, name in sellers_to_ask(self.about).items()]
        field.initial = [value for value, _name in field.choices]

    def clean_sellers(self) -> list[UUID]:
        return [UUID(one) for one in self.cleaned_data["sellers"]]


class DismissForm(Form):
    reason = _prose(
        _("Reason"), help_text=_("10 to 512 characters. The person reads it with the answer."), most=512
    )


def sellers_to_ask(request: SubjectRequest) -> Mapping[UUID, str]:
    """The sellers with datasets of persons that were not asked yet, by name."""
    asked = set(request.searches.values_list("seller_id", flat=True))
    left = [one for one in seller_search.personal_revisions() if one not in asked]
    names = notice_queries.names(left)
    return dict(sorted(((one, names.get(one, str(one))) for one in left), key=lambda pair: pair[1]))


class _AskedForm(Form):
    """What both intakes ask for."""

    kind = forms.ChoiceField(label=_("What the person wants"), widget=forms.RadioSelect, choices=())
    name = forms.CharField(label=_("Name"), max_length=200)
    email = forms.EmailField(label=_("E-mail"), max_length=254)
    words = forms.CharField(
        label=_("In your own words"),
        required=False,
        max_length=10_000,
        widget=forms.Textarea(attrs={"class": "input", "rows": "5"}),
    )


class PersonForm(_AskedForm):
    """What a visitor asks for themselves."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        kind = self.fields["kind"]
        assert isinstance(kind, forms.ChoiceField)
        kind.label, kind.choices = _("What do you want?"), list(words.CHOICES.items())
        self.fields["name"].label = _("Your name")
        self.fields["name"].widget.attrs["autocomplete"] = "name"
        self.fields["email"].label = _("Your e-mail address")
        self.fields["email"].widget.attrs["autocomplete"] = "email"
        self.fields["email"].help_text = _(
            "The one by which you may be known here. The link to your request goes there."
        )
        self.fields["words"].help_text = _(
            "Which data, from whom, since when: what helps to find it. No passwords, no documents."
        )

    def asked(self) -> Asked:
        """What was typed, once the form is valid."""
        said = {name: self.cleaned_data[name] for name in ("kind", "name", "email", "words")}
        return Asked(language=(get_language() or settings.LANGUAGE_CODE)[:2], **said)


class IntakeForm(_AskedForm):
    """What an officer takes in by hand."""

    channel = forms.ChoiceField(
        label=_("How it came"),
        widget=forms.RadioSelect,
        choices=[(value, label) for value, label in words.CHANNELS.items() if value != "form"],
    )
    received_on = forms.DateField(
        label=_("When it came"),
        help_text=_("The clock runs from this day."),
        widget=forms.DateInput(attrs={"type": "date", "class": "input short"}, format="%Y-%m-%d"),
    )
    address = forms.CharField(
        label=_("Postal address"),
        required=False,
        max_length=500,
        help_text=_("Needed where there is no e-mail address."),
        widget=forms.Textarea(attrs={"class": "input", "rows": "3"}),
    )
    language = forms.ChoiceField(label=_("Language of the person"), choices=settings.LANGUAGES)

    def __init__(self, *args: Any, now: datetime, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.now = now
        kind = self.fields["kind"]
        assert isinstance(kind, forms.ChoiceField)
        kind.choices = list(words.KINDS.items())
        self.fields["email"].required = False
        self.fields["words"].label = _("In the person’s words")

    def clean_received_on(self) -> Any:
        day = self.cleaned_data["received_on"]
        if day > self.now.astimezone(zone()).date():
            raise forms.ValidationError(_("Choose today or an earlier day."))
        return day

    def received_at(self) -> datetime:
        """The end of the day on which it came, or now where that is today: the law counts from the next day anyway."""
        return min(datetime.combine(self.cleaned_data["received_on"], time(23, 59), zone()), self.now)

    def asked(self) -> Asked:
        """What was typed, once the form is valid."""
        names = ("kind", "name", "email", "words", "address", "language")
        return Asked(**{name: self.cleaned_data[name] for name in names})


class MessageForm(Form):
    words = _prose(_("Your message"), least=2, most=10_000)


class CodeForm(Form):
    code = forms.CharField(
        label=_("The code from the mail"),
        max_length=12,
        widget=forms.TextInput(
            attrs={"inputmode": "numeric", "autocomplete": "one-time-code", "class": "input short"}
        ),
    )


class DigestForm(Form):
    digest = forms.CharField(
        label=_("Digest of the person"),
        max_length=64,
        help_text=_(
            "Made on your machine: python -m compliance.persons_index digest --secret persons.key. The exchange does "
            "not keep it."
        ),
        widget=forms.TextInput(attrs={"class": "input", "autocomplete": "off", "spellcheck": "false"}),
    )


class FindingsForm(Form):
    """For each revision that was not searched: is the person in it?"""

    def __init__(self, *args: Any, revisions: Iterable[tuple[SearchedRevision, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.add_fields(
            {
                f"r-{row.revision_id}": forms.ChoiceField(
                    label=title,
                    required=False,
                    widget=forms.RadioSelect,
                    choices=[("yes", _("The person is in it")), ("no", _("The person is not in it"))],
                )
                for row, title in revisions
            }
        )

    def findings(self) -> dict[UUID, bool]:
        """What was ticked, by revision."""
        given = {name.removeprefix("r-"): value for name, value in self.cleaned_data.items() if value}
        return {UUID(revision): value == "yes" for revision, value in given.items()}
