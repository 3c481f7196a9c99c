"""`python -m infra retire_key agreement`: a fresh key for a purpose; what the old one sealed can still be checked."""

from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandParser

from exchange.kernel import signing


class Command(BaseCommand):
    help = (
        "Give a purpose a fresh key and keep the public half of the old one. Restart all processes afterwards."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("purpose", choices=[str(purpose) for purpose in signing.Purpose])

    def handle(self, *args: Any, **options: Any) -> None:
        purpose = signing.Purpose(options["purpose"])
        kid = signing.retire(Path(settings.EXCHANGE_KEYS_DIR), purpose)
        self.stdout.write(
            f"{purpose}: the key {kid} is retired and stays in the public set; restart all processes"
        )
