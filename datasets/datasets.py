"""Create, describe, declare, publish and retire a dataset. Only its own verified seller may; what is published
was declared, sealed, measured, and passed the gate."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from django.db import transaction

from compliance import gates
from datasets import queries
from datasets.declarations import declarations
from datasets.descriptions import descriptions
from datasets.gate import findings
from datasets.models import Dataset, Declaration, PersonalData, Profile, Revision
from datasets.storage import gives_links
from exchange.kernel import events
from exchange.kernel.actors import Actor, Scope
from exchange.kernel.canonical import Fact
from exchange.kernel.errors import Conflict, Forbidden
from exchange.kernel.states import transition
from exchange.participants.members import members


@transaction.atomic
def create(
    *,
    title: str,
    summary: str,
    description: str = "",
    keywords: Sequence[str] = (),
    theme: str,
    language: str,
    spatial: Sequence[str] = (),
    temporal_start: date | None = None,
    temporal_end: date | None = None,
    frequency: str = "",
    by: Actor,
) -> Dataset:
    """Start a dataset of the actor's participant, as a draft that nobody else sees."""
    by.require(Scope.SELL)
    seller = members.require_cleared(by.participant_id)
    fields = descriptions.clean(
        {
            "title": title,
            "summary": summary,
            "description": description,
            "keywords": keywords,
            "theme": theme,
            "language": language,
            "spatial": spatial,
            "temporal_start": temporal_start,
            "temporal_end": temporal_end,
            "frequency": frequency,
        }
    )
    descriptions.require_period(temporal_start, temporal_end)
    dataset = Dataset.objects.create(seller=seller, created_at=by.at, **fields)
    events.record("dataset.created", dataset, by=by, typed=descriptions.as_typed(fields))
    return dataset


@transaction.atomic
def describe(dataset: Dataset, *, by: Actor, **changes: object) -> Dataset:
    """Change what is said about a draft or published dataset; fields are those of create()."""
    require_seller(dataset, by)
    fields = descriptions.clean(changes)
    current = _lock_unless_retired(dataset)
    changed = {name: value for name, value in fields.items() if getattr(current, name) != value}
    descriptions.require_period(
        changed.get("temporal_start", current.temporal_start), changed.get("temporal_end", current.temporal_end)
    )
    if changed:
        Dataset.objects.filter(pk=dataset.pk).update(**changed)
        dataset.refresh_from_db()
        typed = descriptions.as_typed(changed)
        events.record("dataset.described", dataset, by=by, facts={"fields": sorted(changed)}, typed=typed)
    return dataset


@transaction.atomic
def declare(
    dataset: Dataset,
    *,
    personal_data: str,
    columns: Mapping[str, str] | None = None,
    legal_basis: str = "",
    article_9_ground: str = "",
    purposes: Sequence[str] = (),
    source: str = "",
    processing: Mapping[str, object] | None = None,
    statement: Mapping[str, object] | None = None,
    by: Actor,
) -> Declaration:
    """Say how personal the data is, for the whole and column by column; it replaces what was said before.

    A current revision that is measured is examined against it at once.
    """
    require_seller(dataset, by)
    declared = declarations.check(
        personal_data=personal_data,
        columns=columns or {},
        legal_basis=legal_basis,
        article_9_ground=article_9_ground,
        purposes=purposes,
        source=source,
        processing=processing,
        statement=statement,
        today=by.at.date(),
    )
    _lock_unless_retired(dataset)
    last = current_declaration(dataset)
    declaration = Declaration.objects.create(
        dataset=dataset,
        number=last.number + 1 if last else 1,
        personal_data=declared.personal_data,
        columns=declared.columns,
        legal_basis=declared.legal_basis,
        article_9_ground=declared.article_9_ground,
        purposes=declared.purposes,
        source=declared.source,
        processing=declared.processing,
        statement=declared.statement.to_dict(),
        declared_at=by.at,
    )
    Dataset.objects.filter(pk=dataset.pk).update(personal_data=declared.personal_data)
    dataset.refresh_from_db()
    facts = {**declared.facts(), "declaration": declaration.number}
    events.record("dataset.declared", dataset, by=by, facts=facts, typed=declared.typed())
    examine(dataset, by)
    return declaration


