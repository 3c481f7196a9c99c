"""The witness's one address, `POST /add-checkpoint`, over plain HTTP: bounded in size, time and number of callers.
TLS is the business of a proxy in front."""

import sys
import threading
import time
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from compliance.verifier.spelling import shown
from compliance.witness.rules import SIZE_TYPE, Refusal, Witness

_LARGEST_REQUEST_BYTES = 65_536
_PATIENCE_SECONDS = 10
_MOST_CALLERS = 32
_TEXT = "text/plain; charset=utf-8"


class Server(ThreadingHTTPServer):
    """Serves one witness; a caller too many is turned away."""

    daemon_threads = True

    def __init__(self, address: tuple[str, int], witness: Witness) -> None:
        self.witness = witness
        self._room = threading.BoundedSemaphore(_MOST_CALLERS)
        super().__init__(address, _Door)

    def finish_request(self, request: Any, client_address: Any) -> None:
        if not self._room.acquire(blocking=False):
            return
        try:
            super().finish_request(request, client_address)
        except OSError:
            pass  # the caller went away; it asks again
        finally:
            self._room.release()


class _Door(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    timeout = _PATIENCE_SECONDS
    server: Server

    def do_POST(self) -> None:
        if self.path.rpartition("/")[2] != "add-checkpoint":
            self._answer(404, b"", _TEXT)
            return
        length = self.headers.get("Content-Length", "")
        if not length.isdecimal() or int(length) > _LARGEST_REQUEST_BYTES:
            self.close_connection = True
            self._answer(400, b"", _TEXT)
            return
        try:
            line = self.server.witness.add_checkpoint(self.rfile.read(int(length)), int(time.time()))
        except Refusal as refusal:
            if refusal.is_alarm:
                say(f"ALARM: {refusal}")
            size = b"" if refusal.size is None else f"{refusal.size}\n".encode()
            self._answer(refusal.status, size, _TEXT if refusal.size is None else SIZE_TYPE)
        else:
            self._answer(200, line, _TEXT)

    def _answer(self, status: int, body: bytes, content_type: str) -> None:
        self.send_response(HTTPStatus(status))
        self.send_header("Content-Type", content_type)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing of each request: an alarm must not drown."""

    def version_string(self) -> str:
        return "comptoir-witness"


def say(line: str) -> None:
    """One line for whoever runs the witness."""
    now = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
    print(f"{now} {shown(line, at_most=1_000)}", file=sys.stderr, flush=True)
