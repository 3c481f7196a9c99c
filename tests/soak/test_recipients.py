"""Who received it, at a million recipients: one page costs what it costs at ten thousand, and the export of all of them
stays in the same memory."""

from typing import Any

import pytest

from exchange.kernel.ids import new_id
from infra.bench import recipients

pytestmark = [pytest.mark.slow, pytest.mark.django_db]
FEW, MANY = 10_000, 1_000_000


def test_a_page_and_the_export_do_not_grow_with_the_recipients(officer: Any) -> None:
    found = {}
    for count in (FEW, MANY):
        dataset_id = new_id()
        recipients.fill(dataset_id, count)
        found[count] = recipients.measure(dataset_id, count, officer)
        assert found[count].rows == min(count, recipients.EXPORTED)
    print(found)
    assert found[MANY].page_seconds <= 1.5 * found[FEW].page_seconds + 0.002
    assert found[MANY].export_bytes <= 1.5 * found[FEW].export_bytes + 1_000_000
