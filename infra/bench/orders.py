"""Orders over HTTP, whole: a price, a signed contract, a charge that is paid and booked, the seller's part held, the
right active, and what others are told. Beside pretix's order API and django-oscar's guest checkout, where given."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from functools import partial
from http.client import HTTPConnection
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit, urlunsplit

from django.utils import timezone

from contracts.choices import choices
from contracts.models import Entitlement
from exchange.kernel.actors import Actor
from exchange.participants.actors import access_tokens
from exchange.participants.models import ApiClient
from infra.bench import databases, machine, servers, shoppers
from infra.bench.rounds import Case, Measure, Sample
from infra.bench.servers import ROOT, Server
from payments.ledger import ledger
from payments.models import Charge, Hold, Posting
from tests import dataset_makers, makers, sales

CLIENTS = 8
BUYERS, OFFERS = 64, 200
RETRIES = 10_000
DRAINS_WITHIN_SECONDS = 300
_SPENT = "processor ms"


def measures() -> list[Measure]:
    """Orders by the peers', and the processor's time of one by pretix's."""
    return [
        Measure("whole orders/s ÷ pretix's order API", "orders", "orders at pretix", at_least=10, aim=20),
        Measure("whole orders/s ÷ django-oscar's guest checkout", "orders", "orders at oscar", 10, 20),
        Measure(
            "processor of an order ÷ pretix's",
            "orders",
            "orders at pretix",
            1 / 8,
            1 / 16,
            _SPENT,
            is_least=False,
        ),
        Measure(
            "second effects of 10,000 retries with one key", "retries", None, 0, 0, "effects", is_least=False
        ),
    ]


def cases(
    peers: Mapping[str, str], postgres: int, folder: Path, seconds: float, until: ExitStack
) -> Iterator[Case]:
    """Ours, its retries, and those of the peers whose address was given."""
    environment = {
        **os.environ,
        "EXCHANGE_DEMO": "True",  # the demo provider is refused without
        "EXCHANGE_PAYMENT_PROVIDER": "demo",
        "EXCHANGE_BROKER_URL": until.enter_context(servers.redis(folder)),
    }
    server = until.enter_context(servers.web(folder, environment))
    worker = until.enter_context(servers.worker(folder, environment))
    shop = Shop.made(server, seconds)
    named = {"server": server.pid, "worker": worker, "database": postgres}
    yield Case("orders", shop.run, shop.prepare, shop.check, lambda: named)
    yield Case("retries", shop.retry, shop.prepare, named=lambda: named)
    for name, address in peers.items():
        yield _peer(name, address, postgres, seconds)


@dataclass(frozen=True)
class Done:
    """What stands in the database."""

    paid: int
    held: int
    booked: int
    active: int

    @classmethod
    def now(cls) -> "Done":
        return cls(
            Charge.objects.filter(state=Charge.State.PAID).count(),
            Hold.objects.filter(state=Hold.State.OPEN).count(),
            Posting.objects.filter(kind="charge.paid").count(),
            Entitlement.objects.filter(state=Entitlement.State.ACTIVE).count(),
        )


