"""Attempts at the gateway, decided in groups. `transfers.start_many` is the truth, for every attempt and on every
database. On PostgreSQL a quicker way goes before it: it starts what this process finds good, in one statement that
holds only where the database still says so, and it can only start, never refuse."""

import logging
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TypeAlias
from uuid import UUID

from django.conf import settings
from django.utils import timezone

from contracts.transfers import facts, ranges, standings, transfers
from contracts.transfers.completions import Completions
from contracts.transfers.direct import Direct, columns
from contracts.transfers.group_commit import Group, GroupCommit
from contracts.transfers.moulds import Mould
from contracts.transfers.ranges import Plan
from contracts.transfers.standings import Key, Lately, Standing
from contracts.transfers.transfers import Attempt, Verdict
from exchange.kernel import events
from exchange.kernel.actors import Actor, Scope
from exchange.kernel.ids import new_ids
from exchange.kernel.text import timestamp
from exchange.participants import vault

WINDOW_SECONDS = 0.001
ORIGIN_LASTS = timedelta(minutes=5)
_MOST_STANDINGS, _MOST_ORIGINS = 4_096, 4_096
_MAY_BUY = frozenset({Scope.BUY})

Origin: TypeAlias = tuple[str, str, str]
"""An actor's name, a network address and a user agent: personal data, kept in memory for minutes."""

# Rows are locked right first, as in `start_many`, and each count under its right; what was waited for is read again
# after the wait. Then those that stand are started, told of and counted in the same moment.
STATEMENT = """
WITH standing AS MATERIALIZED (
  SELECT attempt.*, held.dataset_id, held.revision_id, held.seller_id, held.buyer_id, counted.id AS count_id,
         held.copies_max - counted.used AS room
  FROM unnest($1::uuid[], $2::uuid[], $3::timestamptz[], $4::timestamptz[], $5::text[], $6::text[], $7::text[],
              $8::uuid[], $9::timestamptz[], $10::bigint[], $11::text[], $12::uuid[], $13::text[], $14::uuid[],
              $15::uuid[], $16::bytea[], $17::bytea[])
  WITH ORDINALITY AS attempt(entitlement_id, asset_id, activated_at, ends_at, buyer_country, certifications,
                             seller_country, declaration_id, measured_at, size_bytes, law, record_id,
                             token_id, transfer_id, event_id, leaf, leaf_hash, place)
  JOIN contracts_entitlement held ON held.id = attempt.entitlement_id
  JOIN contracts_copycount counted
    ON counted.entitlement_id = attempt.entitlement_id AND counted.asset_id = attempt.asset_id
  JOIN participants_participant buyer ON buyer.id = held.buyer_id
  JOIN participants_participant seller ON seller.id = held.seller_id
  JOIN datasets_revision revision ON revision.id = held.revision_id
  JOIN datasets_dataset dataset ON dataset.id = held.dataset_id
  JOIN participants_vaultrecord origin ON origin.id = attempt.record_id
  WHERE held.state IS NOT DISTINCT FROM 'active'  -- found by its id, never by its state
    AND held.activated_at IS NOT DISTINCT FROM attempt.activated_at
    AND held.ends_at IS NOT DISTINCT FROM attempt.ends_at
    AND buyer.state = 'verified' AND buyer.verified_country = attempt.buyer_country
    AND buyer.certifications = attempt.certifications::jsonb
    AND seller.state = 'verified' AND seller.verified_country = attempt.seller_country
    AND revision.state = 'sealed' AND revision.measured_at IS NOT DISTINCT FROM attempt.measured_at
    AND NOT dataset.may_redirect
    AND origin.sealed IS NOT NULL
    AND attempt.law = COALESCE(
      (SELECT profile_id FROM compliance_installedprofile ORDER BY serial DESC LIMIT 1), '')
    AND attempt.declaration_id = (
      SELECT declared.id FROM datasets_declaration declared
      WHERE declared.dataset_id = held.dataset_id ORDER BY declared.number DESC LIMIT 1)
    AND NOT EXISTS (SELECT FROM contracts_transfer earlier WHERE earlier.token_id = attempt.token_id)
  ORDER BY held.id, counted.id
  FOR NO KEY UPDATE OF held, counted
), attempted AS (
  SELECT *, row_number() OVER (PARTITION BY count_id ORDER BY place) AS turn FROM standing
), granted AS MATERIALIZED (
  SELECT * FROM attempted WHERE room IS NULL OR turn <= room
), counted AS (
  UPDATE contracts_copycount SET used = used + taken.copies
  FROM (SELECT count_id, count(*) AS copies FROM granted GROUP BY count_id) taken
  WHERE id = taken.count_id
), started AS (
  INSERT INTO contracts_transfer (id, entitlement_id, asset_id, dataset_id, revision_id, seller_id, buyer_id, state,
    token_id, country, size_bytes, sent_ranges, sent_bytes, spent_bytes, reason, started_at, active_at,
    resumable_until)
  SELECT transfer_id, entitlement_id, asset_id, dataset_id, revision_id, seller_id, buyer_id, 'started',
    token_id, buyer_country, size_bytes, '[]', 0, 0, '', $18::timestamptz, $18, $18 + $19::interval
  FROM granted
), told AS (
  INSERT INTO kernel_event (id, name, subject, at, leaf, leaf_hash)
  SELECT event_id, 'transfer.started', 'transfer:' || transfer_id, $18::timestamptz, leaf, leaf_hash FROM granted
), parties AS (
  INSERT INTO kernel_eventparty (event_id, participant_id)
  SELECT event_id, seller_id FROM granted UNION ALL SELECT event_id, buyer_id FROM granted
)
SELECT place FROM granted
"""

