"""The checks that other apps must pass: may this be published, may it go there? What is undecided is
refused."""

import json
import logging
from collections.abc import Iterable, Mapping
from datetime import date, datetime
from functools import lru_cache
from pathlib import Path
from typing import cast
from uuid import UUID

from django.conf import settings
from django.db import IntegrityError, connection, transaction

from compliance import destinations, rules
from compliance.classification import Confidence, Contradiction, DataClass, Evidence, Finding, contradicts
from compliance.destinations import Destination, LegalProfile
from compliance.models import KeptProfile, Review
from exchange.kernel import events, text
from exchange.kernel.actors import Actor, Scope
from exchange.kernel.canonical import Fact
from exchange.kernel.errors import Conflict, Invalid, Unavailable
from exchange.kernel.states import transition

_MOST_NAMED = 5

log = logging.getLogger("exchange.gates")
_kept: set[tuple[str, str]] = set()
"""Databases, and the profiles that this process knows them to keep."""


@transaction.atomic
def examine(
    *,
    subject: str,
    version: str,
    seller_id: UUID,
    declared: Mapping[str, str],
    default: str,
    findings: Mapping[str, Finding],
    by: Actor,
) -> Review | None:
    """Open a review where the findings contradict the declaration of this version of the subject, unless there
    is one, and close the open ones of its other versions."""
    for older in Review.objects.filter(subject=subject, state=Review.State.OPEN).exclude(version=version):
        transition(older, "close", by=by, decided_at=by.at)
    contradictions = contradicts(declared, default, findings)
    if not contradictions:
        return None
    review, is_new = _review_of(subject, version, seller_id, contradictions, by)
    seen = {"examined": examined(declared, default, findings)}
    if is_new:
        events.record("review.opened", review, by=by, facts=decided(is_approved=False), typed=seen)
    elif review.state == Review.State.CLOSED:
        facts = decided(is_approved=False)
        transition(review, "reopen", by=by, facts=facts, typed=seen, decided_at=None)
    return review


def examined(declared: Mapping[str, str], default: str, findings: Mapping[str, Finding]) -> str:
    """What the publish gate looks at, for its Event to keep beside the leaf, which has a hash: people name columns."""
    found = {name: [one.data_class, str(one.confidence), one.kind] for name, one in findings.items()}
    return json.dumps({"declared": dict(declared), "default": default, "found": found}, sort_keys=True)


def decided(*, is_approved: bool) -> Mapping[str, Fact]:
    """What the leaf of a decision of the publish gate keeps."""
    return {"decided": {"rules": rules.CURRENT, "is_approved": is_approved}}


def holds(text: str, *, is_approved: bool) -> bool:
    """Whether what was `examined` waits for an officer."""
    seen = json.loads(text)
    findings = {name: _finding(*found) for name, found in seen["found"].items()}
    return not is_approved and bool(contradicts(seen["declared"], seen["default"], findings))


def require_publishable(subject: str, version: str) -> None:
    """Refuse while an officer has not approved what was found in this version; nothing found needs nobody."""
    review = Review.objects.filter(subject=subject, version=version).first()
    if review is None or review.state == Review.State.APPROVED:
        return
    if review.state == Review.State.REFUSED:
        raise Conflict(f"an officer refused publication: {review.reason}", code="refused_by_officer")
    raise Conflict(
        "publication waits for an officer, because the declaration says less than was found: "
        f"{_named(review.contradictions)}",
        code="held_for_officer",
    )


def is_clear(subject: str, version: str) -> bool:
    """Whether `require_publishable` would let this version pass."""
    waiting = Review.objects.filter(subject=subject, version=version).exclude(state=Review.State.APPROVED)
    return not waiting.exists()


def is_approved(subject: str, version: str) -> bool:
    """Whether an officer let this version stand against what was found in it."""
    return Review.objects.filter(subject=subject, version=version, state=Review.State.APPROVED).exists()


def approve(review: Review, reason: str, by: Actor) -> Review:
    """Let the reviewed version be published, against what was found in it."""
    return _decide(review, "approve", reason, by)


