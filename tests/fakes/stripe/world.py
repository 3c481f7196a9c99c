"""What the fake knows: its objects, its clock, what falls due later, and the events that it has told. Ids follow from
the seed, so that the same calls make the same world."""

import copy
import hashlib
import heapq
import random
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import count
from typing import Any

from tests.fakes.stripe.deliveries import Courier
from tests.fakes.stripe.faults import Fault
from tests.fakes.stripe.refusals import absent
from tests.fakes.stripe.specification import Specification

Json = dict[str, Any]
_LETTERS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
PLATFORM = "acct_1PlatformOfTests"
DAY = 86_400


@dataclass
class Clock:
    """Time in the fake: it runs with the machine's unless it stands, and tests move it forward."""

    ahead: float = 0
    stands_at: float | None = None

    def now(self) -> int:
        """Seconds of the Unix epoch."""
        return int((time.time() if self.stands_at is None else self.stands_at) + self.ahead)

    def stand(self, at: datetime) -> None:
        """Stop at a moment, until it is moved."""
        self.stands_at, self.ahead = at.timestamp(), 0


@dataclass(frozen=True)
class Asked:
    """Who asks, and under which request and key: it stands in the events that follow."""

    account: str = PLATFORM
    request: str | None = None
    key: str | None = None


@dataclass
class World:
    """All that the fake knows; one request at a time changes it, under `lock`."""

    spec: Specification
    seed: int = 1
    clock: Clock = field(default_factory=Clock)
    objects: dict[str, Json] = field(default_factory=dict)
    notes: dict[str, Json] = field(default_factory=dict)
    """What Stripe knows of an object and does not show."""
    owners: dict[str, str] = field(default_factory=dict)
    kept: dict[tuple[str, str], Any] = field(default_factory=dict)
    """Answers under their idempotency keys."""
    faults: list[Fault] = field(default_factory=list)
    lies: list[str] = field(default_factory=list)
    """What the fake did wrong: a test in which there is any has failed."""
    calls: list[tuple[str, str, int]] = field(default_factory=list)
    """Method, path and status of every request, for tests that count them."""
    asked: Asked = field(default_factory=Asked)
    found_after_seconds: int = 0
    """How long a new object takes until a search finds it."""
    costs_known_after_seconds: int = 0
    """How long Stripe takes to say what a payment cost; even without it, it is said after the payment."""
    url: str = ""
    lock: threading.RLock = field(default_factory=threading.RLock)

    def __post_init__(self) -> None:
        self._ids = count(1)
        self._order = count(1)
        self._due: list[tuple[float, int, Callable[[], None]]] = []
        self.random = random.Random(self.seed)
        self.courier = Courier(self)

    @property
    def now(self) -> int:
        return self.clock.now()

    def id(self, prefix: str, length: int = 24) -> str:
        """A new id, which follows from the seed and how many there were."""
        digest = hashlib.sha512(f"{self.seed}:{next(self._ids)}".encode()).digest()
        return prefix + "".join(_LETTERS[byte % len(_LETTERS)] for byte in digest[:length])

    def new(self, kind: str, prefix: str, *, length: int = 24, **values: Any) -> Json:
        """A new object of the account that asks: what may be null is null, and nothing else is made up."""
        made = self.blank(kind)
        made |= {"id": self.id(prefix, length), "created": self.now} | values
        self.objects[made["id"]] = made
        self.notes[made["id"]] = {"number": next(self._order)}
        self.owners[made["id"]] = self.asked.account
        return made

    def blank(self, kind: str) -> Json:
        """An object of this kind, with what can have one value only."""
        found: Json = {}
        properties = self.spec.schema(kind)["properties"]
        for name, schema in properties.items():
            if schema.get("anyOf", [{}])[0] == {"type": "null"}:
                found[name] = None
            elif name == "livemode":
                found[name] = False
            elif name == "metadata":
                found[name] = {}
            elif name == "object":
                found[name] = schema["enum"][0]
        if "metadata" in properties:
            found["metadata"] = {}
        return found

    def get(self, kind: str, name: str, param: str = "id", *, status: int = 400) -> Json:
        """An object of this kind that the asking account owns, or the refusal that there is none."""
        found = self.objects.get(name)
        if found is None or found["object"] != kind or self.owners[name] != self.asked.account:
            raise absent(kind.replace(".", " "), name, param, status=status)
        return found

    def all(self, kind: str) -> list[Json]:
        """Every object of this kind of the asking account, newest first."""
        found = [
            one
            for name, one in self.objects.items()
            if one["object"] == kind and self.owners[name] == self.asked.account
        ]
        return sorted(found, key=lambda one: (one["created"], self.notes[one["id"]]["number"]), reverse=True)

    def tell(self, kind: str, about: Json, **previous: Any) -> Json:
        """Record an event with the object as it is now, and hand it to the courier."""
        event = self.blank("event")
        event |= {
            "id": self.id("evt_1"),
            "created": self.now,
            "api_version": self.spec.version,
            "type": kind,
            "data": {"object": copy.deepcopy(about)},
            "pending_webhooks": 0,
            "request": {"id": self.asked.request, "idempotency_key": self.asked.key},
        }
        if previous:
            event["data"]["previous_attributes"] = previous
        owner = self.owners.get(about["id"], self.asked.account)
        if owner != PLATFORM:
            event["account"] = owner
        self._check(event["data"]["object"], about["object"])
        self._check(event, "event")
        self._keep(event, owner)
        return event

    def tell_thinly(self, kind: str, about: Json, url: str) -> Json:
        """Record an event of v2, which names its object and does not show it."""
        event: Json = {
            "id": self.id("evt_test_"),
            "object": "v2.core.event",
            "type": kind,
            "created": instant(self.now),
            "livemode": False,
            "related_object": {"id": about["id"], "type": about["object"], "url": url},
        }
        if self.asked.request and self.asked.key:
            told = {"id": self.asked.request, "idempotency_key": self.asked.key}
            event["reason"] = {"type": "request", "request": told}
        self._check(event, "v2.core.event")
        self._keep(event, PLATFORM)
        return event

    def later(self, seconds: float, effect: Callable[[], object]) -> None:
        """Let something happen when the clock gets there, in the name of the account that asks now."""
        asked = Asked(self.asked.account)

        def happen() -> None:
            before, self.asked = self.asked, asked
            try:
                effect()
            finally:
                self.asked = before

        heapq.heappush(self._due, (self.now + seconds, next(self._order), happen))

    def tick(self) -> None:
        """Let everything happen that is due."""
        while self._due and self._due[0][0] <= self.now:
            heapq.heappop(self._due)[2]()
        for one in self.objects.values():
            is_due = one.get("object") == "balance_transaction" and one["available_on"] <= self.now
            if is_due and one["status"] == "pending":
                one["status"] = "available"

    def advance(self, seconds: float) -> None:
        """Move the clock; what falls due on the way happens at its own time."""
        with self.lock:
            until = self.clock.ahead + seconds
            target = self.now + seconds
            while self._due and self._due[0][0] <= target:
                self.clock.ahead += max(0, self._due[0][0] - self.now)
                self.tick()
            self.clock.ahead = max(until, self.clock.ahead)
            self.tick()

    def _keep(self, event: Json, owner: str) -> None:
        self.objects[event["id"]] = event
        self.owners[event["id"]] = owner
        self.notes[event["id"]] = {"number": next(self._order)}
        self.courier.take(event)

    def _check(self, value: Json, kind: str) -> None:
        for wrong in self.spec.wrong(value, self.spec.component(kind)):
            self.lies.append(f"{kind} {value.get('id')} in an event: {wrong}")


def instant(seconds: int) -> str:
    """A moment as v2 writes it."""
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%S.000Z")
