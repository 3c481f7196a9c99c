"""The destination gate: nothing leaves on a guess. (The publish gate: tests/compliance/reviews.)"""

import json
import os
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from compliance import gates
from compliance.legal import PACKAGED
from exchange.kernel.errors import Unavailable


def test_a_destination_follows_the_profile_that_ships(now: datetime) -> None:
    def answer(country: str | None, personal: str = "personal", certified: tuple[str, ...] = ()) -> Any:
        found = gates.destination(personal, country, certified, now.date())
        return found.mechanism if found.allowed else found.reason

    assert answer("DE") == "eea"
    assert answer("CH") == "adequacy"
    assert answer("US") == "condition_not_met:dpf"
    assert answer("US", certified=("dpf",)) == "adequacy"
    assert answer("IN") == "no_adequacy_decision"
    assert answer("IN", "none") == "not_personal"
    assert answer("IN", "a word nobody knows") == "no_adequacy_decision"
    assert answer(None) == "country_unknown"


def test_a_profile_that_changes_counts_at_once_and_one_that_breaks_lets_nothing_leave(
    tmp_path: Path, settings: Any, now: datetime
) -> None:
    file = tmp_path / "profile.json"
    profile = json.loads(PACKAGED.read_text())
    file.write_text(json.dumps(profile))
    settings.EXCHANGE_LEGAL_PROFILE = str(file)
    assert gates.destination("personal", "BR", (), now.date()).allowed
    profile["adequacy"] = [row for row in profile["adequacy"] if row["country"] != "BR"]
    profile["version"] = "without Brazil"
    file.write_text(json.dumps(profile))
    os.utime(file, ns=(0, file.stat().st_mtime_ns + 1_000_000))
    found = gates.destination("personal", "BR", (), now.date())
    assert (found.allowed, found.profile_version) == (False, "without Brazil")
    for breakage in (lambda: file.write_text("{"), lambda: file.unlink()):
        breakage()
        with pytest.raises(Unavailable) as refusal:
            gates.destination("personal", "FR", (), now.date())
        assert refusal.value.code == "legal_profile_invalid"
