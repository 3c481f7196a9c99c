"""`python -m infra rebuild_search`: the search index, from nothing."""

from django.core.management.base import BaseCommand

from contracts.catalogue import indexing


class Command(BaseCommand):
    help = "Build the search index anew from the database; the old one answers until the new one is whole."

    def handle(self, *args: object, **options: object) -> None:
        count = indexing.rebuild()
        indexing.refresh()  # what changed in the meantime
        self.stdout.write(f"{count} datasets are in the index.")