@transaction.atomic
def publish(dataset: Dataset, by: Actor) -> Dataset:
    """Show a draft to the exchange, once its current revision is declared, measured and passes the gate."""
    require_seller(dataset, by)
    lock(dataset)
    facts: dict[str, Fact] = {}
    typed: dict[str, str] = {}
    if Dataset.objects.filter(pk=dataset.pk, state=Dataset.State.DRAFT).exists():
        revision, declaration = require_publishable(dataset), current_declaration(dataset)
        if declaration is not None:
            facts, typed = findings.gate_of(dataset, revision, declaration)
    return transition(dataset, "publish", by=by, facts=facts, typed=typed, published_at=by.at)


@transaction.atomic
def retire(dataset: Dataset, by: Actor) -> Dataset:
    """Take a published dataset off the exchange for good; rights that were sold stay."""
    require_seller(dataset, by)
    return transition(dataset, "retire", by=by)


@transaction.atomic
def allow_redirects(dataset: Dataset, *, by: Actor) -> Dataset:
    """Let downloads be answered by links of seconds to storage, for data in which nothing personal was declared or
    found. What leaves so is known from storage's own records alone, and no revocation stops it."""
    require_seller(dataset, by)
    if not gives_links():
        raise Conflict("this exchange keeps files in a folder, which gives no links", code="no_links")
    current = _lock_unless_retired(dataset)
    if has_personal_data(current):
        raise Conflict(
            "only data that is declared free of personal data, and in which none was found, may be redirected",
            code="redirect_of_personal_data",
        )
    if Dataset.objects.filter(pk=dataset.pk, may_redirect=False).update(may_redirect=True):
        events.record("dataset.redirects_allowed", dataset, by=by)
    dataset.refresh_from_db()
    return dataset


@transaction.atomic
def forbid_redirects(dataset: Dataset, *, by: Actor) -> Dataset:
    """Let the gateway send every byte itself again, from the next download on."""
    require_seller(dataset, by)
    _forbid_redirects(dataset, "by_the_seller", by)
    dataset.refresh_from_db()
    return dataset


def may_redirect(dataset: Dataset, revision: Revision) -> bool:
    """Whether a download of this revision may be answered by a link to storage now."""
    if not (dataset.may_redirect and gives_links()) or dataset.personal_data != PersonalData.NONE:
        return False
    return not findings.has_personal_data(revision)


@dataclass(frozen=True)
class OnSale:
    """What is sold of a dataset now: its current revision, how personal that is taken to be, and whether anything
    personal is declared or was found."""

    revision: Revision
    data_class: str
    is_personal: bool


def require_publishable(dataset: Dataset) -> Revision:
    """The current revision, if it may be shown and sold now; Conflict says what is missing."""
    return _publishable(dataset)[0]


def on_sale(dataset: Dataset) -> OnSale:
    """The same with what a sale is judged by: `class_in_force` and `has_personal_data`, read at once."""
    revision, declaration = _publishable(dataset)
    found = findings.of_revision(revision)
    return OnSale(
        revision,
        findings.stricter(declaration, revision, events.subject_of(dataset), found),
        dataset.personal_data != PersonalData.NONE or any(map(findings.is_personal, found.values())),
    )


