"""`python -m infra messenger`: tells webhooks what the log has sealed, until it is stopped."""

from django.core.management.base import BaseCommand

from compliance.log.rounds import Rounds
from compliance.messenger import Messenger

PAUSE_SECONDS = 0.25


class Command(BaseCommand):
    help = "Sends sealed Events to webhooks, each with its proof, until it is stopped. Several may run."

    def handle(self, *args: object, **options: object) -> None:
        messenger = Messenger()

        def one_round() -> bool:
            messenger.one_round()
            return False

        try:
            Rounds("messenger", one_round, pause_seconds=PAUSE_SECONDS).run()
        finally:
            messenger.close()
