"""Processes leave signs of life, and the last one counts."""

from datetime import datetime, timedelta

import pytest

from exchange.kernel import pulses
from exchange.kernel.models import Pulse
from exchange.kernel.tasks import pulse

pytestmark = pytest.mark.django_db


def test_a_second_beat_takes_the_place_of_the_first(now: datetime) -> None:
    assert pulses.last() == {}
    pulses.beat(pulses.SIGNER, now)
    pulses.beat(pulses.SIGNER, now + timedelta(seconds=10))
    pulses.beat(pulses.SEQUENCER, now)
    assert pulses.last() == {pulses.SIGNER: now + timedelta(seconds=10), pulses.SEQUENCER: now}
    assert Pulse.objects.count() == 2


def test_the_task_of_the_schedule_is_a_beat_of_the_worker() -> None:
    pulse()
    assert set(pulses.last()) == {pulses.WORKER}
