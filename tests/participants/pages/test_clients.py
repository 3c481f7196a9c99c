"""API clients on their pages: made with a secret that is shown once, used by the commands beside it, and ended."""

import html
import re
from typing import Any
from urllib.parse import urlencode

import pytest
from django.http import HttpResponse
from django.test import Client

from exchange.kernel.models import Event
from exchange.participants.actors import credentials
from exchange.participants.actors.credentials import NOTE_USE_TASK
from exchange.participants.models import ApiClient, Member
from infra.celery import app
from tests import makers
from tests.compliance.pages.conftest import signed_in

pytestmark = pytest.mark.by_the_clock

PAGE = {"Accept": "text/html"}
HOSTILE = '<script>alert("x")</script> عربي 🧾'


@pytest.fixture
def desk(buyer: Any) -> Client:
    """The browser of the buyer's manager."""
    return signed_in(Member.objects.get(participant=buyer.participant_id, role="manager"))


@pytest.fixture
def known(buyer: Any) -> ApiClient:
    """A client that the buyer has already."""
    own = makers.participant_of(buyer)
    return credentials.issue_client(own, name="warehouse", scopes=["read", "buy"], by=buyer)[0]


def text(answer: HttpResponse) -> str:
    return answer.content.decode()


def make(desk: Client, **given: Any) -> tuple[str, str]:
    """Make a client through the page; its id and its secret."""
    form = {"name": "nightly", "scopes": ["read", "buy"], **given}
    path = desk.post("/my-data/clients/new", form)["Location"]
    shown = re.findall(r'class="copyable" data-copy="([^"]+)"', text(desk.get(path)))
    assert len(shown) == 2
    return shown[0], shown[1]


def token(client_id: str, secret: str) -> HttpResponse:
    form = {"grant_type": "client_credentials", "client_id": client_id, "client_secret": secret}
    kind = "application/x-www-form-urlencoded"
    return Client().post("/api/v1/oauth/token", urlencode(form), content_type=kind)


def test_a_secret_is_shown_once_and_opens_the_api(
    desk: Client, django_capture_on_commit_callbacks: Any
) -> None:
    client_id, secret = make(desk, name=HOSTILE)
    again = desk.get(f"/my-data/clients/{client_id}/secret")
    assert secret not in text(again) and "was shown once" in text(again)
    assert "no-store" in again["Cache-Control"]
    page = text(desk.get("/my-data/clients"))
    assert "<script>alert" not in page and html.escape(HOSTILE) in page and "never" in page
    with app.connection_for_read() as connection, connection.SimpleQueue(app.conf.task_default_queue) as queue:
        queue.clear()
        with django_capture_on_commit_callbacks(execute=True):
            assert token(client_id, secret).status_code == 200
        message = queue.get_nowait()
        assert message.headers["task"] == NOTE_USE_TASK
        app.tasks[NOTE_USE_TASK](*message.payload[0])
        with django_capture_on_commit_callbacks() as noted_again:
            assert token(client_id, secret).status_code == 200
    client = ApiClient.objects.get(pk=client_id)
    assert client.last_used_at is not None and client.scopes == ["buy", "read"]
    assert noted_again == []
    assert secret not in str(desk.session.items())


def test_a_form_sent_twice_makes_one_client(desk: Client) -> None:
    form = {"name": "nightly", "scopes": ["read"]}
    first = desk.post("/my-data/clients/new", form)["Location"]
    assert desk.post("/my-data/clients/new", form)["Location"] == first
    made = ApiClient.objects.filter(name="nightly")
    assert made.count() == 1
    desk.post(f"/my-data/clients/{made.get().pk}/revoke")
    assert desk.post("/my-data/clients/new", form)["Location"] != first and made.count() == 2


def test_a_secret_waits_encrypted_for_its_page(desk: Client) -> None:
    desk.post("/my-data/clients/new", {"name": "nightly", "scopes": ["read"]})
    kept = desk.session["fresh_secret"]
    client = ApiClient.objects.get(name="nightly")
    other = desk.get(
        f"/my-data/clients/{ApiClient.objects.exclude(pk=client.pk).first().pk}/secret", headers=PAGE
    )  # type: ignore[union-attr]
    assert other.status_code in (200, 404) and kept["sealed"] not in text(other)


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"name": ""}, "name"),
        ({"name": "x" * 100_000}, "name"),
        ({"name": "a\u202eb"}, "name"),
        ({"scopes": []}, "scopes"),
        ({"scopes": ["audit"]}, "scopes"),
        ({"scopes": ["king"]}, "scopes"),
    ],
)
def test_a_client_that_cannot_be_is_shown_again(desk: Client, given: dict[str, Any], field: str) -> None:
    before = ApiClient.objects.count()
    answer = desk.post("/my-data/clients/new", {"name": HOSTILE, "scopes": ["read"], **given})
    assert answer.status_code == 422 and f'id="id_{field}_error"' in text(answer)
    assert ApiClient.objects.count() == before


