"""What leaves say of declarations and agreements, one row each: categories of data, persons, bases, purposes, periods.
`DeclaredDataset` and `AgreedUse` are for every part of the desk that asks what a dataset holds or what it may be used
for; the follower writes them, and what no leaf says is empty."""

import json
import logging
from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import Any
from uuid import UUID

from compliance.models import AgreedUse, DeclaredDataset
from compliance.proofs.receipts import Entry

_STAGES = {"dataset.created": "draft", "dataset.published": "published", "dataset.retired": "retired"}
_ENDS = (
    *("agreement.terminated", "agreement.superseded"),
    *("entitlement.expired", "entitlement.revoked", "entitlement.superseded"),
)
_DATASETS = {*_STAGES, "dataset.declared", "revision.measured"}
_AGREEMENTS = {"agreement.signed", *_ENDS}

log = logging.getLogger("exchange.records")


def is_about(event_name: str) -> bool:
    """Whether leaves of this name change what was declared or agreed."""
    return event_name in _DATASETS or event_name in _AGREEMENTS


def write(entries: Iterable[Entry]) -> None:
    """Bring the rows up to date with these leaves; the later of two declarations counts, whatever their order."""
    for index, leaf in entries:
        try:
            body = json.loads(leaf)
            name, at, facts = body["type"], datetime.fromisoformat(body["ts"]), body["facts"]
            (_note_agreement if name in _AGREEMENTS else _note_dataset)(index, name, at, facts)
        except (ValueError, KeyError, TypeError, AttributeError):
            log.error("leaf %s cannot be read as an Event of a declaration or an agreement", index)


def _note_dataset(index: int, name: str, at: datetime, facts: Mapping[str, Any]) -> None:
    row = DeclaredDataset.objects.filter(pk=UUID(facts["dataset"])).first()
    row = row or DeclaredDataset(pk=UUID(facts["dataset"]))
    row.seller_id = row.seller_id or UUID(facts["seller"])
    if name == "dataset.declared" and facts["declaration"] > row.number:
        row.number, row.personal_data = facts["declaration"], _word(facts, "class", 16)
        row.columns = facts.get("columns") or {}
        row.legal_basis = _word(facts, "legal_basis", 16)
        row.article_9_ground = _word(facts, "article_9_ground", 16)
        row.processing = facts.get("processing") or {}
        row.declared_at, row.declared_leaf = at, index
    elif name == "revision.measured" and (row.measured_at is None or at >= row.measured_at):
        row.found, row.measured_at, row.measured_leaf = facts.get("kinds") or {}, at, index
    elif name in _STAGES and index >= (row.stage_leaf or 0):
        row.stage, row.stage_leaf = _STAGES[name], index
    row.save()


def _note_agreement(index: int, name: str, at: datetime, facts: Mapping[str, Any]) -> None:
    agreement_id = UUID(facts["agreement"])
    row = AgreedUse.objects.filter(pk=agreement_id).first() or AgreedUse(pk=agreement_id)
    for noun in ("seller", "buyer", "dataset"):
        setattr(row, f"{noun}_id", UUID(facts[noun]))
    if name in _ENDS:
        row.ended_at = min(row.ended_at or at, at)
    else:
        row.purpose, row.country = _word(facts, "purpose", 40), _word(facts, "country", 2)
        row.affiliates = facts.get("affiliates") or 0
        row.duration_days, row.deletion_days = facts.get("duration_days"), facts.get("deletion_days")
        row.end_date = date.fromisoformat(facts["end_date"]) if facts.get("end_date") else None
        row.signed_at, row.signed_leaf = at, index
    row.save()


def _word(facts: Mapping[str, Any], name: str, longest: int) -> str:
    value = facts.get(name)
    return value if isinstance(value, str) and len(value) <= longest else ""
