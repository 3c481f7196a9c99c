"""`python -m infra sequencer`: gives Events their place in the log, and lets the desk's rows follow, until it is
stopped."""

from django.conf import settings
from django.core.management.base import BaseCommand
from django.utils import timezone

from compliance.follower import Follower
from compliance.log.rounds import Rounds
from compliance.log.sealing import LARGEST_BATCH, seal_batch


class Command(BaseCommand):
    help = "Seals Events into the log, in batches, until it is stopped. Several may run; one at a time works."

    def handle(self, *args: object, **options: object) -> None:
        follower = Follower()

        def one_round() -> bool:
            is_full = seal_batch(timezone.now()) == LARGEST_BATCH
            return follower.step() or is_full

        Rounds("sequencer", one_round, pause_seconds=settings.EXCHANGE_SEQUENCER_MILLISECONDS / 1000).run()
