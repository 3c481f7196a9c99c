"""Outbound HTTP's only door: a time limit over the whole call, a size limit, no private address unless settings
allow its network, no redirect, and never inside a transaction."""

import http.client
import socket
import ssl
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from urllib.parse import SplitResult, urlsplit

from django.conf import settings

from exchange.kernel.errors import Invalid, Unavailable
from exchange.kernel.outside import require_no_transaction

_AGENT = "Comptoir"
_LARGEST_ANSWER_BYTES = 65_536
_TRANSLATED = tuple(map(ip_network, ("64:ff9b::/96", "64:ff9b:1::/48", "2002::/16", "2001::/32")))
"""IPv6 networks whose addresses stand for IPv4 ones, private ones too."""


@dataclass(frozen=True)
class Answer:
    """What came back; `headers` by lower-case name. A redirect is an answer like any other."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def is_success(self) -> bool:
        return 200 <= self.status < 300


def fetch(
    url: str,
    *,
    method: str = "GET",
    body: bytes | None = None,
    headers: Mapping[str, str] | None = None,
    within_seconds: float = 10,
    largest_bytes: int = _LARGEST_ANSWER_BYTES,
) -> Answer:
    """Call an address outside. Invalid for one that may not be called, Unavailable when no whole answer came in
    time."""
    require_no_transaction()
    target = read_address(url)
    address, port = _resolve(target)
    connection = _connection(target, within_seconds)
    path = (target.path or "/") + (f"?{target.query}" if target.query else "")
    try:
        # Connected by address, so that nobody can let the name mean another one after it was checked.
        connection.sock = _connect(target, address, port, within_seconds)
        with _deadline(connection.sock, within_seconds) as is_over:
            try:
                connection.request(method, path, body, {"User-Agent": _AGENT, **(headers or {})})
                answer = connection.getresponse()
                data = answer.read(largest_bytes + 1)
            except (OSError, http.client.HTTPException):
                if is_over.is_set():
                    raise TimeoutError from None
                raise
            if is_over.is_set():
                raise TimeoutError
    except TimeoutError:
        raise Unavailable(
            f"{target.hostname} did not answer within {within_seconds:g} s", code="no_answer_in_time"
        ) from None
    except ssl.SSLError as error:
        raise Unavailable(
            f"{target.hostname} has no TLS that can be trusted: {error.reason}", code="tls_not_trusted"
        ) from None
    except (OSError, http.client.HTTPException, ValueError) as error:
        raise Unavailable(
            f"{target.hostname} could not be reached: {type(error).__name__}", code="not_reached"
        ) from None
    finally:
        connection.close()
    if len(data) > largest_bytes:
        raise Unavailable(
            f"{target.hostname} answered more than {largest_bytes} bytes", code="answer_too_large"
        )
    return Answer(answer.status, {name.lower(): value for name, value in answer.getheaders()}, data)


def read_address(url: str) -> SplitResult:
    """An address that can be called, in its parts; Invalid for any other. Where its name leads is seen at each
    call."""
    try:
        target = urlsplit(url)
        is_sound = (
            target.scheme in ("https", "http")
            and bool(target.hostname)
            and target.port != 0
            and target.username is None
            and target.password is None
            and not target.fragment
            and url.isascii()
            and url.isprintable()
            and " " not in url
        )
    except ValueError:
        is_sound = False
    if not is_sound:
        raise Invalid(
            "give an https address, without a user name, a fragment or a space", code="address_malformed"
        )
    return target


def _resolve(target: SplitResult) -> tuple[str, int]:
    """The address behind the name, once all that it leads to may be called."""
    port = target.port or (443 if target.scheme == "https" else 80)
    assert target.hostname is not None
    try:
        found = socket.getaddrinfo(target.hostname, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        raise Unavailable(f"the name {target.hostname} leads nowhere", code="not_reached") from None
    addresses = [str(place[0]) for *_, place in found]
    for address in addresses:
        _require_callable(address, target)
    return addresses[0], port


def _require_callable(address: str, target: SplitResult) -> None:
    place = ip_address(address.partition("%")[0])
    if isinstance(place, IPv6Address) and place.ipv4_mapped:
        place = place.ipv4_mapped
    if _is_allowed(place):
        return
    if not place.is_global or place.is_multicast or any(place in network for network in _TRANSLATED):
        raise Invalid(
            f"{target.hostname} leads to a private address, which this exchange does not call",
            code="address_private",
        )
    if target.scheme != "https":
        raise Invalid("give an https address: others could read what is sent", code="address_malformed")


def _is_allowed(place: IPv4Address | IPv6Address) -> bool:
    """Whether settings open the network that an address is in."""
    return any(place in ip_network(word, strict=False) for word in settings.EXCHANGE_OUTBOUND_NETWORKS)


def _connection(target: SplitResult, within_seconds: float) -> http.client.HTTPConnection:
    kind = http.client.HTTPSConnection if target.scheme == "https" else http.client.HTTPConnection
    assert target.hostname is not None
    return kind(target.hostname, target.port, timeout=within_seconds)


def _connect(target: SplitResult, address: str, port: int, within_seconds: float) -> socket.socket:
    plain = socket.create_connection((address, port), timeout=within_seconds)
    if target.scheme != "https":
        return plain
    try:
        return ssl.create_default_context().wrap_socket(plain, server_hostname=target.hostname)
    except BaseException:
        plain.close()
        raise


@contextmanager
def _deadline(connected: socket.socket, seconds: float) -> Iterator[threading.Event]:
    """End the connection when the time is over, also of a server that sends a byte now and then."""
    is_over = threading.Event()

    def end() -> None:
        is_over.set()
        with suppress(OSError):  # it may be over by itself
            connected.shutdown(socket.SHUT_RDWR)

    timer = threading.Timer(seconds, end)
    timer.daemon = True
    timer.start()
    try:
        yield is_over
    finally:
        timer.cancel()
