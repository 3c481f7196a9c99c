"""Installing the law: what is refused and why, what an installed profile changes, and what is kept of it."""

import json
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.core.management import CommandError, call_command
from django.db import DatabaseError, transaction

from compliance import gates, legal
from compliance.destinations import desk
from compliance.legal import in_force, installation
from compliance.legal import profile as profiles
from compliance.log import notes
from compliance.models import InstalledProfile, KeptProfile
from exchange.kernel.actors import Actor
from exchange.kernel.errors import Conflict, ExchangeError, Forbidden, Invalid
from exchange.kernel.models import Event
from tests.compliance.legal import laws

Change = Callable[[dict[str, Any]], object]
ONE_FIELD: list[tuple[str, Change]] = [
    ("serial", lambda raw: raw.update(serial=0)),
    ("serial", lambda raw: raw.update(serial="3")),
    ("version", lambda raw: raw.update(version="")),
    ("as_of", lambda raw: raw.update(as_of="21.11.2026")),
    (r"eea\[0\]", lambda raw: raw["eea"].__setitem__(0, "XX")),
    (r"adequacy\[2\]\.valid_to", lambda raw: raw["adequacy"][2].update(valid_to="2001-01-01")),
    (r"adequacy\[0\]\.condition is vip", lambda raw: raw["adequacy"][0].update(condition="vip")),
    (r"renamed\[0\]\.now", lambda raw: raw["renamed"][0].update(now=[])),
    (r"renamed\[1\]\.was names AN twice", lambda raw: raw["renamed"][1].update(was="AN")),
    (r"conditions\.dpf lacks fr", lambda raw: raw["conditions"]["dpf"].pop("fr")),
    (r"safeguards\[0\]\.modules\[0\]\.code", lambda raw: raw["safeguards"][0]["modules"][0].update(code="")),
    ("safeguards names", lambda raw: raw["safeguards"].append(raw["safeguards"][0])),
    (r"grounds\.9\(2\)\[0\] lacks en", lambda raw: raw["grounds"]["9(2)"][0].pop("en")),
    (r"periods\.notice14 must be given in one unit", lambda raw: raw["periods"].update(notice14={})),
    (r"periods\.notice14\.months", lambda raw: raw["periods"].update(notice14={"months": -1})),
    (
        r"periods\.breach\.authority\.working_day",
        lambda raw: raw["periods"].update({"breach.authority": {"hours": 72, "working_day": True}}),
    ),
    ("periods has the name", lambda raw: raw["periods"].update({"Not A Name": {"days": 1}})),
    (r"thresholds\.dpia\.criteria", lambda raw: raw["thresholds"].update({"dpia.criteria": 1.5})),
    (r"holidays\.FR\[0\]", lambda raw: raw["holidays"]["FR"].__setitem__(0, "1 January")),
    (r"holidays\.XX", lambda raw: raw["holidays"].update(XX=["2027-01-01"])),
    (r"texts\.notice\.duty", lambda raw: raw["texts"]["notice.duty"].update(fr=" ")),
    ("fields that are not known: surprise", lambda raw: raw.update(surprise=1)),
    ("lacks holidays", lambda raw: raw.pop("holidays")),
    (r"lacks periods\.request\.answer", lambda raw: raw["periods"].pop("request.answer")),
    (r"lacks grounds\.49\(1\)", lambda raw: raw["grounds"].pop("49(1)")),
    ("lacks safeguards.scc", lambda raw: raw["safeguards"].pop(0)),
]


@pytest.fixture(autouse=True)
def publisher(settings: Any) -> None:
    """A publisher whom the operator trusts."""
    settings.EXCHANGE_LEGAL_PROFILE_KEY = laws.trusted()


def refused(note: bytes, by: Actor, says: str, code: str) -> ExchangeError:
    """It is refused for that, and the law is what it was."""
    before = legal.current().sha256, KeptProfile.objects.count(), InstalledProfile.objects.count()
    with pytest.raises(ExchangeError, match=says) as refusal:
        installation.install(note, by=by)
    assert refusal.value.code == code
    assert (legal.current().sha256, KeptProfile.objects.count(), InstalledProfile.objects.count()) == before
    return refusal.value


