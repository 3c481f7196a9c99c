"""What officers did at the desk: each look, export and opening, as the log holds it, for the operator's other officers
to see."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.utils.translation import gettext_lazy as _

from compliance import labels
from compliance.words import Words
from exchange.kernel import pagination
from exchange.kernel.actors import Actor, Scope
from exchange.kernel.models import Event
from exchange.kernel.pagination import Page
from exchange.participants.models import Pseudonym

_UNSAID = ("what", "country", "participant", "leaves", "name")
_NAMES = ("officer.viewed", "officer.exported")
_DID: dict[str, Words] = {"officer.viewed": _("Looked at"), "officer.exported": _("Took along")}
WHAT: dict[str, Words] = {
    "transfers": _("the list of transfers"),
    "transfer": _("one transfer"),
    "receipt": _("the receipt of a transfer"),
    "recipients": _("who received a dataset"),
    "duties": _("deletions that are owed"),
    "entries": _("entries of the log"),
    "requests": _("requests of persons"),
    "request": _("a request of a person"),
    "notices": _("notices to recipients"),
    "notice": _("a notice to recipients"),
    "breaches": _("the register of breaches"),
    "breach": _("a breach"),
    "incident": _("an incident with non-personal data"),
    "activities": _("records of processing"),
    "map": _("where data went"),
    "evidence": _("evidence"),
    "export": _("an export"),
    "subject_request": _("a request of a person"),
    "breach recipients": _("whom a breach reaches"),
    "breach report": _("what was told of a breach"),
    "activity": _("one activity of the records of processing"),
    "intermediation": _("the log of intermediation"),
    "destination": _("whether data may go to a country"),
    "transfer_bases": _("the bases of transfers"),
    "transfer_basis": _("the basis of a transfer"),
    "retention": _("what is kept, and legal holds"),
}
PAGES: Mapping[str, Words] = {
    "compliance/transfers": WHAT["transfers"],
    "compliance/recipients": WHAT["recipients"],
    "compliance/duties/informing": _("who has to inform persons"),
    "compliance/duties": WHAT["duties"],
    "compliance/requests": WHAT["requests"],
    "compliance/notices": WHAT["notices"],
    "compliance/breaches": WHAT["breaches"],
    "compliance/activities": WHAT["activities"],
    "compliance/map": WHAT["map"],
    "compliance/evidence": WHAT["evidence"],
    "compliance/bundles": WHAT["evidence"],
    "compliance/exports": _("exports of transfers"),
    "compliance/destinations": _("destinations and law"),
    "compliance/retention": WHAT["retention"],
    "compliance/holds": WHAT["retention"],
    "compliance/reviews": _("the publish gate"),
    "compliance/officers": _("what officers did"),
    "compliance/log": _("the state of the log"),
    "compliance": _("the overview of the desk"),
    "proofs": _("proofs in the log"),
    "intermediation": WHAT["intermediation"],
}
"""What a look that was recorded by the address of its page was at: the first of these that the address begins with."""


@dataclass(frozen=True)
class Act:
    """One act: whose it was (a colleague's address, or a pseudonym that nobody can resolve any more), and what it was
    about."""

    event_id: UUID
    at: datetime
    who: str
    is_own: bool
    did: Words
    what: Words
    about: list[tuple[str, str]]
    leaf_index: int | None
    subject: tuple[str, str]


def acts_visible_to(actor: Actor, *, cursor: str | None) -> Page[Event]:
    """The acts of the officers of the actor's own organisation, newest first."""
    actor.require(Scope.AUDIT)
    found = Event.objects.filter(subject=f"participant:{actor.participant_id}", name__in=_NAMES)
    return pagination.page(found, cursor=cursor)


def shown(found: list[Event], *, by: Actor) -> list[Act]:
    """Acts in words."""
    leaves = [json.loads(bytes(one.leaf)) for one in found]
    own = Pseudonym.objects.filter(member__participant=by.participant_id)
    known = dict(
        own.filter(name__in={leaf["actor"] for leaf in leaves}).values_list("name", "member__user__email")
    )
    datasets = labels.names("dataset", [_id(leaf["facts"].get("dataset")) for leaf in leaves])
    return [_act(event, leaf, known, datasets, by) for event, leaf in zip(found, leaves, strict=True)]


def _act(
    event: Event,
    leaf: dict[str, dict[str, object]],
    known: dict[str, str],
    datasets: dict[UUID, str],
    by: Actor,
) -> Act:
    facts, actor = leaf["facts"], str(leaf["actor"])
    what = str(
        facts.get("what") or ("export" if "export" in facts else "evidence" if "bundle" in facts else "")
    )
    about = [
        ("", _called(value, datasets)) if _id(value) else (name, value)
        for name, value in facts.items()
        if name not in _UNSAID and isinstance(value, str)
    ]
    noun, _, subject_id = event.subject.partition(":")
    return Act(
        event_id=event.pk,
        at=event.at,
        who=known.get(actor, actor),
        is_own=actor == by.name,
        did=_DID[event.name],
        what=WHAT.get(what) or _by_page(what),
        about=about,
        leaf_index=event.leaf_index,
        subject=(noun, subject_id),
    )


def _by_page(route: str) -> Words:
    """What stands at this address; the address itself where nothing is known of it."""
    known = (words for start, words in PAGES.items() if route == start or route.startswith(f"{start}/"))
    return next(known, route)


def _called(value: str, datasets: Mapping[UUID, str]) -> str:
    found = _id(value)
    return datasets.get(found, value) if found else value


def _id(value: object) -> UUID | None:
    try:
        return UUID(str(value))
    except ValueError:
        return None
