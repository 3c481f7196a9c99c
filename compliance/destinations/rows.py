"""Destinations, transfer bases and decisions of adequacy as their pages show them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from uuid import UUID

from django.utils.functional import Promise
from django.utils.translation import get_language

from compliance import labels
from compliance.desk_words import CARRIERS
from compliance.destinations import desk
from compliance.destinations.desk import Answered
from compliance.legal import in_force, words
from compliance.legal.profile import LegalProfile
from compliance.marks import Mark
from compliance.models import TransferBasis
from compliance.words import GROUNDS, MECHANISMS, reason_words
from exchange.look.names import country_name, in_order

Words = str | Promise


@dataclass(frozen=True)
class AnswerRow:
    """The answer to a question: what carries the data, or why it may not go and what would open the way."""

    asked: Answered
    why: Words
    opens: str
    mark: Mark | None


@dataclass(frozen=True)
class BasisRow:
    """A transfer basis, with what it is called, the module or ground in words, and what is wrong with it today."""

    basis: TransferBasis
    mechanism: Words
    detail: str
    dataset: str
    mark: Mark
    is_overdue: bool
    is_over: bool
    may_confirm: bool
    may_revoke: bool


@dataclass(frozen=True)
class AdequacyRow:
    """A decision of the Commission as it stands today."""

    country: str
    decision: str
    valid_from: date
    valid_to: date | None
    condition: str
    holds: bool


def answer(found: Answered) -> AnswerRow:
    """What to show of an answer."""
    said = found.destination
    if said.allowed:
        mechanism = said.mechanism or ""
        return AnswerRow(found, GROUNDS.get(mechanism, mechanism), "", MECHANISMS.get(mechanism))
    code = said.reason or ""
    sentence = str(reason_words(code))
    return AnswerRow(found, f"{sentence[:1].upper()}{sentence[1:]}.", words.opens(code, found.profile), None)


def bases(rows: Sequence[TransferBasis], at: datetime) -> list[BasisRow]:
    """A page of the register."""
    titles = labels.names("dataset", (row.dataset_id for row in rows))
    profile = in_force.current()
    return [_basis(row, profile, titles, at.astimezone(UTC).date()) for row in rows]


def basis(row: TransferBasis, at: datetime) -> BasisRow:
    """One row of it."""
    return bases([row], at)[0]


def adequacy(profile: LegalProfile, at: datetime) -> list[AdequacyRow]:
    """The decisions of adequacy, by the names of the countries."""
    language = get_language() or "en"
    found = desk.adequacy(profile, at.astimezone(UTC).date())
    named = in_order((code, country_name(code)) for code in {row.country for row, _ in found})
    place = {code: position for position, (code, _) in enumerate(named)}
    return [
        AdequacyRow(
            country=row.country,
            decision=row.decision,
            valid_from=row.valid_from,
            valid_to=row.valid_to,
            condition=profile.condition(row.condition, language) if row.condition else "",
            holds=holds,
        )
        for row, holds in sorted(found, key=lambda one: place[one[0].country])
    ]


def _basis(row: TransferBasis, profile: LegalProfile, titles: Mapping[UUID, str], today: date) -> BasisRow:
    is_standing = row.state in (TransferBasis.State.RECORDED, TransferBasis.State.CONFIRMED)
    return BasisRow(
        basis=row,
        mechanism=CARRIERS[row.mechanism],
        detail=_detail(row, profile),
        dataset=titles.get(row.dataset_id, str(row.dataset_id)) if row.dataset_id else "",
        mark=words.STATES[row.state],
        is_overdue=is_standing and row.review_due is not None and row.review_due < today,
        is_over=is_standing and row.valid_to is not None and row.valid_to < today,
        may_confirm=row.state == TransferBasis.State.RECORDED,
        may_revoke=is_standing,
    )


def _detail(row: TransferBasis, profile: LegalProfile) -> str:
    """The module or ground in words; as it was recorded, where the law in force does not know it any more."""
    safeguard = profile.safeguard(row.mechanism)
    known = safeguard.modules if row.module and safeguard else ()
    if row.ground and "49(1)" in profile.names_of_grounds():
        known = profile.grounds("49(1)")
    code, language = row.module or row.ground, (get_language() or "en")[:2]
    said = next((one.words.get(language, one.words["en"]) for one in known if one.code == code), "")
    return f"{code}: {said}" if said and row.ground else said or code
