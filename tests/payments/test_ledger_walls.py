"""What the database refuses of a ledger, tried with raw SQL past all of our code, on both databases."""

from collections.abc import Iterator
from datetime import datetime
from uuid import UUID

import pytest
from django.apps import apps
from django.core.management import call_command
from django.db import DatabaseError, IntegrityError, connection, models, transaction
from django.db.models.signals import pre_migrate

from exchange.kernel.actors import Actor
from exchange.kernel.ids import new_id
from exchange.kernel.money import Money
from payments.ledger import ledger
from payments.ledger.ledger import Line
from payments.models import Account, Entry, Posting, Seal
from tests import databases
from tests.payments.stories import everything, sql
from tests.rivals import race

Code = Account.Code
on_sqlite = pytest.mark.skipif(not databases.is_sqlite(), reason="SQLite only")
on_postgresql = pytest.mark.skipif(databases.is_sqlite(), reason="PostgreSQL only")


@pytest.fixture
def sealed(database: None, seller: Actor, now: datetime) -> Posting:
    """A sale of 100.00 and 20.00 of tax, with a fee of 10.00, booked as it should be."""
    lines = [
        Line(Code.CLEARING, None, Money(12_000, "EUR"), "demo"),
        Line(Code.VAT_PAYABLE, None, Money(-2_000, "EUR")),
        Line(Code.PLATFORM_FEE, None, Money(-1_000, "EUR")),
        Line(Code.SELLER_HELD, seller.participant_id, Money(-9_000, "EUR")),
    ]
    return ledger.post("test", "first", lines, reference="agreement:1", at=now)


@pytest.fixture
def unchanged(sealed: Posting) -> Iterator[None]:
    """The ledger is afterwards what it was before."""
    before = everything()
    yield
    assert everything() == before
    assert ledger.trial_balance().is_sound


def account(code: Code) -> UUID:
    return Account.objects.get(code=code, currency="EUR").pk


def open_posting(key: str = "raw", *, reverses: UUID | None = None) -> UUID:
    posting_id = new_id()
    sql(
        "INSERT INTO payments_posting (id, seal_id, kind, key, payload_hash, reference, reverses_id, occurred_at) "
        "VALUES (%s, %s, 'raw', %s, '', '', %s, '2026-11-22 09:00:00+00:00')",
        posting_id,
        posting_id,
        key,
        reverses,
    )
    return posting_id


def add_entry(posting_id: UUID, code: Code, minor: object, currency: str = "EUR") -> None:
    sql(
        "INSERT INTO payments_entry (id, posting_id, account_id, amount_minor, currency) "
        "VALUES (%s, %s, %s, %s, %s)",
        new_id(),
        posting_id,
        account(code),
        minor,
        currency,
    )


def add_seal(posting_id: UUID) -> None:
    sql("INSERT INTO payments_seal (id) VALUES (%s)", posting_id)


def test_a_posting_written_in_nested_savepoints_is_sealed_and_committed(
    own_database: None, sealed: Posting
) -> None:
    with transaction.atomic():
        posting_id = open_posting()
        with transaction.atomic():
            add_entry(posting_id, Code.CLEARING, 500)
            with transaction.atomic():
                add_entry(posting_id, Code.SELLER_HELD, -500)
        add_seal(posting_id)
    assert Seal.objects.filter(pk=posting_id).exists()
    assert ledger.trial_balance().is_sound


def test_a_posting_without_its_seal_cannot_commit(own_database: None, sealed: Posting, unchanged: None) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        posting_id = open_posting()
        add_entry(posting_id, Code.CLEARING, 500)
        add_entry(posting_id, Code.SELLER_HELD, -500)


def test_an_unbalanced_posting_without_a_seal_cannot_commit(
    own_database: None, sealed: Posting, unchanged: None
) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        add_entry(open_posting(), Code.CLEARING, 500)


