"""Each kind of refusal has its status, and what nobody expected shows nothing of itself."""

import types
from typing import Any

import pytest
from django.core.exceptions import RequestDataTooBig, SuspiciousOperation
from django.http import Http404, HttpRequest
from django.test import Client
from django.urls import path
from ninja import NinjaAPI, Schema
from ninja.errors import HttpError

from exchange.kernel import errors
from infra import problems


class Wanted(Schema):
    count: int


class Stubborn(errors.Conflict):
    default_code = "stubborn"


@pytest.fixture
def client(settings: Any) -> Client:
    """A client of an API with one address, which raises what the test put into `raising`."""
    api = NinjaAPI(urls_namespace="problems", docs_url=None)
    problems.install(api)

    @api.get("/raise")
    def fail(request: HttpRequest) -> None:
        raise raising[0]

    @api.post("/count")
    def count(request: HttpRequest, body: Wanted) -> None: ...

    urls = types.ModuleType("urls")
    urls.urlpatterns = [path("", api.urls)]  # type: ignore[attr-defined]
    settings.ROOT_URLCONF = urls
    return Client()


raising: list[Exception] = []


def answer_to(client: Client, error: Exception) -> Any:
    raising[:] = [error]
    return client.get("/raise")


@pytest.mark.parametrize(
    ("error", "status", "code"),
    [
        (errors.NotFound("there is no such offer"), 404, "not_found"),
        (errors.Forbidden("not yours", code="scope_missing"), 403, "scope_missing"),
        (errors.Conflict("it is withdrawn", code="wrong_state"), 409, "wrong_state"),
        (errors.Invalid("no"), 422, "invalid"),
        (errors.Unavailable("later"), 503, "unavailable"),
        (errors.NotAuthenticated("who are you?"), 401, "not_authenticated"),
        (Stubborn("no"), 409, "stubborn"),
        (Http404(), 404, "not_found"),
        (RequestDataTooBig(), 413, "too_large"),
        (SuspiciousOperation("../etc"), 400, "bad_request"),
        (HttpError(400, "no JSON"), 400, "bad_request"),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, Exception) else str(value),
)
def test_each_kind_has_its_status(client: Client, error: Exception, status: int, code: str) -> None:
    answer = answer_to(client, error)
    assert answer.status_code == status
    assert answer.headers["Content-Type"] == "application/problem+json"
    problem = answer.json()
    assert set(problem) == {"type", "title", "status", "detail"}
    assert (problem["type"], problem["status"]) == (f"urn:comptoir:problem:{code}", status)
    if isinstance(error, errors.ExchangeError):
        assert problem["detail"] == error.detail
    assert ("WWW-Authenticate" in answer.headers) == (status == 401)


def test_an_unknown_exception_shows_nothing_of_itself(client: Client, caplog: pytest.LogCaptureFixture) -> None:
    answer = answer_to(client, ZeroDivisionError("secret-of-the-house"))
    assert answer.status_code == 500
    assert answer.json()["type"] == "urn:comptoir:problem:internal"
    assert b"secret" not in answer.content and b"ZeroDivision" not in answer.content
    assert "GET raise failed" in caplog.text and "secret-of-the-house" in caplog.text


def test_every_kind_of_refusal_has_a_status() -> None:
    from exchange.kernel.problems import status_of

    kinds = [kind for kind in errors.ExchangeError.__subclasses__() if kind.__module__ == errors.__name__]
    assert len(kinds) >= 5
    assert all(status_of(kind("no")) < 500 or kind is errors.Unavailable for kind in kinds)


@pytest.mark.parametrize("body", ['{"count": "many"}', "{}", '{"count": 1e999}', "[]", "null"])
def test_input_that_is_not_as_described_says_where(client: Client, body: str) -> None:
    answer = client.post("/count", body, content_type="application/json")
    assert answer.status_code == 422
    assert answer.json()["errors"][0].keys() == {"at", "detail"}


def test_a_body_that_is_no_json_is_a_bad_request(client: Client) -> None:
    answer = client.post("/count", "{", content_type="application/json")
    assert (answer.status_code, answer.json()["type"]) == (400, "urn:comptoir:problem:bad_request")


def test_an_address_that_leads_nowhere_is_a_problem_too() -> None:
    answer = Client().get("/nowhere")
    assert answer.status_code == 404
    assert answer.headers["Content-Type"] == "application/problem+json"
