import time
from django.db import connection, transaction
from compliance.log.sealing import seal_batch
def test_b(own_database, story, now):
    told=story()
    for kind in ("one","many"):
        with transaction.atomic():
            if kind=="one":
                told.tell("started")
                for m in range(5000): told.tell("interrupted", m, code="idle")
            else:
                for m in range(5000): story().tell("started")
        t=time.monotonic(); n=seal_batch(now); print(kind, n, time.monotonic()-t, connection.vendor)
        seal_batch(now)
