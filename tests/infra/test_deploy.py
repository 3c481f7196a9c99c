"""What infra/deploy starts: every process of infra/processes.py, each with the folders that they share."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
import yaml
from django.urls import URLResolver, get_resolver

from infra import processes
from tests.architecture.sources import ROOT

DEPLOY = ROOT / "infra" / "deploy"
COMMANDS = {
    "web": ["granian", "infra.wsgi:application"],
    "gateway": ["uvicorn", "infra.asgi:application"],
    "worker": ["celery", "worker"],
    "beat": ["celery", "beat"],
}
"""What a process is in production, where it is no command of `python -m infra`."""
SHARED = {
    "exports": {"web", "worker"},
    "access": {"web", "gateway", "worker"},
    "uploads": {"web", "gateway", "worker"},
    "log": {"web", "gateway", "worker", "messenger", "signer"},
    "monitor": {"worker"},
    "search": {"web", "gateway", "worker"},
    "keys": {"web", "gateway", "worker", "messenger", "signer"},
}
"""A folder under EXCHANGE_VAR_DIR, and some who must see the same one."""


@pytest.fixture(scope="module")
def services() -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load((DEPLOY / "compose.yaml").read_text())["services"]
    return found


def names() -> set[str]:
    """Every process, with web and gateway apart."""
    return {work.__name__ for work in processes.BEHIND_THE_WEB} | {"web", "gateway"}


def test_compose_starts_every_process(services: dict[str, Any]) -> None:
    assert names() <= set(services)
    assert set(services) - names() == {"prepare", "nginx", "postgres", "redis"}
    for name in names():
        command = services[name]["command"]
        assert set(COMMANDS.get(name, ["infra", name])) <= set(command), (name, command)


def test_processes_that_share_a_folder_share_its_volume(services: dict[str, Any]) -> None:
    dockerfile = (DEPLOY / "Dockerfile").read_text()
    for folder, wanted in SHARED.items():
        place = f"/var/lib/comptoir/{folder}"
        for name in wanted:
            mounted = [one.split(":")[:2] for one in services[name]["volumes"]]
            assert [folder, place] in mounted, (name, folder)
        assert re.search(rf"{place}\b", dockerfile), "a volume takes over the owner of this folder"


def test_every_folder_that_settings_name_is_kept(services: dict[str, Any], settings: Any) -> None:
    other_names = {"storage": "assets", "upload": "uploads"}
    named = {found[1].lower() for name in dir(settings) if (found := re.fullmatch(r"EXCHANGE_(\w+)_DIR", name))}
    mounted = {one.split(":")[0] for name in names() for one in services[name]["volumes"]}
    assert {other_names.get(name, name) for name in named - {"var"}} <= mounted


def test_systemd_runs_them_all_and_the_page_for_operators_lists_them() -> None:
    unit = (DEPLOY / "comptoir.service").read_text()
    assert re.search(r"^ExecStart=\S+ -m infra run$", unit, re.MULTILINE)
    page = (ROOT / "docs" / "operate" / "run.md").read_text()
    assert set(re.findall(r"^\| (\w+) \| .* \| `", page, re.MULTILINE)) >= names()


def test_no_path_that_holds_a_token_is_written_into_the_access_log() -> None:
    table = (DEPLOY / "nginx.conf").read_text().partition("map $uri $shown {")[2].partition("}")[0]
    cut = [re.compile(one) for one in re.findall(r"~(\S+)\s", table)]
    paths = [f"/{door}/some.token/a.csv" for door in ("u", "d")]
    named = [one for one in _paths(get_resolver().url_patterns) if {"token", "key"} & set(_named(one))]
    paths += [f"/{one}" for one in named if "/activities/" not in one]  # the key of an activity is a word
    assert len(paths) > 4
    assert [one for one in paths if not any(found.search(one) for found in cut)] == []


def _paths(patterns: Any, before: str = "") -> Iterator[str]:
    for one in patterns:
        path = before + str(one.pattern)
        yield from _paths(one.url_patterns, path) if isinstance(one, URLResolver) else [path]


def _named(path: str) -> list[str]:
    return re.findall(r"<(?:\w+:)?(\w+)>", path)
