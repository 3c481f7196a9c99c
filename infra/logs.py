"""How a line of the log is written: without addresses of requests, which carry tokens, and without what a database or a
mail server says of the rows and people that an error is about. Where it happened and of what kind it is stays."""

import logging
import re
import smtplib
from collections.abc import Iterator

import psycopg
from django.db import Error as DatabaseError
from django.http import HttpRequest
from django.template import VariableDoesNotExist
from pydantic import ValidationError

_ADDRESS = re.compile(r"[\w.+%-]+@[\w-]+(?:\.[\w-]+)+")
_OF_VALUES = ("22", "23")
"""Classes of PostgreSQL's errors whose words repeat what a row holds: data and constraints."""
_OF_TRIGGERS = "23000"  # which our own raise, in words of ours


class Plain(logging.Formatter):
    """One line, and the traceback of what failed."""

    def formatMessage(self, record: logging.LogRecord) -> str:
        request = getattr(record, "request", None)
        if isinstance(request, HttpRequest) and isinstance(record.args, tuple):
            shown = (route_of(request) if value == request.path else value for value in record.args)
            record.message = str(record.msg) % tuple(shown)
        return super().formatMessage(record)

    def format(self, record: logging.LogRecord) -> str:
        text = super().format(record)
        for error in _chain(record.exc_info[1] if record.exc_info else None):
            said = said_of(error)
            if said is not None:
                kind = type(error).__name__
                text = text.replace(repr(error), f"{kind}({said})").replace(str(error) or kind, said or kind)
        return _ADDRESS.sub("…@…", text)


def route_of(request: HttpRequest) -> str:
    """The pattern that an address follows, instead of the address."""
    match = request.resolver_match
    return f"/{match.route}" if match else "(an address that leads nowhere)"


def said_of(error: BaseException) -> str | None:
    """What may be written of an error whose own words repeat values; None where they do not."""
    if isinstance(error, smtplib.SMTPResponseException):
        return str(error.smtp_code)
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        return ", ".join(sorted({str(code) for code, _ in error.recipients.values()}))
    if isinstance(error, ValidationError):
        return ", ".join(f"{'.'.join(map(str, one['loc']))}: {one['type']}" for one in error.errors())
    if isinstance(error, DatabaseError) and isinstance(error.__cause__, psycopg.Error):
        return said_of(error.__cause__)
    if isinstance(error, psycopg.Error) and error.sqlstate and error.sqlstate.startswith(_OF_VALUES):
        about = error.diag
        if error.sqlstate == _OF_TRIGGERS:
            return about.message_primary or ""
        named = (error.sqlstate, about.table_name, about.column_name, about.constraint_name)
        return " ".join(one for one in named if one)
    if isinstance(error, VariableDoesNotExist):
        return ""
    return None


def _chain(error: BaseException | None) -> Iterator[BaseException]:
    """An error, and those that it came of or came amid."""
    seen: set[int] = set()
    waiting = [error]
    while waiting:
        one = waiting.pop()
        if one is None or id(one) in seen:
            continue
        seen.add(id(one))
        yield one
        waiting += [one.__cause__, one.__context__]
        waiting += one.exceptions if isinstance(one, BaseExceptionGroup) else ()
