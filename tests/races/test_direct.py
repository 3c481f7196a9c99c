"""The direct connection under rivals and losses (PostgreSQL): a group that meets a deadlock is written after all, and
what was committed behind a connection that broke is found again, never done twice."""

import contextlib
import logging
import socket
import threading
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

import psycopg
import pytest
from django.conf import settings as configured
from django.db import connection
from django.utils import timezone

from contracts.models import CopyCount, Entitlement, Transfer
from exchange.kernel.actors import Actor
from exchange.kernel.models import Event
from tests import sales
from tests.contracts import starters
from tests.contracts.starters import Door
from tests.rivals import race

IS_POSTGRES = configured.EXCHANGE_DATABASE_URL.startswith("postgres")
pytestmark = [
    pytest.mark.transactional,
    pytest.mark.usefixtures("own_database"),
    pytest.mark.skipif(not IS_POSTGRES, reason="the quick way is PostgreSQL's alone"),
    pytest.mark.by_the_clock,
]


@pytest.fixture
def door() -> Iterator[Door]:
    with starters.door() as found:
        yield found


def attempts_on(rights: list[Entitlement], buyer: Actor) -> list[Any]:
    return [sales.attempt(sales.link(right, buyer), timezone.now()) for right in rights]


def rival() -> "psycopg.Connection[Any]":
    """Another session on the test's database."""
    own = connection.settings_dict
    return psycopg.connect(host=own["HOST"], port=own["PORT"], user=own["USER"], dbname=own["NAME"])


def lock(session: "psycopg.Connection[Any]", right: Entitlement) -> None:
    session.execute("SELECT 1 FROM contracts_entitlement WHERE id = %s FOR UPDATE", [right.pk])


_BLOCKED = (
    "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
)


def wait_until_blocked(count: int = 1) -> None:
    with rival() as session:
        for _ in range(500):
            found = session.execute(_BLOCKED).fetchone()
            if found and found[0] >= count:
                return
            threading.Event().wait(0.01)
    raise AssertionError("nobody waits")


def test_a_group_that_meets_a_deadlock_is_written_after_all(
    seller: Actor, buyer: Actor, door: Door, caplog: pytest.LogCaptureFixture
) -> None:
    rights = sorted((sales.entitled(seller, buyer) for _ in range(2)), key=lambda right: right.pk)
    assert [verdict.code for verdict in door.decide(*attempts_on(rights, buyer))] == [None, None]
    caplog.set_level(logging.INFO, "exchange.gateway")

    def cross() -> None:
        with rival() as session, contextlib.suppress(psycopg.errors.DeadlockDetected):
            session.execute("SET deadlock_timeout = '1500ms'")  # the group, with its second, finds it first
            lock(session, rights[1])
            holding.set()
            wait_until_blocked()  # the group, which holds the first by now
            lock(session, rights[0])

    holding = threading.Event()
    thread = threading.Thread(target=cross)
    thread.start()
    assert holding.wait(timeout=60)
    verdicts = door.decide(*attempts_on(rights, buyer))
    thread.join(timeout=60)
    assert [verdict.code for verdict in verdicts] == [None, None]
    assert "a group met a rival (DeadlockDetectedError)" in caplog.messages
    assert set(CopyCount.objects.values_list("used", flat=True)) == {2}


def test_a_revocation_and_a_start_are_one_after_the_other(seller: Actor, buyer: Actor, door: Door) -> None:
    """Who starts while a revocation is under way waits for it, and sees it."""
    right = sales.entitled(seller, buyer)
    first, second = attempts_on([right] * 2, buyer)
    assert door.decide(first)[0].code is None
    with rival() as session:
        session.execute("UPDATE contracts_entitlement SET state = 'revoked' WHERE id = %s", [right.pk])

        def commit() -> None:
            wait_until_blocked()
            session.commit()

        thread = threading.Thread(target=commit)
        thread.start()
        [verdict] = door.decide(second)
        thread.join(timeout=60)
    assert verdict.code == "entitlement_revoked"
    assert CopyCount.objects.get().used == Transfer.objects.count() == 1


def test_whoever_holds_a_right_for_long_holds_up_its_buyer_alone_after_a_while(
    seller: Actor, buyer: Actor, door: Door, caplog: pytest.LogCaptureFixture
) -> None:
    """A lock that does not come in time leaves the group to the book, which has more patience."""
    right = sales.entitled(seller, buyer)
    first, second = attempts_on([right] * 2, buyer)
    assert door.decide(first)[0].code is None
    with rival() as session:
        lock(session, right)
        timer = threading.Timer(2.5, session.rollback)
        timer.start()
        assert door.decide(second)[0].code is None
        timer.join()
    assert "a group was refused whole" in caplog.messages
    assert CopyCount.objects.get().used == Transfer.objects.count() == 2


