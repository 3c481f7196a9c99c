"""Makes datasets with real bytes in storage, through the verbs alone."""

import copy
import json
from collections.abc import Mapping
from datetime import datetime, timedelta
from importlib.util import find_spec
from pathlib import Path
from typing import Any
from unittest import mock

import pytest

from datasets import datasets
from datasets.models import Asset, Dataset, Declaration, Profile, Revision
from datasets.profiles import profiles
from datasets.revisions import assets, revisions
from datasets.revisions.assets import Received
from datasets.revisions.digests import Digester
from datasets.storage import new_key, storage
from exchange.kernel.actors import Actor

CSV, BYTES = "text/csv", "application/octet-stream"
_PROFILE = profiles._profile
_OF_THE_BYTES = ("is_readable", "problem", "row_count", "columns", "segments", "sample", "findings")
_FOUND: dict[tuple[object, ...], dict[str, Any]] = {}
SMALL_CSV = b"city,population\nParis,2103\nLyon,522\nNice,348\n"
FIELDS: Mapping[str, Any] = {
    "title": "Cities of France",
    "summary": "Cities and how many thousand people live there.",
    "theme": "SOCI",
    "language": "en",
}
STATED: Mapping[str, Any] = {
    "persons": 40,
    "notice_url": "https://seller.example/notice",
    "notice_version": "3",
    "notice_sha256": "ab" * 32,
    "notice_on": "2026-03-02",
    "origin": "persons",
    "rights": "own",
    "rights_stated": True,
}
"""What law asks a seller of personal data for, beside the classes."""
PERSONAL: Mapping[str, Any] = {
    "personal_data": "personal",
    "legal_basis": "6.1.a",
    "purposes": ["newsletter"],
    "source": "collected from the subscribers themselves",
    "statement": STATED,
}


def numbers(count: int) -> bytes:
    """A CSV file of one column, the numbers below `count`."""
    return ("n\n" + "\n".join(map(str, range(count))) + "\n").encode()


def draft(by: Actor, **changes: Any) -> Dataset:
    """A dataset of which nothing is declared yet."""
    return datasets.create(**{**FIELDS, **changes}, by=by)


def stored(data: bytes) -> Received:
    """Bytes in storage, as the gateway hands them over."""
    key, digester = new_key(), Digester()
    writer = storage().writer(key)
    writer.write(data)
    writer.commit()
    digester.feed(data)
    return Received(digester.size_bytes, digester.sha256, digester.block_digests, key, data[: 64 * 1024])


def upload(revision: Revision, by: Actor, name: str, data: bytes, media_type: str = CSV) -> Asset:
    """A received asset of an open revision."""
    announced = assets.announce(revision, name=name, media_type=media_type, by=by)
    return assets.receive(announced.pk, stored(data), by)


def sealed(dataset: Dataset, by: Actor, files: Mapping[str, bytes] | None = None) -> Revision:
    """A sealed revision, not measured yet, of CSV files, and of plain bytes where a name ends in .bin."""
    revision = revisions.open_revision(dataset, by)
    for name, data in (files or {"cities.csv": SMALL_CSV}).items():
        upload(revision, by, name, data, BYTES if name.endswith(".bin") else CSV)
    return revisions.seal(revision, by)


def measured(dataset: Dataset, by: Actor, files: Mapping[str, bytes] | None = None) -> Revision:
    """A sealed revision that the worker has measured. The same bytes under the same declaration are read once in a
    process: what is found in them is a function of both, and took half of the cost of a sale."""
    revision = sealed(dataset, by, files)
    with mock.patch.object(profiles, "_profile", _profile_once):
        profiles.measure(str(revision.pk), by.at + timedelta(minutes=1))
    revision.refresh_from_db()
    return revision


def _profile_once(asset: Asset, declaration: Declaration | None, folder: Path, now: datetime) -> Profile:
    said = (declaration.personal_data, json.dumps(declaration.columns)) if declaration else None
    key = (asset.sha256, asset.media_type, said)
    if key not in _FOUND:
        found = _PROFILE(asset, declaration, folder, now)
        _FOUND[key] = {name: getattr(found, name) for name in _OF_THE_BYTES}
    return Profile(asset=asset, measured_at=now, **copy.deepcopy(_FOUND[key]))


def declare_free(dataset: Dataset, by: Actor) -> Declaration:
    """The declaration that there is no personal data."""
    return datasets.declare(dataset, personal_data="none", by=by)


def published(by: Actor, files: Mapping[str, bytes] | None = None) -> Dataset:
    """A published dataset, free of personal data."""
    dataset = draft(by)
    declare_free(dataset, by)
    measured(dataset, by, files)
    return datasets.publish(dataset, by)


def real_file(package: str, path: str) -> bytes:
    """A file of a demo package, found without importing the package."""
    spec = find_spec(package)
    if spec is None or spec.origin is None:
        pytest.skip(f"the demo package {package} is not installed (requirements/demo.txt)")
    return (Path(spec.origin).parent / path).read_bytes()
