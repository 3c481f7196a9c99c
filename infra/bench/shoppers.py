"""Buyers who order as quickly as they are answered, each on a connection of its own: at the exchange, at pretix's order
API, or at django-oscar's guest checkout. A process of its own: KIND SECONDS BUYERS, and what it needs as JSON on its
input; prints how many ordered and how long each took."""

import json
import multiprocessing
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from http.client import HTTPConnection
from multiprocessing.synchronize import Barrier
from typing import Any
from urllib.parse import urlencode, urlsplit

EXCHANGE, PRETIX, OSCAR = "exchange", "pretix", "oscar"
_USE = "Compare the morning peak of three cities in our research team."
_fork = multiprocessing.get_context("fork")
Order = Callable[[HTTPConnection, int], None]


def ask(line: HTTPConnection, path: str, body: bytes, headers: Mapping[str, str], *, well: int) -> bytes:
    """POST; the body of an answer that went well."""
    line.request("POST", path, body, dict(headers))
    answer = line.getresponse()
    said = answer.read()
    if answer.status != well:
        raise RuntimeError(f"{path.partition('?')[0]} answered {answer.status}: {said[:300]!r}")
    return said


def at_exchange(given: Mapping[str, Any], place: int) -> Order:
    """One call asks for an offer that is sold at once, signs its contract, and pays."""
    mine = given["wishes"][place :: given["places"]]  # [[which token, offer, its digest]], each once

    def order(line: HTTPConnection, number: int) -> None:
        who, offer, digest = mine[number]
        headers = {"Authorization": f"Bearer {given['tokens'][who]}", "Content-Type": "application/json"}
        body = json.dumps(wish(offer, digest)).encode()
        if not json.loads(ask(line, "/api/v1/orders", body, headers, well=201))["is_whole"]:
            raise RuntimeError("an order was placed and is not whole")

    return order


def wish(offer: str, digest: str) -> dict[str, str]:
    """What is sent for an order."""
    return {"offer_id": offer, "digest": digest, "purpose": "research", "country": "DE", "use": _USE}


def at_pretix(given: Mapping[str, Any], place: int) -> Order:
    """One call makes a paid order of one position."""
    headers = {"Authorization": f"Token {given['token']}", "Content-Type": "application/json"}
    position = {"item": given["item"], "variation": None, "price": "10.00"}
    paid = {"email": "b@example.org", "locale": "en", "sales_channel": "web", "status": "p"}
    body = json.dumps({**paid, "payment_provider": "manual", "positions": [position]}).encode()
    path = urlsplit(given["url"]).path

    def order(line: HTTPConnection, number: int) -> None:
        ask(line, path, body, headers, well=201)

    return order


def at_oscar(given: Mapping[str, Any], place: int) -> Order:
    """A guest's basket, address where one is asked, preview, and the order placed."""

    def order(line: HTTPConnection, number: int) -> None:
        one = place * 1_000_000 + number
        guest = _Guest(line)
        guest.post(f"/basket/add/{one % given['products'] + 1}/", quantity="1")
        guest.post("/checkout/", username=f"b{one}@example.org", options="anonymous")
        path = "/checkout/shipping-address/"
        while (after := guest.get(path)) is not None and not path.endswith("preview/"):
            path = after
        if not path.endswith("preview/"):
            guest.get("/checkout/preview/")
        if "thank-you" not in (guest.post("/checkout/preview/", action="place_order") or ""):
            raise RuntimeError("an order was not placed")

    return order


class _Guest:
    """One session with its cookies."""

    def __init__(self, line: HTTPConnection) -> None:
        self.line, self.cookies = line, dict[str, str]()

    def get(self, path: str) -> str | None:
        """Where the answer leads, if elsewhere."""
        return self._send("GET", path, None)

    def post(self, path: str, **fields: str) -> str | None:
        return self._send("POST", path, urlencode(fields))

    def _send(self, method: str, path: str, body: str | None) -> str | None:
        headers = {"Cookie": "; ".join(f"{name}={value}" for name, value in self.cookies.items())}
        if body is not None:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        self.line.request(method, path, body, headers)
        answer = self.line.getresponse()
        answer.read()
        for name, value in answer.getheaders():
            if name.lower() == "set-cookie":
                key, _, held = value.partition(";")[0].partition("=")
                self.cookies[key] = held
        if answer.status >= 400:
            raise RuntimeError(f"{path} answered {answer.status}")
        return answer.getheader("Location")


KINDS: Mapping[str, Callable[[Mapping[str, Any], int], Order]] = {
    EXCHANGE: at_exchange,
    PRETIX: at_pretix,
    OSCAR: at_oscar,
}


def _shop(kind: str, given: Mapping[str, Any], place: int, seconds: float, start: Barrier, told: Any) -> None:
    where = urlsplit(given["url"])
    line = HTTPConnection(where.hostname or "", where.port or 80, timeout=60)
    taken: list[float] = []
    try:
        order = KINDS[kind](given, place)
        start.wait(timeout=60)
        until = time.perf_counter() + seconds
        while time.perf_counter() < until:
            began = time.perf_counter()
            order(line, given.get("done", 0) + len(taken))
            taken.append(time.perf_counter() - began)
        told.put(taken)
    except Exception as error:  # whoever waits is told
        told.put(f"{type(error).__name__}: {error}")


def main(kind: str, seconds: float, buyers: int, given: Mapping[str, Any]) -> None:
    """Order for so long; print how long each order took, or fail with what a buyer was told."""
    start, told = _fork.Barrier(buyers), _fork.Queue()
    given = {**given, "places": buyers}
    shoppers = [
        _fork.Process(target=_shop, args=(kind, given, place, seconds, start, told)) for place in range(buyers)
    ]
    for shopper in shoppers:
        shopper.start()
    found: Sequence[Any] = [told.get(timeout=seconds + 120) for _ in shoppers]
    for shopper in shoppers:
        shopper.join()
    if broken := [one for one in found if isinstance(one, str)]:
        sys.exit(broken[0])
    print(json.dumps(found))


if __name__ == "__main__":
    main(sys.argv[1], float(sys.argv[2]), int(sys.argv[3]), json.load(sys.stdin))
