"""Tables by month on PostgreSQL: the switch moves no row, and nothing that was refused is taken afterwards."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import psycopg
import pytest
from django.db import IntegrityError, connection, transaction

from compliance.log.sealing import seal_batch
from contracts.models import Transfer
from exchange.kernel.actors import Actor
from exchange.kernel.models import Event, EventParty
from infra.bench import months
from infra.bench.months import TABLES
from tests import sales

pytestmark = [pytest.mark.transactional, pytest.mark.usefixtures("own_database")]


@pytest.fixture
def by_month(now: datetime) -> Callable[[], None]:
    """Switch every table, as an operator would, while the exchange keeps its connection."""
    if connection.vendor != "postgresql":
        pytest.skip("tables by month are PostgreSQL's")
    until = months.first_of(datetime.now(UTC), 1)

    def switch() -> None:
        given = connection.get_connection_params()
        where = {name: given[name] for name in ("dbname", "user", "host", "port") if given.get(name)}
        with psycopg.connect(**where, autocommit=True) as database:
            for table in TABLES:
                months.prepare(database, table, until)
                with database.transaction():
                    months.switch(database, table, until)
                    if table.name == "contracts_transfer":
                        months.keep_tokens(database, now - timedelta(days=1))
                months.check_references(database, table)

    return switch


def rows() -> list[list[Any]]:
    return [list(model.objects.order_by("pk").values_list()) for model in (Event, EventParty, Transfer)]


def test_every_verb_goes_on_and_every_row_is_where_it_was(
    by_month: Callable[[], None], seller: Actor, buyer: Actor, now: datetime
) -> None:
    right = sales.entitled(seller, buyer)
    path = sales.link(right, buyer)
    assert sales.start(path, now).code is None
    before = rows()
    by_month()
    assert rows() == before

    assert sales.start(path, now).transfer_id == Transfer.objects.get().pk, "it goes on with the same"
    assert sales.start(sales.link(right, buyer), now).code is None
    assert Transfer.objects.count() == 2
    while seal_batch(now):
        pass
    places = Event.objects.order_by("leaf_index").values_list("leaf_index", flat=True)
    assert list(places) == list(range(Event.objects.count()))


REFUSED = (
    "UPDATE kernel_event SET leaf = 'x'",
    "DELETE FROM kernel_event",
    "TRUNCATE kernel_event CASCADE",
    "TRUNCATE kernel_event_past CASCADE",
    "TRUNCATE kernel_eventparty_past",
    "DELETE FROM contracts_transfer",
    "UPDATE contracts_transfer SET state = 'lost'",
    "INSERT INTO contracts_transfer SELECT (jsonb_populate_record(t, jsonb_build_object('id', '{later}'))).* "
    "FROM contracts_transfer t",  # a token used again, in another month
)


def test_what_was_refused_stays_refused(
    by_month: Callable[[], None], seller: Actor, buyer: Actor, now: datetime
) -> None:
    assert sales.start(sales.link(sales.entitled(seller, buyer), buyer), now).code is None
    by_month()
    before = rows()
    later = months.least_id(months.first_of(datetime.now(UTC), 1) + timedelta(days=1))
    for statement in REFUSED:
        with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement.replace("{later}", str(later)))
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        assert rows() == before, statement


def test_a_range_of_ids_is_a_stretch_of_time() -> None:
    december = months.first_of(datetime(2026, 11, 22, tzinfo=UTC), 1)
    assert (december, months.first_of(december, 1)) == (
        datetime(2026, 12, 1, tzinfo=UTC),
        datetime(2027, 1, 1, tzinfo=UTC),
    )
    assert months.least_id(december).int >> 80 == december.timestamp() * 1_000
