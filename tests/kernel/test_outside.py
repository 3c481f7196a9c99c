"""No call to the outside while a transaction is open."""

import pytest
from django.db import transaction

from exchange.kernel.outside import require_no_transaction


def test_outside_a_transaction_a_call_may_be_made(own_database: None) -> None:
    require_no_transaction()


def test_the_blocks_of_a_test_case_do_not_count(db: None) -> None:
    require_no_transaction()


@pytest.mark.parametrize("durable", [False, True])
def test_inside_a_transaction_no_call_is_made(own_database: None, durable: bool) -> None:
    with transaction.atomic(durable=durable), pytest.raises(RuntimeError, match="inside a transaction"):
        require_no_transaction()


def test_inside_a_savepoint_no_call_is_made(db: None) -> None:
    with transaction.atomic(), transaction.atomic(), pytest.raises(RuntimeError):
        require_no_transaction()