class Proxy:
    """Stands between the direct connection and PostgreSQL. Once `cuts` is set, it passes the next group on, waits for
    PostgreSQL's answer, which comes after its commit, and breaks the connection instead of handing it back."""

    def __init__(self) -> None:
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self.cuts = threading.Event()
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def _serve(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                client, _ = self._listener.accept()
                server = socket.create_connection(("127.0.0.1", int(connection.settings_dict["PORT"])))
                threading.Thread(target=self._up, args=(client, server), daemon=True).start()
                threading.Thread(target=self._down, args=(client, server), daemon=True).start()

    def _up(self, client: socket.socket, server: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while data := client.recv(1 << 20):
                server.sendall(data)
            server.close()

    def _down(self, client: socket.socket, server: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while data := server.recv(1 << 20):
                if self.cuts.is_set():
                    self.cuts.clear()
                    break
                client.sendall(data)
        for end in (client, server):
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        self._listener.close()


@pytest.fixture
def proxy(own_database: None, settings: Any) -> Iterator[Proxy]:
    found = Proxy()
    parts = urlsplit(settings.EXCHANGE_DATABASE_URL)
    settings.EXCHANGE_DATABASE_URL = f"postgres://{parts.username}@127.0.0.1:{found.port}{parts.path}"
    yield found
    found.close()


def test_what_was_committed_behind_a_broken_connection_is_found_again(
    seller: Actor, buyer: Actor, proxy: Proxy, door: Door
) -> None:
    right = sales.entitled(seller, buyer)
    assert door.decide(*attempts_on([right], buyer))[0].code is None
    attempt = attempts_on([right], buyer)[0]
    proxy.cuts.set()
    [verdict] = door.decide(attempt)
    assert not proxy.cuts.is_set()
    assert verdict.code is None
    assert Transfer.objects.get(token_id=attempt.token.id).pk == verdict.transfer_id
    assert CopyCount.objects.get().used == Transfer.objects.count() == 2
    assert Event.objects.filter(name="transfer.started").count() == 2


def test_a_completion_behind_a_broken_connection_is_told_once(
    seller: Actor, buyer: Actor, proxy: Proxy, door: Door
) -> None:
    right = sales.entitled(seller, buyer)
    for is_broken in (False, True):
        [verdict] = door.decide(*attempts_on([right], buyer))
        if is_broken:
            proxy.cuts.set()
        assert door.complete(verdict) == [True]
    assert not proxy.cuts.is_set()
    size = sales.asset_of(right).size_bytes
    rows = Transfer.objects.filter(state="completed").values_list("sent_bytes", "spent_bytes")
    assert list(rows) == [(size, size)] * 2
    assert Event.objects.filter(name="transfer.completed").count() == 2


def test_a_database_that_went_away_and_came_back_is_found_again(
    seller: Actor, buyer: Actor, door: Door
) -> None:
    right = sales.entitled(seller, buyer)
    first, second = attempts_on([right] * 2, buyer)
    assert door.decide(first)[0].code is None
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'comptoir-gateway' "
            "AND datname = current_database()"
        )
    assert door.decide(second)[0].code is None
    assert door.starting.written == 2


def test_where_nobody_answers_everything_is_decided_by_the_book(
    seller: Actor, buyer: Actor, settings: Any
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    settings.EXCHANGE_DATABASE_URL = f"postgres://nobody@127.0.0.1:{port}/nothing"
    right = sales.entitled(seller, buyer)
    with starters.door() as door:
        codes = [door.decide(attempt)[0].code for attempt in attempts_on([right] * 2, buyer)]
        assert codes == [None, None]
        assert door.starting.written == 0


def test_two_doors_in_a_hurry_share_what_is_there(seller: Actor, buyer: Actor) -> None:
    rights = [sales.entitled(seller, buyer, terms=[{"kind": "copies", "max": 7}]) for _ in range(3)]
    attempts = [attempt for _ in range(7) for attempt in attempts_on(rights, buyer)]
    more = [attempt for _ in range(7) for attempt in attempts_on(rights[::-1], buyer)]

    def decide(mine: list[Any]) -> list[str | None]:
        with starters.door() as door:
            return [verdict.code for verdict in door.decide(*mine)]

    outcomes: list[Any] = race([lambda: decide(attempts), lambda: decide(more)])
    assert sorted(code or "" for codes in outcomes for code in codes) == [""] * 21 + ["copies_spent"] * 21
    assert set(CopyCount.objects.values_list("used", flat=True)) == {7}
    assert Transfer.objects.count() == 21
