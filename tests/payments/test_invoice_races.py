"""Numbers without gaps, whoever issues at the same moment and whatever is rolled back."""

import random
from datetime import datetime

import pytest
from django.db import transaction

from exchange.kernel.actors import Actor
from payments.invoices import invoices
from payments.models import Invoice, Series
from tests import makers
from tests.payments import billing
from tests.payments.stories import paid_charge
from tests.rivals import race

RIVALS, EACH = 8, 4


class ThinksBetter(Exception):
    """What came after the invoice in its transaction went wrong."""


@pytest.mark.transactional
def test_eight_at_once_with_rollbacks_leave_no_gap(
    own_database: None, operator: Actor, seller: Actor, buyer: Actor, now: datetime
) -> None:
    billing.describe(operator)
    billing.ready(seller)
    waiting = [[paid_charge(buyer, seller).pk for _ in range(EACH)] for _ in range(RIVALS)]
    by = makers.system(now)
    chance = random.Random(8)
    fails = [[chance.random() < 0.3 for _ in range(EACH)] for _ in range(RIVALS)]

    def issue_all(index: int) -> None:
        for charge_id, is_failing in zip(waiting[index], fails[index], strict=True):
            if is_failing:
                with pytest.raises(ThinksBetter), transaction.atomic():
                    assert len(invoices.issue_due(charge_id, by=by)) == 2
                    raise ThinksBetter
            invoices.issue_due(charge_id, by=by)
            assert invoices.issue_due(charge_id, by=by) == []

    outcomes = race([lambda index=index: issue_all(index) for index in range(RIVALS)])  # type: ignore[misc]
    assert outcomes == [None] * RIVALS
    assert sum(map(sum, fails)) >= 5
    for series in Series.objects.all():
        numbers = Invoice.objects.filter(issuer=series.issuer, kind=series.kind, year=series.year)
        issued = sorted(numbers.values_list("sequence", flat=True))
        assert issued == list(range(1, RIVALS * EACH + 1))
        assert series.next == RIVALS * EACH + 1


@pytest.mark.transactional
def test_one_charge_is_invoiced_once_by_whoever_comes(
    own_database: None, operator: Actor, seller: Actor, buyer: Actor, now: datetime
) -> None:
    billing.describe(operator)
    billing.ready(seller)
    charge = paid_charge(buyer, seller)
    outcomes = race([lambda: len(invoices.issue_due(charge.pk, by=makers.system(now)))] * 6)
    assert sorted(outcomes) == [0, 0, 0, 0, 0, 2]
    assert Invoice.objects.count() == 2
