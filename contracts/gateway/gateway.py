"""The door that bytes enter (`/u/{token}`, whole by PUT or in pieces by tus) and leave (`GET /d/{token}/{name}`)
through, and the only one: a plain ASGI callable. Nothing here decides; it asks, sends what was allowed, and stops
when told."""

import asyncio
import logging
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import quote

from django.conf import settings
from django.utils import timezone

from compliance.health import counters
from contracts.gateway import bucket_links, tus
from contracts.gateway.departures import Departure
from contracts.gateway.incoming import Inflow
from contracts.gateway.outgoing import Outflow
from contracts.gateway.tus import Tus
from contracts.gateway.wire import (
    Declined,
    Disconnected,
    Message,
    Receive,
    Scope,
    Send,
    answer_problem,
    connection_of,
    headers_of,
)
from contracts.tokens import dpop, tokens
from contracts.tokens.dpop import Proof
from contracts.tokens.tokens import DownloadToken
from contracts.transfers import admission
from contracts.transfers.completions import Completions
from contracts.transfers.direct import connection_of_its_own
from contracts.transfers.group_commit import in_thread
from contracts.transfers.ranges import Wish
from contracts.transfers.starts import Starts
from contracts.transfers.transfers import Attempt
from exchange.kernel import problems
from exchange.kernel.errors import ExchangeError
from exchange.kernel.signing import BadToken
from exchange.participants.actors import auth

log = logging.getLogger("exchange.gateway")


class Guesses:
    """Tokens that were never ours leave no Event, only a count a day, written once a second at most."""

    def __init__(self) -> None:
        self._counts: Counter[str] = Counter()
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="guesses")
        self._writer: asyncio.Task[None] | None = None

    def note(self, code: str) -> None:
        self._counts[code] += 1
        if self._writer is None or self._writer.done():
            self._writer = asyncio.get_running_loop().create_task(self._write())

    async def _write(self) -> None:
        while self._counts:
            await asyncio.sleep(1)
            counts, self._counts = self._counts, Counter()
            for code, count in counts.items():
                await in_thread(self._thread, counters.add, code, timezone.now().date(), count)


class Gateway:
    """One process's door: what it sends, what it receives, and the group that waits to be decided."""

    def __init__(self) -> None:
        self._completions = Completions(connection_of_its_own())
        self._starts = Starts(self._completions, connection_of_its_own())
        self._outflow = Outflow(self._completions)
        self._inflow = Inflow()
        self._tus = Tus(self._inflow)
        self._guesses = Guesses()

    async def close(self) -> None:
        """Before the server ends: cut what is being sent, and keep what has left."""
        await self._outflow.close()
        await self._starts.close()
        await self._completions.close()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return
        started, is_tus = False, str(scope["path"]).startswith("/u/")

        async def send_noting(message: Message) -> None:
            nonlocal started
            if is_tus and not started:
                message["headers"] = [*message["headers"], (b"tus-resumable", tus.VERSION.encode())]
            started = True
            await send(message)

        try:
            await self._answer(scope, receive, send_noting)
        except Disconnected:
            return  # an unfinished answer makes the server close the connection
        except BadToken as refusal:
            self._guesses.note(refusal.code)
            await answer_problem(send_noting, 403, refusal.code, refusal.detail)
        except Declined as refusal:
            headers = {"connection": "close"} | dict(refusal.headers)
            await answer_problem(send_noting, refusal.status, refusal.code, refusal.detail, headers)
        except ExchangeError as refusal:
            await answer_problem(send_noting, problems.status_of(refusal), refusal.code, refusal.detail)
        except Exception:
            log.exception("a request at the gateway failed")
            if not started:
                await answer_problem(send_noting, 500, "internal", "something failed here; try again")

    async def _answer(self, scope: Scope, receive: Receive, send: Send) -> None:
        door, _, rest = str(scope["path"]).removeprefix("/").partition("/")
        method = str(scope["method"])
        if door == "d" and rest.count("/") == 1:
            if method not in ("GET", "HEAD"):
                await _not_allowed(send, "GET, HEAD")
                return
            token, _, name = rest.partition("/")
            await self._leave(token, name, scope, receive, send)
        elif door == "u" and "/" not in rest:
            await self._enter(method, rest, headers_of(scope), receive, send)
        else:
            await answer_problem(send, 404, "not_found", "there is nothing here for you")

    async def _enter(
        self, method: str, token: str, headers: dict[str, str], receive: Receive, send: Send
    ) -> None:
        if method == "POST":
            method = headers.get("x-http-method-override", method)  # as tus has it
        if method == "PUT":
            await self._inflow.take(token, headers, receive, send)
        elif method in tus.METHODS:
            await self._tus.answer(method, token, headers, receive, send)
        else:
            await _not_allowed(send, ", ".join(("PUT", *tus.METHODS)))

    async def _leave(self, raw_token: str, name: str, scope: Scope, receive: Receive, send: Send) -> None:
        token = tokens.read(raw_token, now=timezone.now())
        headers = headers_of(scope)
        attempt = Attempt(
            token=token,
            wish=Wish(
                method=str(scope["method"]),
                range=headers.get("range"),
                if_range=headers.get("if-range"),
                if_none_match=headers.get("if-none-match"),
                if_match=headers.get("if-match"),
                takes_redirect=headers.get("sec-fetch-site", "none") == "none",
            ),
            name=name,
            address=auth.address_of(scope),
            agent=headers.get("user-agent", "")[:400],
            proof=_proof(raw_token, token, scope, headers),
        )
        verdict = await self._starts.submit(attempt)
        if verdict.code == "not_found":
            await answer_problem(send, 404, "not_found", "there is nothing here for you")
        elif verdict.code is not None:
            status = 500 if verdict.code == "internal" else 403
            said = admission.sentence(verdict.code, verdict.clause, verdict.left)
            await answer_problem(send, status, verdict.code, said, more=admission.naming(verdict.clause))
        else:
            async with Departure(token.id, verdict.transfer_id, send) as noting:
                if verdict.is_redirected:
                    await bucket_links.answer(verdict, noting)
                else:
                    await self._outflow.answer(verdict, receive, noting, connection_of(scope))


def _proof(raw_token: str, token: DownloadToken, scope: Scope, headers: dict[str, str]) -> Proof | None:
    if not token.binding.key:
        return None
    url = f"{settings.EXCHANGE_URL}{quote(str(scope['path']))}"
    return dpop.read(
        headers.get("dpop"), method=str(scope["method"]), url=url, now=timezone.now(), token=raw_token
    )


async def _not_allowed(send: Send, allow: str) -> None:
    await answer_problem(send, 405, "method_not_allowed", f"this door takes {allow}", {"allow": allow})


application = Gateway()