def refuse(review: Review, reason: str, by: Actor) -> Review:
    """Keep the reviewed version from being published."""
    return _decide(review, "refuse", reason, by)


def destination(
    personal_data: str, country: str | None, certifications: Iterable[str], on: date
) -> Destination:
    """Whether data of this class may go to a recipient in `country` on that day, by the configured profile.

    Unavailable when the profile cannot be read: nothing leaves on a guess.
    """
    return destinations.decide(
        legal_profile(),
        country=country,
        personal_data=cast(destinations.PersonalData, personal_data),  # an unknown class counts as personal
        certifications=frozenset(certifications),
        on=on,
    )


def groups_on(day: date) -> Mapping[str, frozenset[str]]:
    """Who belongs to the groups of countries on that day, by the configured profile; Unavailable as above."""
    return destinations.groups(legal_profile(), day)


def legal_profile() -> LegalProfile:
    """The configured legal profile, read again when its file has changed; Unavailable as above."""
    configured = settings.EXCHANGE_LEGAL_PROFILE
    try:
        if not configured:
            return destinations.load()
        return _profile_in(configured, Path(configured).stat().st_mtime_ns)
    except (OSError, Invalid) as refusal:
        log.critical("EXCHANGE_LEGAL_PROFILE cannot be used: %s", refusal)
        raise Unavailable(
            "this exchange cannot read its legal data, so it lets no data leave; tell the operator",
            code="legal_profile_invalid",
        ) from None


def keep(profile: LegalProfile, *, now: datetime) -> None:
    """Keep what a legal profile says, so that what is decided by it can be decided again when its file has changed."""
    known = (str(connection.settings_dict["NAME"]), profile.sha256)
    if known in _kept:
        return
    row = KeptProfile(sha256=profile.sha256, version=profile.version, body=profile.written, kept_at=now)
    KeptProfile.objects.bulk_create([row], ignore_conflicts=True)
    transaction.on_commit(lambda: _kept.add(known))


def kept(sha256: str) -> LegalProfile | None:
    """The legal profile of this digest, where it was kept."""
    row = KeptProfile.objects.filter(pk=sha256).first()
    found = None if row is None else destinations.parse(bytes(row.body), where=f"the profile {row.version}")
    return found if found is not None and found.sha256 == sha256 else None


def _finding(data_class: DataClass, confidence: str, kind: str) -> Finding:
    return Finding(kind, data_class, Confidence(confidence), Evidence(0, 0), "values")


@transaction.atomic
def _decide(review: Review, verb: str, reason: str, by: Actor) -> Review:
    by.require(Scope.AUDIT)
    cleaned = text.reason(reason)
    return transition(review, verb, by=by, typed={"reason": cleaned}, reason=cleaned, decided_at=by.at)


def _review_of(
    subject: str, version: str, seller_id: UUID, contradictions: list[Contradiction], by: Actor
) -> tuple[Review, bool]:
    """The one review of this version, and whether it was made now; two scans cannot make two."""
    if found := Review.objects.filter(subject=subject, version=version).first():
        return found, False
    try:
        with transaction.atomic():
            made = Review.objects.create(
                subject=subject,
                version=version,
                seller_id=seller_id,
                contradictions=[
                    {"column": c.column, "declared": c.declared, "found": c.found, "kind": c.kind}
                    for c in contradictions
                ],
                opened_at=by.at,
            )
    except IntegrityError:
        return Review.objects.get(subject=subject, version=version), False
    return made, True


def _named(contradictions: list[dict[str, str]]) -> str:
    named = [
        f"column “{c['column']}” looks {c['found']} ({c['kind'].replace('_', ' ')}), declared {c['declared']}"
        for c in contradictions[:_MOST_NAMED]
    ]
    if more := len(contradictions) - len(named):
        named.append(f"and {more} more")
    return "; ".join(named)


@lru_cache(maxsize=4)
def _profile_in(path: str, changed_ns: int) -> LegalProfile:
    return destinations.load(Path(path))
