"""What has left, written down. A transfer that left whole at once is completed together with the others of its moment,
in one statement (PostgreSQL); every other note goes through `transfers.progress`."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.utils import timezone

from contracts.transfers.direct import Direct, columns
from contracts.transfers.group_commit import Group
from contracts.transfers.ranges import Range
from contracts.transfers.standings import Lately, Standing
from exchange.kernel import events
from exchange.kernel.ids import new_ids
from exchange.kernel.text import timestamp

WINDOW_SECONDS = 0.05  # nobody waits for it
_MOST_EXPECTED = 16_384

STATEMENT = """
WITH held AS MATERIALIZED (
  SELECT note.* FROM unnest($1::uuid[], $2::uuid[], $3::bigint[], $4::timestamptz[], $5::bytea[], $6::bytea[])
    AS note(transfer_id, event_id, size_bytes, at, leaf, leaf_hash)
  JOIN contracts_transfer transfer ON transfer.id = note.transfer_id
  WHERE transfer.state IS NOT DISTINCT FROM 'started'  -- found by its id, never by its state
    AND transfer.sent_bytes = 0 AND transfer.spent_bytes = 0 AND transfer.size_bytes = note.size_bytes
  ORDER BY transfer.id FOR NO KEY UPDATE OF transfer
), completed AS MATERIALIZED (
  UPDATE contracts_transfer transfer
  SET state = 'completed', sent_ranges = jsonb_build_array(jsonb_build_array(0, held.size_bytes)),
      sent_bytes = held.size_bytes, spent_bytes = held.size_bytes, active_at = held.at, ended_at = held.at
  FROM held WHERE transfer.id = held.transfer_id
  RETURNING held.*, transfer.seller_id, transfer.buyer_id
), told AS (
  INSERT INTO kernel_event (id, name, subject, at, leaf, leaf_hash)
  SELECT event_id, 'transfer.completed', 'transfer:' || transfer_id, at, leaf, leaf_hash FROM completed
), parties AS (
  INSERT INTO kernel_eventparty (event_id, participant_id)
  SELECT event_id, seller_id FROM completed UNION ALL SELECT event_id, buyer_id FROM completed
)
SELECT transfer_id FROM completed
"""
WRITTEN = """
SELECT note.transfer_id FROM unnest($1::uuid[], $2::timestamptz[]) AS note(transfer_id, at)
JOIN contracts_transfer transfer ON transfer.id = note.transfer_id
WHERE transfer.state = 'completed' AND transfer.ended_at = note.at
"""


@dataclass(frozen=True)
class _Whole:
    """A transfer that left whole, and when."""

    transfer_id: UUID
    standing: Standing
    at: datetime


class Completions:
    """What one process has sent whole."""

    def __init__(self, direct: Direct | None) -> None:
        self._direct = direct
        self._expected: Lately[UUID, Standing] = Lately(_MOST_EXPECTED)
        self._group: Group[_Whole, bool] = Group(self._complete, window_seconds=WINDOW_SECONDS)

    def expect(self, transfer_id: UUID, standing: Standing) -> None:
        """A transfer that was started here may leave whole."""
        self._expected.put(transfer_id, standing)

    async def complete(self, transfer_id: UUID, sent: Sequence[Range]) -> bool:
        """Complete a transfer of which this is the first note and the whole file. False when it is something else:
        then nothing was written, and the note is `transfers.progress`'s."""
        standing = self._expected.forget(transfer_id)
        if self._direct is None or standing is None or list(sent) != [(0, standing.size_bytes)]:
            return False
        if "transfer.completed" in events.reactions():
            return False  # what follows from an Event is planned by `events.record`
        return await self._group.submit(_Whole(transfer_id, standing, timezone.now()))

    async def close(self) -> None:
        """Hang up."""
        if self._direct is not None:
            await self._direct.close()

    async def _complete(self, group: list[_Whole]) -> list[bool]:
        assert self._direct is not None
        found = await self._direct.write(STATEMENT, *columns([*map(_row, group, new_ids(len(group)))]))
        done = {transfer_id for (transfer_id,) in found or ()}
        if len(done) < len(group):  # perhaps it was committed, and the connection broke before it could be said
            found = await self._direct.write(WRITTEN, [w.transfer_id for w in group], [w.at for w in group])
            done |= {transfer_id for (transfer_id,) in found or ()}
        return [whole.transfer_id in done for whole in group]


def _row(whole: _Whole, event: UUID) -> tuple[object, ...]:
    transfer_id, event_id = str(whole.transfer_id), str(event)
    leaf = whole.standing.completed.cast(transfer_id, event_id, timestamp(whole.at).encode())
    return transfer_id, event_id, whole.standing.size_bytes, whole.at, leaf, events.leaf_hash(leaf)
