"""The case file: one archive of a contract that opens offline and proves itself (`comptoir-verify case`). It holds what
its reader may see, and the same Events under the same head give the same bytes."""

import csv
import hashlib
import io
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, BinaryIO
from uuid import UUID

from django.db import transaction
from django.db.models import Q
from django.http import HttpResponse
from django.template.loader import render_to_string

from compliance.bundles import bundle, evidence
from compliance.bundles.bundle import Proven
from compliance.proofs.receipts import Entry
from compliance.verifier import cases
from contracts import queries
from contracts.agreements import agreements, identities, papers
from contracts.models import Agreement
from contracts.negotiations import rounds
from contracts.sales import facts as sale_facts
from contracts.sales import story
from contracts.sales.facts import Sale
from contracts.terms import rights
from exchange.kernel import events, signing
from exchange.kernel.actors import Actor
from exchange.kernel.canonical import Fact
from exchange.kernel.errors import NotFound, Unavailable
from exchange.kernel.text import timestamp
from exchange.participants import queries as participants
from exchange.participants.notices import queries as notice_queries

MOST_QUESTIONS = 10_000
"""How many of a buyer's newest questions are looked through for those about one contract."""

_MANY = ("transfer.", "copy.", "may_i.", "entitlement.suspended", "entitlement.resumed")
"""Events of which there may be any number; all others are in every part, so that each proves itself."""

_AT_ONCE = 500
_STYLE = Path(__file__).parents[1].joinpath("static") / "contracts" / "case.css"
_README = """\
The case file of a usage contract, from a Comptoir exchange.

index.html          begin here: the contract's story, and where everything is
contract.*.html     the contract, in English and French
contract.*.pdf      the same on paper; missing where the exchange could make no PDF
agreement.json      the contract as it was signed, byte for byte; agreement.seal is the exchange's signature under it
identity-*.json     who the parties were, by the hash that the contract holds; missing once they are forgotten
profile.json        what was measured before the sale; policy.jsonld the terms as ODRL
rounds/             each proposal of the negotiation, hashed together with the one before it
payments.json       what was charged, and where the money is
transfers.csv       what was downloaded, from the events alone
statements/         what the buyer stated to have deleted
details.json        what people wrote, such as reasons; notices.json when the sides were told of what
events.jsonl        every event of it that the reader may see, with proofs/ and index.csv
keys.json           the exchange's public keys: a hint, take them from a source you trust
MANIFEST.sha256     the digest of every file

Check it offline, with the log's key from a source you trust:

    comptoir-verify case THIS.zip --vkey KEY --seal-key KEY

It does not show that these are all events. Invoices, refunds and payouts are not in it.
"""


@dataclass(frozen=True)
class _Told:
    """What the file rests on: the sale as its reader sees it, its proven leaves of this part, and their moment."""

    sale: Sale
    proven: Sequence[Proven]
    part: int
    parts: int
    at: datetime


