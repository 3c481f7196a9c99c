"""What a person may type."""

import unicodedata
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exchange.kernel import canonical, text
from exchange.kernel.errors import Invalid


@given(st.text())
def test_what_is_taken_can_be_hashed_shown_and_stored(value: str) -> None:
    try:
        taken = text.prose(value)
    except Invalid:
        return
    assert unicodedata.is_normalized("NFC", taken)
    assert "\x00" not in taken and "\r" not in taken
    canonical.encode(taken)


@given(st.text(max_size=50))
def test_cleaning_twice_is_cleaning_once(value: str) -> None:
    try:
        taken = text.line(value, at_least=0)
    except Invalid:
        return
    assert text.line(taken, at_least=0) == taken


def test_one_line_is_trimmed_and_composed() -> None:
    assert text.line("  cafe\u0301 ") == "café"


@pytest.mark.parametrize(
    "bad", ["a\x00b", "a\x1bb", "two\nlines", "tab\there", "\u202egnp.exe", "\u2066x", "\ud800"]
)
def test_characters_that_cannot_be_shown_are_refused_by_their_code(bad: str) -> None:
    with pytest.raises(Invalid, match=r"title holds the character U\+[0-9A-F]{4}"):
        text.line(bad, name="title")


def test_prose_keeps_its_lines() -> None:
    assert text.prose("one\r\ntwo\tthree\n") == "one\ntwo\tthree"


@pytest.mark.parametrize("value", ["", "   ", "x" * 201])
def test_a_line_has_one_to_two_hundred_characters(value: str) -> None:
    with pytest.raises(Invalid, match="must have 1 to 200 characters"):
        text.line(value)


@pytest.mark.parametrize("value", ["too short", "x" * 513])
def test_a_reason_has_ten_to_512_characters(value: str) -> None:
    with pytest.raises(Invalid, match="reason must have 10 to 512 characters"):
        text.reason(value)


def test_a_time_is_written_in_utc_with_milliseconds() -> None:
    moment = datetime(2026, 11, 22, 10, 0, 0, 987654, tzinfo=timezone(timedelta(hours=1)))
    assert text.timestamp(moment) == "2026-11-22T09:00:00.987Z"
    assert text.timestamp(datetime(2026, 1, 1, tzinfo=UTC)) == "2026-01-01T00:00:00.000Z"