def test_a_signed_newer_profile_is_the_law_of_the_next_decision_and_all_are_kept(
    officer: Actor, now: Any
) -> None:
    assert gates.destination("personal", "JP", (), now.date()).allowed
    made = laws.install(officer, laws.ended("JP"))
    found = gates.destination("personal", "JP", (), now.date())
    assert (found.reason, found.profile_version) == ("decision_not_in_force", "a law of tests, number 2")
    later = laws.install(officer)
    assert gates.destination("personal", "JP", (), now.date()).allowed
    assert later.serial == 3 and legal.current().sha256 == later.profile_id
    old = legal.kept(made.profile_id)
    assert old is not None and old.serial == 2 and old.sha256 == made.profile_id
    assert [one.serial for one in desk.history(by=officer)] == [3, 2]
    event = Event.objects.get(name="profile.installed", subject=f"installedprofile:{made.pk}")
    told = json.loads(bytes(event.leaf))["facts"]
    assert (told["serial"], told["sha256"], told["as_of"]) == (2, made.profile_id, "2026-11-21")
    with pytest.raises(DatabaseError), transaction.atomic():
        InstalledProfile.objects.filter(pk=made.pk).update(serial=99)
    assert bytes(made.note).startswith(old.written) and b"law.example.org" in bytes(made.note)


def test_what_is_not_signed_newer_and_of_today_is_refused(
    officer: Actor, operator: Actor, settings: Any
) -> None:
    text, good = laws.written(2), laws.signed(laws.written(2))
    unsigned, wrong = "legal_profile_unsigned", "legal_profile_invalid"
    refused(text.encode(), officer, "not a text, an empty line and signature lines", unsigned)
    refused(good.replace(b'"US"', b'"UM"'), officer, "does not fit the text", unsigned)
    stranger = notes.sign(text, "law.stranger.example", Ed25519PrivateKey.generate())
    refused(stranger, officer, "signed by law.stranger.example, and by no key", unsigned)
    impostor = notes.sign(text, laws.PUBLISHER, Ed25519PrivateKey.generate())
    refused(impostor, officer, "by no key that was given", unsigned)
    refused(b"\xff" + good, officer, "does not count", unsigned)
    refused(good + b" " * 1_000_000, officer, "more than 1000000 bytes", "legal_profile_too_large")
    refused(
        laws.signed(laws.written(1)), officer, "serial is 1, and the one in force has 1", "legal_profile_older"
    )
    future = laws.signed(laws.written(2, lambda raw: raw.update(as_of="2026-11-23")))
    refused(future, officer, "as_of is 2026-11-23, which lies in the future", "legal_profile_early")
    short = {name: json.loads(text)[name] for name in ("version", "as_of", "eea", "adequacy")}
    refused(laws.signed(json.dumps(short) + "\n"), officer, "lacks grounds", wrong)
    with pytest.raises(Forbidden):
        installation.install(good, by=operator)
    settings.EXCHANGE_LEGAL_PROFILE_KEY = ""
    refused(good, officer, "nobody's signature is trusted", "no_legal_profile_key")
    settings.EXCHANGE_LEGAL_PROFILE_KEY = "law+0+nonsense"
    refused(good, officer, "EXCHANGE_LEGAL_PROFILE_KEY", "no_legal_profile_key")
    settings.EXCHANGE_LEGAL_PROFILE_KEY = laws.trusted()
    assert installation.install(good, by=officer).serial == 2
    refused(good, officer, "serial is 2, and the one in force has 2", "legal_profile_older")


def test_each_field_that_is_malformed_is_named(officer: Actor) -> None:
    for says, change in ONE_FIELD:
        refused(laws.signed(laws.written(2, change)), officer, says, "legal_profile_invalid")
    huge = laws.written(2, lambda raw: raw["texts"].update(huge={"en": "x" * 9_000, "fr": "x"}))
    refused(laws.signed(huge), officer, r"texts\.huge\.en", "legal_profile_invalid")


