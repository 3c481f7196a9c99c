"""`python -m infra signer`: signs and publishes the log until it is stopped."""

from django.conf import settings
from django.core.management.base import BaseCommand
from django.utils import timezone

from compliance.log.rounds import Rounds
from compliance.log.signer import Signer


class Command(BaseCommand):
    help = "Signs and publishes the log's heads, until it is stopped. Only this process needs the log's key."

    def handle(self, *args: object, **options: object) -> None:
        signer = Signer.from_settings()

        def one_round() -> bool:
            signer.run_once(timezone.now())
            return False

        # A head costs more than a batch of leaves: files on disk, a signature, witnesses.
        Rounds("signer", one_round, pause_seconds=5 * settings.EXCHANGE_SEQUENCER_MILLISECONDS / 1000).run()
