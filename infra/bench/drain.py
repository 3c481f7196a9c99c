"""Seals all Events that wait, as the sequencer does, and prints how long it took. Told: the database's URL."""

import json
import os
import sys
import time

import django

if __name__ == "__main__":
    os.environ.update(EXCHANGE_DATABASE_URL=sys.argv[1])
    django.setup()
    from django.utils import timezone

    from compliance.log.sealing import seal_batch

    began, sealed = time.perf_counter(), 0
    while count := seal_batch(timezone.now()):
        sealed += count
    print(json.dumps({"sealed": sealed, "seconds": time.perf_counter() - began}))
