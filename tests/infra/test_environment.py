"""Settings come from EXCHANGE_ variables; a malformed value stops the process by name."""

from pathlib import Path
from typing import Any

import pytest
from django.core.exceptions import ImproperlyConfigured

from infra import environment as env
from infra.checks import deployment

WITNESS = "witness.example+42f5e8b6+BHd3d3d3d3d3d3d3d3d3d3d3d3d3d3d3d3d3d3d3d3d3"


@pytest.fixture(autouse=True)
def known_stays(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(env, "KNOWN", dict(env.KNOWN))


@pytest.mark.parametrize(
    ("read", "value"),
    [
        (lambda: env.boolean("T", True, ""), "yes"),
        (lambda: env.whole("T", 1, ""), "ten"),
        (lambda: env.whole("T", 1, "", at_least=1), "0"),
        (lambda: env.whole("T", 1, "", at_most=5), "6"),
        (lambda: env.choice("T", "a", ("a", "b"), ""), "c"),
        (lambda: env.networks("T", "", ""), "10.0.0.0/8, nonsense"),
        (lambda: env.witnesses("T", "", ""), "w.example+00000000+BAAA https://w.example"),
        (lambda: env.witnesses("T", "", ""), f"{WITNESS} w.example"),
    ],
)
def test_a_malformed_value_is_named(read: Any, value: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EXCHANGE_T", value)
    with pytest.raises(ImproperlyConfigured, match="EXCHANGE_T"):
        read()


def test_a_secret_may_come_from_a_file(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("hush\n")
    monkeypatch.setenv("EXCHANGE_T_FILE", str(tmp_path / "secret"))
    assert env.secret("T", "") == "hush"
    monkeypatch.setenv("EXCHANGE_T", "other")
    with pytest.raises(ImproperlyConfigured, match="both set"):
        env.secret("T", "")


def test_a_secret_file_that_cannot_be_read_stops_the_process(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EXCHANGE_T_FILE", "/nowhere/secret")
    with pytest.raises(ImproperlyConfigured, match="EXCHANGE_T_FILE"):
        env.secret("T", "")


def test_a_misspelt_variable_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EXCHANGE_PAYMENT_PROVIDR", "demo")
    assert env.unknown() == ["EXCHANGE_PAYMENT_PROVIDR"]


def test_the_demo_provider_is_refused_outside_demo_mode(settings: Any) -> None:
    from infra import checks

    settings.EXCHANGE_DEMO, settings.EXCHANGE_PAYMENT_PROVIDER = False, "demo"
    assert "infra.E002" in [message.id for message in checks.deployment(None)]
    settings.EXCHANGE_PAYMENT_PROVIDER = "off"
    assert "infra.E002" not in [message.id for message in checks.deployment(None)]


def test_witnesses_are_read_with_their_addresses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EXCHANGE_T", f"{WITNESS} https://w.example/, {WITNESS} http://10.0.0.1:7380")
    assert env.witnesses("T", "", "") == [f"{WITNESS} https://w.example", f"{WITNESS} http://10.0.0.1:7380"]
    monkeypatch.setenv("EXCHANGE_T", "")
    assert env.witnesses("T", "", "") == []


def test_a_quorum_of_more_witnesses_than_there_are_is_a_bad_deployment(settings: Any) -> None:
    settings.EXCHANGE_WITNESSES = [f"{WITNESS} https://w.example"]
    for quorum, found in ((0, False), (1, False), (2, True)):
        settings.EXCHANGE_WITNESS_QUORUM = quorum
        assert ("infra.E005" in {message.id for message in deployment(None)}) is found