def write(agreement: Agreement, to: BinaryIO, *, part: int = 1, by: Actor) -> int:
    """Write the case file of a contract for an actor who may see it; answers how many parts there are. Each part holds
    up to 10,000 Events and proves itself; NotFound for one that is not there."""
    sale = sale_facts.sale_visible_to(by, agreement.pk)
    leaves = evidence.leaves_of(_events(sale, by))
    kept: list[Entry] = []
    many: list[Entry] = []
    for leaf in leaves:
        (many if json.loads(leaf[1])["type"].startswith(_MANY) else kept).append(leaf)
    most = max(1, bundle.MOST - len(kept))
    parts = max(1, -(-len(many) // most))
    if not 1 <= part <= parts:
        raise NotFound(f"this case file has the parts 1 to {parts}")
    proven = bundle.proven(sorted([*kept, *many[(part - 1) * most : part * most]]))
    at = max(datetime.fromisoformat(json.loads(leaf)["ts"]) for _, leaf, _ in proven)
    told = _Told(sale, proven, part, parts, at)
    bundle.pack(proven, to, dict(_files(told, by)))
    return parts


def answer(agreement: Agreement, *, part: int = 1, by: Actor) -> HttpResponse:
    """One part as a file to keep; a header says how many there are. That it was taken, by whom and with which digest is
    an Event of the taker's, which no case file holds: so the next one has the same bytes."""
    file = io.BytesIO()
    parts = write(agreement, file, part=part, by=by)
    _record(agreement, file.getvalue(), part, by)
    name = f"case-{agreement.pk}.zip" if parts == 1 else f"case-{agreement.pk}-{part}-of-{parts}.zip"
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "Comptoir-Parts": str(parts)}
    return HttpResponse(file.getvalue(), content_type="application/zip", headers=headers)


@transaction.atomic
def _record(agreement: Agreement, made: bytes, part: int, by: Actor) -> None:
    assert by.participant_id is not None
    taken: dict[str, Fact] = {
        "agreement": str(agreement.pk),
        "part": part,
        "sha256": hashlib.sha256(made).hexdigest(),
    }
    events.record("case_file.made", participants.participant(by.participant_id), by=by, facts=taken)


def _events(sale: Sale, by: Actor) -> Iterator[UUID]:
    """The Events about the sale that the actor may see."""
    agreement, right = sale.agreement, sale.entitlement
    subjects = [
        f"negotiation:{agreement.negotiation_id}",
        f"agreement:{agreement.pk}",
        f"entitlement:{right.pk}",
        *([f"charge:{sale.charge.pk}"] if sale.charge else []),
        *([f"hold:{sale.hold.pk}"] if sale.hold else []),
        *(f"deletionstatement:{one.pk}" for one in sale.statements),
    ]
    mine = queries.transfers_visible_to(by, queries.TransferFilter(entitlement=right.pk)).order_by()
    subjects += [f"transfer:{row_id}" for row_id in mine.values_list("pk", flat=True).iterator()]
    visible = participants.events_visible_to(by)
    for start in range(0, len(subjects), _AT_ONCE):
        rows = visible.filter(subject__in=subjects[start:][:_AT_ONCE])
        yield from rows.values_list("pk", flat=True).iterator()
    asked = visible.filter(subject=f"participant:{agreement.buyer_id}", name="may_i.answered")
    for row_id, leaf in asked.order_by("-id").values_list("pk", "leaf")[:MOST_QUESTIONS].iterator():
        if json.loads(bytes(leaf))["facts"]["answer"]["agreement"] == str(agreement.pk):
            yield row_id


def _files(told: _Told, by: Actor) -> Iterator[tuple[str, bytes]]:
    """Everything beside the proofs."""
    agreement = told.sale.agreement
    leaves = [json.loads(leaf) for _, leaf, _ in told.proven]
    document = agreements.document_visible_to(by, agreement)
    yield "README.txt", _README.encode()
    yield "style.css", _STYLE.read_bytes()
    yield cases.CASE, bundle.readable(_case(told))
    if document == agreements.document(agreement):  # nothing in it has to be veiled
        yield cases.AGREEMENT, bytes(agreement.document)
    yield cases.SEAL, f"{agreement.seal}\n".encode()
    yield "keys.json", bundle.readable(signing.public_keys())
    yield "policy.jsonld", bundle.readable(document["policy"])
    for side, text in identities.texts_visible_to(by, agreement).items():
        yield f"identity-{side}.json", text.encode()
    for annex in agreement.annexes.order_by("name"):
        yield annex.name, bytes(annex.content)
    for row in rounds.of(agreement.negotiation):
        yield f"rounds/{row.number}.json", rounds.written(row)
    for statement in told.sale.statements:
        yield f"statements/{statement.pk}.json", bytes(statement.document)
        yield f"statements/{statement.pk}.seal", f"{statement.seal}\n".encode()
    yield cases.PAYMENTS, bundle.readable(_payments(told.sale))
    yield cases.TRANSFERS, cases.transfers_table(leaves)
    yield cases.DETAILS, bundle.readable(_details(leaves, _hidden(agreement, document, by)))
    yield "notices.json", bundle.readable(_notices(told.sale))
    yield "contract.en.html", papers.html(agreement, "en", by=by).encode()
    yield "contract.fr.html", papers.html(agreement, "fr", by=by).encode()
    drawn = dict(_papers(agreement, by))
    yield from drawn.items()
    yield "index.html", _index(told, document, by, has_papers=bool(drawn)).encode()


def _papers(agreement: Agreement, by: Actor) -> Iterator[tuple[str, bytes]]:
    """The contract as PDF in both languages, where this machine can make them."""
    try:
        yield "contract.en.pdf", papers.pdf(agreement, "en", by=by)
        yield "contract.fr.pdf", papers.pdf(agreement, "fr", by=by)
    except Unavailable:
        return


def _case(told: _Told) -> Mapping[str, Fact]:
    agreement = told.sale.agreement
    return {
        "v": cases.VERSION,
        "agreement": str(agreement.pk),
        "shared_id": agreement.shared_id,
        "digest": agreement.digest,
        "part": told.part,
        "parts": told.parts,
        "made_at": timestamp(told.at),
        "for": told.sale.side,
    }


def _payments(sale: Sale) -> Mapping[str, Fact]:
    """What was charged, and what is held; the exchange's part only where the reader knows it."""
    charges, holds = [], []
    if (charge := sale.charge) is not None:
        row: dict[str, Fact] = {
            "charge": str(charge.pk),
            "state": charge.state,
            "currency": charge.currency,
            "net_minor": str(charge.net_minor),
            "tax_minor": str(charge.tax_minor),
            "gross_minor": str(charge.gross_minor),
            "provider": charge.provider,
            "created_at": timestamp(charge.created_at),
            "paid_at": timestamp(charge.paid_at) if charge.paid_at else None,
        }
        charges.append(row | ({"fee_minor": str(charge.fee_minor)} if sale.knows_fee else {}))
    if (hold := sale.hold) is not None:
        kept: dict[str, Fact] = {
            "hold": str(hold.pk),
            "state": hold.state,
            "releases_at": timestamp(hold.releases_at),
        }
        holds.append(kept | ({"amount_minor": str(hold.amount_minor)} if sale.knows_fee else {}))
    return {"price": agreements.document(sale.agreement)["price"], "charges": charges, "holds": holds}


def _details(leaves: Sequence[Mapping[str, Any]], hidden: frozenset[str]) -> Mapping[str, Fact]:
    """What people wrote with these Events, but for those of organisations that the reader may no longer know."""
    typed = {
        leaf["id"]: leaf["typed"]
        for leaf in leaves
        if leaf.get("typed") and leaf["actor_participant"] not in hidden
    }
    found: dict[str, Fact] = {}
    for event_id, body in evidence.details_of(typed):
        found[event_id] = {name: str(body[name]) for name in typed[event_id] if name in body}
    return found


def _hidden(agreement: Agreement, document: Mapping[str, Any], by: Actor) -> frozenset[str]:
    parties = identities.parties_visible_to(by, agreement, document)
    return frozenset(str(party.id) for party in parties.values() if party.is_hidden)


def _notices(sale: Sale) -> Sequence[Fact]:
    """That each side was told, of what, when first, and how many of its members; never who."""
    agreement = sale.agreement
    facts = {
        "agreement": str(agreement.pk),
        "negotiation": str(agreement.negotiation_id),
        "entitlement": str(sale.entitlement.pk),
        "reference": agreements.reference(agreement),
    }
    sides = {agreement.seller_id: "seller", agreement.buyer_id: "buyer"}
    about = [Q(**{f"facts__{name}": value}) for name, value in facts.items()]
    return [
        {"side": sides[participant], "news": news, "at": timestamp(at), "members": count}
        for participant, news, at, count in notice_queries.given(list(sides), about)
    ]


def _index(told: _Told, document: Mapping[str, Any], by: Actor, *, has_papers: bool) -> str:
    """The page that opens offline, in the asker's language."""
    past, _ = story.told(told.sale, now=told.at)
    context = {
        "sale": told.sale,
        "document": document,
        "parties": identities.parties_visible_to(by, told.sale.agreement, document),
        "past": past,
        "language": rights.language(),
        "at": told.at,
        "part": told.part,
        "parts": told.parts,
        "events": len(told.proven),
        "has_papers": has_papers,
        "statements": [f"statements/{one.pk}.json" for one in told.sale.statements],
        "transfers": list(csv.DictReader(io.StringIO(_table(told.proven)))),
    }
    return render_to_string("contracts/case.html", context)


def _table(proven: Iterable[Proven]) -> str:
    return cases.transfers_table(json.loads(leaf) for _, leaf, _ in proven).decode()
