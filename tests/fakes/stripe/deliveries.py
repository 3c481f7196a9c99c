"""Webhooks on their way: signed as Stripe signs them, sent in order, repeated, out of order, late, or lost, as the
weather is set. What is lost stays in the list of events."""

import hashlib
import hmac
import json
import time
from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING, Any

import httpx

if TYPE_CHECKING:
    from tests.fakes.stripe.world import World

Json = dict[str, Any]
RETRY_SECONDS = (5, 60, 300, 3_600, 7_200, 18_000, 36_000)
PATIENCE_SECONDS = 10


@dataclass
class Endpoint:
    """Where events go, under which secret, and whether they go thin."""

    url: str
    secret: str
    is_thin: bool = False
    types: tuple[str, ...] = ("*",)

    def wants(self, event: Json) -> bool:
        """Whether an event of this kind goes here."""
        is_thin = event["object"] == "v2.core.event"
        return is_thin == self.is_thin and ("*" in self.types or event["type"] in self.types)


@dataclass
class Weather:
    """How webhooks travel from now on."""

    copies: int = 1
    delay_seconds: float = 0
    is_shuffled: bool = False
    lost: float = 0
    """The share of events that never leave, 0 to 1."""
    lost_types: tuple[str, ...] = ()
    retries: bool = True


@dataclass
class Delivery:
    """One event on its way to one endpoint."""

    event: Json
    endpoint: Endpoint
    due_at: float
    attempts: int = 0
    copies: int = 1
    is_lost: bool = False
    answers: list[int] = field(default_factory=list)

    @property
    def has_arrived(self) -> bool:
        return any(200 <= answer < 300 for answer in self.answers)

    def body(self) -> bytes:
        """The event as it is sent: an endpoint must not care for its spaces."""
        return json.dumps(self.event, indent=2).encode()


class Courier:
    """Takes events and brings them to the endpoints."""

    def __init__(self, world: "World") -> None:
        self.world = world
        self.endpoints: list[Endpoint] = []
        self.weather = Weather()
        self.deliveries: list[Delivery] = []
        self._line = _line()

    def take(self, event: Json) -> None:
        """Write down where an event must go."""
        weather, chance = self.weather, self.world.random
        for endpoint in self.endpoints:
            if not endpoint.wants(event):
                continue
            delay = weather.delay_seconds
            if weather.is_shuffled:
                delay += chance.random() * 10
            is_lost = event["type"] in weather.lost_types or chance.random() < weather.lost
            due_at = self.world.now + delay
            self.deliveries.append(Delivery(event, endpoint, due_at, copies=weather.copies, is_lost=is_lost))
            if "pending_webhooks" in event:
                event["pending_webhooks"] += 1

    def waiting(self) -> list[Delivery]:
        """What is due and has not arrived, in the order in which it is to be sent."""
        found = [one for one in self.deliveries if self._is_waiting(one) and one.due_at <= self.world.now]
        shuffled = self.weather.is_shuffled
        return sorted(found, key=lambda one: one.due_at) if not shuffled else self._shuffled(found)

    def send_all(self) -> list[int]:
        """Send what is due; answers what the endpoints said. A copy is sent after its original."""
        with self.world.lock:
            self.world.tick()
            due = self.waiting()
        said = [self._send(one) for one in due for _ in range(one.copies)]
        return [answer for answer in said if answer is not None]

    def is_undelivered(self, event_id: str) -> bool:
        """Whether an event has not arrived everywhere."""
        return any(one.event["id"] == event_id and not one.has_arrived for one in self.deliveries)

    def _is_waiting(self, one: Delivery) -> bool:
        tries = len(RETRY_SECONDS) + 1 if self.weather.retries else 1
        return not one.is_lost and not one.has_arrived and one.attempts < tries

    def _shuffled(self, found: list[Delivery]) -> list[Delivery]:
        self.world.random.shuffle(found)
        return found

    def _send(self, one: Delivery) -> int | None:
        body = one.body()
        headers = {
            "Content-Type": "application/json; charset=utf-8",
            "User-Agent": "Stripe/1.0 (+https://stripe.com/docs/webhooks)",
            "Stripe-Signature": signature(body, one.endpoint.secret),
        }
        try:
            answer = self._line.post(one.endpoint.url, content=body, headers=headers).status_code
        except httpx.HTTPError:
            answer = 0
        with self.world.lock:
            self._note(one, answer)
        return answer

    def _note(self, one: Delivery, answer: int) -> None:
        had_arrived = one.has_arrived
        one.answers.append(answer)
        if one.has_arrived and not had_arrived and one.event.get("pending_webhooks"):
            one.event["pending_webhooks"] -= 1
        if not one.has_arrived:
            one.due_at = self.world.now + RETRY_SECONDS[min(one.attempts, len(RETRY_SECONDS) - 1)]
            one.attempts += 1


@cache
def _line() -> httpx.Client:
    """One for all couriers: to make one takes longer than what it sends."""
    return httpx.Client(timeout=PATIENCE_SECONDS)


def signature(body: bytes, secret: str, *, at: int | None = None) -> str:
    """The header that proves where a webhook comes from; its time is the machine's, whatever the fake's clock says."""
    signed_at = int(time.time()) if at is None else at
    code = hmac.new(secret.encode(), f"{signed_at}.".encode() + body, hashlib.sha256).hexdigest()
    return f"t={signed_at},v1={code}"