log = logging.getLogger("exchange.gateway")


@dataclass(frozen=True)
class _Sealed:
    """An origin in the vault."""

    record_id: str
    digest: str
    at: datetime


@dataclass(eq=False, slots=True)
class _Ready:
    """An attempt, and all that is needed to judge it."""

    attempt: Attempt
    standing: Standing
    plan: Plan
    sealed: _Sealed


class Starts:
    """One process's attempts; all by the book where it has no direct connection."""

    def __init__(self, completions: Completions, direct: Direct | None) -> None:
        self._completions = completions
        self._direct = direct
        self._by_the_book: GroupCommit[Attempt, Verdict] = GroupCommit(_start_many)
        self._reader: GroupCommit[Key, Standing | None] = GroupCommit(_read)
        self._sealer: GroupCommit[Origin, _Sealed] = GroupCommit(_seal)
        self._quick: Group[_Ready, UUID | None] = Group(self._start, window_seconds=WINDOW_SECONDS)
        self._standings: Lately[Key, Standing] = Lately(_MOST_STANDINGS)
        self._origins: Lately[Origin, _Sealed] = Lately(_MOST_ORIGINS)

    async def submit(self, attempt: Attempt) -> Verdict:
        """What may be done with an attempt; its Event is durable by then."""
        if self._direct is not None:
            ready = await self._prepare(attempt)
            if ready is not None and (transfer_id := await self._quick.submit(ready)) is not None:
                self._completions.expect(transfer_id, ready.standing)
                return Verdict(None, ready.plan, ready.standing.case.asset, transfer_id)
            # Whatever it was, it is read anew before the next attempt.
            self._standings.forget(_key(attempt))
            self._origins.forget(_origin(attempt))
        return await self._by_the_book.submit(attempt)

    async def close(self) -> None:
        """Hang up."""
        if self._direct is not None:
            await self._direct.close()

    async def _prepare(self, attempt: Attempt) -> _Ready | None:
        """Learn what an attempt is judged by, or leave it to the book."""
        token = attempt.token
        if token.ended_at is not None or token.transfer_id is not None or token.binding:
            return None
        try:
            standing = self._standings.get(_key(attempt)) or await self._learn(attempt)
            if standing is None or not _names_the_file(attempt, standing):
                return None
            asset = standing.case.asset
            plan = ranges.plan(attempt.wish, size=standing.size_bytes, tag=ranges.etag(asset.sha256))
            if not plan.sends_bytes:
                return None
            return _Ready(attempt, standing, plan, await self._sealed(attempt, timezone.now()))
        except Exception:
            log.exception("an attempt could not be prepared; it is decided by the book")
            return None

    async def _learn(self, attempt: Attempt) -> Standing | None:
        if "transfer.started" in events.reactions():
            return None  # what follows from an Event is planned by `events.record`
        standing = await self._reader.submit(_key(attempt))
        if standing is not None:
            self._standings.put(_key(attempt), standing)
        return standing

    async def _sealed(self, attempt: Attempt, now: datetime) -> _Sealed:
        origin = _origin(attempt)
        known = self._origins.get(origin)
        if known is None or now - known.at > ORIGIN_LASTS:
            known = await self._sealer.submit(origin)
            self._origins.put(origin, known)
        return known

    async def _start(self, group: list[_Ready]) -> list[UUID | None]:
        """Start those of a group that are good and still stand; None for the others."""
        assert self._direct is not None
        now, days = timezone.now(), timedelta(days=settings.EXCHANGE_TRANSFER_DAYS)
        at = timestamp(now).encode()
        # The same link again goes on with what the first one starts.
        first = {ready.attempt.token.id: place for place, ready in reversed([*enumerate(group)])}
        moulds = {place: mould for place in sorted(first.values()) if (mould := _mould(group[place], now))}
        ids, rows, begun = new_ids(2 * len(moulds)), [], []
        for place, mould in moulds.items():
            transfer_id, event_id = ids.pop(), str(ids.pop())
            ready, own = group[place], str(transfer_id)
            leaf = mould.cast(own, event_id, at)
            known = (ready.sealed.record_id, ready.attempt.token.id)
            rows.append((*ready.standing.marks, *known, own, event_id, leaf, events.leaf_hash(leaf)))
            begun.append((place, transfer_id))
        found = await self._direct.write(STATEMENT, *columns(rows), now, days) if rows else None
        started: list[UUID | None] = [None] * len(group)
        for (number,) in found or ():
            place, transfer_id = begun[number - 1]
            started[place] = transfer_id
        return started


