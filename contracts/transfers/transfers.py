"""Transfers: data moving under an entitlement. A copy belongs to its transfer from the first byte; the Events are
committed before any byte leaves."""

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import F, Q

from contracts.entitlements import allowances, informing, metering
from contracts.models import Entitlement, Transfer
from contracts.tokens import bindings, tokens
from contracts.tokens.bindings import UNBOUND, Binding
from contracts.tokens.dpop import Proof
from contracts.tokens.tokens import DownloadToken
from contracts.transfers import admission, endings, ranges, redirects, resumptions
from contracts.transfers import facts as transfer_facts
from contracts.transfers.inputs import micro
from contracts.transfers.ranges import Plan, Wish
from datasets import queries as dataset_queries
from datasets.models import Asset
from exchange.kernel import events
from exchange.kernel.actors import Actor, Scope
from exchange.kernel.canonical import Fact
from exchange.kernel.errors import Conflict, Forbidden, NotFound
from exchange.kernel.ids import new_id
from exchange.kernel.states import transition
from exchange.participants import vault

UNSENT = "nothing_sent"
_INTERRUPTING = {
    "entitlement_suspended",
    "participant_not_verified",
    "storage_damaged",
    "storage_lost",
    "storage_stalled",
    "storage_unavailable",
}

log = logging.getLogger("exchange.transfers")


@dataclass(frozen=True)
class Attempt:
    """One request that waits at the gateway with a token that holds."""

    token: DownloadToken
    wish: Wish
    name: str
    address: str | None
    agent: str
    proof: Proof | None = None


@dataclass(frozen=True)
class Verdict:
    """What the gateway may do with an attempt. `code` is None when it may answer `plan`, by a link to storage where it
    `is_redirected`; `clause` is the kind of clause that refuses, `left` what it leaves."""

    code: str | None
    plan: Plan | None = None
    asset: Asset | None = None
    transfer_id: UUID | None = None
    is_redirected: bool = False
    clause: str | None = None
    left: str = ""


@dataclass(frozen=True)
class _Reserved:
    """A decision carried out: the transfer that bytes will be counted for, or why not, and what that followed from."""

    code: str | None
    transfer: Transfer | None
    spend: Mapping[str, Fact] | None = None


def issue_token(
    entitlement: Entitlement,
    *,
    asset: Asset | None = None,
    transfer: Transfer | None = None,
    binding: Binding = UNBOUND,
    by: Actor,
) -> tuple[str, datetime]:
    """A link to start a transfer of `asset`, or to go on with `transfer`, and when it ends."""
    by.require(Scope.BUY)
    if not by.acts_for(entitlement.buyer_id):
        raise Forbidden("only the buyer may take a token", code="not_the_buyer")
    if transfer is not None:
        if transfer.entitlement_id != entitlement.pk:
            raise NotFound("this entitlement has no such transfer")
        if (code := resumptions.refusal(resumptions.kept(transfer), by.at)) is not None:
            raise Conflict(admission.sentence(code), code=code)
        asset = transfer.asset
    if asset is None:
        raise NotFound("this entitlement has no such file")
    used = None if transfer else allowances.copies_used(entitlement, asset)
    case = admission.case(entitlement, asset, goes_on=transfer is not None)
    decision = admission.decide(
        case,
        now=by.at,
        address=None,
        copies_used=0 if used is None else used,
        at_gateway=False,
        transfer_id=transfer.pk if transfer else None,
    )
    if decision.code is not None:
        kind = Conflict if decision.code.startswith("entitlement_") else Forbidden
        said = admission.sentence(decision.code, decision.clause, decision.left)
        raise kind(said, code=decision.code, more=admission.naming(decision.clause))
    if transfer is None:
        informing.require_said(entitlement, case.personal_data)
    token, expires = tokens.issue(
        entitlement_id=entitlement.pk,
        asset_id=asset.pk,
        transfer_id=transfer.pk if transfer else None,
        by=by,
        binding=binding,
    )
    return tokens.link(token, asset.name), expires


