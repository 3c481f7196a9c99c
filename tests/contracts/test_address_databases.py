"""The country of an address from a MaxMind database, and what personal data makes of it: a file that cannot be read
refuses, and so does an address that it does not know."""

import json
from pathlib import Path
from typing import Any

import pytest
from django.core.checks import run_checks

from contracts.terms import address_countries
from exchange.kernel.actors import Actor
from exchange.kernel.errors import Invalid
from exchange.kernel.models import Event
from tests import sales
from tests.contracts import databases_of_countries
from tests.contracts.test_negotiations import personal_offer

RECORDS = {
    "192.0.2.0/25": {"country": {"iso_code": "FR", "geoname_id": 3017382}},
    "198.51.100.0/24": {"country": "IN"},
    "203.0.113.0/24": {"country": {"iso_code": "ZZ"}},
    "203.0.114.0/24": {"traits": {"is_anonymous": 1}},
    "203.0.115.0/24": "FR",
}


@pytest.fixture
def listed(settings: Any, tmp_path: Path) -> Path:
    file = tmp_path / "countries.mmdb"
    file.write_bytes(databases_of_countries.written(RECORDS))
    settings.EXCHANGE_ADDRESS_COUNTRIES = str(file)
    address_countries.load.cache_clear()
    return file


@pytest.mark.parametrize(
    ("address", "country"),
    [
        *(("192.0.2.7", "FR"), ("192.0.2.200", None), ("198.51.100.7", "IN"), ("203.0.113.1", None)),
        *(("203.0.114.1", None), ("203.0.115.1", None), ("::ffff:192.0.2.7", "FR"), ("2001:db8::1", None)),
        *(("nowhere", None), (None, None)),
    ],
)
def test_an_address_is_where_the_database_places_it(
    listed: Path, address: str | None, country: str | None
) -> None:
    assert address_countries.country_of(address) == country
    assert address_countries.asked_of(address) == (None if address is None else country or "")


@pytest.mark.parametrize("damage", ["gone", "empty", "text", "cut"])
def test_a_database_that_cannot_be_read_stops_the_start_and_says_nothing_of_any_address(
    listed: Path, damage: str
) -> None:
    whole = listed.read_bytes()
    listed.unlink()
    if damage != "gone":
        listed.write_bytes({"empty": b"", "text": b"192.0.2.0,192.0.2.9,FR\n", "cut": whole[:-40]}[damage])
    with pytest.raises(Invalid, match="cannot be read"):
        address_countries.load(str(listed))
    assert [one.id for one in run_checks() if "ADDRESS_COUNTRIES" in one.msg] == ["infra.E006"]
    assert address_countries.country_of("192.0.2.7") is None
    assert address_countries.asked_of("192.0.2.7") == ""


def test_personal_data_asks_for_the_country_of_the_address_and_the_leaf_keeps_it(
    seller: Actor, buyer: Actor, now: Any, settings: Any, tmp_path: Path
) -> None:
    file = tmp_path / "countries.mmdb"
    file.write_bytes(databases_of_countries.written(RECORDS))
    settings.EXCHANGE_ADDRESS_COUNTRIES = str(file)
    address_countries.load.cache_clear()
    open_right = sales.entitled(seller, buyer)
    right = sales.sold(personal_offer(seller, terms=[]), buyer, seller)

    def said(address: str) -> str | None:
        return sales.start(sales.link(right, buyer), now, address=address).code

    assert said("192.0.2.7") is None
    started = json.loads(bytes(Event.objects.get(name="transfer.started").leaf))["facts"]
    assert (started["decided"]["egress"], started["egress_mechanism"]) == ("FR", "eea")
    assert said("198.51.100.7") == said("192.0.2.200") == "address_country_not_open"
    refused = json.loads(bytes(Event.objects.filter(name="transfer.refused").latest("at").leaf))
    assert refused["facts"]["egress_reason"] in {"no_adequacy_decision", "country_unknown"}
    assert b"192.0.2" not in json.dumps(refused).encode()
    file.write_bytes(b"damaged")
    address_countries.load.cache_clear()
    assert said("192.0.2.7") == "address_country_not_open"
    assert sales.start(sales.link(open_right, buyer), now).code is None  # nothing personal is in it
