"""The scan on a labelled fixture (values made by rule, check digits computed, nobody real) and on headers of
two public datasets that hold no personal data."""

import hashlib
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from compliance.classification import identifiers
from compliance.classification.classification import Confidence, Contradiction, classify, contradicts

ROWS = 60
PUBLIC_HEADERS = {
    "flights": "year,month,day,dep_time,sched_dep_time,dep_delay,arr_time,sched_arr_time,arr_delay,carrier,"
    "flight,tailnum,origin,dest,air_time,distance,hour,minute,time_hour",
    "planes": "tailnum,year,type,manufacturer,model,engines,seats,speed,engine",
    "weather": "origin,year,month,day,hour,temp,dewp,humid,wind_dir,wind_speed,wind_gust,precip,pressure,visib",
    "penguins": "species,island,bill_length_mm,bill_depth_mm,flipper_length_mm,body_mass_g,sex,year",
    "penguins_raw": "studyName,Sample Number,Species,Region,Island,Stage,Individual ID,Clutch Completion,"
    "Date Egg,Culmen Length (mm),Culmen Depth (mm),Flipper Length (mm),Body Mass (g),"
    "Sex,Delta 15 N (o/oo),Comments",
}
LONE_NAME = {"airports": "faa,name,lat,lon,alt,tz,dst,tzone", "airlines": "carrier,name"}


def iban(row: int) -> str:
    account = f"{row:018d}"
    check = 98 - int(account + "131400") % 97  # D = 13, E = 14
    return f"DE{check:02d}{account}"


def card(row: int) -> str:
    body = f"4{row * 7919:014d}"
    total = 0
    for place, digit in enumerate(reversed(body)):
        doubled = int(digit) * (2 - place % 2)
        total += doubled - 9 if doubled > 9 else doubled
    return f"{body}{-total % 10}"


def nir(row: int) -> str:
    department = {0: "2A", 1: "2B"}.get(row, f"{row % 90 + 1:02d}")
    body = f"{row % 2 + 1}{row % 100:02d}{row % 12 + 1:02d}{department}{row:03d}{row:03d}"
    return f"{body}{97 - int(body.replace('2A', '19').replace('2B', '18')) % 97:02d}"


