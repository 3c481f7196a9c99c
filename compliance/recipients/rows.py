"""Recipients as a page shows them: names beside ids, codes in words."""

from collections.abc import Sequence
from dataclasses import dataclass

from compliance import labels, rows, words
from compliance.notices import words as notice_words
from compliance.recipients.received import OfRevision, Received, Told, Under
from compliance.words import Mark, Words
from exchange.kernel.actors import Actor
from exchange.look.formats import short


@dataclass(frozen=True)
class ShownRevision:
    of: OfRevision
    number: str


@dataclass(frozen=True)
class ShownRight:
    """The right under which something was received, in words."""

    under: Under
    data_class: Words
    basis: Words
    purpose: str
    mechanism: Mark | None
    standing: Mark


@dataclass(frozen=True)
class ShownNotice:
    told: Told
    kind: Words
    mark: Mark


@dataclass(frozen=True)
class ShownRecipient:
    received: Received
    name: str
    revisions: list[ShownRevision]
    rights: list[ShownRight]
    told: list[ShownNotice]


def of(found: Sequence[Received], *, by: Actor) -> list[ShownRecipient]:
    """The recipients of a dataset by name; one question for each kind of name."""
    names = rows.organisations([one.buyer_id for one in found], by=by)
    numbers = labels.names("revision", [of.revision_id for one in found for of in one.revisions])
    return [
        ShownRecipient(
            one,
            names.get(one.buyer_id) or short(one.buyer_id),
            [
                ShownRevision(of, numbers.get(of.revision_id, "") if of.revision_id else "")
                for of in one.revisions
            ],
            [_right(under) for under in one.rights],
            [_told(told) for told in one.told],
        )
        for one in found
    ]


def _right(under: Under) -> ShownRight:
    return ShownRight(
        under,
        words.CLASSES.get(under.personal_data, under.personal_data),
        words.BASES.get(under.legal_basis, under.legal_basis),
        labels.word("purpose", under.purpose),
        words.MECHANISMS.get(under.mechanism),
        notice_words.RIGHTS[under.standing],
    )


def _told(told: Told) -> ShownNotice:
    return ShownNotice(told, notice_words.KINDS[told.kind], notice_words.STATES[told.state])
