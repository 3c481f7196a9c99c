"""Amounts that people type: read as their writer meant them, in either language's format, or refused; and written so
that what a field begins with can be sent back unchanged."""

from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError
from django.utils import translation
from hypothesis import given
from hypothesis import strategies as any_of

from exchange.look import amounts, formats
from exchange.look.amounts import Amount
from exchange.look.forms import Form

BOTH = ("en", "fr")
READ = {
    "200": "200",
    "200,00": "200.00",
    "200.00": "200.00",
    " 200,5 ": "200.5",
    "1234,5": "1234.5",
    "1234.50": "1234.50",
    "1 234,50": "1234.50",
    "1 234.50": "1234.50",
    "1\u00a0234,50": "1234.50",
    "1\u202f234\u202f567,5": "1234567.5",
    "1’234.50": "1234.50",
    "1'234": "1234",
    "1.234,50": "1234.50",
    "1,234.50": "1234.50",
    "1.234.567": "1234567",
    "1,234,567": "1234567",
    "12.345.678,9": "12345678.9",
    "1234.567": "1234.567",
    "1 234,567": "1234.567",
    "0.500": "0.500",
    "0,05": "0.05",
    ",5": "0.5",
    "-5": "-5",
    "−1 234,50": "-1234.50",
}
NONE = "abc 1,2,3 1.2.3 1,23.45 12,34,56 1.234,5.6 1e3 NaN inf 5- --5 200. 12, , . €200 200€ ٣ ０ 0x10 1_000 ½".split()
SPACED = ["12 50", "1 23", "1 2345", "1234 567", "1 234 56", "1 234,", "1  234", "- 5", "9" * 41]


@pytest.mark.parametrize("language", BOTH)
@pytest.mark.parametrize(("text", "value"), READ.items())
def test_either_format_is_read_in_either_language(language: str, text: str, value: str) -> None:
    with translation.override(language):
        assert amounts.read(text) == Decimal(value)


@pytest.mark.parametrize("language", BOTH)
@pytest.mark.parametrize("text", [*NONE, *SPACED])
def test_what_is_no_amount_is_refused_with_an_example(language: str, text: str) -> None:
    with translation.override(language), pytest.raises(ValidationError) as refusal:
        amounts.read(text)
    assert "480" in "".join(refusal.value.messages)


@pytest.mark.parametrize(
    ("language", "places", "text", "value"),
    [
        ("en", 2, "1,234", "1234"),  # as English writes thousands
        ("en", 2, "1.234", "1.234"),  # its own decimals; the currency refuses the third
        ("fr", 2, "1,234", "1.234"),
        ("fr", 3, "1,234", "1.234"),
        ("en", 3, "1.234", "1.234"),
        ("fr", 2, "1.234", None),
        ("fr", 3, "12.345", None),
        ("en", 3, "1,234", None),
    ],
)
def test_one_mark_before_three_digits_is_the_readers_own_or_refused(
    language: str, places: int, text: str, value: str | None
) -> None:
    with translation.override(language):
        if value is not None:
            assert amounts.read(text, places=places) == Decimal(value)
            return
        with pytest.raises(ValidationError) as refusal:
            amounts.read(text, places=places)
    assert text in refusal.value.messages[0]


def test_the_refusal_writes_both_ways_to_say_it() -> None:
    with translation.override("fr"):
        with pytest.raises(ValidationError) as refusal:
            amounts.read("1.234")
        assert "1234 ou 1,23" in refusal.value.messages[0]


@given(any_of.integers(0, 10**12), any_of.sampled_from([0, 2, 3]), any_of.sampled_from(BOTH))
def test_what_a_field_begins_with_comes_back_as_it_was(minor: int, places: int, language: str) -> None:
    amount = Decimal(minor).scaleb(-places)
    with translation.override(language):
        assert amounts.read(amounts.written(amount), places=places) == amount


@given(any_of.integers(0, 10**9), any_of.sampled_from(BOTH))
def test_what_a_page_shows_can_be_typed(minor: int, language: str) -> None:
    """An amount as a page writes it, without its currency: 1,480.00 or 1 480,00."""
    with translation.override(language):
        shown = formats.money(minor, "EUR").replace("€", "")
        assert amounts.read(shown) == Decimal(minor).scaleb(-2)


@given(any_of.text(alphabet="0123456789., \u00a0'-", max_size=12), any_of.sampled_from(BOTH))
def test_nothing_that_is_typed_makes_two_amounts(text: str, language: str) -> None:
    """What both languages read, they read alike, but for one mark before three digits, of which each has its own."""
    found = []
    for one in (language, *BOTH):
        with translation.override(one):
            try:
                found.append(amounts.read(text))
            except ValidationError:
                continue
    is_own = len({value % 1 == 0 for value in found}) > 1 and text.count(",") == 1
    assert len(set(found)) <= 1 or is_own


class OneForm(Form):
    amount = Amount(required=False, min_value=Decimal("0.05"), max_digits=5, decimal_places=2)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("0,01", "0,05"),
        ("1234567", "5"),
        ("0,101", "2"),
    ],
)
def test_refusals_write_numbers_as_their_reader_does(text: str, words: str) -> None:
    with translation.override("fr"):
        form = OneForm({"amount": text})
        assert not form.is_valid() and words in form.errors["amount"][0]
        assert "Ensure" not in form.errors["amount"][0] and "0.0" not in form.errors["amount"][0]


def test_an_empty_field_stays_empty_and_what_was_typed_stays_typed() -> None:
    form = OneForm({"amount": " "})
    assert form.is_valid() and form.cleaned_data == {"amount": None}
    for language, shown in (("en", "12.50"), ("fr", "12,50")):
        with translation.override(language):
            assert f'value="{shown}"' in str(OneForm(initial={"amount": Decimal("12.50")})["amount"])
            assert 'value="12.5x"' in str(OneForm({"amount": "12.5x"})["amount"])