@dataclass
class Shop:
    """One seller's offers, sold at once to whoever asks, and the buyers; no buyer takes the same offer twice."""

    server: Server
    seconds: float
    buyers: list[Actor]
    offers: list[tuple[str, str]]
    before: Done = field(default_factory=Done.now)
    taken: int = 0
    tokens: list[str] = field(default_factory=list)

    @classmethod
    def made(cls, server: Server, seconds: float) -> "Shop":
        now = timezone.now()
        makers.operators_organisation(now)
        seller = makers.trader("Seller of orders", "FR", now)
        dataset = dataset_makers.published(seller)
        offers = [
            (str(offer.pk), choices.digest(offer, choices.chosen(offer, None)))
            for offer in (
                sales.offer(dataset, seller, plan=dict(sales.PAID), sale="instant") for _ in range(OFFERS)
            )
        ]
        return cls(server, seconds, [makers.trader(f"Buyer {n}", "DE", now) for n in range(BUYERS)], offers)

    def prepare(self) -> None:
        """Fresh tokens; every process has answered and worked once."""
        now = timezone.now()
        self.tokens = [
            access_tokens.issue(ApiClient.objects.get(pk=buyer.name), scopes=buyer.scopes, now=now)
            for buyer in self.buyers
        ]
        self._order(1.0)
        databases.settle()
        self.before = Done.now()

    def run(self) -> Sample:
        """So many orders as were whole, by the time until the last one was."""
        return self._order(self.seconds)

    def check(self, sample: Sample) -> None:
        """Each order is paid, held, booked and active, once; the processor's time of one is added to the figures."""
        now, count = Done.now(), sample.operations
        found = (now.paid, now.held, now.booked, now.active)
        wanted = (self.before.paid, self.before.held, self.before.booked, self.before.active)
        if [one - before for one, before in zip(found, wanted, strict=True)] != [count] * 4:
            raise RuntimeError(f"{count} were ordered; paid, held, booked, active: {found} after {wanted}")
        if not ledger.trial_balance().is_sound:
            raise RuntimeError("the ledger does not add up")
        _count_processor(sample)

    def retry(self) -> Sample:
        """One order, sent again and again under one key, by a buyer who hears the same answer each time."""
        who, offer, digest = self._wishes()[self.taken * CLIENTS]
        self.taken += 1
        headers = {"Authorization": f"Bearer {self.tokens[who]}", "Content-Type": "application/json"}
        where = urlsplit(self.server.url)
        line = HTTPConnection(where.hostname or "", where.port or 80, timeout=60)
        body = json.dumps(shoppers.wish(offer, digest)).encode()
        key = {**headers, "Idempotency-Key": f"bench-{offer}-{who}"}
        began = time.perf_counter()
        answers = {shoppers.ask(line, "/api/v1/orders", body, key, well=201) for _ in range(RETRIES)}
        taken = time.perf_counter() - began
        line.close()
        wanted = replace(self.before, **{name: count + 1 for name, count in vars(self.before).items()})
        _wait_for(wanted.active)
        effects = len(answers) - 1
        effects += sum(abs(vars(Done.now())[name] - count) for name, count in vars(wanted).items())
        return Sample({"effects": effects, "rate": RETRIES / taken}, RETRIES)

    def _order(self, seconds: float) -> Sample:
        active = Done.now().active
        given = {
            "url": self.server.url,
            "tokens": self.tokens,
            "wishes": self._wishes(),
            "done": self.taken,
        }
        taken = _shop(shoppers.EXCHANGE, seconds, given)
        self.taken += max(len(row) for row in taken)
        count, began = sum(len(row) for row in taken), time.perf_counter()
        _wait_for(active + count)
        return _sample(taken, seconds + time.perf_counter() - began)

    def _wishes(self) -> list[tuple[int, str, str]]:
        return [(buyer, *offer) for offer in self.offers for buyer in range(len(self.buyers))]


def _peer(name: str, address: str, postgres: int, seconds: float) -> Case:
    """A peer by its address: for pretix `http://TOKEN@host:port/…/orders/?item=1`, for oscar
    `http://host:port/?products=100`."""
    parts = urlsplit(address)
    query = parse_qs(parts.query)
    place = f"{parts.hostname}:{parts.port}"
    given: dict[str, Any] = {"url": urlunsplit(("http", place, parts.path, "", ""))}
    if name == shoppers.PRETIX:
        given |= {"token": parts.username or "", "item": int(query["item"][0])}
    else:
        given |= {"products": int(query["products"][0])}

    def run() -> Sample:
        return _sample(_shop(name, seconds, given), seconds)

    def named() -> dict[str, int]:
        server = {"server": machine.listening_on(parts.port or 80)}
        return server | machine.named("postgres", but=postgres)

    prepare = partial(_shop, name, 1.0, given)
    return Case(f"orders at {name}", run, prepare, _count_processor, named)


def _shop(kind: str, seconds: float, given: Mapping[str, Any]) -> list[list[float]]:
    """How long each order of each client took."""
    done = subprocess.run(
        [sys.executable, "-m", "infra.bench.shoppers", kind, str(seconds), str(CLIENTS)],
        cwd=ROOT,
        input=json.dumps(given),
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise RuntimeError(f"orders at {kind} failed: {done.stderr.strip()}")
    found: list[list[float]] = json.loads(done.stdout)
    return found


def _sample(taken: list[list[float]], seconds: float) -> Sample:
    each = sorted(one * 1_000 for row in taken for one in row)
    figures = {
        "rate": len(each) / seconds,
        "p50 ms": each[len(each) // 2],
        "p99 ms": each[len(each) * 99 // 100],
    }
    return Sample(figures, len(each))


def _count_processor(sample: Sample) -> None:
    spent = sum(sample.span.named_seconds.values()) * 1_000 / sample.operations
    sample.figures = {**sample.figures, _SPENT: spent}


def _wait_for(active: int) -> None:
    until = time.monotonic() + DRAINS_WITHIN_SECONDS
    while Entitlement.objects.filter(state=Entitlement.State.ACTIVE).count() < active:
        if time.monotonic() > until:
            raise RuntimeError("not every order became whole: is the worker at work?")
        time.sleep(0.02)
