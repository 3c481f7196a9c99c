"""The country of an address: what the operator's file says, its limits, and nothing where there is none."""

from pathlib import Path
from typing import Any

import pytest
from django.core.checks import run_checks

from contracts.terms import address_countries, terms
from exchange.kernel.actors import Actor
from exchange.kernel.errors import Conflict, Invalid
from tests import dataset_makers, sales

CLAUSE = {"kind": "address_country", "any_of": ["EEA"], "is_checked": True}
LINES = """192.0.2.0,192.0.2.127,fr
192.0.2.128,192.0.2.255,ZZ
2001:db8::,2001:db8::ffff,DE
198.51.100.7,198.51.100.7,JP
"""


@pytest.fixture
def listed(settings: Any, tmp_path: Path) -> Path:
    return write(settings, tmp_path, LINES)


def write(settings: Any, folder: Path, lines: str) -> Path:
    file = folder / "countries.csv"
    file.write_text(lines, encoding="utf-8")
    settings.EXCHANGE_ADDRESS_COUNTRIES = str(file)
    return file


@pytest.mark.parametrize(
    ("address", "country"),
    [
        ("192.0.2.0", "FR"),
        ("192.0.2.127", "FR"),
        ("192.0.2.128", None),
        ("192.0.1.255", None),
        ("198.51.100.7", "JP"),
        ("198.51.100.8", None),
        ("::ffff:192.0.2.7", "FR"),
        ("2001:db8::1", "DE"),
        ("2001:db8::1:0", None),
        ("2001:db8::1%eth0", None),
        ("0.0.0.0", None),
        ("255.255.255.255", None),
        ("nowhere", None),
        (None, None),
    ],
)
def test_an_address_is_where_the_file_places_it(listed: Path, address: str | None, country: str | None) -> None:
    assert address_countries.country_of(address) == country


@pytest.mark.parametrize(
    ("lines", "says"),
    [
        ("192.0.2.0,FR\n", "line 1: write first,last,CC"),
        ("192.0.2.0,192.0.2.9,FR\nnowhere,nowhere,FR\n", "line 2: write first,last,CC"),
        ("192.0.2.9,192.0.2.0,FR\n", "line 1: the range ends before it begins"),
        ("192.0.2.0,2001:db8::,FR\n", "line 1: the range ends before it begins"),
        ("192.0.2.0,192.0.2.9,UK\n", "line 1: 'UK' is no country"),
        ("192.0.2.5,192.0.2.9,FR\n192.0.2.0,192.0.2.5,DE\n", "two ranges overlap"),
    ],
)
def test_a_file_that_cannot_be_used_is_refused_at_start(
    settings: Any, tmp_path: Path, lines: str, says: str
) -> None:
    file = write(settings, tmp_path, lines)
    address_countries.load.cache_clear()
    with pytest.raises(Invalid, match=says):
        address_countries.load(str(file))
    assert [one.id for one in run_checks() if says in one.msg] == ["infra.E006"]


@pytest.mark.transactional
def test_a_check_that_nobody_could_make_cannot_be_promised_as_one(
    seller: Actor, buyer: Actor, now: Any, settings: Any, refused: Any
) -> None:
    settings.EXCHANGE_ADDRESS_COUNTRIES = ""
    dataset = dataset_makers.published(seller)
    with refused(Conflict, "no_address_database"):
        sales.offer(dataset, seller, terms=[CLAUSE])
    offer = sales.offer(dataset, seller, terms=[CLAUSE | {"is_checked": False}])
    (row,) = [one for one in terms.text(terms.thaw(offer.terms), "en") if one["kind"] == "address_country"]
    assert row["standing"] == "promised" and "which nobody checks" in row["text"]
    right = sales.sold(offer, buyer, seller)
    assert sales.start(sales.link(right, buyer), now, address="203.0.113.9").code is None


def test_without_the_file_a_checked_clause_refuses(
    seller: Actor, buyer: Actor, now: Any, settings: Any, listed: Path
) -> None:
    right = sales.entitled(seller, buyer, terms=[CLAUSE])
    settings.EXCHANGE_ADDRESS_COUNTRIES = ""
    verdict = sales.start(sales.link(right, buyer), now)
    assert (verdict.code, verdict.clause) == ("undecidable", "address_country")
