"""A line of the log says where something failed and what kind of failure it was, and nothing of whom it was about."""

import logging
import smtplib
import sys
from typing import Any

import pytest
from django.conf import settings
from django.contrib.auth.models import User
from django.db import DataError, IntegrityError, connection, transaction
from django.test import RequestFactory
from django.urls import resolve
from pydantic import BaseModel

from exchange.kernel.models import Pruning
from infra.logs import Plain
from tests import databases

JANE, NAME = "jane.roe@person.example", "Jane Roe"
FORMAT = settings.LOGGING["formatters"]["plain"]["format"]


def line_of(error: BaseException | None, words: str = "it failed", *args: object, **more: Any) -> str:
    """What is written of this error."""
    info = (type(error), error, error.__traceback__) if error else None
    record = logging.LogRecord("exchange", logging.ERROR, __file__, 1, words, args, info)  # type: ignore[arg-type]
    vars(record).update(more)
    return Plain(FORMAT).format(record)


def raised(do: Any, kind: type[BaseException]) -> BaseException:
    with pytest.raises(kind) as caught:
        do()
    return caught.value


@pytest.mark.django_db
def test_a_database_says_of_a_row_only_what_it_broke() -> None:
    def twice() -> None:
        with transaction.atomic():
            for _ in range(2):
                User.objects.create_user(JANE, email=JANE, first_name=NAME)

    error = raised(twice, IntegrityError)
    line = line_of(error)
    assert "IntegrityError" in line and "auth_user" in line and "test_logs.py" in line
    assert "roe" not in line.lower() and "DETAIL" not in line
    assert "roe" not in line_of(error, "Task failed: %r", error).lower()
    if databases.is_sqlite():
        return

    def wrong() -> None:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SELECT %s::uuid", [JANE])

    line = line_of(raised(wrong, DataError))
    assert "22P02" in line and "roe" not in line.lower()


@pytest.mark.django_db
def test_what_our_own_triggers_say_is_kept() -> None:
    def delete() -> None:
        with transaction.atomic():
            Pruning.objects.create(first_index=0, stop_index=1, decided_at="2026-11-22T09:00:00Z")

    assert "one log that has ended" in line_of(raised(delete, IntegrityError))


@pytest.mark.one_database
@pytest.mark.parametrize(
    "error",
    [
        smtplib.SMTPRecipientsRefused({JANE: (550, f"no mailbox {JANE}".encode())}),
        smtplib.SMTPDataError(554, f"refused for {JANE}".encode()),
        smtplib.SMTPSenderRefused(553, b"who are you?", JANE),
    ],
    ids=lambda error: type(error).__name__,
)
def test_a_mail_server_says_its_code_alone(error: Exception) -> None:
    for line in (line_of(error), line_of(_amid(error)), line_of(ExceptionGroup("several", [error]))):
        assert type(error).__name__ in line and "55" in line
        assert "roe" not in line.lower() and "mailbox" not in line


@pytest.mark.one_database
def test_input_that_does_not_fit_is_named_by_its_place() -> None:
    class Wanted(BaseModel):
        count: int

    line = line_of(raised(lambda: Wanted.model_validate({"count": NAME}), ValueError))
    assert "count: int_parsing" in line and NAME not in line


@pytest.mark.one_database
def test_an_address_with_a_token_is_written_as_its_pattern() -> None:
    token = "tk_a-secret-that-opens-a-request"
    request = RequestFactory().get(f"/privacy/request/{token}")
    line = line_of(None, "%s: %s", "Internal Server Error", request.path, request=request)
    assert token not in line
    request.resolver_match = resolve(request.path)
    line = line_of(None, "%s: %s", "Internal Server Error", request.path, request=request)
    assert token not in line and "Internal Server Error: /privacy/request/<slug:token>" in line


@pytest.mark.one_database
def test_an_e_mail_address_is_never_written() -> None:
    line = line_of(None, "a mail to <%s>, %s", JANE, "comptoir@2026")
    assert "roe" not in line and "a mail to <…@…>" in line


@pytest.mark.one_database
def test_the_product_writes_its_log_so() -> None:
    assert {one["()"] for one in settings.LOGGING["formatters"].values()} == {"infra.logs.Plain"}
    written = [one for one in logging.getLogger().handlers if isinstance(one.formatter, Plain)]
    assert written and all(one.stream in (sys.stderr, sys.__stderr__) for one in written)  # type: ignore[attr-defined]


def _amid(error: Exception) -> Exception:
    """Another error that came of this one."""
    try:
        try:
            raise error
        except Exception as first:
            raise RuntimeError("the letter did not leave") from first
    except RuntimeError as second:
        return second
