"""Where personal data may go: the packaged law, dated rows, and profiles that are not ones."""

import json
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pycountry
import pytest
from hypothesis import given
from hypothesis import strategies as st

from compliance import legal
from compliance.destinations import destinations
from compliance.destinations.destinations import Destination
from compliance.legal.profile import Adequacy, LegalProfile
from exchange.kernel.errors import Invalid

TODAY = date(2026, 11, 22)
WITHOUT_CONDITION = ["AD", "AR", "BR", "CH", "FO", "GB", "GG", "IL", "IM", "JE", "JP", "KR", "NZ", "UY"]


def decide(country: str | None, *certifications: str, data: str = "personal", on: date = TODAY) -> Destination:
    return destinations.decide(
        legal.load(),
        country=country,
        personal_data=data,  # type: ignore[arg-type]
        certifications=frozenset(certifications),
        on=on,
    )


def test_the_packaged_profile_names_thirty_countries_of_the_eea_and_sixteen_adequate_ones() -> None:
    profile = legal.load()
    assert len(profile.eea) == 30
    assert len({row.country for row in profile.adequacy}) == 16
    assert profile.as_of == date(2026, 11, 21)


@pytest.mark.parametrize("country", sorted(legal.load().eea))
def test_personal_data_moves_freely_within_the_eea(country: str) -> None:
    answer = decide(country, data="special")
    assert (answer.allowed, answer.mechanism, answer.reason) == (True, "eea", None)
    assert answer.profile_version == "eu-2026-11"


@pytest.mark.parametrize("country", WITHOUT_CONDITION)
def test_an_adequate_country_is_allowed_and_the_decision_is_named(country: str) -> None:
    answer = decide(country)
    assert (answer.allowed, answer.mechanism) == (True, "adequacy")
    assert answer.decision


@pytest.mark.parametrize(("country", "condition"), [("US", "dpf"), ("CA", "pipeda")])
def test_a_conditional_decision_needs_its_certification(country: str, condition: str) -> None:
    refused = decide(country, "something_else")
    assert (refused.allowed, refused.mechanism) == (False, None)
    assert refused.reason == f"condition_not_met:{condition}"
    assert refused.decision
    assert decide(country, condition).allowed


@pytest.mark.parametrize("country", ["CN", "IN", "RU", "TW", "ZA", "MX"])
def test_a_country_without_a_decision_is_refused(country: str) -> None:
    assert decide(country, "dpf").reason == "no_adequacy_decision"


@pytest.mark.parametrize("country", [None, "", "fr", "XX", "UK", "EU", "FRA", "F\u200bR"])
def test_a_country_that_is_not_known_is_refused(country: str | None) -> None:
    answer = decide(country)
    assert (answer.allowed, answer.reason) == (False, "country_unknown")


@pytest.mark.parametrize("country", [None, "CN", "XX"])
def test_data_that_is_not_personal_may_go_anywhere(country: str | None) -> None:
    answer = decide(country, data="none")
    assert (answer.allowed, answer.mechanism) == (True, "not_personal")


@pytest.mark.parametrize("data", ["pseudonymised", "personal", "special", "None", "", "anonymous"])
def test_every_class_but_none_counts_as_personal(data: str) -> None:
    assert not decide("CN", data=data).allowed


@pytest.mark.parametrize(
    ("on", "allowed"),
    [
        (date(2021, 6, 27), False),
        (date(2021, 6, 28), True),
        (date(2031, 12, 27), True),
        (date(2031, 12, 28), False),
    ],
)
def test_a_decision_holds_from_its_first_to_its_last_day(on: date, allowed: bool) -> None:
    answer = decide("GB", on=on)
    assert answer.allowed is allowed
    assert answer.decision == "(EU) 2021/1772"
    assert answer.reason == (None if allowed else "decision_not_in_force")


def test_a_moment_counts_as_its_day() -> None:
    assert decide("GB", on=datetime(2031, 12, 27, 23, 59, tzinfo=UTC)).allowed


def test_a_decision_ended_between_purchase_and_use_is_refused_at_use() -> None:
    row = Adequacy("CH", "2000/518/EC", date(2000, 7, 26), date(2026, 11, 30), None, None)
    profile = LegalProfile("test", TODAY, frozenset({"FR"}), (row,), "", b"")
    for on, allowed in ((TODAY, True), (date(2026, 12, 1), False)):
        answer = destinations.decide(
            profile, country="CH", personal_data="personal", certifications=frozenset(), on=on
        )
        assert answer.allowed is allowed