def test_a_posting_cannot_borrow_the_seal_of_another(
    own_database: None, sealed: Posting, unchanged: None
) -> None:
    with pytest.raises(IntegrityError, match="posting_own_seal"):
        sql(
            "INSERT INTO payments_posting (id, seal_id, kind, key, payload_hash, reference, occurred_at) "
            "VALUES (%s, %s, 'raw', 'raw', '', '', '2026-11-22 09:00:00+00:00')",
            new_id(),
            sealed.pk,
        )


@pytest.mark.parametrize("minor", [-499, -501, 500, 1])
def test_an_unbalanced_posting_gets_no_seal(sealed: Posting, unchanged: None, minor: int) -> None:
    with pytest.raises(IntegrityError, match="sum to zero"), transaction.atomic():
        posting_id = open_posting()
        add_entry(posting_id, Code.CLEARING, 500)
        add_entry(posting_id, Code.PLATFORM_FEE, minor)
        add_seal(posting_id)


@pytest.fixture
def dollars(sealed: Posting) -> None:
    """The exchange has an account in another currency too."""
    Account.objects.create(code=Code.CLEARING, provider="demo", currency="USD", is_guarded=False)


def test_currencies_balance_each_on_its_own(sealed: Posting, dollars: None, unchanged: None) -> None:
    with pytest.raises(IntegrityError, match="sum to zero"), transaction.atomic():
        posting_id = open_posting()
        add_entry(posting_id, Code.PLATFORM_FEE, -500)
        sql(
            "INSERT INTO payments_entry (id, posting_id, account_id, amount_minor, currency) "
            "VALUES (%s, %s, %s, 500, 'USD')",
            new_id(),
            posting_id,
            Account.objects.get(currency="USD").pk,
        )
        add_seal(posting_id)


def test_an_account_is_never_deleted(sealed: Posting, dollars: None, unchanged: None) -> None:
    with pytest.raises(IntegrityError, match="rows are kept"):
        sql("DELETE FROM payments_account WHERE currency = 'USD'")


@pytest.mark.parametrize("entries", [0, 1])
def test_a_posting_with_fewer_than_two_entries_gets_no_seal(
    sealed: Posting, unchanged: None, entries: int
) -> None:
    with pytest.raises(IntegrityError, match=r"two entries|sum to zero"), transaction.atomic():
        posting_id = open_posting()
        for _ in range(entries):
            add_entry(posting_id, Code.CLEARING, 500)
        add_seal(posting_id)


@pytest.mark.parametrize("minor", [12_001, 11_999, 6_000])
def test_a_reversal_that_is_not_the_exact_opposite_gets_no_seal(
    sealed: Posting, unchanged: None, minor: int
) -> None:
    with pytest.raises(IntegrityError, match="exact opposite"), transaction.atomic():
        posting_id = open_posting(reverses=sealed.pk)
        add_entry(posting_id, Code.CLEARING, -minor)
        add_entry(posting_id, Code.VAT_PAYABLE, 2_000)
        add_entry(posting_id, Code.PLATFORM_FEE, minor - 11_000)
        add_entry(posting_id, Code.SELLER_HELD, 9_000)
        add_seal(posting_id)


def test_a_reversal_that_leaves_an_account_out_gets_no_seal(sealed: Posting, unchanged: None) -> None:
    with pytest.raises(IntegrityError, match="exact opposite"), transaction.atomic():
        posting_id = open_posting(reverses=sealed.pk)
        add_entry(posting_id, Code.CLEARING, -12_000)
        add_entry(posting_id, Code.PLATFORM_FEE, 12_000)
        add_seal(posting_id)


def test_a_posting_is_reversed_once(sealed: Posting) -> None:
    posting_id = open_posting("back", reverses=sealed.pk)
    for entry in sealed.entries.select_related("account"):
        add_entry(posting_id, Code(entry.account.code), -entry.amount_minor)
    add_seal(posting_id)
    before = everything()
    with pytest.raises(IntegrityError):
        open_posting("again", reverses=sealed.pk)
    assert everything() == before
    assert ledger.trial_balance().is_sound


