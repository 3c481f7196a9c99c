"""A register of VAT ids on loopback that answers as VIES does: by its own ids, or that a member state is not there."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass
class Vies:
    """`known` are the valid ids; `troubles` are said first, one a question: a code of VIES, "html" or a status."""

    url: str = ""
    known: set[str] = field(default_factory=set)
    troubles: list[str | int] = field(default_factory=list)
    asked: list[dict[str, Any]] = field(default_factory=list)

    def answer(self, question: dict[str, Any]) -> tuple[int, bytes]:
        """What is said to one question, and with which status."""
        self.asked.append(question)
        trouble = self.troubles.pop(0) if self.troubles else ""
        if isinstance(trouble, int):
            return trouble, b""
        if trouble == "html":
            return 200, b"<html>maintenance</html>"
        if trouble:
            return 200, json.dumps({"actionSucceed": False, "errorWrappers": [{"error": trouble}]}).encode()
        country, number = question["countryCode"], question["vatNumber"]
        said = {
            "countryCode": country,
            "vatNumber": number,
            "requestDate": "2026-11-22T09:00:00.000Z",
            "valid": country + number in self.known,
            "requestIdentifier": f"WAPIAAA{len(self.asked)}" if "requesterNumber" in question else "",
            "name": "---",
            "address": "---",
        }
        return 200, json.dumps(said).encode()


@contextmanager
def answering() -> Iterator[Vies]:
    """A register that answers until the block ends."""
    vies = Vies()

    class Place(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            assert self.path == "/rest-api/check-vat-number"
            status, body = vies.answer(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None: ...

    server = ThreadingHTTPServer(("127.0.0.1", 0), Place)
    vies.url = f"http://127.0.0.1:{server.server_port}/rest-api"
    threading.Thread(target=server.serve_forever, args=[0.01], daemon=True).start()
    try:
        yield vies
    finally:
        server.shutdown()
        server.server_close()