def start_many(attempts: Sequence[Attempt], *, now: datetime) -> list[Verdict]:
    """Decide all waiting requests in one transaction and return a verdict for each: refusals are recorded too,
    and one bad request hurts no other. When this returns, the Events are durable."""
    with transaction.atomic():
        wanted = {attempt.token.entitlement_id for attempt in attempts}
        # The lock orders rivals on PostgreSQL; on SQLite the transaction itself holds the one write lock.
        locked = Entitlement.objects.select_for_update(of=("self",)).select_related(
            "buyer", "seller", "dataset"
        )
        found = {entitlement.pk: entitlement for entitlement in locked.filter(pk__in=wanted).order_by("pk")}
        vault.make_keys((attempt.token.actor for attempt in attempts), at=now)
        return [_start_safely(attempt, found.get(attempt.token.entitlement_id), now) for attempt in attempts]


@transaction.atomic
def progress(transfer_id: UUID, sent: Sequence[ranges.Range], *, now: datetime) -> Transfer:
    """Note what has left since the last note; the transfer is complete once every byte has."""
    transfer = Transfer.objects.select_for_update().get(pk=transfer_id)
    merged = ranges.merged([*transfer.sent_ranges, *sent])
    Transfer.objects.filter(pk=transfer_id).update(
        sent_ranges=merged,
        sent_bytes=ranges.covered(merged),
        spent_bytes=F("spent_bytes") + sum(last - first for first, last in sent),
        active_at=now,
    )
    transfer.refresh_from_db()
    by = Actor.system("gateway", at=now)
    running = transfer.state in (Transfer.State.STARTED, Transfer.State.INTERRUPTED)
    if running and transfer.sent_bytes == transfer.size_bytes:
        return transition_with_ranges(transfer, "complete", by=by, ended_at=now)
    return transfer


@transaction.atomic
def keep_active(transfer_ids: Sequence[UUID], *, now: datetime) -> None:
    """Say that a gateway is still sending these, however slowly their readers take it."""
    running = Transfer.objects.filter(pk__in=transfer_ids, state=Transfer.State.STARTED)
    # Whoever holds one of them writes its time too; to wait for several in any order could be for ever.
    unheld = running.select_for_update(skip_locked=True).values("pk")
    Transfer.objects.filter(pk__in=unheld).update(active_at=now)


def stopped_among(transfer_ids: Sequence[UUID], *, now: datetime) -> dict[UUID, str]:
    """Which of these running transfers must stop now, and why: one query for all that a gateway is sending."""
    running = Transfer.objects.filter(pk__in=transfer_ids).select_related(
        "entitlement", "buyer", "seller", "revision"
    )
    stopped = {}
    for transfer in running.exclude(
        Q(entitlement__state=Entitlement.State.ACTIVE)
        & (Q(entitlement__ends_at=None) | Q(entitlement__ends_at__gt=now))
        & Q(buyer__state="verified", seller__state="verified", revision__state="sealed")
        & ~Q(state__in=[Transfer.State.ABORTED, Transfer.State.REVOKED])
    ):
        stopped[transfer.pk] = endings.stop_code(transfer, now)
    return stopped


@transaction.atomic
def stop(transfer_id: UUID, code: str, *, now: datetime) -> Transfer:
    """Record that a running transfer was stopped: a suspension or a failing storage interrupts it, anything else
    ends it."""
    transfer = Transfer.objects.select_for_update().get(pk=transfer_id)
    by = Actor.system("gateway", at=now)
    more = endings.facts(transfer, code, now=now)
    if code in _INTERRUPTING:
        if transfer.state == Transfer.State.STARTED:
            return transition_with_ranges(transfer, "interrupt", by=by, code=code, more=more)
    elif transfer.state in (Transfer.State.STARTED, Transfer.State.INTERRUPTED):
        return transition_with_ranges(transfer, "revoke", by=by, code=code, more=more, ended_at=now)
    return transfer


@transaction.atomic
def end_unsent(transfer_id: UUID, *, now: datetime) -> Transfer:
    """Keep a gateway's word that its request ended before a byte was handed over. Nobody else can say so: what a
    gateway sent in its last second is lost with it."""
    transfer = Transfer.objects.select_for_update().get(pk=transfer_id)
    is_issued = transfer.evidence == Transfer.Evidence.ISSUED  # a byte may have left by its link
    if transfer.state != Transfer.State.STARTED or transfer.sent_bytes or is_issued:
        return transfer
    by = Actor.system("gateway", at=now)
    return transition_with_ranges(transfer, "interrupt", by=by, code=UNSENT, active_at=now)


