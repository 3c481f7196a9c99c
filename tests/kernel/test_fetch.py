"""What leaves the exchange by HTTP: only where it may go, for so long, and no more than so much comes back."""

import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from django.db import transaction

from exchange.kernel.errors import ExchangeError
from exchange.kernel.fetch import Answer, fetch


class Place(BaseHTTPRequestHandler):
    """A server that shows what it was sent, and misbehaves as its paths say."""

    def do_GET(self) -> None:
        if self.path == "/moved":
            self._answer(302, b"", Location="/seen")
        elif self.path == "/large":
            self._answer(200, b"x" * 70_000)
        elif self.path == "/drip":
            self.wfile.write(b"HTTP/1.1 200 OK\r\n")
            while True:
                self.wfile.write(b"X-Drop: 1\r\n")
                time.sleep(0.05)
        elif self.path == "/no-http":
            self.wfile.write(b"hello\r\n")
        else:
            self._answer(200, b"seen", Agent=self.headers["User-Agent"], Host=self.headers["Host"])

    def do_POST(self) -> None:
        self._answer(201, self.rfile.read(int(self.headers["Content-Length"])))

    def _answer(self, status: int, body: bytes, **headers: str) -> None:
        self.send_response(status)
        for name, value in {**headers, "Content-Length": str(len(body))}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def handle(self) -> None:
        with suppress(OSError):  # the caller hung up, as it should
            super().handle()

    def log_message(self, *_: object) -> None: ...


@pytest.fixture
def place(settings: Any) -> Iterator[str]:
    settings.EXCHANGE_OUTBOUND_NETWORKS = ["127.0.0.0/8"]
    server = ThreadingHTTPServer(("127.0.0.1", 0), Place)
    threading.Thread(target=server.serve_forever, args=[0.01], daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


@pytest.fixture
def named(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Let every name lead to these addresses, and none of them be reached."""

    def lead(*addresses: str) -> None:
        found = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, 443)) for address in addresses]
        monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: found)
        monkeypatch.setattr(socket, "create_connection", lambda place, **_: _unreachable(place))

    return lead


def _unreachable(place: tuple[str, int]) -> None:
    raise ConnectionRefusedError(place)


def code_of(call: Callable[[], Answer]) -> str:
    with pytest.raises(ExchangeError) as refusal:
        call()
    return refusal.value.code


def test_an_answer_has_its_status_headers_and_body(db: None, place: str) -> None:
    answer = fetch(f"{place}/seen?x=1")
    assert (answer.status, answer.body, answer.is_success) == (200, b"seen", True)
    assert answer.headers["agent"] == "Comptoir"
    assert answer.headers["host"] == place.removeprefix("http://")
    assert fetch(f"{place}/", method="POST", body=b"given").body == b"given"


def test_a_redirect_is_an_answer_and_is_not_followed(db: None, place: str) -> None:
    answer = fetch(f"{place}/moved")
    assert (answer.status, answer.is_success) == (302, False)


def test_an_answer_that_is_too_large_is_refused(db: None, place: str) -> None:
    assert code_of(lambda: fetch(f"{place}/large")) == "answer_too_large"
    assert len(fetch(f"{place}/large", largest_bytes=70_000).body) == 70_000


def test_a_server_that_sends_a_byte_now_and_then_is_cut_in_time(db: None, place: str) -> None:
    assert code_of(lambda: fetch(f"{place}/drip", within_seconds=0.3)) == "no_answer_in_time"


def test_what_is_no_http_or_no_server_is_unavailable(db: None, place: str) -> None:
    assert code_of(lambda: fetch(f"{place}/no-http")) == "not_reached"
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        assert code_of(lambda: fetch(f"http://127.0.0.1:{taken.getsockname()[1]}/")) == "not_reached"


def test_a_server_without_tls_is_not_trusted(db: None, place: str) -> None:
    assert code_of(lambda: fetch(place.replace("http:", "https:"))) == "tls_not_trusted"


def test_nothing_is_called_inside_a_transaction(own_database: None, place: str) -> None:
    with transaction.atomic(), pytest.raises(RuntimeError, match="inside a transaction"):
        fetch(f"{place}/seen")


@pytest.mark.parametrize(
    "address",
    "127.0.0.1 10.0.0.8 192.168.1.1 172.16.3.4 169.254.169.254 100.64.0.1 0.0.0.0 224.0.0.1 ::1 fe80::1%lo "
    "fd00::1 ::ffff:127.0.0.1 ::ffff:10.1.2.3 64:ff9b::a00:1 2002:7f00:1:: 2001:0:1::".split(),
)
def test_a_private_address_is_not_called(db: None, named: Callable[..., None], address: str) -> None:
    named(address)
    assert code_of(lambda: fetch("https://inside.example/")) == "address_private"


def test_a_name_with_one_private_address_among_public_ones_is_not_called(
    db: None, named: Callable[..., None]
) -> None:
    named("93.184.215.14", "10.0.0.8")
    assert code_of(lambda: fetch("https://both.example/")) == "address_private"


def test_a_public_address_is_called_by_https_alone(db: None, named: Callable[..., None]) -> None:
    named("93.184.215.14", "2606:2800:21f:cb07:6820:80da:af6b:8b2c")
    assert code_of(lambda: fetch("https://outside.example/")) == "not_reached"  # it was tried
    assert code_of(lambda: fetch("http://outside.example/")) == "address_malformed"


def test_settings_open_a_private_network_and_no_other(
    db: None, named: Callable[..., None], settings: Any
) -> None:
    settings.EXCHANGE_OUTBOUND_NETWORKS = ["10.1.0.0/16"]
    named("10.1.2.3")
    assert code_of(lambda: fetch("http://inside.example/")) == "not_reached"
    named("10.2.2.3")
    assert code_of(lambda: fetch("http://inside.example/")) == "address_private"


@pytest.mark.parametrize(
    "url",
    [
        "ftp://outside.example/",
        "file:///etc/passwd",
        "https://",
        "https:///path",
        "https://user:secret@outside.example/",
        "https://outside.example/#part",
        "https://outside.example:0/",
        "https://outside.example:99999/",
        "https://outside.example/a b",
        "https://outside.example/\r\nX: 1",
        "https://öutside.example/",
        "",
    ],
)
def test_what_is_no_plain_address_is_not_called(db: None, url: str) -> None:
    assert code_of(lambda: fetch(url)) == "address_malformed"