def test_a_seal_without_a_posting_is_refused(sealed: Posting, unchanged: None) -> None:
    with pytest.raises(IntegrityError, match="two entries"):
        add_seal(new_id())


def test_nothing_is_added_to_a_sealed_posting(sealed: Posting, unchanged: None) -> None:
    with pytest.raises(IntegrityError, match="not sealed"), transaction.atomic():
        add_entry(sealed.pk, Code.CLEARING, 500)
        add_entry(sealed.pk, Code.PLATFORM_FEE, -500)


def test_an_entry_needs_a_posting_that_exists_already(sealed: Posting, unchanged: None) -> None:
    with pytest.raises(IntegrityError, match="not sealed"):
        add_entry(new_id(), Code.CLEARING, 500)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE payments_entry SET amount_minor = amount_minor * 2",
        "UPDATE payments_entry SET currency = 'USD'",
        "DELETE FROM payments_entry",
        "UPDATE payments_posting SET kind = 'another'",
        "DELETE FROM payments_posting",
        "UPDATE payments_seal SET id = id",
        "DELETE FROM payments_seal",
    ],
)
def test_what_is_booked_is_never_changed_or_deleted(sealed: Posting, unchanged: None, statement: str) -> None:
    with pytest.raises(IntegrityError, match="append-only"):
        sql(statement)


@on_postgresql
@pytest.mark.parametrize("table", ["entry", "posting", "seal", "account", "charge", "hold", "providerevent"])
def test_nothing_is_truncated(own_database: None, sealed: Posting, unchanged: None, table: str) -> None:
    with pytest.raises(IntegrityError, match="append-only"):
        sql(f"TRUNCATE payments_{table} CASCADE")


@on_sqlite
def test_replace_does_not_slip_past_the_guard_against_deletion(
    own_database: None, sealed: Posting, unchanged: None
) -> None:
    first = Entry.objects.order_by("pk").first()
    assert first is not None
    with pytest.raises(IntegrityError, match="append-only"), transaction.atomic():
        sql(
            "REPLACE INTO payments_entry (id, posting_id, account_id, amount_minor, currency) "
            "VALUES (%s, %s, %s, 1, 'EUR')",
            first.pk,
            open_posting(),
            account(Code.CLEARING),
        )
    with pytest.raises(IntegrityError, match="append-only"):
        sql(
            "REPLACE INTO payments_posting (id, seal_id, kind, key, payload_hash, reference, occurred_at) "
            "VALUES (%s, %s, 'raw', 'first', '', '', '2026-11-22 09:00:00+00:00')",
            *[new_id()] * 2,
        )


@on_sqlite
@pytest.mark.parametrize("minor", [1.5, "five", "1.5", b"5", 1e300])
def test_an_amount_that_is_no_whole_number_is_refused(sealed: Posting, unchanged: None, minor: object) -> None:
    with pytest.raises(IntegrityError, match="whole number"), transaction.atomic():
        add_entry(open_posting(), Code.CLEARING, minor)


@on_postgresql
@pytest.mark.parametrize("minor", ["five", "1.5", 1e300])
def test_an_amount_that_is_no_whole_number_has_no_column_to_stand_in(
    sealed: Posting, unchanged: None, minor: object
) -> None:
    with pytest.raises(DatabaseError), transaction.atomic():
        add_entry(open_posting(), Code.CLEARING, minor)


def test_an_entry_of_zero_is_refused(sealed: Posting, unchanged: None) -> None:
    with pytest.raises(IntegrityError, match="entry_moves_something"), transaction.atomic():
        add_entry(open_posting(), Code.CLEARING, 0)


def test_an_entry_in_another_currency_than_its_account_is_refused(sealed: Posting, unchanged: None) -> None:
    with pytest.raises(IntegrityError, match="currency of its account"), transaction.atomic():
        add_entry(open_posting(), Code.CLEARING, 500, "USD")