def end_transfers(entitlement_id: UUID, *, now: datetime) -> int:
    """After a right has ended: end the transfers under it that no gateway is sending. Running ones are ended by
    the gateway that stops them, or by the sweep if that gateway is gone."""
    waiting = Transfer.objects.filter(
        Q(state=Transfer.State.INTERRUPTED)
        | Q(state=Transfer.State.STARTED, evidence=Transfer.Evidence.ISSUED),
        entitlement_id=entitlement_id,
        entitlement__state__in=[Entitlement.State.REVOKED, Entitlement.State.EXPIRED],
    ).select_related("entitlement", "revision", "buyer", "seller")
    return sum(bool(stop(transfer.pk, endings.stop_code(transfer, now), now=now)) for transfer in waiting)


def sweep_idle(*, now: datetime, idle_seconds: int = 15, at_most: int = 200) -> int:
    """Mark what no gateway is sending any more: interrupted, ended with its right, or, when its gateway said that
    no byte was sent, aborted with its copy given back."""
    is_unsent = Q(state=Transfer.State.INTERRUPTED, reason=UNSENT, sent_bytes=0)
    idle = Transfer.objects.filter(
        Q(state=Transfer.State.STARTED, evidence=Transfer.Evidence.GATEWAY) | is_unsent,
        active_at__lte=now - timedelta(seconds=idle_seconds),
    ).order_by("active_at")
    return sum(
        _end_idle(transfer_id, now, idle_seconds) for transfer_id in idle.values_list("pk", flat=True)[:at_most]
    )


def transition_with_ranges(
    transfer: Transfer,
    verb: str,
    *,
    by: Actor,
    code: str | None = None,
    more: Mapping[str, Fact] | None = None,
    **changes: Any,
) -> Transfer:
    """Move a transfer and say in the leaf which bytes had left by then."""
    facts = {**transfer_facts.of_sent(transfer), **(more or {})}
    if code is not None:
        facts["code"] = code
        changes["reason"] = code
    return transition(transfer, verb, by=by, facts=facts, **changes)


def _start_safely(attempt: Attempt, entitlement: Entitlement | None, now: datetime) -> Verdict:
    try:
        with transaction.atomic():
            return _start(attempt, entitlement, now)
    except Exception:
        log.exception("an attempt under entitlement %s failed", attempt.token.entitlement_id)
        return Verdict("internal")


def _start(attempt: Attempt, entitlement: Entitlement | None, now: datetime) -> Verdict:
    token = attempt.token
    asset = dataset_queries.received_asset(token.asset_id)
    if entitlement is None or asset is None or asset.name != attempt.name:
        return Verdict("not_found")
    by = Actor(token.actor_kind, token.actor, token.buyer_id, frozenset({Scope.BUY}), now)
    wants = ranges.plan(attempt.wish, size=asset.size_bytes or 0, tag=ranges.etag(asset.sha256))
    known = _transfer_of(token)
    case = admission.case(entitlement, asset, goes_on=known is not None)
    is_redirected = redirects.is_due(case, attempt.wish, wants, token.binding)
    is_redirected = is_redirected and (known is None or known.evidence == Transfer.Evidence.ISSUED)
    delivery = "bucket" if is_redirected else "gateway"
    if token.ended_at is not None:
        decision = admission.turned_down(case, "token_expired", now=now, ended_at=micro(token.ended_at))
    elif token.buyer_id != entitlement.buyer_id:
        decision = admission.turned_down(case, "not_the_buyer", now=now)
    elif (code := bindings.refusal(token.binding, attempt.address, attempt.proof, now)) is not None:
        decision = admission.turned_down(case, code, now=now)
    else:
        decision = _decide(attempt, case, known, delivery, now)
    if decision.code is None and token.transfer_id is not None and known is None:
        decision = decision.refused("no_such_transfer", now=now, transfer=None)
    if decision.code is None:
        reserved = _reserve(attempt, case, known, wants, decision, is_redirected, by)
        if reserved.code is None:
            begun = reserved.transfer.pk if reserved.transfer else None
            return Verdict(None, wants, asset, begun, is_redirected and begun is not None)
        if reserved.code in allowances.LOST:  # a rival took the last one since it was counted
            decision = _decide(attempt, case, known, delivery, now)
        elif reserved.spend is not None:
            decision = decision.refused(reserved.code, now=now, spend=reserved.spend)
        else:
            decision = decision.refused(reserved.code, now=now, transfer=resumptions.kept(known))
    origin = _sealed_origin(attempt, by) if decision.asks_address else {}
    events.record("transfer.refused", entitlement, by=by, facts={**decision.told(), **origin})
    return Verdict(decision.code, clause=decision.clause, left=decision.left)


