"""What the sweep takes is gone from every file: the database's own, byte by byte, and all that the exchange writes."""

from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import connection

from compliance.models import SubjectRequest
from compliance.requests import decisions, intake
from compliance.retention import sweep
from exchange.participants.models import VaultKey, VaultRecord
from tests import makers
from tests.compliance.conftest import PublicLog
from tests.environment import TEST_VAR_DIR
from tests.participants.test_shredding import eventually_gone, hits, receipt_holds, transferred

PERSON = {"name": "Wilhelmine Quietschvergnügt", "email": "wilhelmine.q@person.example"}
YEAR = timedelta(days=366)


def test_after_the_sweep_every_proof_holds_and_no_file_has_key_or_plaintext(
    own_database: None, public_log: PublicLog, now: datetime, tmp_path: Path
) -> None:
    officer = makers.officer(now)
    member = makers.member(makers.participant("Buyer GmbH", "DE", now), "trader", now)
    told, name = transferred(member, public_log, now)
    asked = intake.Asked(kind="access", language="en", words="What do you have of me?", **PERSON)
    request = intake.take_in(asked, channel="letter", received_at=now, by=officer)
    decisions.withdraw(SubjectRequest.objects.get(pk=request.pk), by=officer)
    public_log.publish(now)
    names = [name, request.vault_name]
    keys = [bytes(key.wrapped or b"") for key in VaultKey.objects.filter(pk__in=names)]
    sealed = [bytes(record.sealed or b"") for record in VaultRecord.objects.filter(key__in=names)]
    folders = (tmp_path, TEST_VAR_DIR, Path(settings.EXCHANGE_KEYS_DIR), Path(settings.EXCHANGE_SEARCH_DIR))
    assert len(keys) == 2 and all(hits(key) for key in keys), "the search finds what is there"
    checkpoint = (public_log.folder() / "checkpoint").read_bytes()
    later = now + 6 * YEAR
    sweep.sweep(now=later)
    assert (public_log.folder() / "checkpoint").read_bytes() == checkpoint
    assert not VaultKey.objects.filter(pk__in=names, wrapped__isnull=False).exists()
    assert not VaultRecord.objects.filter(key__in=names, sealed__isnull=False).exists()
    for key in keys:
        eventually_gone(key, folders, later)
    if (
        connection.vendor == "sqlite"
    ):  # PostgreSQL keeps dead rows until it vacuums; without their key they are noise
        assert [hits(one, *folders) for one in sealed] == [[] for _ in sealed]
    assert receipt_holds(told, public_log, tmp_path, officer)
    public_log.publish(now)
    assert receipt_holds(told, public_log, tmp_path, officer)
    plain: list[Any] = [*PERSON.values(), "203.0.113.77", "reader/8.0 (very recognisable)"]
    assert [hits(value.encode(), *folders) for value in plain] == [[] for _ in plain]
