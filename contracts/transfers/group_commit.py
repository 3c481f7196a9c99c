"""Requests that arrive together are decided together: while one transaction commits, the next ones gather. A
request is answered only after its Event is durable."""

import asyncio
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Generic, ParamSpec, TypeVar

from django.db import close_old_connections

Arguments = ParamSpec("Arguments")
Result = TypeVar("Result")
Item = TypeVar("Item")
Answer = TypeVar("Answer")

LARGEST_GROUP = 256


class Group(Generic[Item, Answer]):
    """Collects items and hands all that wait to `decide`, one group at a time. Before each group it waits, for
    `window_seconds` at most, until most of those have come that are likely to: as many as it knows of."""

    def __init__(
        self, decide: Callable[[list[Item]], Awaitable[list[Answer]]], *, window_seconds: float = 0
    ) -> None:
        self._decide = decide
        self._window_seconds = window_seconds
        self._waiting: list[tuple[Item, asyncio.Future[Answer]]] = []
        self._writer: asyncio.Task[None] | None = None
        self._expected = 0
        self._enough: asyncio.Future[None] | None = None

    async def submit(self, item: Item) -> Answer:
        """The answer to `item`, once its group has committed; raises what its group raised."""
        loop = asyncio.get_running_loop()
        future: asyncio.Future[Answer] = loop.create_future()
        self._waiting.append((item, future))
        if self._enough is not None and len(self._waiting) >= self._expected:
            _release(self._enough)
        if self._writer is None or self._writer.done():
            self._writer = loop.create_task(self._write())
        return await future

    async def _write(self) -> None:
        while self._waiting:
            if self._window_seconds and len(self._waiting) < self._expected:
                await self._gather()
            group, self._waiting = self._waiting[:LARGEST_GROUP], self._waiting[LARGEST_GROUP:]
            await self._commit(group)
            self._expected = (len(group) + len(self._waiting)) * 7 // 8

    async def _gather(self) -> None:
        loop = asyncio.get_running_loop()
        self._enough = loop.create_future()
        timer = loop.call_later(self._window_seconds, _release, self._enough)
        try:
            await self._enough
        finally:
            timer.cancel()
            self._enough = None

    async def _commit(self, group: list[tuple[Item, asyncio.Future[Answer]]]) -> None:
        try:
            answers = await self._decide([item for item, _ in group])
        except Exception as error:
            for _, future in group:
                if not future.done():
                    future.set_exception(error)
            return
        for (_, future), answer in zip(group, answers, strict=True):
            if not future.done():
                future.set_result(answer)


class GroupCommit(Group[Item, Answer]):
    """A group that a database function decides, in a thread of its own."""

    def __init__(self, decide: Callable[[list[Item]], list[Answer]]) -> None:
        pool = ThreadPoolExecutor(max_workers=1, thread_name_prefix="group-commit")

        async def decide_in_thread(items: list[Item]) -> list[Answer]:
            return await in_thread(pool, decide, items)

        super().__init__(decide_in_thread)


async def in_thread(
    pool: ThreadPoolExecutor,
    function: Callable[Arguments, Result],
    *args: Arguments.args,
    **kwargs: Arguments.kwargs,
) -> Result:
    """Run a database function in a pool whose connections are checked before and after, as requests do."""

    def run() -> Result:
        close_old_connections()
        try:
            return function(*args, **kwargs)
        finally:
            close_old_connections()

    return await asyncio.get_running_loop().run_in_executor(pool, run)


def _release(waiter: asyncio.Future[None]) -> None:
    if not waiter.done():
        waiter.set_result(None)
