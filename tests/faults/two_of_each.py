"""An exchange of two gateways, two workers, two sequencers and two signers, with an organisation that sells and some
that buy. A process of its own; told: the ports of the gateways. Ctrl-C stops all of it."""

import json
import os
import socket
import sys
from functools import partial
from pathlib import Path

os.environ["DJANGO_SETTINGS_MODULE"] = "infra.settings"

from infra import processes
from infra.prepare import prepare
from infra.supervisor import Supervisor
from tests.faults.fleet import BUYERS


def open_shop() -> None:
    """An empty exchange, its participants, and the keys of their API clients in a file."""
    from django.conf import settings
    from django.utils import timezone

    from exchange.participants.actors import credentials
    from tests import makers

    prepare()
    now, keys = timezone.now(), {}
    for name in ("seller", *(f"buyer-{number}" for number in range(BUYERS))):
        found = makers.participant(name.title(), "FR" if name == "seller" else "DE", now)
        client, secret = credentials.issue_client(
            found, name="machine", scopes=makers.TRADE, by=makers.system(now)
        )
        keys[name] = [client.pk, secret]
    (settings.EXCHANGE_VAR_DIR / "keys.json").write_text(json.dumps(keys))


def main(ports: list[int]) -> int:
    from django.conf import settings

    processes.preload()
    supervisor = Supervisor(Path(settings.EXCHANGE_VAR_DIR) / "logs")
    listeners = [socket.create_server(("127.0.0.1", port), backlog=512) for port in ports]
    try:
        if not supervisor.run_once("prepare", open_shop):
            return 1
        for number, listener in enumerate(listeners, start=1):
            work = partial(processes.web, listener)
            supervisor.add(f"gateway-{number}", work, stops_in_round=1, grace_seconds=6)
        supervisor.add("beat", processes.beat, stops_in_round=2, grace_seconds=5)
        for work in (processes.worker, processes.sequencer, processes.signer, processes.messenger):
            for number in (1, 2):
                supervisor.add(f"{work.__name__}-{number}", work, stops_in_round=2, grace_seconds=5)
        return 0 if supervisor.watch(ready=lambda: True) else 1
    finally:
        supervisor.stop()


if __name__ == "__main__":
    sys.exit(main([int(port) for port in sys.argv[1:]]))
