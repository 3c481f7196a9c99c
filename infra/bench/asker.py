"""One buyer that asks “May I?” of datasets at random, or reads its rights by their keys through the ORM, in one process
on one connection. A process of its own: KIND DATABASE_URL COUNT; prints what came."""

import json
import os
import random
import sys
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

FILL, ASK, READ = "fill", "ask", "read"
NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
_AT_ONCE = 2_000


def set_up(url: str) -> None:
    """Be the exchange on this database."""
    os.environ.update(EXCHANGE_DATABASE_URL=url, DJANGO_SETTINGS_MODULE="infra.settings")
    import django

    django.setup()


def fill(agreements: int, datasets: int) -> None:
    """Invent a buyer with so many agreements about so many datasets, no two with the same terms."""
    from django.db import connection

    from contracts.models import Agreement, Entitlement
    from datasets.models import Dataset, Revision
    from exchange.kernel.ids import new_id
    from exchange.participants.models import Participant

    buyer, seller = (
        Participant(
            id=new_id(), state="verified", name=name, country="DE", verified_country="DE", created_at=NOW
        )
        for name in ("Buyer", "Seller")
    )
    sold = [
        Dataset(id=new_id(), seller=seller, title="", state="published", created_at=NOW)
        for _ in range(datasets)
    ]
    sealed = [Revision(id=new_id(), dataset=one, state="sealed", number=1, opened_at=NOW) for one in sold]
    signed, rights = [], []
    for number in range(agreements):
        about = {"dataset": sold[number % datasets], "revision": sealed[number % datasets]}
        between = {"seller": seller, "buyer": buyer}
        deal: Any = Agreement(
            id=new_id(), negotiation_id=new_id(), document=b"", signed_at=NOW, **about, **between
        )
        right: Any = Entitlement(
            id=new_id(),
            agreement=deal,
            state="active",
            terms=terms(buyer.pk, number),
            purpose="research",
            country="DE",
            activated_at=NOW,
            ends_at=NOW + timedelta(days=365),
            created_at=NOW,
            **about,
            **between,
        )
        signed.append(deal)
        rights.append(right)
    with connection.cursor() as cursor:
        cursor.execute("SET session_replication_role = replica")  # rows stand alone: no keys, no triggers
        many: list[list[Any]] = [[buyer, seller], sold, sealed, signed, rights]
        for rows in many:
            type(rows[0])._default_manager.bulk_create(rows, batch_size=_AT_ONCE)
        cursor.execute("SET session_replication_role = origin")
        cursor.execute("VACUUM ANALYZE")


def terms(buyer: UUID, number: int) -> list[dict[str, object]]:
    """A clause of each kind that most contracts have; the source differs from contract to contract."""
    from contracts.terms import terms as usage_terms

    written: list[dict[str, object]] = [
        {"kind": "purpose", "any_of": ["research", "internal_analytics"]},
        {"kind": "country", "any_of": ["EEA", "CH"]},
        {"kind": "recipients", "any_of": [str(buyer)]},
        {"kind": "addresses", "any_of": ["192.0.2.0/24"]},
        {"kind": "end_date", "on": "2099-12-31"},
        {"kind": "duration", "days": 365},
        {"kind": "copies", "max": 3},
        {"kind": "combination", "allowed": True},
        {"kind": "model_training", "allowed": "no"},
        {"kind": "publication", "allowed": True},
        {"kind": "redistribution", "allowed": False},
        {"kind": "attribution", "text": f"Source: Port-Libre, file {number}"},
        {"kind": "deletion", "days": 30},
    ]
    return usage_terms.parse(written).to_list()


def asking(calls: int) -> Iterator[Callable[[], object]]:
    """Questions about datasets at random, each answered and kept."""
    from contracts.decisions import questions
    from contracts.decisions.questions import Question
    from contracts.models import Entitlement
    from exchange.kernel.actors import Actor, Kind, Scope

    held = list(Entitlement.objects.values_list("dataset_id", "buyer_id"))
    by = Actor(Kind.CLIENT, "bench", held[0][1], frozenset({Scope.READ}), NOW + timedelta(days=1))

    def ask(dataset_id: UUID) -> None:
        if questions.ask(Question(dataset_id, "research", "FR"), by=by).answer != "yes":
            raise RuntimeError("an answer was not yes")

    for dataset_id, _ in random.choices(held, k=calls):  # noqa: S311 (nobody guesses here)
        yield lambda asked=dataset_id: ask(asked)  # type: ignore[misc]


def reading(calls: int) -> Iterator[Callable[[], object]]:
    """Rights at random, each by its key."""
    from contracts.models import Entitlement

    keys = list(Entitlement.objects.values_list("pk", flat=True))
    for key in random.choices(keys, k=calls):  # noqa: S311
        yield lambda wanted=key: Entitlement.objects.get(pk=wanted)  # type: ignore[misc]


def main(kind: str, calls: int) -> None:
    """Do it so often to get warm, then so often again; print how long one took, and how many answers were kept."""
    from exchange.kernel.models import Event

    acts = asking if kind == ASK else reading
    answered = Event.objects.filter(name="may_i.answered")
    for act in acts(calls):
        act()
    before, ready = answered.count(), list(acts(calls))
    began = time.perf_counter()
    for act in ready:
        act()
    taken = time.perf_counter() - began
    print(json.dumps({"milliseconds": taken / calls * 1000, "kept": answered.count() - before}))


if __name__ == "__main__":
    set_up(sys.argv[2])
    if sys.argv[1] == FILL:
        fill(int(sys.argv[3]), int(sys.argv[4]))
    else:
        main(sys.argv[1], int(sys.argv[3]))
