"""Webhooks over HTTP."""

from typing import Annotated
from uuid import UUID

from ninja import Query, Router, Status

from exchange.kernel.pagination import page
from exchange.kernel.schemas import PageOut, PageQuery
from exchange.participants import queries
from exchange.participants.actors.auth import ApiRequest
from exchange.participants.repeats import answers_secret
from exchange.participants.schemas import (
    AttemptOut,
    EventOut,
    WebhookIn,
    WebhookOut,
    WebhookSecretOut,
    attempt_out,
    event_out,
    webhook_out,
    webhook_secret_out,
)
from exchange.participants.webhooks import webhooks

router = Router(tags=["participants"])


@router.get("/webhooks", response=PageOut[WebhookOut])
def list_webhooks(request: ApiRequest, query: Annotated[PageQuery, Query()]) -> dict[str, object]:
    """Your organisation's, those that are deleted left out."""
    found = page(queries.webhooks_visible_to(request.auth), **query.dict())
    return {"items": [webhook_out(row) for row in found.items], "next_cursor": found.next_cursor}


@router.post("/participants/{uuid:participant_id}/webhooks", response={201: WebhookSecretOut})
@answers_secret
def add_webhook(request: ApiRequest, participant_id: UUID, body: WebhookIn) -> Status[WebhookSecretOut]:
    """Have Events sent to an address, each with its proof, from now on. Its secret is in this answer and nowhere
    else."""
    own = queries.own_participant(request.auth, participant_id)
    webhook, secret = webhooks.add(own, url=body.url, names=body.events, by=request.auth)
    return Status(201, webhook_secret_out(webhook, secret))


@router.get("/webhooks/{uuid:webhook_id}", response=WebhookOut)
def show_webhook(request: ApiRequest, webhook_id: UUID) -> WebhookOut:
    return webhook_out(queries.webhook_visible_to(request.auth, webhook_id))


@router.get("/webhooks/{uuid:webhook_id}/attempts", response=PageOut[AttemptOut])
def list_attempts(
    request: ApiRequest, webhook_id: UUID, query: Annotated[PageQuery, Query()]
) -> dict[str, object]:
    """Every try to deliver of the last month, newest first."""
    found = page(queries.attempts_visible_to(request.auth, webhook_id), **query.dict())
    return {"items": [attempt_out(row) for row in found.items], "next_cursor": found.next_cursor}


@router.post("/webhooks/{uuid:webhook_id}/rotate", response=WebhookSecretOut)
@answers_secret
def rotate_webhook(request: ApiRequest, webhook_id: UUID) -> WebhookSecretOut:
    """Give it another secret; for a day the old one signs as well."""
    webhook = queries.webhook_visible_to(request.auth, webhook_id)
    return webhook_secret_out(webhook, webhooks.rotate(webhook, by=request.auth))


@router.post("/webhooks/{uuid:webhook_id}/pause", response=WebhookOut)
def pause_webhook(request: ApiRequest, webhook_id: UUID) -> WebhookOut:
    webhook = queries.webhook_visible_to(request.auth, webhook_id)
    return webhook_out(webhooks.pause(webhook, by=request.auth))


@router.post("/webhooks/{uuid:webhook_id}/resume", response=WebhookOut)
def resume_webhook(request: ApiRequest, webhook_id: UUID) -> WebhookOut:
    """Go on where it was stopped: nothing that happened meanwhile is left out."""
    webhook = queries.webhook_visible_to(request.auth, webhook_id)
    return webhook_out(webhooks.resume(webhook, by=request.auth))


@router.post("/webhooks/{uuid:webhook_id}/test", response=EventOut)
def test_webhook(request: ApiRequest, webhook_id: UUID) -> EventOut:
    """Record an Event that is sent to it, whichever it wants."""
    webhook = queries.webhook_visible_to(request.auth, webhook_id)
    return event_out(webhooks.send_test(webhook, by=request.auth))


@router.post("/webhooks/{uuid:webhook_id}/delete", response=WebhookOut)
def delete_webhook(request: ApiRequest, webhook_id: UUID) -> WebhookOut:
    webhook = queries.webhook_visible_to(request.auth, webhook_id)
    return webhook_out(webhooks.delete(webhook, by=request.auth))
