"""`python -m infra describe`: writes the generated pages of docs/."""

from django.core.management.base import BaseCommand

from infra.descriptions import pages


class Command(BaseCommand):
    help = "Write docs/states.md and docs/operate/settings.md from the code."

    def handle(self, *args: object, **options: object) -> None:
        for path, text in pages().items():
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
            self.stdout.write(str(path))
