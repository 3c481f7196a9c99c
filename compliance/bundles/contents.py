"""What is in a bundle: the proven Events of the matter, what people wrote with them, the papers that the apps above
add, the law that was decided by, signed heads and time stamps. The same matter under the same head gives the same
bytes."""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from django.db.models import Q
from django.template.loader import render_to_string
from django.utils import translation

from compliance.bundles import bundle, evidence, rows
from compliance.bundles.bundle import Packing
from compliance.bundles.scopes import Scope
from compliance.log.published import CHECKPOINT, folder_of
from compliance.models import Bundle, KeptProfile, Log, TimeStamp
from compliance.proofs import receipts
from compliance.proofs.receipts import Entry
from compliance.queries import Coverage
from compliance.verifier import evidence as form
from exchange.kernel import signing
from exchange.kernel.actors import Actor
from exchange.kernel.errors import Conflict

MOST_EVENTS = 100_000
LANGUAGES = ("en", "fr")
_OWN = ("bundle.", "officer.")

File = tuple[str, bytes]
Papers = Callable[["Matter"], Iterable[File]]
"""What an app above adds: files by their names, of what these Events tell."""

_papers: list[Papers] = []


@dataclass
class Matter:
    """What the Events of a bundle came to, once all were read: what the papers beside them are about, as `reader` may
    see them."""

    scope: Scope
    reader: Actor
    events: int = 0
    agreements: set[str] = field(default_factory=set)
    datasets: set[str] = field(default_factory=set)
    worded: list[str] = field(default_factory=list)  # Events with which somebody typed something
    sealed: int = 0
    profiles: set[str] = field(default_factory=set)
    first_at: str = ""
    last_at: str = ""


@dataclass(frozen=True)
class Written:
    """How much a bundle holds, and what it does not."""

    events: int
    left_out: list[dict[str, object]]


def register(papers: Iterable[Papers]) -> None:
    """Take what the apps above add, all of it, at start."""
    _papers[:] = papers


def write(asked: Bundle, head: Coverage, to: Path) -> Written:
    """Write the bundle that was asked for, of what `head` proves; Conflict for nothing, or for more than fits."""
    scope = Scope.of(asked.scope)
    matter = Matter(scope, Actor.system("make_bundle", at=asked.asked_at))
    known = {one: one.encode() for one in KeptProfile.objects.values_list("pk", flat=True)}
    with to.open("wb") as file, bundle.packing(file) as packing:
        for index, leaf, proof in receipts.each_proven(_leaves(scope, head)):
            if matter.events == MOST_EVENTS:
                raise Conflict(
                    f"these are more than {MOST_EVENTS} events; ask for a shorter period",
                    code="too_many_events",
                )
            packing.add_event(index, leaf, proof)
            _read(matter, leaf, known)
        if not matter.events:
            raise Conflict("the log holds nothing of this matter", code="nothing_found")
        left_out = _add_papers(packing, matter, asked, head)
    return Written(matter.events, left_out)


def _leaves(scope: Scope, head: Coverage) -> Iterator[Entry]:
    rows = scope.events().filter(leaf_index__lt=head.leaves).values_list("leaf_index", "leaf")
    return ((index, bytes(leaf)) for index, leaf in rows.iterator(chunk_size=500) if index is not None)


def _read(matter: Matter, leaf: bytes, known: Mapping[str, bytes]) -> None:
    """Note what this Event adds to the matter."""
    body = json.loads(leaf)
    facts = body.get("facts") or {}
    matter.events += 1
    matter.first_at = min(matter.first_at or body["ts"], body["ts"])
    matter.last_at = max(matter.last_at, body["ts"])
    for noun, found in (("agreement", matter.agreements), ("dataset", matter.datasets)):
        if isinstance(one := facts.get(noun), str):
            found.add(one)
    if body.get("typed"):
        matter.worded.append(body["id"])
    matter.sealed += "sealed" in facts
    matter.profiles |= {sha256 for sha256, written in known.items() if written in leaf}


def _add_papers(packing: Packing, matter: Matter, asked: Bundle, head: Coverage) -> list[dict[str, object]]:
    words = dict(evidence.details_of(matter.worded))
    packing.add(form.DETAILS, bundle.readable(_typed(words)))
    for name, data in _law(matter):
        packing.add(name, data)
    for papers in _papers:
        for name, data in papers(matter):
            packing.add(name, data)
    for name, data in _heads():
        packing.add(name, data)
    packing.add("keys.json", bundle.readable(signing.public_keys()))
    left_out = _left_out(matter, head, len(matter.worded) - len(words))
    told = {
        "v": form.VERSION,
        "scope": asked.scope,
        "head": {"origin": head.origin, "size": head.size},
        "events": matter.events,
        "first_at": matter.first_at,
        "last_at": matter.last_at,
        "left_out": left_out,
    }
    packing.add(form.MATTER, bundle.readable(told))
    for language in LANGUAGES:
        packing.add(f"README.{language}.txt", _readme(language, matter, asked, left_out))
    return left_out


def _typed(words: Mapping[str, Mapping[str, Any]]) -> Mapping[str, Mapping[str, str]]:
    """What was written, as the leaves hash it; what else the desk shows of an Event is not typed by anybody."""
    return {
        event: {name: value for name, value in body.items() if isinstance(value, str)}
        for event, body in words.items()
    }


def _law(matter: Matter) -> Iterator[File]:
    """The legal profiles that decisions of the matter name, as they were written."""
    for row in KeptProfile.objects.filter(pk__in=matter.profiles).order_by("pk"):
        yield f"law/{row.pk}.json", bytes(row.body)


def _heads() -> Iterator[File]:
    """Each log's newest signed head, with its cosignatures, and the newest time stamp, beside what it was put on."""
    for row in Log.objects.order_by("name"):
        if (note := folder_of(row.name).read(CHECKPOINT)) is not None:
            yield f"checkpoints/{row.name}.checkpoint", note
        stamp = TimeStamp.objects.filter(log=row).order_by("-size").first()
        if stamp is not None:
            yield f"checkpoints/{row.name}-{stamp.size}.checkpoint", bytes(stamp.note)
            yield f"checkpoints/{row.name}-{stamp.size}.tsr", bytes(stamp.reply)


def _left_out(matter: Matter, head: Coverage, erased: int) -> list[dict[str, object]]:
    """What belongs to the matter and is not here, and why."""
    later = matter.scope.events().filter(Q(leaf_index=None) | Q(leaf_index__gte=head.leaves))
    for own in _OWN:  # that this evidence was asked for, and others looked, is no part of what happened
        later = later.exclude(name__startswith=own)
    found = [
        ("unproven", later.count()),
        ("sealed", matter.sealed),
        ("erased", erased),
    ]
    return [{"what": what, "count": count} for what, count in found if count]


def _readme(language: str, matter: Matter, asked: Bundle, left_out: Sequence[Mapping[str, Any]]) -> bytes:
    with translation.override(language):
        context = {
            "matter": matter,
            "asked": asked,
            "about": [(rows.MATTERS[name], value) for name, value in asked.scope.items()],
            "left_out": [rows.left_out(one["what"], one["count"]) for one in left_out],
        }
        return render_to_string("compliance/bundles/readme.txt", context).encode()
