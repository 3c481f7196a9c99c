"""What the scan found in a revision, by column and without values, against what is declared."""

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

from django.db.models import Max

from compliance import gates, legal
from compliance.classification.classification import Confidence, Evidence, Finding, contradicts
from compliance.reviews import examination, statements
from compliance.reviews.examination import ColumnLine
from compliance.reviews.statements import Lack, Statement
from datasets.models import Dataset, Declaration, PersonalData, Profile, Revision
from exchange.kernel import events
from exchange.kernel.actors import Actor
from exchange.kernel.canonical import Fact
from exchange.kernel.errors import Conflict

_STRICTNESS = {word: place for place, word in enumerate(PersonalData.values)}


def to_stored(finding: Finding) -> dict[str, str | int]:
    """A finding as a profile keeps it."""
    return {
        "kind": finding.kind,
        "data_class": finding.data_class,
        "confidence": str(finding.confidence),
        "matched": finding.evidence.matched,
        "sampled": finding.evidence.sampled,
        "method": finding.method,
    }


def from_stored(values: dict[str, object]) -> Finding:
    """The finding that a profile keeps."""
    return Finding(
        kind=str(values["kind"]),
        data_class=values["data_class"],  # type: ignore[arg-type]
        confidence=Confidence(str(values["confidence"])),
        evidence=Evidence(int(str(values["matched"])), int(str(values["sampled"]))),
        method=values["method"],  # type: ignore[arg-type]
    )


def of_revision(revision: Revision) -> dict[str, Finding]:
    """The findings of all assets by column; where assets share a name, the gravest finding stands."""
    gravest: dict[str, Finding] = {}
    for stored in Profile.objects.filter(asset__revision=revision).values_list("findings", flat=True):
        for column, values in stored.items():
            finding = from_stored(values)
            if column not in gravest or _gravity(finding) > _gravity(gravest[column]):
                gravest[column] = finding
    return gravest


def is_personal(finding: Finding | None) -> bool:
    """Whether a finding is more than a hint, and of personal data of any class."""
    if finding is None or finding.confidence == Confidence.HINT:
        return False
    return _STRICTNESS[finding.data_class] > 0


def kinds(profiles: Iterable[Profile]) -> dict[str, Fact]:
    """In how many columns each kind of personal data was found, for the leaf of a measurement."""
    found = (from_stored(stored) for profile in profiles for stored in profile.findings.values())
    return dict(sorted(Counter(one.kind for one in found if is_personal(one)).items()))


def has_personal_data(revision: Revision) -> bool:
    """Whether personal data was found in any column of the revision."""
    return any(is_personal(finding) for finding in of_revision(revision).values())


def must_wait(revision: Revision, declaration: Declaration) -> bool:
    """Whether an officer has to look at the revision under this declaration."""
    return bool(examination.causes(declaration.columns, str(declaration.personal_data), of_revision(revision)))


def lines_of(revision: Revision, declaration: Declaration | None) -> list[ColumnLine]:
    """Every column of the revision, declared against found; what was never declared counts as free."""
    declared, whole = (
        (declaration.columns, declaration.personal_data) if declaration else ({}, PersonalData.NONE)
    )
    return examination.compare(declared, str(whole), of_revision(revision), columns_of(revision))


def columns_of(revision: Revision) -> list[str]:
    """The columns of all assets by name, in their order."""
    measured = Profile.objects.filter(asset__revision=revision).order_by("asset__name")
    return list(dict.fromkeys(c["name"] for found in measured.values_list("columns", flat=True) for c in found))


def statement_of(declaration: Declaration) -> Statement:
    """What the seller stated beside the classes."""
    return statements.read(declaration.statement)


def lacking(revision: Revision, declaration: Declaration) -> list[Lack]:
    """What the seller has still to state before this may be published, by the law in force."""
    if declaration.personal_data == PersonalData.NONE:
        return []
    return statements.lacking(
        statement_of(declaration),
        article_9_ground=declaration.article_9_ground,
        **_looked_at(revision, declaration),
    )


