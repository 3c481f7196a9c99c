"""The code that opens an answer: sent to the person's address when they ask for it, good for a short time and a few
tries. The link alone shows how far a request is, and gives out nothing more."""

import secrets
from datetime import timedelta

from django.db import transaction
from django.db.models import F
from django.utils.crypto import constant_time_compare, salted_hmac

from compliance.models import SubjectRequest
from compliance.requests import answer_pack, identity, intake, letters
from exchange.kernel import events
from exchange.kernel.actors import Actor
from exchange.kernel.errors import Conflict, Forbidden
from exchange.participants import vault

LASTS = timedelta(minutes=15)
AGAIN_AFTER = timedelta(minutes=1)
_TRIES = 5


@transaction.atomic
def send(request: SubjectRequest, *, by: Actor) -> None:
    """Send a new code to the person's address; the one before it opens nothing any more."""
    _require_answer(request)
    code = f"{secrets.randbelow(10**6):06}"
    rows = SubjectRequest.objects.filter(pk=request.pk)
    recent = by.at + LASTS - AGAIN_AFTER
    if rows.filter(code_until__gt=recent).exists():
        raise Conflict("a code was sent a moment ago; look into your mail, or wait a minute", code="code_sent")
    rows.update(code_hash=_hash(request, code), code_until=by.at + LASTS, code_tries=0)
    letters.write(request, letters.CODE, code=code, at=by.at)


def take(request: SubjectRequest, code: str, *, by: Actor) -> bytes:
    """The answer as a file, for the right code; that it was taken is an Event."""
    _require_answer(request)
    # Counted for itself, before the code is compared, so that no refusal takes the count back.
    alive = SubjectRequest.objects.filter(pk=request.pk, code_until__gt=by.at, code_tries__lt=_TRIES)
    if not alive.update(code_tries=F("code_tries") + 1):
        raise Conflict("this code is too old, or was tried too often: ask for another", code="code_over")
    request.refresh_from_db()
    if not constant_time_compare(request.code_hash, _hash(request, code.strip())):
        raise Forbidden("that is not the code that was sent last", code="code_wrong")
    return answer_pack.archive(_open(request, by=intake.as_person(request, by)))


@transaction.atomic
def _open(request: SubjectRequest, *, by: Actor) -> bytes:
    assert request.answer is not None, "_require_answer asks for one"
    said = vault.read(request.answer)
    if said is None:
        raise Conflict("this answer was erased when its time was over", code="vault_shredded")
    SubjectRequest.objects.filter(pk=request.pk).update(code_until=None, code_hash="")
    events.record("subjectrequest.answer_taken", request, by=by, facts={"sha256": request.answer_sha256})
    return said["document"].encode()


def take_for_post(request: SubjectRequest, *, by: Actor) -> bytes:
    """The answer as a file for an officer, who sends it to a person without e-mail; that it was taken is an Event."""
    identity.require_officer(request, by)
    _require_answer(request)
    return answer_pack.archive(_open(request, by=by))


def _require_answer(request: SubjectRequest) -> None:
    if request.answer is None:
        raise Conflict("there is no answer to take yet", code="no_answer")


def _hash(request: SubjectRequest, code: str) -> str:
    return salted_hmac("compliance.requests.answer", f"{request.pk}:{code}", algorithm="sha256").hexdigest()
