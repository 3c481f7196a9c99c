"""Fields tie label, help, error and control together; errors say what to do and what was entered."""

from typing import Any

import pytest
from django import forms
from django.template import Context, Template
from django.utils.translation import override

from exchange.kernel.errors import Conflict
from exchange.look.forms import Form, Phrase, WholeNumber


class Example(Form):
    title = forms.CharField(label="Title", help_text="Shown in the catalogue.", min_length=3, max_length=10)
    days = WholeNumber(label="Days", least=1, most=60)
    kind = forms.ChoiceField(label="Kind", choices=[("a", "First"), ("b", "Second")], widget=forms.RadioSelect)
    note = forms.CharField(label="Note", required=False, widget=forms.Textarea)
    agreed = forms.BooleanField(label="I agree")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["kind"].notes = {"a": ("It follows.", "enforced")}  # type: ignore[attr-defined]


def drawn(source: str, form: Form, language: str = "en") -> str:
    with override(language):
        return Template("{% load look %}" + source).render(Context({"form": form}))


def test_a_field_stands_in_its_order_and_is_tied_together() -> None:
    form = Example({"title": "no", "days": "0", "kind": "", "agreed": ""})
    found = drawn("{% field form.title %}", form)
    order = [found.index(part) for part in ("<label", "_helptext", "_error", "<input")]
    assert order == sorted(order)
    assert 'aria-invalid="true"' in found and 'aria-describedby="id_title_helptext id_title_error"' in found
    assert 'value="no"' in found and 'aria-required="true"' in found


def test_errors_say_what_was_entered() -> None:
    form = Example({"title": "no", "days": "0", "kind": "z", "agreed": ""})
    assert form.errors["days"] == ["Enter a number from 1 to 60. You entered 0."]
    assert form.errors["title"] == ["Write at least 3 characters. You wrote 2."]
    assert form.errors["kind"] == ["Choose one of the entries shown."]
    assert form.errors["agreed"] == ["Fill this in."]
    with override("fr"):
        form = Example({"days": "soixante"})
        assert form.errors["days"] == ["Saisissez un nombre de 1 à 60. Vous avez saisi soixante."]


@pytest.mark.parametrize("given", ["1 480", "1\u202f480", " 60 "])
def test_spaces_between_figures_are_read_over(given: str) -> None:
    class One(Form):
        number = WholeNumber(least=1, most=2_000)

    assert One({"number": given}).is_valid()


@pytest.mark.parametrize("given", ["9" * 5_000, "-1", "1e3", "٣", "1.5", "<b>", "‮12"])
def test_what_is_no_number_is_refused(given: str) -> None:
    class One(Form):
        number = WholeNumber(least=1, most=60)

    form = One({"number": given})
    assert not form.is_valid() and len(form.errors["number"][0]) < 120


def test_choices_show_what_follows_from_them() -> None:
    found = drawn("{% field form.kind %}", Example())
    assert "<fieldset" in found and "It follows." in found and "st-enforced" in found


def test_several_errors_are_linked_on_top() -> None:
    form = Example({"title": "no", "days": "0", "kind": "a", "agreed": "on"})
    found = drawn("{% errors form %}", form)
    assert "2 entries need correcting" in found and 'href="#id_title"' in found and 'role="alert"' in found
    assert drawn("{% errors form %}", Example()).strip() == ""


def test_what_is_optional_says_so() -> None:
    assert "optional" in drawn("{% field form.note %}", Example())
    assert "optional" not in drawn("{% field form.title %}", Example())


def test_a_refusal_can_be_shown_at_the_form() -> None:
    form = Example({"title": "four", "days": "4", "kind": "a", "agreed": "on"})
    assert form.is_valid()
    form.refuse(Conflict("somebody was faster"))
    assert "Somebody was faster." in drawn("{% errors form %}", form)


def test_a_phrase_is_typed_to_confirm() -> None:
    class Seal(Form):
        phrase = Phrase("seal revision 4")

    assert Seal({"phrase": " Seal  revision 4"}).is_valid()
    form = Seal({"phrase": "seal revision 5"})
    assert form.errors["phrase"] == ["Type “seal revision 4”. You typed “seal revision 5”."]
