"""The operator sees the settings in force; a secret stays one."""

from typing import Any

import pytest
from django.test import Client

from infra import environment, settings_in_force

pytestmark = pytest.mark.django_db


def text(answer: Any) -> str:
    return str(answer.content.decode())


def rows() -> dict[str, settings_in_force.Row]:
    return {row.name: row for group in settings_in_force.groups() for row in group.rows}


def test_every_setting_stands_there_once(desk: Client) -> None:
    page = text(desk.get("/operate/settings"))
    assert list(rows()) == list(environment.KNOWN)
    for name in environment.KNOWN:
        assert page.count(f"<code>{name}</code><small>") == 1, name


def test_a_secret_is_never_shown(desk: Client, settings: Any) -> None:
    for name, setting in environment.KNOWN.items():
        if setting.is_secret:
            setattr(settings, name, f"hush-{name.lower()}")
    settings.EXCHANGE_S3_ENDPOINT = "https://key:hush@storage.example"
    page = text(desk.get("/operate/settings"))
    assert "hush" not in page
    assert "set, and not shown" in page and "https://…@storage.example" in page
    settings.EXCHANGE_EMAIL_URL = ""
    assert not rows()["EXCHANGE_EMAIL_URL"].is_set


def test_what_the_environment_gives_is_told_from_defaults(desk: Client, monkeypatch: Any) -> None:
    monkeypatch.setenv("EXCHANGE_NAME", "Port-Libre")
    monkeypatch.delenv("EXCHANGE_S3_REGION", raising=False)
    found = rows()
    assert found["EXCHANGE_NAME"].is_set and not found["EXCHANGE_S3_REGION"].is_set
    shown = [
        row.name for group in desk.get("/operate/settings?show=set").context["groups"] for row in group.rows
    ]
    assert "EXCHANGE_NAME" in shown and "EXCHANGE_S3_REGION" not in shown


def test_values_are_shown_as_they_would_be_written(settings: Any) -> None:
    settings.EXCHANGE_ALLOWED_HOSTS = ["a.example", "b.example"]
    settings.EXCHANGE_FEE_BASIS_POINTS = 250
    assert rows()["EXCHANGE_ALLOWED_HOSTS"].value == "a.example, b.example"
    assert rows()["EXCHANGE_FEE_BASIS_POINTS"].value == "250"
    assert rows()["EXCHANGE_STORAGE"].options == ("files", "s3")


def test_the_page_speaks_french(desk: Client) -> None:
    desk.cookies["django_language"] = "fr"
    page = text(desk.get("/operate/settings"))
    assert '<html lang="fr"' in page
    assert "Réglages en vigueur" in page
    assert "Où sont conservés les fichiers." in page