def test_a_second_decision_takes_over_where_the_first_ended() -> None:
    first = Adequacy("CH", "old", date(2000, 1, 1), date(2020, 1, 1), None, None)
    second = replace(first, decision="new", valid_from=date(2020, 1, 2), valid_to=None, condition="seal")
    profile = LegalProfile("test", TODAY, frozenset({"FR"}), (first, second), "", b"")
    answer = destinations.decide(
        profile, country="CH", personal_data="personal", certifications=frozenset({"seal"}), on=TODAY
    )
    assert (answer.allowed, answer.decision) == (True, "new")


@given(
    country=st.sampled_from([country.alpha_2 for country in pycountry.countries]),
    certifications=st.frozensets(st.sampled_from(["dpf", "pipeda", "other"])),
    on=st.dates(),
)
def test_personal_data_goes_nowhere_but_the_eea_and_the_list(
    country: str, certifications: frozenset[str], on: date
) -> None:
    profile = legal.load()
    answer = decide(country, *certifications, on=on)
    assert answer.allowed == (answer.mechanism is not None) == (answer.reason is None)
    if answer.allowed:
        assert country in profile.eea or any(
            row.country == country and row.in_force(on) for row in profile.adequacy
        )


def _packaged() -> dict[str, Any]:
    raw: dict[str, Any] = json.loads(legal.PACKAGED.read_text("utf-8"))
    return raw


def _write(tmp_path: Path, content: str) -> Path:
    path = tmp_path / "profile.json"
    path.write_text(content, "utf-8")
    return path


def test_a_profile_of_ones_own_is_read_from_a_file(tmp_path: Path) -> None:
    raw = _packaged() | {"version": "eu-2027-01", "adequacy": _packaged()["adequacy"][:1]}
    profile = legal.load(_write(tmp_path, json.dumps(raw)))
    assert profile.version == "eu-2027-01"
    assert [row.country for row in profile.adequacy] == ["AD"]


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"version": ""}, "version"),
        ({"version": 3}, "version"),
        ({"as_of": "21.11.2026"}, "as_of"),
        ({"as_of": "2026-02-30"}, "as_of"),
        ({"eea": []}, "eea"),
        ({"eea": ["FR", "FR"]}, "eea"),
        ({"eea": ["FR", "de"]}, r"eea\[1\]"),
        ({"eea": "FR"}, "eea"),
        ({"adequacy": [{"country": "CH"}]}, r"adequacy\[0\]"),
        ({"surprise": 1}, "surprise"),
    ],
)
def test_a_malformed_profile_is_refused_and_the_field_is_named(
    tmp_path: Path, change: dict[str, Any], field: str
) -> None:
    with pytest.raises(Invalid, match=field) as refusal:
        legal.load(_write(tmp_path, json.dumps(_packaged() | change)))
    assert refusal.value.code == "legal_profile_invalid"


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"country": "XX"}, r"adequacy\[0\]\.country"),
        ({"decision": " "}, r"adequacy\[0\]\.decision"),
        ({"valid_from": None}, r"adequacy\[0\]\.valid_from"),
        ({"valid_to": "1999-01-01"}, r"adequacy\[0\]\.valid_to"),
        ({"condition": "DPF!"}, r"adequacy\[0\]\.condition"),
        ({"condition": True}, r"adequacy\[0\]\.condition"),
        ({"note": []}, r"adequacy\[0\]\.note"),
    ],
)
def test_a_malformed_row_is_refused_and_the_field_is_named(
    tmp_path: Path, change: dict[str, Any], field: str
) -> None:
    raw = _packaged()
    raw["adequacy"][0] |= change
    with pytest.raises(Invalid, match=field):
        legal.load(_write(tmp_path, json.dumps(raw)))


@pytest.mark.parametrize(
    "content",
    ["", "[]", "null", "{", "[" * 100_000, '{"version": 1, "version": 2}', '{"version": 1' + "0" * 5000 + "}"],
)
def test_a_file_that_is_no_profile_is_refused(tmp_path: Path, content: str) -> None:
    with pytest.raises(Invalid):
        legal.load(_write(tmp_path, content))


def test_a_missing_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Invalid, match="cannot be read"):
        legal.load(tmp_path / "absent.json")
