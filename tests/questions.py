"""What a page asks the database: how often, and from where. A page of ours asks in its view, never in its template;
the frame around it, which knows who acts, what waits and where the log stands, may."""

import sys
from collections.abc import Callable
from typing import Any

from django.db import connection

_TEMPLATE = "/django/template/"
_FRAME = "/exchange/look/"
_ROWS = ('FROM "datasets_', 'FROM "contracts_', 'FROM "payments_')


def asked_by(page: Callable[[], Any]) -> tuple[int, list[str]]:
    """How many queries it takes to answer, and those for rows of the page among them that a template asks."""
    asked: list[tuple[str, bool]] = []

    def watch(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        asked.append((sql, _is_from_template()))
        return execute(sql, params, many, context)

    with connection.execute_wrapper(watch):
        assert page().status_code == 200
    from_templates = [sql for sql, is_from_template in asked if is_from_template]
    return len(asked), [sql for sql in from_templates if any(rows in sql for rows in _ROWS)]


def _is_from_template() -> bool:
    """Whether the nearest of our own frames and of the template engine is the engine's."""
    frame = sys._getframe(2)
    while frame is not None:
        name = frame.f_code.co_filename
        if _FRAME in name:
            return False
        if _TEMPLATE in name:
            return True
        frame = frame.f_back  # type: ignore[assignment]
    return False
