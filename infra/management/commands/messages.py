"""`python -m infra messages [app …]`: bring the French of apps up to date, and say what has none yet."""

from typing import Any

from django.core.management.base import BaseCommand, CommandParser


class Command(BaseCommand):
    help = "Bring the French of apps up to date with their code and templates, and compile it."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("apps", nargs="*", help="folders, such as exchange/look; none: every app")

    def handle(self, *args: Any, **options: Any) -> None:
        from infra import translations  # needs the packages of the test set

        for app in options["apps"] or translations.APPS:
            for sentence in translations.write(app.rstrip("/")):
                self.stdout.write(f"{app}: {sentence}")
