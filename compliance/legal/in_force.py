"""Which legal profile the exchange decides by: the file that its settings name; else the newest that was installed;
else the one that ships. Nothing is decided while it cannot be read."""

import asyncio
import logging
import time
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from pathlib import Path

from django.conf import settings
from django.db import connection, transaction

from compliance.legal import profile as profiles
from compliance.legal.profile import LegalProfile
from compliance.models import InstalledProfile, KeptProfile
from exchange.kernel.errors import Invalid, Unavailable

ASKS_AGAIN_SECONDS = 1.0
"""For how long a process believes what it read of the installed profiles."""

log = logging.getLogger("exchange.gates")
_kept: set[tuple[str, str]] = set()
"""Databases, and the profiles that this process knows them to keep."""


@dataclass(frozen=True)
class _Learned:
    """The digest of the newest installed profile, empty where there is none, and when it was read."""

    sha256: str
    at: float


_learned: _Learned | None = None


def current() -> LegalProfile:
    """The legal profile in force; Unavailable when it cannot be read: nothing leaves on a guess."""
    try:
        if configured := settings.EXCHANGE_LEGAL_PROFILE:
            return _in_file(configured, Path(configured).stat().st_mtime_ns)
        installed = newest_installed()
        return _parsed(installed) if installed else profiles.load()
    except (OSError, Invalid) as refusal:
        log.critical("the legal profile cannot be used: %s", refusal)
        raise Unavailable(
            "this exchange cannot read its legal data, so it lets no data leave; tell the operator",
            code="legal_profile_invalid",
        ) from None


def newest_installed() -> str:
    """The digest of the newest installed profile, empty where there is none; asked of the database once a second. On
    an event loop nobody can ask: it is what was read last."""
    global _learned
    known = _learned
    if known is None or not (_is_on_loop() or time.monotonic() - known.at < ASKS_AGAIN_SECONDS):
        newest = InstalledProfile.objects.order_by("-serial").values_list("profile_id", flat=True).first()
        _learned = known = _Learned(newest or "", time.monotonic())
    return known.sha256


def forget() -> None:
    """Ask the database anew at the next decision."""
    global _learned
    _learned = None


def believe_that_none_is_installed() -> None:
    """Ask the database no more, until told to forget."""
    global _learned
    _learned = _Learned("", float("inf"))


def keep(profile: LegalProfile, *, now: datetime) -> None:
    """Keep what a legal profile says, so that what is decided by it can be decided again when another is in force."""
    known = (str(connection.settings_dict["NAME"]), profile.sha256)
    if known in _kept:
        return
    row = KeptProfile(sha256=profile.sha256, version=profile.version, body=profile.written, kept_at=now)
    KeptProfile.objects.bulk_create([row], ignore_conflicts=True)
    transaction.on_commit(lambda: _kept.add(known))


def kept(sha256: str) -> LegalProfile | None:
    """The legal profile of this digest, where it was kept."""
    row = KeptProfile.objects.filter(pk=sha256).first()
    found = None if row is None else profiles.parse(bytes(row.body), where=f"the profile {row.version}")
    return found if found is not None and found.sha256 == sha256 else None


def _is_on_loop() -> bool:
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return False
    return True


@lru_cache(maxsize=4)
def _in_file(path: str, changed_ns: int) -> LegalProfile:
    return profiles.load(Path(path))


@lru_cache(maxsize=4)
def _parsed(sha256: str) -> LegalProfile:
    found = kept(sha256)
    if found is None:
        raise Invalid(
            f"the installed legal profile {sha256} is not as it was kept", code="legal_profile_invalid"
        )
    return found