PERSONAL: dict[str, tuple[str, Callable[[int], str]]] = {
    "contact": ("email", lambda row: f"row{row}@example.org"),
    "notes": (
        "email",
        lambda row: f"asked row{row}@example.org to call back" if row % 3 == 0 else "nothing new",
    ),
    "account": ("bank_account", iban),
    "paid_with": ("payment_card", card),
    "numero": ("national_id", nir),
    "reach_at": ("phone", lambda row: f"+33 1 99 00 {row:02d} {row:02d}"),
    "seen_from": ("network_address", lambda row: f"192.0.2.{row}"),
    "peer": ("network_address", lambda row: f"2001:db8::{row:x}"),
    "First Name": ("person_name", lambda row: f"Name{row}"),
    "nom_de_famille": ("person_name", lambda row: f"Nom{row}"),
    "Nachname": ("person_name", lambda row: f"Name{row}"),
    "apellidos": ("person_name", lambda row: f"Nombre{row}"),
    "customerName": ("person_name", lambda row: f"Customer {row}"),
    "birthDate": ("birth", lambda row: f"19{row % 90 + 10}-01-01"),
    "date_naissance": ("birth", lambda row: f"01/01/19{row % 90 + 10}"),
    "Geburtsdatum": ("birth", lambda row: f"01.01.19{row % 90 + 10}"),
    "fecha de nacimiento": ("birth", lambda row: f"01/01/19{row % 90 + 10}"),
    "phone_number": ("phone", lambda row: f"01 99 00 {row:02d} {row:02d}"),
    "street-address": ("address", lambda row: f"{row} Nowhere Street"),
    "passport_no": ("national_id", lambda row: f"X{row:08d}"),
    "email": ("email", lambda row: f"e{row}@example.net"),
}
SPECIAL = {
    "Diagnosis": "health",
    "état de santé": "health",
    "Krankheit": "health",
    "enfermedad": "health",
    "disability_type": "health",
    "blood group": "health",
    "religion": "religion",
    "Konfession": "religion",
    "ethnic_origin": "ethnicity",
    "origine_ethnique": "ethnicity",
    "trade_union_member": "union",
    "Gewerkschaft": "union",
    "appartenance_syndicale": "union",
    "political opinion": "politics",
    "afiliación política": "politics",
    "sexualOrientation": "sexuality",
    "orientation_sexuelle": "sexuality",
    "fingerprint_template": "biometric",
    "empreintes digitales": "biometric",
    "genetic_test": "genetic",
    "casier_judiciaire": "criminal",
}
HARMLESS: dict[str, Callable[[int], str]] = {
    "ts": lambda row: str(1_795_300_000 + row * 61),
    "ts_ms": lambda row: str((1_795_300_000 + row * 61) * 1000),
    "ts_us": lambda row: str((1_795_300_000 + row * 61) * 1_000_000 + row),
    "reading": lambda row: str(2_000_000_000 + row * 104_729),
    "order_no": lambda row: f"{4_000_000_000_000_000 + row * 982_451_653}",
    "change": lambda row: f"+{row * 37}.{row:04d}",
    "offset": lambda row: f"+{row % 12:02d}:00",
    "latitude": lambda row: f"+48.85{row:05d}",
    "sku": lambda row: f"DE{row:02d}ABCD{row:010d}",
    "version": lambda row: f"1.{row}.{row % 7}",
    "clock": lambda row: f"{row % 24:02d}:{row % 60:02d}:00",
    "mac": lambda row: f"02:00:00:00:00:{row:02x}",
    "package": lambda row: f"left-pad@1.{row}.0",
    "flight_name": lambda row: f"UA{row}",
    "product_name": lambda row: f"Thing {row}",
    "file_address_space": lambda row: str(row),
    "email_count": lambda row: str(row),
    "email_domain": lambda row: "example.org",
    "birth_rate": lambda row: f"{row / 10}",
    "disease_prevalence": lambda row: f"{row / 100}",
    "sex": lambda row: "male" if row % 2 else "female",
    "gender": lambda row: "f",
    "island": lambda row: "Biscoe",
    "mobile_app_version": lambda row: "3.1",
    "nationality_index": lambda row: str(row),
}


def column(make: Callable[[int], str]) -> list[str | None]:
    return [None if row % 10 == 9 else make(row) for row in range(ROWS)]


def test_every_personal_column_of_the_fixture_is_found_as_what_it_is() -> None:
    for header, (kind, make) in PERSONAL.items():
        found = classify({header: column(make)})
        assert found[header].kind == kind, header
        assert found[header].data_class == "personal", header
        assert found[header].confidence != Confidence.HINT, header


@pytest.mark.parametrize(("header", "kind"), SPECIAL.items())
def test_a_header_of_a_special_category_is_found(header: str, kind: str) -> None:
    found = classify({header: ["a", "b"]})[header]
    assert (found.kind, found.data_class, found.confidence) == (kind, "special", Confidence.LIKELY)


def test_nothing_harmless_is_found_even_beside_personal_columns() -> None:
    harmless = {header: column(make) for header, make in HARMLESS.items()}
    assert classify(harmless) == {}
    assert set(classify(harmless | {"email": column(PERSONAL["email"][1])})) == {"email"}


@pytest.mark.parametrize("dataset", PUBLIC_HEADERS)
def test_public_data_about_flights_and_penguins_raises_nothing(dataset: str) -> None:
    assert (
        classify({header: ["517", "N14228", "NA", None] for header in PUBLIC_HEADERS[dataset].split(",")}) == {}
    )


@pytest.mark.parametrize("dataset", LONE_NAME)
def test_a_name_without_company_is_a_hint_that_contradicts_nobody(dataset: str) -> None:
    found = classify({header: ["American Airlines Inc."] for header in LONE_NAME[dataset].split(",")})
    assert {header: finding.confidence for header, finding in found.items()} == {"name": Confidence.HINT}
    assert contradicts({}, "none", found) == []


