"""`python -m infra run`: see infra/run.py."""

import sys

from django.core.management.base import BaseCommand

from infra.run import run


class Command(BaseCommand):
    help = "Run a whole exchange in the foreground, on one port, until Ctrl-C."
    requires_system_checks = []  # done in the process that prepares, where the urls are already imported

    def handle(self, *args: object, **options: object) -> None:
        sys.exit(run())
