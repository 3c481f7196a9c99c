"""What clauses cost: small downloads under terms of twenty clauses beside the same under one, through the gateway and,
where a right is read anew each time, by the book."""

import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from django.utils import timezone

from contracts.tokens import tokens
from contracts.transfers import transfers
from contracts.transfers.ranges import Wish
from contracts.transfers.transfers import Attempt
from infra.bench import databases, market
from infra.bench.downloads import Downloads
from infra.bench.market import Market
from infra.bench.rounds import Case, Measure, Sample

CLIENTS = 16
_GROUP = 64
_GROUPS = 8
_COPIES: Mapping[str, object] = {"kind": "copies", "max": 10_000}  # counted in both
_ADDRESS = "127.0.0.1"


def measures() -> list[Measure]:
    """Twenty clauses by one, each way of starting."""
    return [
        Measure(
            f"authorising with 20 clauses ÷ with one, {how}",
            _name(how, 20),
            _name(how, 1),
            at_least=1.2,
            aim=1.1,
            figure="µs each",
            is_least=False,
        )
        for how in ("gateway", "book")
    ]


def cases(load: Downloads, postgres: int) -> Iterator[Case]:
    """Both terms by both ways, for the same buyers and the same file."""
    buyers = [right.buyer for right in load.market.rights]
    everyone = [str(buyer.participant_id) for buyer in buyers]
    for clauses in ([_COPIES], twenty(everyone)):
        sold = market.sold(load.market, buyers, clauses)
        yield _by_gateway(replace(load, market=sold, clients=CLIENTS), len(clauses), postgres)
        yield _by_book(sold, len(clauses), postgres)


def twenty(buyers: Sequence[str]) -> list[Mapping[str, object]]:
    """Twenty clauses that all hold: those the gateway decides by each kind of fact, and those it only writes down."""
    return [
        {"kind": "purpose", "any_of": ["research"]},
        {"kind": "country", "any_of": ["DE", "FR"]},
        {"kind": "recipients", "any_of": list(buyers)},
        {"kind": "addresses", "any_of": ["127.0.0.0/8", "192.0.2.0/24"]},
        {"kind": "end_date", "on": "2199-12-31"},
        {"kind": "duration", "days": 365},
        _COPIES,
        {"kind": "use_country", "any_of": ["DE"]},
        {"kind": "delivery", "any_of": ["gateway"]},
        {
            "kind": "hours",
            "days": ["mon", "tue", "wed", "thu", "fri", "sat", "sun"],
            "start": "00:00",
            "end": "24:00",
            "zone": "Europe/Paris",
        },
        {"kind": "combination", "allowed": True},
        {"kind": "model_training", "allowed": "no"},
        {"kind": "publication", "allowed": True},
        {"kind": "redistribution", "allowed": False},
        {"kind": "attribution", "text": "Source: the seller"},
        {"kind": "deletion", "days": 30},
        {"kind": "derived_works", "allowed": "internal"},
        {"kind": "sub_processors", "allowed": "none"},
        {"kind": "audit", "notice_days": 30, "times_a_year": 1},
        {"kind": "governing_law", "law": "FR"},
    ]


def _name(how: str, clauses: int) -> str:
    return f"authorise, {clauses} clause{'s' if clauses > 1 else ''}, {how}"


def _by_gateway(load: Downloads, clauses: int, postgres: int) -> Case:
    def run() -> Sample:
        return _with_cost(load.run())

    named = {"server": load.gateway.pid, "database": postgres}
    return Case(_name("gateway", clauses), run, load.prepare, load.check, lambda: named)


def _by_book(sold: Market, clauses: int, postgres: int) -> Case:
    """Groups as the gateway makes them, in this process: each right read, and each clause decided, every time."""
    waiting: list[Attempt] = []

    def prepare() -> None:
        waiting[:] = _attempts(sold, _GROUP * _GROUPS)
        databases.settle()

    def run() -> Sample:
        began, now = time.perf_counter(), timezone.now()
        groups = [waiting[first : first + _GROUP] for first in range(0, len(waiting), _GROUP)]
        refused = [
            verdict for group in groups for verdict in transfers.start_many(group, now=now) if verdict.code
        ]
        if refused:
            raise RuntimeError(f"{len(refused)} starts were refused, such as with {refused[0].code}")
        return _with_cost(Sample({"rate": len(waiting) / (time.perf_counter() - began)}, len(waiting)))

    return Case(_name("book", clauses), run, prepare, named=lambda: {"database": postgres})


def _attempts(sold: Market, count: int) -> list[Attempt]:
    now = timezone.now()
    paths = sold.paths(sold.small, count)
    read = [tokens.read(path.split("/")[2], now=now) for path in paths]
    return [Attempt(token, Wish(), sold.small.name, _ADDRESS, "bench") for token in read]


def _with_cost(sample: Sample) -> Sample:
    figures = {"µs each": 1_000_000 / sample.figures["rate"], **sample.figures}
    return replace(sample, figures=figures)