def _mould(ready: _Ready, now: datetime) -> Mould | None:
    """What an attempt is told by, where nothing is found against it. What goes wrong with one hurts no other."""
    token, sealed = ready.attempt.token, ready.sealed
    try:
        judgement = ready.standing.judge(ready.attempt.address, now)
        if judgement is None or judgement.code is not None:
            return None
        by = Actor(token.actor_kind, token.actor, token.buyer_id, _MAY_BUY, now)
        return ready.standing.started(by, judgement, sealed.record_id, sealed.digest)
    except Exception:
        log.exception("an attempt could not be judged; it is decided by the book")
        return None


def _start_many(attempts: list[Attempt]) -> list[Verdict]:
    return transfers.start_many(attempts, now=timezone.now())


def _read(keys: list[Key]) -> list[Standing | None]:
    found = standings.read(list(dict.fromkeys(keys)), now=timezone.now())
    return [found.get(key) for key in keys]


def _seal(origins: list[Origin]) -> list[_Sealed]:
    now, distinct = timezone.now(), list(dict.fromkeys(origins))
    kept = vault.seal_many([(name, facts.origin(address, agent)) for name, address, agent in distinct], at=now)
    found = {
        origin: _Sealed(str(record_id), digest, now)
        for origin, (record_id, digest) in zip(distinct, kept, strict=True)
    }
    return [found[origin] for origin in origins]


def _key(attempt: Attempt) -> Key:
    return attempt.token.entitlement_id, attempt.token.asset_id


def _origin(attempt: Attempt) -> Origin:
    return attempt.token.actor, attempt.address or "", attempt.agent


def _names_the_file(attempt: Attempt, standing: Standing) -> bool:
    case = standing.case
    return case.asset.name == attempt.name and attempt.token.buyer_id == case.entitlement.buyer_id
