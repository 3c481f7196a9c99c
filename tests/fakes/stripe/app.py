"""The fake as an ASGI application: who asks, what for, is it well formed, was it asked before, what follows, and is the
answer as Stripe describes it. An answer that is not is a 500, and fails the test that asked."""

import asyncio
import copy
import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote

from tests.fakes.stripe import events, forms, idempotency, pages, payouts, refusals, transfers  # noqa: F401 (routes)
from tests.fakes.stripe.control import controlled
from tests.fakes.stripe.faults import Fault, Kind
from tests.fakes.stripe.refusals import Refusal
from tests.fakes.stripe.routes import ROUTES, Call, expanded
from tests.fakes.stripe.specification import Operation
from tests.fakes.stripe.world import PLATFORM, Asked, World

__all__ = ["ROUTES", "StripeFake"]
Json = dict[str, Any]
Message = dict[str, Any]
Send = Callable[[Message], Awaitable[None]]
Receive = Callable[[], Awaitable[Message]]
_AFTER = {Kind.ERROR_AFTER, Kind.SILENCE_AFTER, Kind.RESET_AFTER}


@dataclass(frozen=True)
class Request:
    """A request as it came."""

    method: str
    path: str
    query: str
    headers: dict[str, str]
    body: bytes

    @property
    def is_v2(self) -> bool:
        return self.path.startswith("/v2/")


@dataclass
class Response:
    """What goes back, or how the line breaks."""

    status: int
    body: Any
    headers: dict[str, str] = field(default_factory=dict)
    is_silent_for: float = 0
    is_reset: bool = False
    kind: str = "application/json"

    def content(self) -> bytes:
        return self.body if isinstance(self.body, bytes) else json.dumps(self.body).encode()