def test_a_file_of_the_operators_rules_alone_and_one_of_old_says_of_destinations_only(
    officer: Actor, settings: Any, tmp_path: Path, now: Any
) -> None:
    laws.install(officer, laws.ended("JP"))
    file = tmp_path / "law.json"
    short = {name: json.loads(laws.written())[name] for name in ("version", "as_of", "eea", "adequacy")}
    file.write_text(json.dumps(short))
    settings.EXCHANGE_LEGAL_PROFILE = str(file)
    assert gates.destination("personal", "JP", (), now.date()).allowed
    state = desk.law_in_force(by=officer)
    assert state.is_file and state.is_old and state.installed is None and state.waits is not None
    refused(laws.signed(laws.written(9)), officer, "names a file that rules alone", "legal_profile_is_a_file")
    with pytest.raises(ExchangeError, match="does not say the period") as refusal:
        legal.current().period("request.answer")
    assert refusal.value.code == "legal_profile_incomplete"
    settings.EXCHANGE_LEGAL_PROFILE = ""
    assert not gates.destination("personal", "JP", (), now.date()).allowed


def test_the_law_is_old_once_its_own_period_has_passed(officer: Actor, now: Any) -> None:
    state = desk.law_in_force(by=officer)
    assert not state.is_old and state.installed is None and not state.is_file
    assert not desk.is_old(profiles.load(), now + timedelta(days=180))
    assert desk.is_old(profiles.load(), now + timedelta(days=182))


def test_another_process_takes_the_new_law_without_a_restart_and_asks_once_a_second(
    officer: Actor, monkeypatch: pytest.MonkeyPatch, django_assert_num_queries: Any
) -> None:
    clock = [100.0]
    monkeypatch.setattr(in_force.time, "monotonic", lambda: clock[0])
    in_force.forget()
    with django_assert_num_queries(1):
        for _ in range(5):
            assert legal.current().serial == 1
    made = laws.install(officer)
    monkeypatch.setattr(in_force, "_learned", in_force._Learned("", clock[0]))  # what the other one had read
    assert legal.current().serial == 1
    clock[0] += in_force.ASKS_AGAIN_SECONDS
    assert legal.current().serial == made.serial


def test_of_two_officers_who_install_the_same_number_one_wins(
    officer: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = laws.install(officer)
    monkeypatch.setattr(InstalledProfile.objects, "order_by", lambda *names: InstalledProfile.objects.none())
    with pytest.raises(Conflict, match="another officer has just installed one") as refusal:
        installation.install(laws.signed(laws.written(2, laws.ended("CH"))), by=officer)
    assert refusal.value.code == "legal_profile_older"
    monkeypatch.undo()
    assert InstalledProfile.objects.get() == first


def test_the_commands_make_a_key_sign_check_and_install(
    officer: Actor, settings: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    key, file = tmp_path / "key.pem", tmp_path / "law.json"
    file.write_text(laws.written(2))
    call_command("law", "create", str(key), "law.of.the.house")
    settings.EXCHANGE_LEGAL_PROFILE_KEY = capsys.readouterr().out.strip()
    with pytest.raises(CommandError, match="a key is never overwritten"):
        call_command("law", "create", str(key), "law.of.the.house")
    call_command("law", "sign", str(file), str(key), "law.of.the.house")
    call_command("law", "check", f"{file}.signed")
    assert "serial 2, as of 2026-11-21" in capsys.readouterr().out
    call_command("law", "install", f"{file}.signed")
    call_command("law", "show")
    shown = capsys.readouterr().out
    assert "In force: serial 2, signed by law.of.the.house." in shown and "a law of tests" in shown
    with pytest.raises(CommandError, match="serial is 2"):
        call_command("law", "install", f"{file}.signed")
    file.write_text("{}")
    with pytest.raises(CommandError, match="lacks adequacy"):
        call_command("law", "sign", str(file), str(key), "law.of.the.house")
    with pytest.raises(Invalid, match="as it was kept"):
        in_force._parsed("0" * 64)
