"""Open, approve, refuse and close an officer's review at the publish gate. Default refuse: what an officer has not
approved is not published; where two must approve, one refusal is enough."""

import json
from collections.abc import Collection, Mapping
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import IntegrityError, transaction

from compliance import legal, rules
from compliance.classification.classification import Confidence, DataClass, Evidence, Finding, contradicts
from compliance.models import Review, Verdict
from compliance.reviews import examination
from exchange.kernel import events, text
from exchange.kernel.actors import Actor, Scope
from exchange.kernel.canonical import Fact
from exchange.kernel.errors import Conflict, Forbidden
from exchange.kernel.states import transition
from exchange.participants.members import members
from exchange.participants.models import Member

_MOST_NAMED = 5
_SINCE_SPECIAL_WAITS = 2
"""The first version of the rules by which special categories wait though they are declared."""


@transaction.atomic
def examine(
    *,
    subject: str,
    version: str,
    seller_id: UUID,
    declared: Mapping[str, str],
    default: str,
    findings: Mapping[str, Finding],
    columns: Collection[str] = (),
    stated: Mapping[str, Any] | None = None,
    declaration: str = "",
    by: Actor,
) -> Review | None:
    """Open a review where an officer has to look at this version of the subject, unless there is one, and close the
    open ones of its other versions.

    What an officer approved under the same `declaration`, with the same columns and the same findings, is taken over.
    """
    for older in Review.objects.filter(subject=subject, state=Review.State.OPEN).exclude(version=version):
        transition(older, "close", by=by, decided_at=by.at)
    causes = examination.causes(declared, default, findings)
    if not causes:
        return None
    lines = examination.compare(declared, default, findings, columns)
    contradictions = contradicts(declared, default, findings)
    review = Review(
        subject=subject,
        version=version,
        seller_id=seller_id,
        why=" ".join(causes),
        contradictions=[
            {"column": c.column, "declared": c.declared, "found": c.found, "kind": c.kind}
            for c in contradictions
        ],
        columns=[line.to_dict() for line in lines],
        stated=dict(stated or {}),
        fingerprint=f"{declaration}:{examination.fingerprint(lines)}" if declaration else "",
        opened_at=by.at,
    )
    return _opened(review, examined(declared, default, findings), by)


def examined(declared: Mapping[str, str], default: str, findings: Mapping[str, Finding]) -> str:
    """What the publish gate looks at, for its Event to keep beside the leaf, which has a hash: people name columns."""
    found = {name: [one.data_class, str(one.confidence), one.kind] for name, one in findings.items()}
    return json.dumps({"declared": dict(declared), "default": default, "found": found}, sort_keys=True)


def decided(*, is_approved: bool) -> Mapping[str, Fact]:
    """What the leaf of a decision of the publish gate keeps."""
    return {"decided": {"rules": rules.CURRENT, "is_approved": is_approved}}


def holds(text: str, *, is_approved: bool, version: int = rules.CURRENT) -> bool:
    """Whether what was `examined` waits for an officer, by that version of the rules."""
    seen = json.loads(text)
    findings = {name: _finding(*found) for name, found in seen["found"].items()}
    if version < _SINCE_SPECIAL_WAITS:
        return not is_approved and bool(contradicts(seen["declared"], seen["default"], findings))
    return not is_approved and bool(examination.causes(seen["declared"], seen["default"], findings))


def require_publishable(subject: str, version: str) -> None:
    """Refuse while no officer has approved what waits for one in this version; what does not wait needs nobody."""
    review = Review.objects.filter(subject=subject, version=version).first()
    if review is None or review.state == Review.State.APPROVED:
        return
    if review.state == Review.State.REFUSED:
        raise Conflict(f"an officer refused publication: {review.reason}", code="refused_by_officer")
    raise Conflict(f"publication waits for an officer, because {_why(review)}", code="held_for_officer")


def is_clear(subject: str, version: str) -> bool:
    """Whether `require_publishable` would let this version pass."""
    waiting = Review.objects.filter(subject=subject, version=version).exclude(state=Review.State.APPROVED)
    return not waiting.exists()


def is_approved(subject: str, version: str) -> bool:
    """Whether an officer let this version stand against what was found in it."""
    return Review.objects.filter(subject=subject, version=version, state=Review.State.APPROVED).exists()


@transaction.atomic
def approve(review: Review, reason: str, by: Actor) -> Review:
    """Let the reviewed version be published; where two officers must approve, the first leaves it open."""
    member, cleaned = _require_reviewer(review, by), text.reason(reason)
    if settings.EXCHANGE_REVIEWERS > 1 and member is None:
        raise Forbidden("a person decides this, signed in; a program cannot", code="person_needed")
    given = _give(review, member, cleaned, by, is_approval=True)
    if review.verdicts.filter(is_approval=True).count() < settings.EXCHANGE_REVIEWERS:
        review.refresh_from_db()
        events.record("review.endorsed", review, by=by, facts=given, typed={"reason": cleaned})
        return review
    changes = {"reason": cleaned, "decided_at": by.at}
    return transition(review, "approve", by=by, facts=given, typed={"reason": cleaned}, **changes)