def test_a_guarded_account_is_never_overdrawn(sealed: Posting, unchanged: None) -> None:
    with pytest.raises(IntegrityError, match="account_not_overdrawn"), transaction.atomic():
        posting_id = open_posting()
        add_entry(posting_id, Code.CLEARING, -9_001)
        add_entry(posting_id, Code.SELLER_HELD, 9_001)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ("code = 'clearing'", "frozen"),
        ("currency = 'USD'", "frozen"),
        ("owner_id = NULL", "frozen"),
        ("is_guarded = NOT is_guarded", "frozen"),
        ("balance_minor = balance_minor - 100", "by entries alone"),
        ("balance_minor = 0", "by entries alone"),
    ],
)
def test_an_account_is_not_changed_by_hand(sealed: Posting, unchanged: None, change: str, message: str) -> None:
    with pytest.raises(IntegrityError, match=message):
        sql(f"UPDATE payments_account SET {change} WHERE code = 'seller_held'")


def test_a_balance_is_not_moved_by_hand_after_the_newest_entry_either(sealed: Posting, unchanged: None) -> None:
    newest = Entry.objects.get(account__code=Code.SELLER_HELD)
    with pytest.raises(IntegrityError, match="by entries alone"):
        sql(
            "UPDATE payments_account SET balance_minor = balance_minor + %s WHERE id = %s",
            newest.amount_minor,
            newest.account_id,
        )


@pytest.mark.parametrize(
    ("code", "owned", "is_guarded", "balance", "message"),
    [
        (Code.SELLER_HELD, True, True, -5_000, "opens empty"),
        (Code.SELLER_HELD, True, False, 0, "account_code_known"),
        (Code.SELLER_HELD, False, True, 0, "account_code_known"),
        (Code.CLEARING, True, False, 0, "account_code_known"),
        (Code.CLEARING, False, False, 0, "account_code_known"),  # at no provider
        (Code.BUYER_PREPAID, True, False, 0, "account_code_known"),
        (Code.SELLER_RECEIVABLE, True, True, 0, "account_code_known"),
        ("pocket", False, False, 0, "account_code_known"),
    ],
)
def test_an_account_that_cannot_be_is_not_opened(
    sealed: Posting,
    unchanged: None,
    seller: Actor,
    code: str,
    owned: bool,
    is_guarded: bool,
    balance: int,
    message: str,
) -> None:
    with pytest.raises(IntegrityError, match=message):
        sql(
            "INSERT INTO payments_account (id, code, owner_id, provider, currency, is_guarded, balance_minor) "
            "VALUES (%s, %s, %s, '', 'SEK', %s, %s)",
            new_id(),
            code,
            seller.participant_id if owned else None,
            is_guarded,
            balance,
        )


@on_postgresql
def test_a_rival_cannot_add_to_a_posting_that_is_not_committed(own_database: None, sealed: Posting) -> None:
    """The rival waits for nothing: it does not see the posting, or sees it with its seal."""
    with transaction.atomic():
        posting_id = open_posting()
        add_entry(posting_id, Code.CLEARING, 500)
        add_entry(posting_id, Code.SELLER_HELD, -500)
        (outcome,) = race([lambda: add_entry(posting_id, Code.CLEARING, 700)])
        add_seal(posting_id)
    assert isinstance(outcome, IntegrityError)
    assert ledger.trial_balance().is_sound


def test_a_migration_may_build_a_table_of_the_ledger_anew(own_database: None, sealed: Posting) -> None:
    """SQLite refuses that while a trigger of another table names this one, so they are taken off before it."""
    before = everything()
    pre_migrate.send(apps.get_app_config("kernel"), plan=["a migration"])
    wider = models.CharField(max_length=4)
    wider.set_attributes_from_name("currency")
    wider.model = Account
    with connection.schema_editor() as editor:
        editor.alter_field(Account, Account._meta.get_field("currency"), wider)
    call_command("migrate", verbosity=0)
    assert everything() == before
    with pytest.raises(IntegrityError, match="append-only"):
        sql("DELETE FROM payments_entry")
