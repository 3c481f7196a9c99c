"""Two workers, one Event or one mail: everybody is told once."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.core import mail

from exchange.kernel.actors import Actor
from exchange.participants.members import members
from exchange.participants.models import Notice
from exchange.participants.notices import mails as notice_mails
from exchange.participants.notices import notices
from tests import makers
from tests.rivals import race

pytestmark = [pytest.mark.transactional, pytest.mark.usefixtures("own_database"), pytest.mark.by_the_clock]
ROUNDS = 4


def test_two_workers_tell_once_and_mail_once(seller: Actor, operator: Actor, now: datetime, react: Any) -> None:
    participant = makers.participant_of(seller)
    react()
    Notice.objects.all().delete()
    for number in range(ROUNDS):
        at = operator.moved_to(now + timedelta(seconds=number))
        members.suspend(participant, reason="Its register extract has expired.", by=at)
        members.restore(participant, reason="A new extract was sent today.", by=at)
        for name in ("participant.suspended", "participant.restored"):
            race([lambda name=name: notices.tell_of(name, str(participant.pk), now=now)] * 2)
        assert Notice.objects.count() == 2 * (number + 1)
        mail.outbox.clear()
        sent = race([lambda: notice_mails.send_due(now=now + timedelta(minutes=1))] * 2)
        assert (sorted(sent), len(mail.outbox)) == ([0, 1], 1)
        assert not Notice.objects.filter(mailed_at=None).exists()
