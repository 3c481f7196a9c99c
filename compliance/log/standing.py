"""How the witnesses stand to the log, as the signer last saw it: kept beside the published files for pages to show."""

import json
from dataclasses import asdict, dataclass
from pathlib import Path

from django.conf import settings

from compliance.verifier.files import write_whole

_FILE = "witnesses.json"  # no path of a log, so the public door never serves it


@dataclass(frozen=True, slots=True)
class Standing:
    """One witness and one log: the size of the last head that it cosigned and when, in seconds since 1970 (None
    before the first), and the code of what went wrong when it was asked last, empty when nothing did."""

    witness: str
    origin: str
    size: int
    cosigned_at: int | None
    trouble: str


def read() -> list[Standing]:
    """What the signer wrote last; empty where it asks no witness."""
    try:
        return [Standing(**found) for found in json.loads(_file().read_bytes())]
    except FileNotFoundError:
        return []


def write(found: list[Standing]) -> None:
    """Put what the signer sees in place of what it saw before."""
    if found != read():
        write_whole(_file(), json.dumps([asdict(one) for one in found]).encode())


def _file() -> Path:
    return Path(settings.EXCHANGE_LOG_DIR) / _FILE