@transaction.atomic
def refuse(review: Review, reason: str, by: Actor) -> Review:
    """Keep the reviewed version from being published."""
    member, cleaned = _require_reviewer(review, by), text.reason(reason)
    given = _give(review, member, cleaned, by, is_approval=False)
    changes = {"reason": cleaned, "decided_at": by.at}
    return transition(review, "refuse", by=by, facts=given, typed={"reason": cleaned}, **changes)


def may_review(review: Review, by: Actor) -> bool:
    """Whether the actor may decide: an officer who neither acts for the seller nor is a member of it."""
    return by.can(Scope.AUDIT) and not _is_of_seller(review, by)


def _opened(review: Review, seen: str, by: Actor) -> Review:
    """The one review of this version, open, or approved as one before it was; two scans cannot make two."""
    kept, typed = (
        Review.objects.filter(subject=review.subject, version=review.version).first(),
        {"examined": seen},
    )
    if kept is None:
        try:
            with transaction.atomic():
                review.save(force_insert=True)
        except IntegrityError:
            return Review.objects.get(subject=review.subject, version=review.version)
        if before := _approved_before(review):
            facts: Mapping[str, Fact] = {**decided(is_approved=True), "taken_from": str(before.pk)}
            changes = {"taken_from": before, "reason": before.reason, "decided_at": by.at}
            return transition(review, "inherit", by=by, facts=facts, typed=typed, **changes)
        events.record("review.opened", review, by=by, facts=decided(is_approved=False), typed=typed)
        return review
    if kept.state == Review.State.CLOSED:
        facts = decided(is_approved=False)
        transition(kept, "reopen", by=by, facts=facts, typed=typed, decided_at=None)
    return kept


def _approved_before(review: Review) -> Review | None:
    """The review that officers approved themselves under the same declaration, for the same columns and findings; none
    where one of these was refused, or where more officers must approve now than did then."""
    if not review.fingerprint:
        return None
    same = Review.objects.filter(subject=review.subject, fingerprint=review.fingerprint).exclude(pk=review.pk)
    if same.filter(state=Review.State.REFUSED).exists():
        return None
    found = same.filter(state=Review.State.APPROVED, taken_from=None).order_by("-decided_at").first()
    if found is None or found.verdicts.filter(is_approval=True).count() < settings.EXCHANGE_REVIEWERS:
        return None
    return found


def _require_reviewer(review: Review, by: Actor) -> Member | None:
    by.require(Scope.AUDIT)
    if _is_of_seller(review, by):
        raise Forbidden("nobody reviews what an organisation of their own sells", code="own_organisation")
    return members.member_behind(by)


def _is_of_seller(review: Review, by: Actor) -> bool:
    if by.participant_id == review.seller_id:
        return True
    own = Member.objects.filter(participant_id=review.seller_id, removed_at=None)
    return own.filter(user__memberships__pseudonyms__name=by.name).exists()


def _give(
    review: Review, member: Member | None, reason: str, by: Actor, *, is_approval: bool
) -> dict[str, Fact]:
    """Keep an officer's verdict on a review that is open; answers what its Event says of the law."""
    profile = legal.current()
    legal.keep(profile, now=by.at)
    state = Review.objects.select_for_update().values_list("state", flat=True).get(pk=review.pk)
    if state != Review.State.OPEN:
        verb = "approve" if is_approval else "refuse"
        raise Conflict(f"cannot {verb} this review: it is {state}", code="wrong_state")
    try:
        with transaction.atomic():
            Verdict.objects.create(
                review=review,
                officer=by.name,
                member=member,
                is_approval=is_approval,
                reason=reason,
                profile_version=profile.version,
                profile_sha256=profile.sha256,
                given_at=by.at,
            )
    except IntegrityError:
        raise Conflict(
            "you have approved this already; another officer must, too", code="same_person"
        ) from None
    return {"profile": profile.sha256, "reviewers": settings.EXCHANGE_REVIEWERS}


def _finding(data_class: DataClass, confidence: str, kind: str) -> Finding:
    return Finding(kind, data_class, Confidence(confidence), Evidence(0, 0), "values")


def _why(review: Review) -> str:
    parts = []
    if review.contradictions:
        parts.append(f"the declaration says less than was found: {_named(review.contradictions)}")
    if "special" in review.causes:
        parts.append("it holds special categories of personal data")
    if "criminal" in review.causes:
        parts.append("it holds data of criminal convictions or offences")
    return "; ".join(parts)


def _named(contradictions: list[dict[str, str]]) -> str:
    named = [
        f"column “{c['column']}” looks {c['found']} ({c['kind'].replace('_', ' ')}), declared {c['declared']}"
        for c in contradictions[:_MOST_NAMED]
    ]
    if more := len(contradictions) - len(named):
        named.append(f"and {more} more")
    return "; ".join(named)
