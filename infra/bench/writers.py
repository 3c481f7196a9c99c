"""Eight writers that each append one thing a transaction, as quickly as they can: our Events, our postings, plain rows
by Django's ORM, or rows that django-auditlog follows. A process of its own: KIND DATABASE_URL WRITERS SECONDS; prints
what came."""

import json
import multiprocessing
import os
import sys
import time
from collections.abc import Callable
from hashlib import sha256
from multiprocessing.synchronize import Barrier
from typing import Any

import dj_database_url
import django
from django.conf import settings

EVENT, POSTING, PLAIN, AUDITED = "event", "posting", "plain", "audited"
SELLERS = 100  # of each writer: a balance takes one posting at a time
_fork = multiprocessing.get_context("fork")


def set_up(kind: str, url: str) -> None:
    """Be the exchange, or the least Django that the peers need."""
    if kind in (EVENT, POSTING):
        os.environ.update(EXCHANGE_DATABASE_URL=url, DJANGO_SETTINGS_MODULE="infra.settings")
    else:
        settings.configure(
            SECRET_KEY="not a secret: nothing is signed here",  # noqa: S106
            USE_TZ=True,
            DEFAULT_AUTO_FIELD="django.db.models.BigAutoField",
            DATABASES={"default": dict(dj_database_url.parse(url, conn_max_age=600))},
            INSTALLED_APPS=[
                "django.contrib.contenttypes",
                "django.contrib.auth",
                "auditlog",
                "infra.bench.peers",
            ],
        )
    django.setup()


def appender(kind: str) -> Callable[[int], None]:
    """What one writer does again and again."""
    from django.db import transaction

    append = {EVENT: _event, POSTING: _posting, PLAIN: _plain, AUDITED: _audited}[kind]()
    if kind == POSTING:  # a transaction of its own
        return append

    def once(number: int) -> None:
        with transaction.atomic():
            append(number)

    return once


def count(kind: str) -> int:
    """How many of the kind the database holds."""
    from django.db import connection

    table = {
        EVENT: "kernel_event",
        POSTING: "payments_posting",
        PLAIN: "peers_plain",
        AUDITED: "auditlog_logentry",
    }[kind]
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT count(*) FROM {table}")  # noqa: S608
        return int(cursor.fetchone()[0])


def _event() -> Callable[[int], None]:
    """An Event as a download's start records it, for two parties."""
    from django.utils import timezone

    from contracts.models import Transfer
    from exchange.kernel import events
    from exchange.kernel.actors import Actor
    from exchange.kernel.ids import new_id

    ids = ("entitlement", "asset", "dataset", "revision", "seller", "buyer")
    row = Transfer(**{f"{name}_id": new_id() for name in ids}, size_bytes=1024)

    def append(number: int) -> None:
        row.pk = new_id()
        by = Actor.system("bench", at=timezone.now())
        events.record("transfer.started", row, by=by, facts={"country_to": "DE", "purpose": "research"})

    return append


def _posting() -> Callable[[int], None]:
    """A paid charge with its tax, the exchange's fee and what is held for one of many sellers."""
    from django.utils import timezone

    from exchange.kernel.ids import new_id
    from exchange.kernel.money import Money
    from exchange.participants.models import Participant
    from payments.ledger import ledger, posting_rules
    from payments.models import Account

    at = timezone.now()
    sellers = Participant.objects.bulk_create(
        Participant(id=new_id(), name=f"Seller {number}", country="FR", state="verified", created_at=at)
        for number in range(SELLERS)
    )
    Account.objects.bulk_create(
        Account(code=Account.Code.SELLER_HELD, owner=seller, currency="EUR", is_guarded=True)
        for seller in sellers
    )
    amounts = {name: Money(minor, "EUR") for name, minor in (("gross", 12_000), ("tax", 2_000), ("fee", 1_000))}

    def append(number: int) -> None:
        parts = {sellers[number % SELLERS].pk: Money(9_000, "EUR")}
        lines = posting_rules.lines("charge.paid", amounts, parts=parts, provider="demo")
        ledger.post("charge.paid", f"charge.paid:{new_id()}", lines, reference=f"agreement:{new_id()}", at=at)

    return append


def _plain() -> Callable[[int], None]:
    return _row("Plain")


def _audited() -> Callable[[int], None]:
    return _row("Audited")


def _row(name: str) -> Callable[[int], None]:
    from infra.bench.peers import models

    model = getattr(models, name)

    def append(number: int) -> None:
        model.objects.create(
            buyer=f"buyer-{number % 997}",
            dataset=f"ds-{number % 10_007:07d}",
            licence="commercial-v2",
            size_bytes=1_048_576 + number,
            digest=sha256(b"%d" % number).hexdigest(),
            address="203.0.113.7",
        )

    return append


def _write(kind: str, seconds: float, start: Barrier, told: Any) -> None:
    once = appender(kind)
    for number in range(20):
        once(number)
    start.wait()
    began, number = time.perf_counter(), 0
    while time.perf_counter() - began < seconds:
        once(number)
        number += 1
    told.put((number, time.perf_counter() - began))


def main(kind: str, url: str, writers: int, seconds: float) -> None:
    """Write for so long, and print the rate, how many were written, and how many are there more than before."""
    from django.db import connection

    before = count(kind)
    connection.close()
    start, told = _fork.Barrier(writers), _fork.Queue()
    processes = [_fork.Process(target=_write, args=(kind, seconds, start, told)) for _ in range(writers)]
    for process in processes:
        process.start()
    done = [told.get(timeout=seconds + 60) for _ in processes]
    for process in processes:
        process.join()
    written = sum(number for number, _ in done) + 20 * writers
    rate = sum(number / taken for number, taken in done)
    print(json.dumps({"rate": rate, "written": written, "found": count(kind) - before}))


if __name__ == "__main__":
    set_up(sys.argv[1], sys.argv[2])
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]), float(sys.argv[4]))
