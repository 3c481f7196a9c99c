"""Where what was declared and what was observed do not agree. Attempts that were refused moved nothing and count
nowhere. Pure: rows in, warnings out."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from compliance.activities import vocabulary
from compliance.activities.shape import Sent, Warning
from compliance.models import AgreedUse, DeclaredDataset

_DAYS_OF_MONTHS = 30.4375
_ASKED = ("data", "persons", "retention_months")


def of_dataset(
    dataset: DeclaredDataset,
    sent: Sequence[Sent],
    agreed: Sequence[AgreedUse],
    *,
    overdue: int,
    were_free: bool,
) -> list[Warning]:
    """What does not agree in one dataset: where it went, for what it is used, what is in it, how long it is kept."""
    said = dataset.processing
    found = [
        *_destinations(said.get("passed_on_to", ""), sent),
        *_named("purpose_undeclared", _purposes(said.get("passed_on_for", []), agreed)),
        *_named("data_undeclared", _undeclared_data(said.get("data", []), dataset.found)),
        *_named("retention_exceeded", _too_long(said.get("retention_months"), agreed)),
        *_named("deletion_overdue", [str(overdue)] if overdue else []),
        *([Warning("sent_as_free")] if were_free else []),
        *_named("not_declared", [name for name in _ASKED if not said.get(name)]),
    ]
    return [Warning(one.code, one.about, dataset.pk) for one in found]


def of_use(agreed: Iterable[AgreedUse], datasets: Iterable[DeclaredDataset], *, overdue: int) -> list[Warning]:
    """What does not agree in the use that a buyer makes: purposes that the seller does not pass the data on for."""
    declared = {one.pk: one.processing.get("passed_on_for", []) for one in datasets}
    found = [
        Warning("purpose_undeclared", (one.purpose,), one.dataset_id)
        for one in agreed
        if one.dataset_id and _purposes(declared.get(one.dataset_id, []), [one])
    ]
    if overdue:
        found.append(Warning("deletion_overdue", (str(overdue),)))
    return list(dict.fromkeys(found))


def is_live(agreed: AgreedUse, at: datetime) -> bool:
    """Whether the data may still be used under it."""
    if agreed.ended_at is not None and agreed.ended_at <= at:
        return False
    return agreed.end_date is None or agreed.end_date >= at.date()


def _destinations(reach: str, sent: Sequence[Sent]) -> list[Warning]:
    if not reach:
        third = {one.country for one in sent if one.mechanism not in ("eea", "not_personal")}
        return [Warning("destination_not_declared", tuple(sorted(third)))] if third else []
    beyond = {one.country for one in sent if not vocabulary.reaches(reach, one.mechanism)}
    return [Warning("destination_undeclared", (reach, *sorted(beyond)))] if beyond else []


def _purposes(declared: Sequence[str], agreed: Sequence[AgreedUse]) -> list[str]:
    if not declared:
        return []
    return sorted({one.purpose for one in agreed if one.purpose and one.purpose not in declared})


def _undeclared_data(declared: Sequence[str], found: Iterable[str]) -> list[str]:
    """Only where something was declared: that nothing was is a warning of its own."""
    return sorted(set(found) & set(vocabulary.DATA) - set(declared)) if declared else []


def _too_long(months: int | None, agreed: Sequence[AgreedUse]) -> list[str]:
    """Agreements that leave the data with a buyer for longer than was declared, or without an end."""
    if months is None:
        return []
    most = timedelta(days=months * _DAYS_OF_MONTHS)
    return sorted(str(one.pk) for one in agreed if one.ended_at is None and not _ends_within(one, most))


def _ends_within(agreed: AgreedUse, most: timedelta) -> bool:
    if agreed.signed_at is None or agreed.deletion_days is None:
        return agreed.signed_at is None  # what an old leaf does not say is no contradiction
    if agreed.duration_days is not None:
        return timedelta(days=agreed.duration_days + agreed.deletion_days) <= most
    if agreed.end_date is not None:
        return agreed.end_date - agreed.signed_at.date() + timedelta(days=agreed.deletion_days) <= most
    return False


def _named(code: str, about: Sequence[str]) -> list[Warning]:
    return [Warning(code, tuple(about))] if about else []
