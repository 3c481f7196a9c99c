"""Rivals in threads, each with a connection of its own to the database."""

import threading
from collections.abc import Callable, Sequence
from typing import Any

from django.db import connection

from exchange.kernel.errors import ExchangeError


def race(rivals: Sequence[Callable[[], Any]]) -> list[Any]:
    """Run all rivals at the same moment; answers what each returned or raised."""
    start = threading.Barrier(len(rivals))
    outcomes: list[Any] = [None] * len(rivals)

    def run(index: int) -> None:
        try:
            start.wait(timeout=120)
            outcomes[index] = rivals[index]()
        except Exception as error:
            outcomes[index] = error
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(index,)) for index in range(len(rivals))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=120)
        assert not thread.is_alive(), "a rival has not come to an end"
    return outcomes


def codes(outcomes: Sequence[Any]) -> list[str]:
    """What each came to: "won", or the code of its refusal; any other failure is raised."""
    for outcome in outcomes:
        if isinstance(outcome, Exception) and not isinstance(outcome, ExchangeError):
            raise outcome
    return [outcome.code if isinstance(outcome, ExchangeError) else "won" for outcome in outcomes]
