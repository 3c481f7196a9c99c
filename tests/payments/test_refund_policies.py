"""What a buyer may ask back, and until when."""

from datetime import UTC, datetime, timedelta

import pytest

from exchange.kernel.errors import Invalid
from payments.plans import refund_policies
from payments.plans.refund_policies import NONE, Policy


@pytest.mark.parametrize("policy", [NONE, Policy("unused", 14), Policy("any", 365)])
def test_a_policy_reads_as_it_was_written(policy: Policy) -> None:
    assert refund_policies.parse(policy.to_dict()) == policy


def test_a_charge_of_before_there_were_policies_lets_nothing_be_asked() -> None:
    assert refund_policies.thaw({}) == NONE


def test_the_window_runs_from_the_payment() -> None:
    paid_at = datetime(2026, 11, 1, 12, tzinfo=UTC)
    assert Policy("any", 30).ends_at(paid_at) == paid_at + timedelta(days=30)


@pytest.mark.parametrize(
    "raw",
    [
        None,
        [],
        "any",
        {},
        {"kind": "some", "window_days": 1},
        {"kind": "any"},
        {"kind": "any", "window_days": 0},
        {"kind": "any", "window_days": -1},
        {"kind": "any", "window_days": 366},
        {"kind": "any", "window_days": 1.5},
        {"kind": "any", "window_days": True},
        {"kind": "any", "window_days": "14"},
        {"kind": "none", "window_days": 14},
        {"kind": "any", "window_days": 14, "more": 1},
    ],
)
def test_what_is_no_policy_is_refused(raw: object) -> None:
    with pytest.raises(Invalid) as refusal:
        refund_policies.parse(raw)
    assert refusal.value.code == "invalid_refund_policy"
