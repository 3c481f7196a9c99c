"""Balanced ledger postings, eight writers at once, beside pgbench inserting the same rows into the same tables without
the seal and without any trigger."""

import subprocess
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from urllib.parse import urlsplit

import psycopg

from infra.bench import appends, databases, writers
from infra.bench.appends import WRITERS
from infra.bench.rounds import Case, Measure, Sample

_TABLES = ("payments_posting", "payments_entry", "payments_seal", "payments_account")
_PARTIES = writers.SELLERS * WRITERS

# One id after the other, as ours are; keys, hashes and references are as long as ours.
_SCRIPT = r"""
\set i :i + 1
\set seller random(1, {parties})
BEGIN;
INSERT INTO payments_posting (id, seal_id, kind, key, payload_hash, reference, reverses_id, occurred_at) VALUES (
  (lpad(to_hex(:i::bigint), 16, '0') || lpad(to_hex(:client_id::bigint), 16, '0'))::uuid,
  (lpad(to_hex(:i::bigint), 16, '0') || lpad(to_hex(:client_id::bigint), 16, '0'))::uuid,
  'charge.paid', 'charge.paid:' || lpad(:client_id::text || '-' || :i::text, 36, '0'), repeat('0123456789abcdef', 4),
  'agreement:' || lpad(:client_id::text || '-' || :i::text, 36, '0'), NULL, now());
INSERT INTO payments_entry (id, posting_id, account_id, amount_minor, currency)
SELECT (lpad(to_hex(:i::bigint), 16, '0') || lpad(to_hex(:client_id::bigint * 16 + line), 16, '0'))::uuid,
  (lpad(to_hex(:i::bigint), 16, '0') || lpad(to_hex(:client_id::bigint), 16, '0'))::uuid,
  lpad(to_hex(account), 32, '0')::uuid, minor, 'EUR'
FROM (VALUES (1, 1000001, 12000), (2, 1000002, -2000), (3, 1000003, -1000), (4, :seller, -9000))
  AS lines (line, account, minor);
COMMIT;
"""


def measures() -> list[Measure]:
    """Ours by the plain rows."""
    return [
        Measure(
            "balanced postings/s ÷ pgbench's rows without the seal (8 writers)",
            "postings",
            "plain rows",
            0.5,
            0.8,
        )
    ]


def cases(postgres: int, folder: Path, seconds: float) -> Iterator[Case]:
    """Each on a database of its own on the same server."""
    booked = databases.new("booked", template=databases.EMPTY)
    plain = databases.new("plain_rows", template=databases.EMPTY)
    _strip(plain)
    script = folder / "postings.sql"
    script.write_text(_SCRIPT.format(parties=_PARTIES))
    named = {"database": postgres}
    ours = partial(appends.write, writers.POSTING, booked, seconds)
    yield Case("postings", ours, partial(databases.settle, booked), lambda _: _sound(booked), lambda: named)
    theirs = partial(_pgbench, plain, script, seconds)
    yield Case("plain rows", theirs, partial(databases.settle, plain), named=lambda: named)


def _strip(url: str) -> None:
    """Take the triggers and the seal away, and open accounts."""
    with psycopg.connect(url) as server:
        for table in _TABLES:
            rows = server.execute(
                "SELECT tgname FROM pg_trigger WHERE tgrelid = %s::regclass AND NOT tgisinternal", [table]
            )
            for (name,) in rows.fetchall():
                server.execute(f"DROP TRIGGER {name} ON {table}".encode())
        keys = server.execute(
            "SELECT conname FROM pg_constraint WHERE conrelid = 'payments_posting'::regclass "
            "AND confrelid = 'payments_seal'::regclass"
        )
        for (name,) in keys.fetchall():
            server.execute(f"ALTER TABLE payments_posting DROP CONSTRAINT {name}".encode())
        server.execute("SET session_replication_role = replica")  # accounts of nobody in particular
        server.execute(
            "INSERT INTO payments_account (id, code, owner_id, provider, currency, is_guarded, balance_minor) "
            "SELECT lpad(to_hex(n), 32, '0')::uuid, 'seller_held', md5(n::text)::uuid, '', 'EUR', TRUE, 0 "
            "FROM generate_series(1, %s) n",
            [_PARTIES],
        )
        server.execute(
            "INSERT INTO payments_account (id, code, provider, currency, is_guarded, balance_minor) VALUES "
            "(lpad(to_hex(1000001), 32, '0')::uuid, 'clearing', 'demo', 'EUR', FALSE, 0), "
            "(lpad(to_hex(1000002), 32, '0')::uuid, 'vat_payable', '', 'EUR', FALSE, 0), "
            "(lpad(to_hex(1000003), 32, '0')::uuid, 'platform_fee', '', 'EUR', FALSE, 0)"
        )
    with psycopg.connect(url, autocommit=True) as server:
        server.execute("VACUUM ANALYZE")


def _pgbench(url: str, script: Path, seconds: float) -> Sample:
    before, place = _count(url), urlsplit(url)
    first = max(before, 1) * 10  # ids go on after those of earlier rounds
    command = ["pgbench", "-n", "-M", "prepared", "-f", str(script), "-c", str(WRITERS), "-j", "2"]
    command += ["-T", str(max(1, round(seconds))), "-D", f"i={first}"]
    command += ["-h", place.hostname or "", "-p", str(place.port), "-U", place.username or ""]
    done = subprocess.run([*command, place.path.lstrip("/")], capture_output=True, text=True, check=True)
    words = {line.split(":")[0].split("=")[0].strip(): line for line in done.stdout.splitlines()}
    written = int(words["number of transactions actually processed"].rsplit(maxsplit=1)[-1].split("/")[0])
    if written != _count(url) - before:
        raise RuntimeError(f"{written} postings were written, {_count(url) - before} were found")
    return Sample({"rate": float(words["tps"].split("=")[1].split()[0])}, written)


def _count(url: str) -> int:
    with psycopg.connect(url) as server:
        row = server.execute("SELECT count(*) FROM payments_posting").fetchone()
    assert row is not None
    return int(row[0])


def _sound(url: str) -> None:
    """Every posting has its seal, and all of them sum to zero."""
    with psycopg.connect(url) as server:
        row = server.execute(
            "SELECT (SELECT count(*) FROM payments_posting), (SELECT count(*) FROM payments_seal), "
            "(SELECT sum(amount_minor) FROM payments_entry)"
        ).fetchone()
    if row is None or row[0] != row[1] or row[2]:
        raise RuntimeError(f"postings, seals and the sum of entries are {row}")
