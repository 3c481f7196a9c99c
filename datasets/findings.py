"""What the scan found in a revision, by column and without values, against what is declared."""

from compliance import gates
from compliance.classification import Confidence, Evidence, Finding, contradicts
from datasets.models import Dataset, Declaration, PersonalData, Profile, Revision
from exchange.kernel import events
from exchange.kernel.actors import Actor
from exchange.kernel.canonical import Fact

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


def has_personal_data(revision: Revision) -> bool:
    """Whether personal data was found in any column of the revision."""
    return any(is_personal(finding) for finding in of_revision(revision).values())


def contradict(revision: Revision, declaration: Declaration) -> bool:
    """Whether the scan found what the declaration does not say."""
    return bool(contradicts(declaration.columns, str(declaration.personal_data), of_revision(revision)))


def stricter(declaration: Declaration, revision: Revision, subject: str) -> str:
    """The declared class, or the gravest that the scan contradicts it with until an officer has approved it."""
    declared = str(declaration.personal_data)
    found = [c.found for c in contradicts(declaration.columns, declared, of_revision(revision))]
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
        by=by,
    )


def gate_of(
    dataset: Dataset, revision: Revision, declaration: Declaration
) -> tuple[dict[str, Fact], dict[str, str]]:
    """What the publish gate let pass, for the Event: the facts of its leaf, and what stands beside it."""
    is_approved = gates.is_approved(events.subject_of(dataset), version_of(revision, declaration))
    seen = gates.examined(declaration.columns, declaration.personal_data, of_revision(revision))
    return dict(gates.decided(is_approved=is_approved)), {"examined": seen}


def _gravity(finding: Finding) -> tuple[bool, int]:
    return finding.confidence != Confidence.HINT, _STRICTNESS[finding.data_class]