class StripeFake:
    """One Stripe, with a world of its own."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.abort: Callable[[Any], None] = lambda client: None
        """How a server breaks a line off; without one, an answer stops in the middle."""

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return
        request = await _read(scope, receive)
        response = await asyncio.to_thread(self._respond, request)
        if response.is_silent_for:
            await _silence(receive, response.is_silent_for)
        if response.is_silent_for or response.is_reset:
            self.abort(scope.get("client"))
            await _silence(receive, 1)
            return
        body = response.content()
        headers = {"content-type": response.kind, "content-length": str(len(body))} | response.headers
        pairs = [(name.lower().encode(), value.encode()) for name, value in headers.items()]
        await send({"type": "http.response.start", "status": response.status, "headers": pairs})
        await send({"type": "http.response.body", "body": body})

    def _respond(self, request: Request) -> Response:
        with self.world.lock:
            self.world.tick()
            try:
                return self._answer(request)
            except Exception as error:
                self.world.lies.append(f"{request.method} {request.path}: {type(error).__name__}: {error}")
                return Response(500, _as_answer(refusals.broken().error), {"Stripe-Should-Retry": "false"})

    def _answer(self, request: Request) -> Response:
        if request.path.startswith("/_fake/"):
            return Response(*controlled(self.world, request.method, request.path, request.body))
        if not request.path.startswith(("/v1/", "/v2/")):
            status, body, headers = pages.shown(
                self.world, request.method, request.path, request.query, request.body
            )
            return Response(status, body, headers, kind="text/html; charset=utf-8")
        fault = self._fault(request)
        if fault is not None and fault.kind not in _AFTER | {Kind.ERROR_KEPT}:
            return self._noted(request, _failed(fault))
        response = self._api(request, keeps_error=fault is not None and fault.kind == Kind.ERROR_KEPT)
        if fault is not None and fault.kind in _AFTER:
            response = _failed(fault)
        return self._noted(request, response)

    def _noted(self, request: Request, response: Response) -> Response:
        self.world.calls.append((request.method, request.path, response.status))
        response.headers.setdefault("Request-Id", self.world.id("req_", 14))
        response.headers["Stripe-Version"] = self.world.spec.version
        return response

    def _fault(self, request: Request) -> Fault | None:
        return next((one for one in self.world.faults if one.meets(request.method, request.path)), None)

    def _api(self, request: Request, *, keeps_error: bool) -> Response:
        before = self.world.asked
        try:
            return self._ask(request, keeps_error=keeps_error)
        except Refusal as refusal:
            return self._refused(request, refusal)
        finally:
            self.world.asked = before

    def _refused(self, request: Request, refusal: Refusal) -> Response:
        shaped = refusals.as_v2(refusal) if request.is_v2 else refusal
        self._check(request, _as_answer(shaped.error), "v2.error" if request.is_v2 else "error")
        return Response(shaped.status, _as_answer(shaped.error), dict(shaped.headers))

    def _ask(self, request: Request, *, keeps_error: bool) -> Response:
        account = self._account(request)
        found = self.world.spec.find(request.method, request.path)
        if found is None:
            raise refusals.invalid(f"Unrecognized request URL ({request.method}: {request.path}).", status=404)
        operation, path = found
        if (operation.method, operation.template) not in ROUTES:
            raise AssertionError("Stripe has this operation, and the fake has not")
        call = Call(self.world, self._given(request, operation), path | {"url": request.path})
        key = request.headers.get("idempotency-key", "") if request.method == "POST" else ""
        asked = idempotency.Asking(account, key, request.method, request.path, call.given, request.is_v2)
        if (kept := idempotency.kept(self.world, asked)) is not None:
            return Response(kept.status, copy.deepcopy(kept.body), {"Idempotent-Replayed": "true"})
        self.world.asked = Asked(account, self.world.id("req_", 14), key or None)
        response = self._do(request, operation, call)
        told = _failed(Fault(Kind.ERROR_KEPT, request.path)) if keeps_error else response
        if key:
            first = response if request.is_v2 else told  # v2 mends what failed when it is asked again
            idempotency.keep(self.world, asked, first.status, copy.deepcopy(first.body))
            told.headers["Idempotency-Key"] = key
        return told

    def _do(self, request: Request, operation: Operation, call: Call) -> Response:
        """What follows; a card that is declined is an answer with an effect, and kept as such."""
        try:
            made = copy.deepcopy(ROUTES[operation.method, operation.template](call))
            answer = expanded(call, made, kind=str(made.get("object", ""))) if not request.is_v2 else made
        except Refusal as refusal:
            return self._refused(request, refusal)
        wrong = list(self.world.spec.wrong(answer, operation.answer))
        if wrong:
            raise AssertionError(f"the answer is not as Stripe describes it: {wrong[:5]}")
        return Response(200, answer)

    def _account(self, request: Request) -> str:
        scheme, _, key = request.headers.get("authorization", "").partition(" ")
        if scheme.lower() != "bearer" or not key.startswith(("sk_test_", "rk_test_")):
            raise refusals.unknown_key()
        version = request.headers.get("stripe-version", "")
        if version and version != self.world.spec.version:
            raise AssertionError(f"the fake speaks {self.world.spec.version}, not {version}")
        if request.is_v2 and not version:
            raise refusals.invalid("Stripe-Version is required.", "Stripe-Version")
        named = request.headers.get("stripe-account", PLATFORM)
        if named != PLATFORM and named not in self.world.objects:
            raise refusals.not_yours(named)
        return named

    def _given(self, request: Request, operation: Operation) -> Json:
        spec = self.world.spec
        if request.method == "GET":
            return forms.fitted(forms.nested(request.query), operation.query, spec, is_form=True)
        if operation.is_json:
            return forms.fitted(forms.from_json(request.body), operation.body, spec, is_form=False)
        return forms.fitted(forms.nested(request.body.decode()), operation.body, spec, is_form=True)

    def _check(self, request: Request, answer: Json, kind: str) -> None:
        wrong = list(self.world.spec.wrong(answer, self.world.spec.component(kind)))
        if wrong:
            raise AssertionError(
                f"{request.method} {request.path}: the refusal is not as described: {wrong[:5]}"
            )


def _as_answer(error: Json) -> Json:
    return {"error": error}


def _failed(fault: Fault) -> Response:
    if fault.kind == Kind.RATE_LIMITED:
        refusal = refusals.too_many(fault.seconds)
        return Response(refusal.status, _as_answer(refusal.error), dict(refusal.headers))
    if fault.kind in (Kind.SILENCE_BEFORE, Kind.SILENCE_AFTER):
        return Response(0, {}, is_silent_for=fault.seconds)
    if fault.kind in (Kind.RESET_BEFORE, Kind.RESET_AFTER):
        return Response(0, {}, is_reset=True)
    headers = {"Stripe-Should-Retry": "false"} if fault.kind == Kind.ERROR_KEPT else {}
    return Response(500, _as_answer(refusals.broken().error), headers)


async def _read(scope: Message, receive: Receive) -> Request:
    body = b""
    while True:
        message = await receive()
        body += message.get("body", b"")
        if not message.get("more_body"):
            break
    headers = {name.decode().lower(): value.decode("latin-1") for name, value in scope["headers"]}
    query = scope["query_string"].decode()
    return Request(scope["method"], unquote(scope["path"]), query, headers, body)


async def _silence(receive: Receive, seconds: float) -> None:
    """Until the caller gives up."""

    async def gone() -> None:
        while (await receive())["type"] != "http.disconnect":
            pass

    try:
        await asyncio.wait_for(gone(), seconds)
    except TimeoutError:
        return
