"""The fake on a port of this machine, in a thread of the tests, and what tests do with it."""

import socket
import struct
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import stripe
import uvicorn
from uvicorn.protocols.http.h11_impl import H11Protocol

from tests.fakes.stripe.app import StripeFake
from tests.fakes.stripe.deliveries import Delivery, Endpoint, signature
from tests.fakes.stripe.faults import Fault, Kind
from tests.fakes.stripe.specification import Specification
from tests.fakes.stripe.world import World

SECRET_KEY = "sk_test_of_the_fake"
WEBHOOK_SECRET = "whsec_of_the_fake"
THIN_SECRET = "whsec_of_the_fake_thin"
_EVERY_SECONDS = 0.1


@dataclass
class Served:
    """A fake on a port, and what tests do with it."""

    app: StripeFake
    url: str

    @property
    def world(self) -> World:
        return self.app.world

    def client(self, *, retries: int = 0, timeout: float = 20) -> stripe.StripeClient:
        """The real SDK, at the fake."""
        return stripe.StripeClient(
            SECRET_KEY,
            stripe_version=self.world.spec.version,
            base_addresses={"api": self.url},
            max_network_retries=retries,
            http_client=stripe.new_default_http_client(timeout=timeout),
        )

    def begin(self, seed: int = 1) -> World:
        """A world in which nothing has happened."""
        self.app.world = World(self.world.spec, seed, url=self.url)
        return self.app.world

    def fail(self, kind: Kind, path: str, **options: Any) -> None:
        """Let the next calls of this path fail."""
        self.world.faults.append(Fault(kind, path, **options))

    def send_to(self, url: str, secret: str = WEBHOOK_SECRET, *, is_thin: bool = False) -> None:
        """Send webhooks there."""
        self.world.courier.endpoints.append(Endpoint(url, secret, is_thin))

    def keep_webhooks(self) -> None:
        """Write webhooks down for `waiting()`; a test that has no server takes them from there."""
        self.send_to("")
        self.send_to("", THIN_SECRET, is_thin=True)

    def waiting(self) -> list[tuple[Delivery, bytes, dict[str, str]]]:
        """What is due: each with its body and its headers, as it would be sent. Whoever takes it notes the answer."""
        with self.world.lock:
            self.world.tick()
            due = [one for one in self.world.courier.waiting() for _ in range(one.copies)]
        return [(one, one.body(), _headers(one)) for one in due]

    @contextmanager
    def delivering(self) -> Iterator[None]:
        """Send what is due, again and again, as long as the block runs."""
        is_over = threading.Event()

        def send() -> None:
            while not is_over.wait(_EVERY_SECONDS):
                self.world.courier.send_all()

        thread = threading.Thread(target=send, daemon=True)
        thread.start()
        try:
            yield
        finally:
            is_over.set()
            thread.join(timeout=20)


def _headers(one: Delivery) -> dict[str, str]:
    return {"Content-Type": "application/json", "Stripe-Signature": signature(one.body(), one.endpoint.secret)}


class _Breakable(H11Protocol):
    """Connections that the fake can break off."""

    open_ones: dict[Any, Any] = {}

    def connection_made(self, transport: Any) -> None:
        super().connection_made(transport)
        self.open_ones[transport.get_extra_info("peername")] = transport

    def connection_lost(self, exc: Exception | None) -> None:
        self.open_ones.pop(self.transport.get_extra_info("peername"), None)
        super().connection_lost(exc)

    @classmethod
    def break_off(cls, client: Any) -> None:
        """Reset a connection: its other end sees no answer, and no end either."""
        transport = cls.open_ones.get(tuple(client or ()))
        if transport is not None:
            linger = struct.pack("ii", 1, 0)
            transport.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
            transport.abort()


def serve(spec: Specification, port: int = 0) -> tuple[Served, uvicorn.Server, threading.Thread]:
    """Start a fake on a port, a free one unless it is named."""
    listener = socket.create_server(("127.0.0.1", port))
    url = f"http://127.0.0.1:{listener.getsockname()[1]}"
    app = StripeFake(World(spec, url=url))
    app.abort = _Breakable.break_off
    config = uvicorn.Config(
        app,
        http=_Breakable,
        lifespan="off",
        log_config=None,
        access_log=False,
        ws="none",
        timeout_graceful_shutdown=1,
    )
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, args=([listener],), daemon=True)
    thread.start()
    until = time.monotonic() + 60
    while not server.started:
        assert thread.is_alive() and time.monotonic() < until, "the fake did not start"
        time.sleep(0.01)
    return Served(app, url), server, thread
