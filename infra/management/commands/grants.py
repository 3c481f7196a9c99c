"""`python -m infra grants comptoir`: see infra/grants.py."""

from typing import Any

from django.core.exceptions import ImproperlyConfigured
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import connection

from infra import grants


class Command(BaseCommand):
    help = (
        "The SQL that gives a PostgreSQL role what the exchange's processes need and nothing more: it cannot change or "
        "delete what is booked, logged or signed. Run it as the owner of the tables, after every new version."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("role", help="the role of the processes; it must exist and own nothing")
        parser.add_argument("--apply", action="store_true", help="do it, instead of showing it")

    def handle(self, *args: Any, **options: Any) -> None:
        if connection.vendor != "postgresql":
            raise CommandError("SQLite knows no roles: EXCHANGE_DATABASE_URL must name a PostgreSQL")
        try:
            if options["apply"]:
                grants.apply(options["role"])
                self.stdout.write(f"{options['role']} has its rights, and no others.")
            else:
                self.stdout.write("\n".join(f"{line};" for line in grants.statements(options["role"])))
        except ImproperlyConfigured as error:
            raise CommandError(str(error)) from None
