"""Figures as the readers of both languages write them."""

from datetime import UTC, date, datetime

import pytest
from django.utils.translation import override

from exchange.look import formats

AT = datetime(2026, 11, 20, 13, 32, 7, tzinfo=UTC)
SUMMER = datetime(2026, 7, 1, 12, 5, tzinfo=UTC)


def said(text: str) -> str:
    """With the no-break spaces made visible."""
    return text.replace("\u00a0", "_")


@pytest.mark.parametrize(
    ("minor", "currency", "english", "french"),
    [
        (148_000, "EUR", "€1,480.00", "1_480,00_€"),
        (0, "EUR", "€0.00", "0,00_€"),
        (-5, "EUR", "−€0.05", "−0,05_€"),
        (1_234_567, "JPY", "¥1,234,567", "1_234_567_¥"),
        (1_500, "KWD", "KWD_1.500", "1,500_KWD"),
        (99, "CHF", "CHF_0.99", "0,99_CHF"),
        (9_999_999_999_999, "USD", "$99,999,999,999.99", "99_999_999_999,99_$"),
    ],
)
def test_money_in_both_languages(minor: int, currency: str, english: str, french: str) -> None:
    with override("en"):
        assert said(formats.money(minor, currency)) == english
    with override("fr"):
        assert said(formats.money(minor, currency)) == french


@pytest.mark.parametrize(
    ("count", "english", "french"),
    [
        (0, "0_B", "0_o"),
        (386, "386_B", "386_o"),
        (1_200, "1.2_kB", "1,2_ko"),
        (15_000, "15_kB", "15_ko"),
        (999_960, "1.0_MB", "1,0_Mo"),
        (34_200_000, "34.2_MB", "34,2_Mo"),
        (3_100_000_000_000, "3.1_TB", "3,1_To"),
    ],
)
def test_sizes_in_both_languages(count: int, english: str, french: str) -> None:
    with override("en"):
        assert said(formats.size(count)) == english
    with override("fr"):
        assert said(formats.size(count)) == french


@pytest.mark.parametrize(
    ("precision", "english", "french"),
    [
        ("minute", "20_Nov 2026, 14:32_CET", "20_novembre 2026 à 14_h_32, heure de Paris"),
        ("second", "20_Nov 2026, 14:32:07_CET", "20_novembre 2026 à 14_h_32_min_7_s, heure de Paris"),
        ("day", "20_Nov 2026", "20_novembre 2026"),
        ("cell", "20_Nov 2026, 14:32:07", "20/11/2026 14:32:07"),
        ("line", "20_Nov 2026, 14:32", "20/11/2026 14:32"),
    ],
)
def test_moments_name_their_zone(precision: str, english: str, french: str) -> None:
    with override("en"):
        assert said(formats.moment(AT, precision)) == english
    with override("fr"):
        assert said(formats.moment(AT, precision)) == french


def test_the_zone_follows_the_season_and_the_setting(settings: object) -> None:
    with override("en"):
        assert formats.zone_name(SUMMER) == "CEST"
        settings.EXCHANGE_TIME_ZONE = "America/New_York"  # type: ignore[attr-defined]
        assert said(formats.moment(SUMMER)) == "1_Jul 2026, 08:05_EDT"
    with override("fr"):
        assert said(formats.moment(SUMMER)) == "1er_juillet 2026 à 8_h_05, heure de New York"


def test_a_day_has_no_zone() -> None:
    with override("fr"):
        assert said(formats.day(date(2027, 2, 1))) == "1er_février 2027"


def test_parts_and_numbers() -> None:
    with override("en"):
        assert (formats.percent(0.9931, 1), formats.number(336_776), formats.number(0.5, 2)) == (
            "99.3%",
            "336,776",
            "0.50",
        )
    with override("fr"):
        assert said(f"{formats.percent(0.9931, 1)} {formats.number(336_776)}") == "99,3_% 336_776"


def test_what_is_long_is_cut_in_the_middle() -> None:
    assert formats.short("219a" + "0" * 56 + "8e20") == "219a…8e20"
    assert formats.short("A-2026-0417") == "A-2026-0417"