def test_a_name_beside_a_personal_column_is_a_persons_name() -> None:
    found = classify({"name": ["Name1"], "birth_date": ["1990-01-01"], "island": ["Biscoe"]})
    assert found["name"].confidence == Confidence.LIKELY
    assert contradicts({"birth_date": "personal"}, "none", found) == [
        Contradiction("name", "none", "personal", "person_name")
    ]


def test_values_are_counted_and_never_kept() -> None:
    found = classify({"contact": [*column(PERSONAL["contact"][1]), "unknown", "NA", ""]})
    finding = found["contact"]
    assert (finding.evidence.matched, finding.evidence.sampled, finding.method) == (54, 55, "values")
    assert finding.confidence == Confidence.SURE
    assert "example.org" not in repr(found)


def test_a_header_and_its_values_together_say_so() -> None:
    assert classify({"iban": column(iban)})["iban"].method == "header+values"


def test_a_few_matches_below_the_threshold_are_no_finding() -> None:
    cards: list[str | None] = [card(row) if row < 12 else str(row) for row in range(ROWS)]
    assert classify({"x": cards}) == {}


def test_hashed_identifiers_are_pseudonymised_and_contradict_only_none() -> None:
    hashes: list[str | None] = [hashlib.sha256(str(row).encode()).hexdigest() for row in range(ROWS)]
    for header in ("email", "email_hash", "ip_address"):
        found = classify({header: hashes})
        assert found[header].data_class == "pseudonymised", header
        assert contradicts({header: "pseudonymised"}, "none", found) == []
        assert len(contradicts({}, "none", found)) == 1


def test_a_header_whose_values_are_plainly_something_else_is_a_hint() -> None:
    found = classify({"email_campaign": [f"Spring {row}" for row in range(ROWS)]})
    assert found["email_campaign"].confidence == Confidence.HINT


@pytest.mark.parametrize(
    ("declared", "contradicted"),
    [("none", True), ("pseudonymised", True), ("personal", False), ("special", False), ("", True), ("?", True)],
)
def test_a_direct_identifier_contradicts_every_weaker_declaration(declared: str, contradicted: bool) -> None:
    found = classify({"email": column(PERSONAL["email"][1])})
    assert bool(contradicts({"email": declared}, "special", found)) is contradicted
    assert bool(contradicts({}, declared, found)) is contradicted


def test_a_special_category_contradicts_personal() -> None:
    found = classify({"religion": ["a"]})
    assert contradicts({}, "personal", found) == [Contradiction("religion", "personal", "special", "religion")]


def test_a_wrong_check_digit_is_no_identifier() -> None:
    for row in range(ROWS):
        for right, check in ((iban(row), identifiers.is_iban), (card(row), identifiers.is_payment_card)):
            assert check(right)
            assert not check(right[:-1] + str((int(right[-1]) + 1) % 10))
        assert identifiers.is_french_nir(nir(row))
        assert not identifiers.is_french_nir(nir(row)[:-2] + "99")


def test_phone_numbers_need_a_plus_and_an_assigned_country_code() -> None:
    for right in ("+33199001234", "+49 30 5550 1234", "+1 (212) 555-0123", "+351 21 555 0123"):
        assert identifiers.is_phone(right), right
    for wrong in ("33199001234", "0033199001234", "+1 112 555 0123", "+999123456789", "+2013", "+48.8566140"):
        assert not identifiers.is_phone(wrong), wrong


@given(st.dictionaries(st.text(), st.lists(st.none() | st.text())))
def test_any_columns_can_be_looked_at(columns: dict[str, list[str | None]]) -> None:
    found = classify(columns)
    assert set(found) <= set(columns)
    assert contradicts({}, "special", found) == []


@given(st.lists(st.integers(0, 10**10).map(str), min_size=10))
def test_plain_numbers_are_never_phones(numbers: list[str]) -> None:
    assert all(not identifiers.is_phone(number) for number in numbers)
