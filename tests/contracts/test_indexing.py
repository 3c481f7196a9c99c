"""The index follows the database under rivals and after a kill: what it says in the end is what is true."""

import multiprocessing
import os
import signal
import time
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone

from contracts import tasks
from contracts.catalogue import catalogue, indexing
from contracts.catalogue.catalogue import Search
from contracts.models import StaleEntry
from datasets import datasets, search
from datasets.models import Dataset
from exchange.kernel import events
from exchange.kernel.actors import Actor
from exchange.kernel.models import Delivery
from infra.reactions import TABLE
from tests import dataset_makers
from tests.rivals import codes, race

pytestmark = [pytest.mark.transactional, pytest.mark.usefixtures("own_database")]

fork = multiprocessing.get_context("fork")
ROUNDS = 6


def found(actor: Actor, q: str) -> set[str]:
    answer = catalogue.search(actor, Search(q=q), limit=100)
    assert not answer.is_rebuilding
    return {entry.dataset.title for entry in answer.items}


def test_rivals_who_change_one_dataset_leave_its_last_words_in_the_index(seller: Actor) -> None:
    dataset = dataset_makers.draft(seller, title="Version none")
    indexing.refresh()

    def change(writer: int) -> None:
        for number in range(ROUNDS):
            datasets.describe(dataset, title=f"Version w{writer}n{number}", by=seller)
            indexing.renew_dataset(dataset.pk)

    assert codes(race([lambda writer=writer: change(writer) for writer in range(4)])) == ["won"] * 4
    dataset.refresh_from_db()
    assert not StaleEntry.objects.exists()
    assert found(seller, "version") == {dataset.title} == found(seller, dataset.title.split()[1])


def test_changes_during_a_rebuild_are_in_the_new_index(seller: Actor) -> None:
    rows = [dataset_makers.draft(seller, title=f"Old {number}") for number in range(8)]

    def change() -> None:
        for row in rows:
            datasets.describe(row, title=f"New {row.title}", by=seller)
            indexing.renew_dataset(row.pk)

    assert codes(race([change, *[indexing.rebuild] * 3])) == ["won"] * 4
    indexing.refresh()
    assert found(seller, "new") == {f"New Old {number}" for number in range(8)}
    assert not StaleEntry.objects.exists()


def test_a_mark_that_is_set_again_while_it_is_written_stays(seller: Actor) -> None:
    dataset = dataset_makers.draft(seller)
    indexing.refresh()
    with search.turn_to_write(wait=True):  # another writer is at it
        indexing.renew_dataset(dataset.pk)
        first = StaleEntry.objects.get().mark
        indexing.renew_dataset(dataset.pk)
        assert StaleEntry.objects.get().mark != first
    assert indexing.refresh() == 1
    assert indexing.refresh() == 0


def test_a_killed_writer_costs_a_delay_and_no_change(seller: Actor) -> None:
    rows = [dataset_makers.draft(seller, title=f"Number {number}") for number in range(6)]
    indexing.rebuild()
    for kill in range(ROUNDS):
        for row in rows:
            datasets.describe(row, title=f"Round{kill} {row.pk}", by=seller)
        connection.close()
        writer = fork.Process(target=lambda: [indexing.renew_dataset(row.pk) for row in rows])
        writer.start()
        time.sleep(0.02 + 0.04 * kill)
        os.kill(writer.pid or 0, signal.SIGKILL)
        writer.join()
        for row in rows:
            indexing.renew_dataset(row.pk)  # as the delivery that was not done does
        assert found(seller, f"round{kill}") == set(Dataset.objects.values_list("title", flat=True))
    assert not StaleEntry.objects.exists()


def test_what_a_killed_worker_has_marked_the_sweep_takes(seller: Actor) -> None:
    dataset = dataset_makers.draft(seller, title="Left behind")
    indexing.refresh()
    StaleEntry.objects.filter(dataset=dataset).delete()
    datasets.describe(dataset, title="Swept up", by=seller)
    with search.turn_to_write(wait=True):
        indexing.renew_dataset(dataset.pk)
    assert found(seller, "swept") == set()
    tasks.refresh_search()
    assert found(seller, "swept") == {"Swept up"}


def test_a_missing_or_broken_index_is_built_by_the_sweep(seller: Actor, search_folder: Any) -> None:
    dataset_makers.draft(seller, title="Still here")
    assert catalogue.search(seller, Search(q="still")).is_rebuilding
    tasks.refresh_search()
    assert found(seller, "still") == {"Still here"}
    for path in (search_folder / (search_folder / "current").read_text()).iterdir():
        path.write_bytes(b"damaged")
    assert catalogue.search(seller, Search(q="still")).is_rebuilding
    tasks.refresh_search()
    assert found(seller, "still") == {"Still here"}
    tasks.rebuild_search()
    assert found(seller, "still") == {"Still here"}


def test_a_save_is_found_once_its_reaction_has_run(seller: Actor) -> None:
    indexing.rebuild()
    dataset_makers.draft(seller, title="Fresh from the press")
    for delivery in Delivery.objects.filter(done_at=None, event__name="dataset.created"):
        assert events.react(delivery.pk, now=timezone.now() + timedelta(seconds=1))
    assert found(seller, "press") == {"Fresh from the press"}


def test_every_event_that_changes_an_entry_renews_it() -> None:
    renewing = {
        name
        for name, reactions in TABLE.items()
        if any(".reindex_" in events.name_of(one) for one in reactions)
    }
    about_datasets = {event for *_, event in Dataset.TRANSITIONS.values()}
    assert about_datasets | {"dataset.created", "dataset.described", "dataset.declared"} <= renewing
    assert {"offer.published", "offer.withdrawn", "participant.suspended", "participant.restored"} <= renewing
    assert {"revision.sealed", "revision.measured", "revision.revoked", "participant.closed"} <= renewing