def _decide(
    attempt: Attempt, case: admission.Case, known: Transfer | None, delivery: str, now: datetime
) -> admission.Decision:
    return admission.decide(
        case,
        now=now,
        address=attempt.address,
        copies_used=0 if known else allowances.copies_used(case.entitlement, case.asset),
        delivery=delivery,
        transfer_id=known.pk if known else None,
    )


def _reserve(
    attempt: Attempt,
    case: admission.Case,
    known: Transfer | None,
    wants: Plan,
    decision: admission.Decision,
    is_redirected: bool,
    by: Actor,
) -> _Reserved:
    if known is not None and (code := resumptions.refusal(resumptions.kept(known), by.at)) is not None:
        return _Reserved(code, None)
    weighed = (
        metering.weigh(case.entitlement, case.asset, goes_on=known is not None) if wants.sends_bytes else None
    )
    if weighed is not None and weighed.code is not None:
        return _Reserved(weighed.code, None, weighed.kept)
    if known is not None:
        metering.count(weighed, None, at=by.at)
        if wants.sends_bytes and known.state == Transfer.State.INTERRUPTED:
            more = {**decision.told(), **_sealed_origin(attempt, by)}
            known = transition_with_ranges(known, "resume", by=by, more=more, active_at=by.at)
        elif wants.sends_bytes:
            again = wants.length if is_redirected else 0
            Transfer.objects.filter(pk=known.pk).update(active_at=by.at, spent_bytes=F("spent_bytes") + again)
        return _Reserved(None, known)
    if not wants.sends_bytes:  # HEAD, 304, 412 and 416 take no copy
        return _Reserved(None, None)
    transfer = transfer_facts.begun(case, new_id(), attempt.token.id, at=by.at)
    if (code := allowances.reserve(transfer, decision.derogation, by=by)) is not None:
        return _Reserved(code, None)
    if is_redirected:  # counted in full at once: what a link is used for is told much later
        transfer.evidence, transfer.spent_bytes = Transfer.Evidence.ISSUED, wants.length
    metering.count(weighed, transfer.pk, at=by.at)
    return _Reserved(None, _create(attempt, transfer, decision, by))


def _create(attempt: Attempt, transfer: Transfer, decision: admission.Decision, by: Actor) -> Transfer:
    transfer.save(force_insert=True)
    facts = {**decision.told(), **_sealed_origin(attempt, by)}
    events.record("transfer.started", transfer, by=by, facts=facts)
    return transfer


def _sealed_origin(attempt: Attempt, by: Actor) -> Mapping[str, Fact]:
    origin = transfer_facts.origin(attempt.address, attempt.agent)
    return transfer_facts.of_origin(*vault.seal(by.name, origin, at=by.at))


def _transfer_of(token: DownloadToken) -> Transfer | None:
    """The transfer that a token goes on with: the one it names, or the one it started."""
    mine = Transfer.objects.filter(entitlement_id=token.entitlement_id, asset_id=token.asset_id)
    wanted = Q(pk=token.transfer_id) if token.transfer_id else Q(token_id=token.id)
    return mine.filter(wanted).first()


@transaction.atomic
def _end_idle(transfer_id: UUID, now: datetime, idle_seconds: int) -> bool:
    # Locked in the order of start_many, right before transfer: in the other, the two would wait for each other.
    Entitlement.objects.select_for_update(of=("self",)).get(transfers=transfer_id)
    transfer = Transfer.objects.select_for_update().get(pk=transfer_id)
    is_waiting = transfer.state == Transfer.State.INTERRUPTED
    is_unsent = is_waiting and transfer.reason == UNSENT and not transfer.sent_bytes
    is_running = transfer.state == Transfer.State.STARTED
    if not (is_running or is_unsent) or transfer.active_at > now - timedelta(seconds=idle_seconds):
        return False
    by = Actor.system("sweep_transfers", at=now)
    if is_unsent:
        transition_with_ranges(transfer, "abort", by=by, code=UNSENT, ended_at=now)
        allowances.put_back(transfer, at=now)
    elif code := stopped_among([transfer_id], now=now).get(transfer_id):
        stop(transfer_id, code, now=now)
    else:
        transition_with_ranges(transfer, "interrupt", by=by, code="idle")
    return True
