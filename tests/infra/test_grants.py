"""The role of the exchange's processes on PostgreSQL: it sells and is paid, and changes nothing that must stay."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import IntegrityError, ProgrammingError

from exchange.kernel.actors import Actor
from exchange.kernel.models import Event
from infra import grants
from infra.prepare import prepare
from payments.holds import holds
from payments.ledger import ledger
from payments.models import Account, Entry, Hold, Posting, Seal
from tests import databases, roles, sales
from tests.roles import acting_as, execute

on_postgresql = pytest.mark.skipif(databases.is_sqlite(), reason="PostgreSQL only")
BOOKED = ("payments_posting", "payments_entry", "payments_seal")
KEPT = (*((table, "id") for table in BOOKED), ("kernel_event", "id"), ("kernel_eventparty", "event_id"))
CHANGES = (
    "UPDATE {table} SET {column} = {column}",
    "DELETE FROM {table}",
    "TRUNCATE {table} CASCADE",
    "CREATE TRIGGER mine BEFORE INSERT ON {table} FOR EACH ROW EXECUTE FUNCTION suppress_redundant_updates_trigger()",
    "ALTER TABLE {table} DISABLE TRIGGER USER",
    "DROP TABLE {table} CASCADE",
)
REFUSAL = r"permission denied|must be owner"


@pytest.fixture
def role(own_database: None) -> Iterator[str]:
    """A role of the processes, with its rights."""
    with roles.role() as name:
        yield name


@pytest.fixture
def sold(role: str, operator: Actor, seller: Actor, buyer: Actor) -> str:
    """The role, with which a sale was made, paid and its hold released."""
    with acting_as(role):
        entitlement = sales.entitled(seller, buyer, plan=dict(sales.PAID))
        holds.release(Hold.objects.get(reference=f"agreement:{entitlement.agreement_id}"), by=buyer)
    return role


@on_postgresql
def test_the_role_sells_and_is_paid(sold: str, seller: Actor) -> None:
    assert set(Posting.objects.values_list("kind", flat=True)) == {"charge.paid", "hold.released"}
    assert Account.objects.get(code="seller_payable").balance_minor == -9_000
    assert ledger.trial_balance().is_sound


@on_postgresql
def test_the_role_changes_nothing_that_is_booked_or_logged(sold: str) -> None:
    models = (Posting, Entry, Seal, Event)
    before = [list(model.objects.order_by("pk").values()) for model in models]
    tried = [
        "SET session_replication_role = replica",
        "UPDATE payments_account SET is_guarded = FALSE",
        "UPDATE payments_charge SET gross_minor = 1",
        "UPDATE kernel_event SET leaf = ''",
        *(change.format(table=table, column=column) for change in CHANGES for table, column in KEPT),
    ]
    for statement in tried:
        # Old Events go by a row that names them, and not without (decision 0048): the trigger refuses.
        is_swept = statement.startswith("DELETE FROM kernel_")
        refusal, words = (IntegrityError, "append-only") if is_swept else (ProgrammingError, REFUSAL)
        with acting_as(sold), pytest.raises(refusal, match=words):
            execute(statement)
    # Nor can it name what goes: a pruning is of a log that has ended, and this one goes on.
    name_it = "INSERT INTO kernel_pruning VALUES (gen_random_uuid(), 0, 1000000, now(), NULL)"
    with acting_as(sold), pytest.raises(IntegrityError, match="one log that has ended"):
        execute(name_it)
    assert [list(model.objects.order_by("pk").values()) for model in models] == before


@on_postgresql
def test_every_table_has_its_rights_and_no_table_is_forgotten(role: str) -> None:
    tables = {name for (name,) in execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")}
    assert {right.table for right in grants.rights()} == tables - {"django_migrations"}
    with acting_as(role):
        assert grants.is_restricted()
        assert grants.lacking() == []
        for table in tables:
            held = execute(
                f"SELECT has_table_privilege('{table}', 'TRUNCATE') OR has_table_privilege('{table}', 'TRIGGER')"
            )
            assert held == [(False,)]


@on_postgresql
def test_the_role_prepares_what_is_up_to_date_and_says_when_it_is_not(
    role: str, settings: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    settings.EXCHANGE_VAR_DIR = tmp_path
    (tmp_path / "demo").mkdir()
    (tmp_path / "demo" / "clients.json").touch()  # the demo is there; loading it is for tests/soak
    with acting_as(role):
        prepare()
    execute(f"REVOKE INSERT ON payments_hold FROM {role}")
    with acting_as(role):
        assert grants.lacking() == ["payments_hold"]
        with pytest.raises(SystemExit):
            prepare()
    assert "grants ROLE --apply" in capsys.readouterr().out


@on_postgresql
@pytest.mark.parametrize(
    ("role_name", "why"),
    [
        ("nobody_is_called_so", "no role"),
        ("exchange", "owns the tables"),
        ("a; DROP TABLE payments_entry", "no name"),
    ],
)
def test_a_role_that_cannot_be_held_back_is_refused(own_database: None, role_name: str, why: str) -> None:
    with pytest.raises(CommandError, match=why):
        call_command("grants", role_name, "--apply")


@on_postgresql
def test_the_command_shows_what_it_would_do(role: str, capsys: pytest.CaptureFixture[str]) -> None:
    execute(f"REVOKE ALL ON payments_hold FROM {role}")
    call_command("grants", role)
    shown = capsys.readouterr().out
    with acting_as(role):
        assert grants.lacking() == ["payments_hold"]
    execute(shown)
    with acting_as(role):
        assert grants.lacking() == []


@pytest.mark.one_database
def test_sqlite_knows_no_roles() -> None:
    with pytest.raises(CommandError, match="PostgreSQL"):
        call_command("grants", "comptoir")


@pytest.mark.one_database
def test_what_is_append_only_is_neither_updated_nor_deleted() -> None:
    found = {right.table: right for right in grants.rights()}
    for table in BOOKED:
        assert (found[table].updates, found[table].may_delete) == ((), False)
    # Old Events are swept; the trigger lets go what a pruning names, and nothing else (decision 0048).
    assert (found["kernel_event"].updates, found["kernel_event"].may_delete) == (("leaf_index",), True)
    assert (found["payments_account"].updates, found["payments_account"].may_delete) == (
        ("balance_minor",),
        False,
    )
    assert (found["kernel_delivery"].updates, found["kernel_delivery"].may_delete) == (None, True)
