"""A register as JSON-LD in the terms of the W3C Data Privacy Vocabulary 2.3, and back. The context stands in the
document, so that nobody has to fetch anything to read it."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from compliance import labels
from compliance.activities import codes, parts, vocabulary
from compliance.activities.imported import Entry, unreadable
from compliance.activities.shape import PROCESSOR, Activity, Completed, Register
from compliance.activities.words import Called
from exchange.kernel.text import timestamp

OWN = "urn:comptoir:activities:1#"
CONTEXT: Mapping[str, object] = {
    "@version": 1.1,
    "dpv": vocabulary.DPV,
    "pd": vocabulary.PD,
    "gdpr": vocabulary.GDPR,
    "loc": "https://w3id.org/dpv/loc#",
    "xsd": "http://www.w3.org/2001/XMLSchema#",
    "own": OWN,
    "id": "@id",
    "type": "@type",
    **{
        name: {"@id": f"dpv:{name}", "@type": "@id"}
        for name in (
            *("hasDataController", "hasDataProcessor", "hasRecipient", "hasPurpose", "hasLegalBasis"),
            *("hasDataSubject", "hasPersonalData", "hasCountry", "hasDataSource", "hasRecordOfActivity"),
        )
    },
    **{
        name: f"dpv:{name}"
        for name in ("hasName", "hasDuration", "hasStorageCondition", "hasTechnicalOrganisationalMeasure")
    },
    "transfers": "own:transfers",
    "count": {"@id": "own:count", "@type": "xsd:integer"},
    "derived": "own:derived",
    "parts": "own:parts",
    "contacts": "own:contacts",
    "warnings": "own:warnings",
    "key": "own:key",
    "role": "own:role",
    "activityKind": "own:kind",
    "exportedAt": {"@id": "own:exportedAt", "@type": "xsd:dateTime"},
    "since": {"@id": "own:since", "@type": "xsd:dateTime"},
    "changedAt": {"@id": "own:changedAt", "@type": "xsd:dateTime"},
    "reviewedAt": {"@id": "own:reviewedAt", "@type": "xsd:dateTime"},
    "reviewDueAt": {"@id": "own:reviewDueAt", "@type": "xsd:dateTime"},
    **{name: f"own:{name}" for name in codes.DERIVED if name != "transfers"},
    **{name: f"own:{name}" for name in (*parts.OF_REGISTER, *parts.OF_ACTIVITY)},
    **{name: f"own:{name}" for name in (*parts.CONTACTS_OF_REGISTER, *parts.CONTACTS_OF_ACTIVITY)},
}
_FORMAT = "comptoir.activities/1"


def write(register: Register, names: Called, *, at: Any) -> bytes:
    """The register as one document; the same register at the same moment is the same bytes."""
    document = {
        "@context": CONTEXT,
        "id": f"urn:comptoir:register:{register.participant_id}",
        "type": "dpv:RecordsOfActivities",
        "own:format": _FORMAT,
        "exportedAt": timestamp(at),
        "hasName": names.organisation(register.participant_id),
        **_by_hand("", register.head),
        "hasRecordOfActivity": [
            _activity(one, register, names) for one in sorted(register.activities, key=lambda each: each.key)
        ],
    }
    return json.dumps(document, ensure_ascii=False, indent=1).encode() + b"\n"


def read(content: bytes) -> list[Entry]:
    """What a document of this form says; Invalid where it is none."""
    try:
        document = json.loads(content)
    except (ValueError, RecursionError):
        raise unreadable("it is not JSON") from None
    if not isinstance(document, dict) or document.get("own:format") != _FORMAT:
        raise unreadable(f"it is not of the form {_FORMAT}")
    activities = document.get("hasRecordOfActivity")
    if not isinstance(activities, list):
        raise unreadable("it lists no activities")
    return [_entry("", document), *(_entry(_key(one), one) for one in activities)]


def _activity(activity: Activity, register: Register, names: Called) -> dict[str, Any]:
    derived = codes.of_derived(activity.derived)
    own, others = _organisation(register.participant_id, names), activity.derived.counterparties
    controllers = [_organisation(one, names) for one in others] if activity.role == PROCESSOR else [own]
    node = {
        "id": f"urn:comptoir:activity:{register.participant_id}:{activity.key}",
        "type": "dpv:DataProcessingRecord",
        "key": activity.key,
        "role": activity.role,
        "activityKind": activity.kind,
        "hasDataController": controllers,
        **({"hasDataProcessor": [own]} if activity.role == PROCESSOR else {}),
        "hasPurpose": _terms(labels.terms("purpose"), derived["purposes"]),
        "hasLegalBasis": [_article(code) for code in (*derived["legal_bases"], *derived["grounds"])],
        "hasDataSubject": _terms(vocabulary.PERSONS, derived["persons"]),
        "hasPersonalData": _terms(vocabulary.DATA, derived["data"]),
        "hasRecipient": [_organisation(one, names) for one in activity.derived.recipients],
        "hasStorageCondition": [
            {"type": "dpv:StorageDuration", "kept": one.what, "hasDuration": codes.duration(one)}
            for one in activity.derived.kept
        ],
        "transfers": [_transfer(one.country, one.mechanism, one.transfers) for one in activity.derived.sent],
        **_measures(activity),
        "derived": derived,
        "warnings": codes.of_warnings(activity),
        **_moments(activity),
        **_by_hand(activity.key, activity.completed),
    }
    return {name: value for name, value in node.items() if value not in ([], "")}


def _transfer(country: str, mechanism: str, count: int) -> dict[str, Any]:
    carried = vocabulary.MECHANISMS.get(mechanism)
    return {
        "type": "dpv:DataTransferRecord",
        "hasCountry": f"loc:{country}",
        "own:mechanism": mechanism,
        **({"hasLegalBasis": carried} if carried else {}),
        "count": count,
    }


def _measures(activity: Activity) -> dict[str, str]:
    said = activity.completed.parts.get("security_measures", "")
    return {"hasTechnicalOrganisationalMeasure": said} if said else {}


def _moments(activity: Activity) -> dict[str, str]:
    known = {
        "since": activity.since,
        "changedAt": activity.changed_at,
        "reviewedAt": activity.reviewed.at,
        "reviewDueAt": activity.reviewed.due_at,
    }
    return {name: timestamp(at) for name, at in known.items() if at is not None}


def _by_hand(activity: str, completed: Completed) -> dict[str, Any]:
    said = codes.parts_in_order(activity, completed), codes.contacts_in_order(activity, completed)
    return {name: value for name, value in zip(("parts", "contacts"), said, strict=True) if value}


def _organisation(participant_id: object, names: Called) -> dict[str, str]:
    return {"id": f"urn:uuid:{participant_id}", "hasName": names.organisations.get(participant_id, "")}  # type: ignore[call-overload]


def _terms(known: Mapping[str, str], given: Sequence[str]) -> list[str]:
    return [known[code] for code in given if code in known]


def _article(code: str) -> str:
    """6.1.f as the vocabulary names it: A6-1-f."""
    return f"gdpr:A{code.replace('.', '-')}"


def _key(node: object) -> str:
    key = node.get("key") if isinstance(node, dict) else None
    if not isinstance(key, str) or not key:
        raise unreadable("an activity has no key")
    return key


def _entry(key: str, node: Mapping[str, Any]) -> Entry:
    derived = node.get("derived", {}) if key else {}
    if not isinstance(derived, dict) or not all(_is_list_of_text(one) for one in derived.values()):
        raise unreadable(f"what was derived of {key[:80]!r} is not lists of text")
    if unknown := sorted(set(derived) - set(codes.DERIVED)):
        raise unreadable(f"there is no derived field {unknown[0][:80]!r}")
    return Entry(key, _texts(node, "parts"), _texts(node, "contacts"), derived)


def _texts(node: Mapping[str, Any], name: str) -> dict[str, str]:
    found = node.get(name, {})
    if not isinstance(found, dict) or not all(isinstance(value, str) for value in found.values()):
        raise unreadable(f"its {name} are not texts by name")
    return {one: value for one, value in found.items() if value}


def _is_list_of_text(value: object) -> bool:
    return isinstance(value, list) and all(isinstance(one, str) for one in value)
