"""Questions to what may not answer: a page waits so long, and asks nothing new while an old question hangs."""

import threading
from collections.abc import Callable
from typing import Generic, TypeVar

Answer = TypeVar("Answer")


class NoAnswer(Exception):
    """It did not answer in time."""


class Asked(Generic[Answer]):
    """One kind of question. Its thread is a daemon: it holds up neither a page nor the end of the process."""

    def __init__(self, question: Callable[[], Answer], *, seconds: float) -> None:
        self._question, self._seconds = question, seconds
        self._lock = threading.Lock()
        self._hanging: _Round[Answer] | None = None

    def __call__(self) -> Answer:
        """The answer, or what the question raised; NoAnswer when there is neither in time."""
        with self._lock:
            if self._hanging is None or self._hanging.is_over.is_set():
                self._hanging = _Round(self._question)
            mine = self._hanging
        return mine.wait(self._seconds)


class _Round(Generic[Answer]):
    def __init__(self, question: Callable[[], Answer]) -> None:
        self.is_over = threading.Event()
        self._answers: list[Answer] = []
        self._error: Exception | None = None
        self._question = question
        threading.Thread(target=self._ask, daemon=True).start()

    def wait(self, seconds: float) -> Answer:
        if not self.is_over.wait(seconds):
            raise NoAnswer
        if self._error is not None:
            raise self._error
        return self._answers[0]

    def _ask(self) -> None:
        try:
            self._answers.append(self._question())
        except Exception as error:
            self._error = error
        self.is_over.set()
