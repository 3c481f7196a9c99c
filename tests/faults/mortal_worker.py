"""A worker for tests, in a process of its own, that ends for good at a named point of a charge's way to Stripe and
back: no block is left, nothing is rolled back by its own hand, nobody is told. `Workers` starts the next one."""

import importlib
import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import IO, Any

from tests.servers import ROOT

DIED = 77
BEFORE, AFTER, UNCOMMITTED = "before", "after", "uncommitted"
"""When the process ends: as a function is called, as it returns, or as the transaction around it is to be committed."""
ROUNDS = 8


class Workers:
    """One worker at a time: where it ends in the middle of its work, another one is told the same again."""

    def __init__(self, environment: Mapping[str, str]) -> None:
        self.environment, self.deaths = dict(environment), 0
        self._process: subprocess.Popen[str] | None = None

    def do(self, name: str, *given: str) -> Any:
        """What a worker answers, by the second at the latest: it is told of nothing that may end it."""
        answer = self._told(name, *given)
        return self._told(name, *given) if answer is None else answer

    def _told(self, name: str, *given: str) -> Any:
        process = self._running()
        write(process.stdin, [name, *given])
        line = process.stdout.readline() if process.stdout else ""
        if not line:
            assert process.wait(timeout=60) == DIED, f"a worker ended by itself while it was to {name}"
            self._process, self.deaths = None, self.deaths + 1
            return None
        said = json.loads(line)
        assert "error" not in said, said
        return said["answer"]

    def _running(self) -> "subprocess.Popen[str]":
        if self._process is None:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "tests.faults.mortal_worker"],
                cwd=ROOT,
                env=self.environment,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                text=True,
            )
        return self._process

    def end(self) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.wait()


@contextmanager
def workers(environment: Mapping[str, str]) -> Iterator[Workers]:
    """Workers until the block ends."""
    found = Workers(environment)
    try:
        yield found
    finally:
        found.end()


def die_at(path: str, when: str) -> bool:
    """From now on, whoever comes to this function ends the process."""
    from django.db import connection

    module, name = path.rsplit(".", 1)
    found, commit, is_there = getattr(importlib.import_module(module), name), connection.commit, False

    def dying(*args: Any, **kwargs: Any) -> Any:
        nonlocal is_there
        if when == BEFORE:
            os._exit(DIED)
        is_there = when == UNCOMMITTED  # before the call: its own transaction may be the one that is committed
        answer = found(*args, **kwargs)
        if when == AFTER:
            os._exit(DIED)
        return answer

    def dying_commit() -> None:
        if is_there:
            os._exit(DIED)
        commit()

    setattr(importlib.import_module(module), name, dying)
    connection.commit = dying_commit  # type: ignore[method-assign]
    return True


def ask(payer_id: str, payee_id: str, reference: str, at: str) -> str:
    """The charge of a sale; a second call finds it."""
    from exchange.kernel.actors import Actor
    from exchange.kernel.money import Money
    from exchange.participants.models import Participant
    from payments import queries
    from payments.charges import charges

    by = Actor.system("tests", at=datetime.fromisoformat(at))
    payer, payee = Participant.objects.get(pk=payer_id), Participant.objects.get(pk=payee_id)
    charge = queries.charge_about(reference) or charges.create(
        reference=reference, payer=payer, payee=payee, price=Money(9_999, "EUR"), by=by
    )
    return str(charge.pk)


def hear(door: str, body: str, signature: str) -> int:
    """A webhook comes; answers what our door said."""
    from django.test import Client

    headers = {"Stripe-Signature": signature}
    where = f"/api/v1/webhooks/{door}"
    return Client().generic("POST", where, body, content_type="application/json", headers=headers).status_code


def react(at: str) -> bool:
    """Run the reactions of payments until none is left; one whose worker ended is waited for as long as its lease."""
    from exchange.kernel import events
    from exchange.kernel.models import Delivery

    for hours in range(ROUNDS):
        waiting = Delivery.objects.filter(done_at=None, reaction__startswith="payments.tasks")
        for delivery_id in list(waiting.order_by("pk").values_list("pk", flat=True)):
            events.react(delivery_id, now=datetime.fromisoformat(at) + timedelta(hours=hours))
        if not waiting.exists():
            return True
    raise AssertionError("a reaction never came to its end")


DOES: Mapping[str, Callable[..., Any]] = {"die_at": die_at, "ask": ask, "hear": hear, "react": react}


def write(to: IO[str] | None, what: object) -> None:
    if to is not None:
        print(json.dumps(what), file=to, flush=True)


def main() -> None:
    """Do what is told, line by line."""
    import django

    django.setup()
    answers, sys.stdout = sys.stdout, sys.stderr
    for line in sys.stdin:
        name, *given = json.loads(line)
        try:
            write(answers, {"answer": DOES[name](*given)})
        except Exception as error:
            write(answers, {"error": f"{type(error).__name__}: {error}"})


if __name__ == "__main__":
    main()
