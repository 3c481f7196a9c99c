"""What several threads of a process want at the same moment is decided together: one decides for all that wait, and
while it does, the next ones gather. `group_commit` does the same on an event loop."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from threading import Condition, Event
from typing import Generic, TypeVar

Item = TypeVar("Item")
Answer = TypeVar("Answer")

LARGEST_GROUP = 64


@dataclass(eq=False)
class _Turn(Generic[Item, Answer]):
    """One thread that waits: woken once it is answered, or to decide for those behind it."""

    item: Item
    woken: Event = field(default_factory=Event)
    answers: list[Answer] = field(default_factory=list)
    error: BaseException | None = None


class Gathering(Generic[Item, Answer]):
    """Hands what waits to `decide`, one group at a time, in the order in which it came. Before each group it waits, for
    `window_seconds` at most, until as many have come as came for the one before."""

    def __init__(
        self, decide: Callable[[Sequence[Item]], Sequence[Answer]], *, window_seconds: float = 0
    ) -> None:
        self._decide = decide
        self._window_seconds = window_seconds
        self._changed = Condition()
        self._waiting: list[_Turn[Item, Answer]] = []
        self._is_led = False
        self._expected = 1

    def submit(self, item: Item) -> Answer:
        """The answer to `item`, once its group is decided; raises what its group raised."""
        turn: _Turn[Item, Answer] = _Turn(item)
        with self._changed:
            self._waiting.append(turn)
            follows, self._is_led = self._is_led, True
            self._changed.notify_all()
        if follows:
            turn.woken.wait()
        if not turn.answers and turn.error is None:
            self._lead()
        if turn.error is not None:
            raise turn.error
        return turn.answers[0]

    def _lead(self) -> None:
        """Decide for all that wait, and leave it to the first who came meanwhile to go on."""
        with self._changed:
            self._changed.wait_for(lambda: len(self._waiting) >= self._expected, self._window_seconds)
            group, self._waiting = self._waiting[:LARGEST_GROUP], self._waiting[LARGEST_GROUP:]
        try:
            for turn, answer in zip(group, self._decide([turn.item for turn in group]), strict=True):
                turn.answers.append(answer)
        except BaseException as error:
            for turn in group:
                turn.error = error
        finally:
            with self._changed:
                woken = [*group, *self._waiting[:1]]
                self._is_led = bool(self._waiting)
                self._expected = len(group) + len(self._waiting)
            for turn in woken:
                turn.woken.set()
