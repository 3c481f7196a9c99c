"""Tells webhooks what the log has sealed, each Event with its proof. Every address is called in a thread of its own, so
that a slow one holds up nobody else; several messengers may run, and each message is claimed by one."""

import logging
import threading
from concurrent.futures import ThreadPoolExecutor
from uuid import UUID

from django.db import close_old_connections, connection
from django.utils import timezone

from compliance import queries
from compliance.proofs import receipts
from exchange.kernel.errors import Unavailable
from exchange.participants.models import WebhookMessage
from exchange.participants.webhooks import messages as webhook_messages
from exchange.participants.webhooks.messages import Proof

THREADS = 16
_AT_ONCE = 20

log = logging.getLogger("exchange.webhooks")


class Messenger:
    """Plans messages and hands each webhook that has some to a thread."""

    def __init__(self, threads: int = THREADS) -> None:
        self._pool = ThreadPoolExecutor(max_workers=threads, thread_name_prefix="webhook")
        self._threads = threads
        self._busy: set[UUID] = set()
        self._lock = threading.Lock()

    def one_round(self) -> None:
        """Look once at what is new and what is due; the threads go on by themselves."""
        now, coverage = timezone.now(), queries.coverage()
        if coverage is not None:
            webhook_messages.plan(coverage.leaves, now=now)
        with self._lock:
            free = self._threads - len(self._busy)
            busy = set(self._busy)
        if free <= 0:
            return
        for webhook_id in webhook_messages.waiting(now=now, at_most=free + len(busy)):
            if webhook_id not in busy:
                with self._lock:
                    self._busy.add(webhook_id)
                self._pool.submit(self._send_all, webhook_id)

    def close(self) -> None:
        """Wait until what is being sent has been noted."""
        self._pool.shutdown(wait=True, cancel_futures=True)

    def _send_all(self, webhook_id: UUID) -> None:
        close_old_connections()
        try:
            while send_some(webhook_id):
                pass
        except Exception:
            log.exception("messages to webhook %s were not sent; they are tried again", webhook_id)
        finally:
            connection.close()
            with self._lock:
                self._busy.discard(webhook_id)


def send_some(webhook_id: UUID) -> bool:
    """Send the oldest messages that are due, until one is not taken; answers whether all were and more may be."""
    claimed = webhook_messages.claim(webhook_id, now=timezone.now(), at_most=_AT_ONCE)
    try:
        proofs = _proofs(claimed)
    except Unavailable:  # the log's own alarm has been raised
        proofs = {}
    for place, message in enumerate(claimed):
        proof = proofs.get(message.event.leaf_index)
        is_taken = proof is not None and webhook_messages.send(message, proof, now=timezone.now())
        if not is_taken:
            rest = claimed[place if proof is None else place + 1 :]
            webhook_messages.put_off(rest, now=timezone.now(), is_proven=proof is not None)
            return False
    return len(claimed) == _AT_ONCE


def _proofs(messages: list[WebhookMessage]) -> dict[int | None, Proof]:
    entries = [(m.event.leaf_index, bytes(m.event.leaf)) for m in messages if m.event.leaf_index is not None]
    found = receipts.self_contained(entries)
    return {index: Proof(text, vkey) for index, (text, vkey) in found.items()}
