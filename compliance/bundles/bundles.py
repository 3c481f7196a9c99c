"""Evidence for an authority: asked for by an officer, made by a worker under one signed head, kept for some days, and
taken as often as needed. The file is made once and never changes."""

from contextlib import suppress
from datetime import datetime
from pathlib import Path
from uuid import UUID

from django.conf import settings
from django.db import transaction

from compliance import queries
from compliance.bundles import contents
from compliance.bundles.scopes import Scope
from compliance.desk import note
from compliance.exports.files import KEPT, claimed, placed
from compliance.models import Bundle
from compliance.verifier.files import sha256_of
from compliance.verifier.spelling import base64_text
from exchange.kernel import events, text
from exchange.kernel.actors import Actor
from exchange.kernel.actors import Scope as Right
from exchange.kernel.errors import Conflict, Forbidden
from exchange.kernel.states import transition

State = Bundle.State


@transaction.atomic
def ask(scope: Scope, *, addressee: str, reason: str, by: Actor) -> Bundle:
    """Ask for the evidence of a matter, for whom and why; a worker makes it. The same question, asked again before the
    file is there, is the same bundle."""
    by.require(Right.AUDIT)
    if by.participant_id is None:
        raise Forbidden("the desk is for officers of the exchange's operator", code="scope_missing")
    if queries.coverage() is None:
        raise Conflict("the log has no checkpoint yet, so nothing is proven; try again", code="not_sealed_yet")
    typed = {"addressee": text.line(addressee, name="addressee"), "reason": text.reason(reason)}
    question = {"participant_id": by.participant_id, "scope": scope.facts(), **typed}
    waiting = Bundle.objects.filter(state=State.REQUESTED, **question).first()
    if waiting is not None:
        return waiting
    asked = Bundle.objects.create(**question, asked_at=by.at, expires_at=by.at + KEPT)
    events.record("bundle.requested", asked, by=by, typed=typed)
    return asked


def make(bundle_id: UUID, *, now: datetime) -> None:
    """Write the file that was asked for; returns early when it is there. What can never be made, such as one of
    nothing, ends as failed, with the code of the refusal."""
    waiting = Bundle.objects.filter(pk=bundle_id, state=State.REQUESTED)
    asked = waiting.first()
    if asked is None:
        return
    by = Actor.system("make_bundle", at=now)
    with claimed(waiting, "bundle", now=now):
        head = queries.coverage()
        assert head is not None, "ask() looked for one"
        try:
            with placed(_path(asked)) as draft:
                written = contents.write(asked, head, draft)
        except Conflict as refusal:
            with transaction.atomic():
                transition(asked, "fail", by=by, failure=refusal.code)
            return
        path = _path(asked)
        with transaction.atomic():
            transition(
                asked,
                "finish",
                by=by,
                events=written.events,
                left_out=written.left_out,
                size_bytes=path.stat().st_size,
                sha256=sha256_of(path),
                checkpoint=f"{head.origin} {head.size} {base64_text(head.root)}",
            )


@transaction.atomic
def take(asked: Bundle, *, by: Actor) -> Path:
    """The file, for an officer; that they took it is an Event."""
    by.require(Right.AUDIT)
    if asked.state == State.REQUESTED:
        raise Conflict("this evidence is still being gathered; look again in a moment", code="bundle_not_ready")
    if asked.state == State.FAILED:
        raise Conflict("this evidence could not be gathered; ask for it anew", code="bundle_failed")
    if asked.state == State.EXPIRED or by.at >= asked.expires_at:
        raise Conflict("this evidence is no longer kept; ask for it again", code="bundle_expired")
    note("officer.exported", by, {"bundle": str(asked.pk), "sha256": asked.sha256})
    return _path(asked)


def expire(*, now: datetime, at_most: int = 100) -> int:
    """Take away the files whose days are over; answers how many."""
    over = Bundle.objects.filter(expires_at__lte=now, state__in=[State.REQUESTED, State.READY]).order_by("pk")
    count = 0
    for asked in over[:at_most]:
        _path(asked).unlink(missing_ok=True)
        with suppress(Conflict), transaction.atomic():
            transition(asked, "expire", by=Actor.system("expire_bundles", at=now))
            count += 1
    return count


def _path(asked: Bundle) -> Path:
    return Path(settings.EXCHANGE_EXPORTS_DIR) / f"evidence-{asked.pk}.zip"