def _publishable(dataset: Dataset) -> tuple[Revision, Declaration]:
    declaration, revision = current_declaration(dataset), current_revision(dataset)
    if declaration is None:
        raise Conflict("declare first whether the dataset holds personal data", code="not_declared")
    if revision is None:
        raise Conflict("seal a revision first", code="no_sealed_revision")
    if revision.measured_at is None:
        raise Conflict("the worker is still measuring the revision; try again soon", code="not_measured")
    broken = Profile.objects.filter(asset__revision=revision, is_readable=False).select_related("asset").first()
    if broken is not None:
        raise Conflict(f"{broken.asset.name!r} is unreadable: {broken.problem}", code="unreadable_asset")
    findings.require_complete(revision, declaration)
    gates.require_publishable(events.subject_of(dataset), findings.version_of(revision, declaration))
    return revision, declaration


def is_cleared(revision: Revision) -> bool:
    """Whether a sealed revision, the current one or another, is measured, readable, and cleared of what was found."""
    declaration = queries.current_declaration(revision.dataset_id)
    if declaration is None or not revision.is_sealed or revision.measured_at is None:
        return False
    if Profile.objects.filter(asset__revision=revision, is_readable=False).exists():
        return False
    subject, version = events.subject_of(revision.dataset), findings.version_of(revision, declaration)
    # Only the current revision is examined, so that another has no review does not mean that nothing was found.
    if findings.must_wait(revision, declaration) and not gates.is_approved(subject, version):
        return False
    return gates.is_clear(subject, version)


def examine(dataset: Dataset, by: Actor) -> None:
    """Compare what was found in the current revision with what is declared, once both are there; what is personal is
    redirected no more.

    Callers hold the dataset's lock, so that a declaration and a measurement cannot miss each other.
    """
    if has_personal_data(dataset):
        _forbid_redirects(dataset, "personal_data", by)
    declaration, revision = current_declaration(dataset), current_revision(dataset)
    if declaration is not None and revision is not None and revision.measured_at is not None:
        findings.examine(dataset, revision, declaration, by)


def current_declaration(dataset: Dataset) -> Declaration | None:
    """What the seller declared last."""
    return queries.current_declaration(dataset.pk)


def current_revision(dataset: Dataset) -> Revision | None:
    """The latest revision that is sealed and not revoked."""
    return queries.current_revision(dataset.pk)


def has_personal_data(dataset: Dataset) -> bool:
    """Whether personal data is declared, or was found in the current revision whatever is declared."""
    if dataset.personal_data != PersonalData.NONE:
        return True
    revision = current_revision(dataset)
    return revision is not None and findings.has_personal_data(revision)


def class_in_force(dataset: Dataset, revision: Revision) -> str:
    """How personal a revision is taken to be: as declared last, or as was found where that is stricter and no
    officer has approved the declaration. What was never declared counts as the strictest."""
    declaration = current_declaration(dataset)
    if declaration is None:
        return PersonalData.SPECIAL
    return findings.stricter(declaration, revision, events.subject_of(dataset))


def require_seller(dataset: Dataset, by: Actor) -> None:
    """Refuse an actor that may not act for the dataset's seller, or whose participant is not verified."""
    by.require(Scope.SELL)
    if not by.acts_for(dataset.seller_id):
        raise Forbidden("only the seller of this dataset may do this", code="other_organisation")
    members.require_cleared(dataset.seller_id)


def lock(dataset: Dataset) -> Dataset:
    """The dataset as it is now, kept from other writers until the transaction ends.

    SQLite ignores the lock, and needs none: there a transaction is the only writer from its start.
    """
    return Dataset.objects.select_for_update().get(pk=dataset.pk)


def _forbid_redirects(dataset: Dataset, code: str, by: Actor) -> None:
    if Dataset.objects.filter(pk=dataset.pk, may_redirect=True).update(may_redirect=False):
        events.record("dataset.redirects_forbidden", dataset, by=by, facts={"code": code})


def _lock_unless_retired(dataset: Dataset) -> Dataset:
    current = lock(dataset)
    if current.state == Dataset.State.RETIRED:
        raise Conflict("this dataset is retired and stays as it is", code="wrong_state")
    return current
