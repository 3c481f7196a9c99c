"""Makes the peers' tables. Told: the URL of their database."""

import sys

from django.core.management import call_command

from infra.bench.writers import PLAIN, set_up

if __name__ == "__main__":
    set_up(PLAIN, sys.argv[1])
    call_command("migrate", run_syncdb=True, verbosity=0)
