"""Idempotency-Key: the stored answer to a POST already made. The key is claimed first, the verb runs in the
same transaction, and its answer is committed with it; a refusal stores nothing, so it may be tried again."""

import hashlib
import re
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import wraps
from typing import Concatenate, ParamSpec, TypeVar

from django.core.exceptions import RequestDataTooBig
from django.db import IntegrityError, transaction
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from exchange.kernel.actors import Actor, Kind
from exchange.kernel.errors import ExchangeError, Invalid
from exchange.kernel.problems import problem
from exchange.participants.actors import auth
from exchange.participants.models import Repeat

Given = ParamSpec("Given")
Answer = TypeVar("Answer")
Request = TypeVar("Request", bound=HttpRequest)
View = Callable[[HttpRequest], HttpResponse]

HEADER = "Idempotency-Key"
KEPT_FOR = timedelta(hours=24)
_API = "/api/v1/"
_KEY = re.compile(r"[\x21-\x7e]{1,255}")


def answer_repeats(get_response: View) -> View:
    """The middleware. It stands innermost, so that what it commits is the view's work and nothing else."""

    def answer(request: HttpRequest) -> HttpResponse:
        key = request.headers.get(HEADER)
        if key is None or request.method != "POST" or not request.path_info.startswith(_API):
            return get_response(request)
        if not _KEY.fullmatch(key):
            return problem(
                422,
                "bad_idempotency_key",
                f"{HEADER} must have 1 to 255 visible ASCII characters, without spaces",
            )
        try:
            actor = auth.authenticate(request)
            payload = _payload_hash(request)
        except ExchangeError:
            actor = None
        except RequestDataTooBig:
            return problem(413, "too_large", "this request's body is over the limit of 1 MiB")
        if actor is None:  # the view refuses, in its own words
            return get_response(request)
        return _answer_once(get_response, request, _asker(request, actor), key, payload)

    return answer


def answers_secret(
    view: Callable[Concatenate[Request, Given], Answer],
) -> Callable[Concatenate[Request, Given], Answer]:
    """For a view that answers a secret or a token: it takes no Idempotency-Key, because nothing may keep what
    it says."""

    @wraps(view)
    def refusing(request: Request, /, *args: Given.args, **kwargs: Given.kwargs) -> Answer:
        if HEADER in request.headers:
            raise Invalid(
                f"this answers a secret, which is not kept to be repeated; send no {HEADER}",
                code="idempotency_key_not_taken",
            )
        return view(request, *args, **kwargs)

    return refusing


def purge(now: datetime) -> int:
    """Forget the answers that are a day old; answers how many."""
    return Repeat.objects.filter(created_at__lt=now - KEPT_FOR).delete()[0]


def _answer_once(get_response: View, request: HttpRequest, asker: str, key: str, payload: str) -> HttpResponse:
    with transaction.atomic():
        claimed = _claim(asker, key, payload)
        if claimed is None:
            return _repeated(Repeat.objects.get(client=asker, key=key), payload)
        response = get_response(request)
        if not 200 <= response.status_code < 300:
            transaction.set_rollback(True)
            return response
        Repeat.objects.filter(pk=claimed.pk).update(
            status=response.status_code,
            answer=response.content,
            content_type=response.headers.get("Content-Type", ""),
        )
    return response


def _claim(asker: str, key: str, payload: str) -> Repeat | None:
    """Insert the claim; PostgreSQL makes a rival wait here for the first to end, SQLite has made it wait."""
    try:
        with transaction.atomic():
            return Repeat.objects.create(client=asker, key=key, payload_hash=payload, created_at=timezone.now())
    except IntegrityError:
        return None


def _repeated(stored: Repeat, payload: str) -> HttpResponse:
    if stored.payload_hash != payload:
        return problem(
            422, "idempotency_key_reused", f"this {HEADER} came with another request before; take a new one"
        )
    response = HttpResponse(
        bytes(stored.answer or b""), status=stored.status, content_type=stored.content_type or None
    )
    response.headers["Idempotent-Replayed"] = "true"
    return response


def _asker(request: HttpRequest, actor: Actor) -> str:
    """Whose key it is. A person's name here is the account: the verb may change which pseudonym they act under."""
    return actor.name if actor.kind is Kind.CLIENT else f"user:{request.user.pk}"


def _payload_hash(request: HttpRequest) -> str:
    acting_for = request.headers.get(auth.PARTICIPANT_HEADER, "")
    asked = f"{request.method}\n{request.get_full_path()}\n{acting_for}\n".encode()
    return hashlib.sha256(asked + request.body).hexdigest()