def test_rotation_ends_the_old_secret_and_shows_the_new_one_once(desk: Client) -> None:
    client_id, old = make(desk)
    assert "stop working at once" in text(desk.get(f"/my-data/clients/{client_id}/rotate"))
    path = desk.post(f"/my-data/clients/{client_id}/rotate")["Location"]
    page = text(desk.get(path))
    new = re.findall(r'class="copyable" data-copy="([^"]+)"', page)[1]
    assert new != old and new not in text(desk.get(path))
    assert token(client_id, old).status_code == 401 and token(client_id, new).status_code == 200


def test_revocation_is_for_good_and_a_stale_page_says_so(desk: Client) -> None:
    client_id, secret = make(desk)
    assert "for good" in text(desk.get(f"/my-data/clients/{client_id}/revoke"))
    assert desk.post(f"/my-data/clients/{client_id}/revoke").status_code == 302
    assert token(client_id, secret).status_code == 401
    for verb in ("revoke", "rotate"):
        answer = desk.post(f"/my-data/clients/{client_id}/{verb}")
        assert answer.status_code == 409 and "Nothing was done" in text(answer)
        assert desk.get(f"/my-data/clients/{client_id}/{verb}")["Location"].endswith(client_id)
    assert Event.objects.filter(name="client.revoked").count() == 1
    assert "Revoked" in text(desk.get(f"/my-data/clients/{client_id}"))


@pytest.mark.parametrize("role", ["trader", "viewer"])
def test_who_does_not_manage_sees_clients_and_changes_nothing(
    buyer: Any, known: ApiClient, now: Any, role: str, unchanged: Any
) -> None:
    browser = signed_in(makers.member(makers.participant_of(buyer), role, now))
    assert "warehouse" in text(browser.get("/my-data/clients"))
    assert "Make an API client" not in text(browser.get("/my-data/clients"))
    assert "Another secret" not in text(browser.get(f"/my-data/clients/{known.pk}"))
    with unchanged():
        for path in ("new", f"{known.pk}/rotate", f"{known.pk}/revoke"):
            form = {"name": "mine", "scopes": ["read"]}
            assert browser.post(f"/my-data/clients/{path}", form, headers=PAGE).status_code == 403


def test_an_outsider_and_an_officer_find_no_clients_of_others(
    outsider: Any, officer: Any, known: ApiClient, now: Any, unchanged: Any
) -> None:
    auditor = makers.member(makers.participant_of(officer), "officer", now)
    for browser in (
        signed_in(Member.objects.get(participant=outsider.participant_id, role="manager")),
        signed_in(auditor, second_factor=True),
    ):
        assert "warehouse" not in text(browser.get("/my-data/clients"))
        with unchanged():
            for path in ("", "/secret", "/rotate", "/revoke"):
                assert browser.get(f"/my-data/clients/{known.pk}{path}", headers=PAGE).status_code == 404
            for path in ("/rotate", "/revoke"):
                assert browser.post(f"/my-data/clients/{known.pk}{path}", headers=PAGE).status_code == 404


def test_an_officer_makes_a_machine_of_the_desk(officer: Any, now: Any) -> None:
    browser = signed_in(makers.member(makers.participant_of(officer), "officer", now), second_factor=True)
    page = text(browser.get("/my-data/clients/new"))
    assert 'value="audit"' in page and 'value="sell"' not in page
    client_id, _secret = make(browser, scopes=["read", "audit"])
    assert ApiClient.objects.get(pk=client_id).scopes == ["audit", "read"]


def test_a_visitor_is_led_to_sign_in_and_a_form_needs_its_token(desk: Client, known: ApiClient) -> None:
    assert Client().get("/my-data/clients")["Location"] == "/accounts/login/?next=%2Fmy-data%2Fclients"
    browser = Client(enforce_csrf_checks=True)
    browser.cookies = desk.cookies
    assert browser.post(f"/my-data/clients/{known.pk}/revoke", headers=PAGE).status_code == 403
    known.refresh_from_db()
    assert known.revoked_at is None


def test_more_clients_need_no_more_queries(
    desk: Client, buyer: Any, django_assert_max_num_queries: Any
) -> None:
    desk.get("/my-data/clients")
    for number in range(8):
        credentials.issue_client(makers.participant_of(buyer), name=f"m{number}", scopes=["read"], by=buyer)
    with django_assert_max_num_queries(14):
        desk.get("/my-data/clients")


def test_the_commands_name_this_exchange_and_this_client(desk: Client, known: ApiClient, settings: Any) -> None:
    blocks = [
        html.unescape(found)
        for found in re.findall(r'lines" data-copy="([^"]+)"', text(desk.get(f"/my-data/clients/{known.pk}")))
    ]
    assert len(blocks) == 6
    assert blocks[0].startswith(f"EXCHANGE={settings.EXCHANGE_URL}\nCLIENT={known.pk}\n")
    assert all("secret" not in block for block in blocks[1:])


def test_the_pages_read_french(desk: Client, known: ApiClient) -> None:
    for path, words in {
        "": "Créer un client d’API",
        "/new": "Le créer et montrer son secret",
        f"/{known.pk}": "Obtenir un jeton d’accès",
        f"/{known.pk}/secret": "n’a été montré qu’une fois",
        f"/{known.pk}/rotate": "Donner un autre secret au client",
        f"/{known.pk}/revoke": "Révoquer le client d’API",
    }.items():
        assert words in text(desk.get(f"/my-data/clients{path}", headers={"Accept-Language": "fr"})), path