def criteria(revision: Revision, declaration: Declaration) -> list[str]:
    """The criteria of WP248 that hold, by what was ticked and what the exchange sees."""
    if declaration.personal_data == PersonalData.NONE:
        return []
    return statements.criteria(statement_of(declaration), **_looked_at(revision, declaration))


def require_complete(revision: Revision, declaration: Declaration) -> None:
    """Refuse while something is not stated that law asks for; the refusal names the field to fill."""
    for lack in lacking(revision, declaration):
        raise Conflict(
            f"declare again, with {lack.field}: {statements.SENTENCES[lack.code]}",
            code=lack.code,
            more={"field": lack.field},
        )


def stricter(
    declaration: Declaration, revision: Revision, subject: str, seen: Mapping[str, Finding] | None = None
) -> str:
    """The declared class, or the gravest that the scan contradicts it with until an officer has approved it; `seen` are
    the findings where they were read before."""
    declared = str(declaration.personal_data)
    seen = of_revision(revision) if seen is None else seen
    found = [c.found for c in contradicts(declaration.columns, declared, seen)]
    if not found or gates.is_approved(subject, version_of(revision, declaration)):
        return declared
    return str(max([declared, *found], key=PersonalData.values.index))


def version_of(revision: Revision, declaration: Declaration) -> str:
    """What an officer looks at: this revision under this declaration."""
    return f"{revision.pk}:{declaration.number}"


def examine(dataset: Dataset, revision: Revision, declaration: Declaration, by: Actor) -> None:
    """Hand declaration and findings to the publish gate, which opens or closes the officer's review."""
    gates.examine(
        subject=events.subject_of(dataset),
        version=version_of(revision, declaration),
        seller_id=dataset.seller_id,
        declared=declaration.columns,
        default=declaration.personal_data,
        findings=of_revision(revision),
        columns=columns_of(revision),
        stated=stated_of(declaration),
        declaration=str(declaration.pk),
        by=by,
    )


def stated_of(declaration: Declaration) -> dict[str, object]:
    """What the seller says of the whole, as an officer reads it."""
    return {
        "number": declaration.number,
        "personal_data": str(declaration.personal_data),
        "legal_basis": declaration.legal_basis,
        "article_9_ground": declaration.article_9_ground,
        "purposes": declaration.purposes,
        "source": declaration.source,
        **declaration.statement,
    }


def gate_of(
    dataset: Dataset, revision: Revision, declaration: Declaration
) -> tuple[dict[str, Fact], dict[str, str]]:
    """What the publish gate let pass, for the Event: the facts of its leaf, and what stands beside it."""
    is_approved = gates.is_approved(events.subject_of(dataset), version_of(revision, declaration))
    seen = gates.examined(declaration.columns, declaration.personal_data, of_revision(revision))
    facts = dict(gates.decided(is_approved=is_approved))
    if declaration.personal_data != PersonalData.NONE:
        facts["profile"] = legal.current().sha256
    return facts, {"examined": seen}


def _looked_at(revision: Revision, declaration: Declaration) -> dict[str, Any]:
    """What decides what must be stated. What contradicts the declaration is the officer's to judge: here it counts as
    it is declared."""
    whole = str(declaration.personal_data)
    found = of_revision(revision).values() if whole == PersonalData.SPECIAL else ()
    kinds = {one.kind for one in found if is_personal(one) and one.data_class == "special"}
    rows = Profile.objects.filter(asset__revision=revision).aggregate(most=Max("row_count"))["most"]
    return {"whole": whole, "kinds": kinds, "rows": rows or 0, "profile": legal.current()}


def _gravity(finding: Finding) -> tuple[bool, int]:
    return finding.confidence != Confidence.HINT, _STRICTNESS[finding.data_class]
