"""`python -m infra prepare`: see infra/prepare.py."""

from django.core.management.base import BaseCommand

from infra.prepare import prepare


class Command(BaseCommand):
    help = (
        "Check the settings, make missing keys and bring the database up to date; before the processes start."
    )
    requires_system_checks = []  # prepare() says what is wrong in plain words

    def handle(self, *args: object, **options: object) -> None:
        prepare()
