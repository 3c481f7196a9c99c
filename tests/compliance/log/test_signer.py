"""The signer: it publishes what others can check, goes on after any crash, and signs no second history."""

import fcntl
import shutil
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from compliance import queries
from compliance.log.sealing import seal_batch
from compliance.log.signer import ForkDetected
from compliance.models import Checkpoint, LogHead
from compliance.verifier.checkpoints import Checkpoint as Head
from compliance.verifier.checkpoints import open_checkpoint
from compliance.verifier.notes import VerifierKey
from exchange.kernel.models import Event

NEW_YEAR = datetime(2027, 1, 1, 0, 0, 1, tzinfo=UTC)


def published(public_log: Any, year: int = 2026) -> Head:
    note = (public_log.folder(year) / "checkpoint").read_bytes()
    return open_checkpoint(note, [VerifierKey.parse(public_log.vkey(year))])


def files_in(folder: Path) -> dict[str, bytes]:
    return {str(f.relative_to(folder)): f.read_bytes() for f in sorted(folder.rglob("*")) if f.is_file()}


def remembered(public_log: Any) -> dict[str, bytes]:
    return {name: data for name, data in files_in(public_log.own).items() if name.endswith(".checkpoint")}


def tell_many(told: Any, count: int) -> None:
    for number in range(count):
        told.tell("interrupted", number, code="idle")


def assert_refuses(public_log: Any, now: datetime, match: str, signer: Any = None) -> None:
    """No run signs: what is published and recorded stays, and an alarm says why."""
    before = {n: d for n, d in files_in(public_log.public).items() if not n.endswith("ALARM")}
    memory = remembered(public_log)
    rows = list(Checkpoint.objects.order_by("pk").values())
    signer = signer or public_log.signer()
    for _ in range(3):
        with pytest.raises(ForkDetected, match=match):
            signer.run_once(now)
    after = {n: d for n, d in files_in(public_log.public).items() if not n.endswith("ALARM")}
    assert (after, remembered(public_log)) == (before, memory)
    assert list(Checkpoint.objects.order_by("pk").values()) == rows


@pytest.mark.django_db
def test_a_stranger_verifies_the_published_log(
    story: Callable[..., Any], assert_whole: Callable[..., None], public_log: Any, now: datetime
) -> None:
    told = story()
    told.tell("started")
    public_log.publish(now)
    first = (public_log.folder() / "checkpoint").read_bytes()
    for count in (3, 250, 600):  # within a tile, over its end, over two more
        tell_many(told, count)
        public_log.publish(now)
        assert_whole()
    assert published(public_log).size == 855
    assert published(public_log).root == bytes(LogHead.objects.order_by("-size").first().root)
    assert open_checkpoint(first, [VerifierKey.parse(public_log.vkey())]).size == 2
    assert list(Checkpoint.objects.order_by("size").values_list("size", flat=True)) == [2, 5, 255, 855]


@pytest.mark.django_db
def test_nothing_new_changes_nothing(seal_one: Callable[..., Any], public_log: Any, now: datetime) -> None:
    seal_one()
    assert public_log.signer().run_once(now) == 1
    before = files_in(public_log.public)
    assert public_log.signer().run_once(now + timedelta(hours=1)) == 0
    assert files_in(public_log.public) == before
    assert Checkpoint.objects.get().signed_at == now


@pytest.mark.django_db
def test_partial_tiles_go_once_the_full_one_is_there(
    story: Callable[..., Any], public_log: Any, now: datetime
) -> None:
    told = story()
    for _ in range(6):
        tell_many(told, 60)
        public_log.publish(now)
    partial = {path.parent.name for path in public_log.folder().rglob("*.p/*")}
    assert partial == {"001.p", "000.p"}  # 000.p is of level 1
    assert not list((public_log.folder() / "tile/0").glob("000.p"))
    assert not list((public_log.folder() / "tile/entries").glob("000.p"))


@pytest.mark.django_db
def test_a_signer_stopped_after_any_step_is_taken_up_by_the_next(
    story: Callable[..., Any], assert_whole: Callable[..., None], public_log: Any, now: datetime
) -> None:
    told = story()
    tell_many(told, 254)
    public_log.publish(now)
    stop_after, seen = 1, set()
    while True:
        tell_many(told, 5)
        public_log.seal(now)
        older = published(public_log).size
        steps = public_log.signer().steps("2026", now)
        done = [step for _, step in zip(range(stop_after), steps, strict=False)]
        steps.close()  # the process is gone
        seen |= set(done)
        assert published(public_log).size >= older
        if stop_after % 2:  # the next one finds more leaves, or the same
            tell_many(told, 3)
            public_log.seal(now)
        public_log.signer().run_once(now)
        newest = LogHead.objects.order_by("-size").first()
        assert published(public_log).size == newest.size == Checkpoint.objects.order_by("-size").first().size
        if len(done) < stop_after:
            break
        stop_after += 1
    assert {"remembered", "published", "recorded"} < seen
    assert_whole()


@pytest.mark.django_db
def test_a_disk_that_refuses_the_checkpoint_leaves_the_old_one_and_the_next_run_mends_it(
    seal_one: Callable[..., Any], public_log: Any, now: datetime
) -> None:
    seal_one()
    blocked = public_log.folder() / "checkpoint"
    blocked.mkdir(parents=True)
    with pytest.raises(OSError):
        public_log.signer().run_once(now)
    assert not Checkpoint.objects.exists()
    blocked.rmdir()
    public_log.signer().run_once(now)
    assert published(public_log).size == Checkpoint.objects.get().size == 3


def test_a_database_restored_from_an_older_backup_is_never_signed(
    own_database: None,
    backup: Callable[..., Any],
    sign_one: Callable[..., Any],
    seal_one: Callable[..., Any],
    public_log: Any,
    now: datetime,
) -> None:
    sign_one()
    restore = backup()
    sign_one()
    signed = (public_log.folder() / "checkpoint").read_bytes()
    restore()
    assert_refuses(public_log, now, "restored from a backup")
    seal_one()  # as long as the signed one, and another
    assert LogHead.objects.order_by("-size").first().size == published(public_log).size
    assert_refuses(public_log, now, "restored from a backup")
    seal_one()  # longer, with another past
    assert_refuses(public_log, now, "the database")
    assert (public_log.folder() / "checkpoint").read_bytes() == signed


def test_a_database_without_the_signed_log_raises_the_alarm(
    own_database: None, lose_one: Callable[..., Any], public_log: Any, officer: Any, now: datetime
) -> None:
    lose_one()
    assert_refuses(public_log, now, "a log of 2026 was signed")
    health = queries.log_health(now=now, visible_to=officer)
    assert not health.is_well
    assert health.alarm is not None and "was it restored?" in health.alarm


def test_the_alarm_ends_when_the_right_database_is_back(
    own_database: None,
    backup: Callable[..., Any],
    sign_one: Callable[..., Any],
    public_log: Any,
    without_triggers: Callable[..., Any],
    officer: Any,
    now: datetime,
) -> None:
    sign_one()
    restore_right = backup()
    for model in (Checkpoint, LogHead):
        with without_triggers(model._meta.db_table):
            model._base_manager.all()._raw_delete(using="default")
    assert_refuses(public_log, now, "a log of 2026 was signed")
    restore_right()
    assert public_log.signer().run_once(now) == 0
    assert queries.log_health(now=now, visible_to=officer).alarm is None
    sign_one()
    assert queries.log_health(now=now, visible_to=officer).is_well


@pytest.mark.django_db
@pytest.mark.parametrize("when", ["before it is signed", "after it was signed"])
def test_a_superuser_who_changes_a_leaf_is_found(
    when: str,
    story: Callable[..., Any],
    public_log: Any,
    without_triggers: Callable[..., Any],
    verify: Callable[..., Any],
    officer: Any,
    now: datetime,
) -> None:
    tell_many(story(), 300)
    public_log.seal(now)
    signer = public_log.signer()
    if when == "after it was signed":
        signer.run_once(now)
    victim = Event.objects.get(leaf_index=280)
    leaf = bytes(victim.leaf).replace(b'"code":"idle"', b'"code":"none"')
    with without_triggers("kernel_event"):
        Event.objects.filter(pk=victim.pk).update(leaf=leaf)
    if when == "after it was signed":
        assert signer.run_once(now) == 0  # looks at the first 256
        assert_refuses(public_log, now, "leaf 280 in the database is not the leaf that was signed", signer)
        assert_refuses(public_log, now, "leaf 280 in the database")  # and so does one just started
        assert queries.log_health(now=now, visible_to=officer).is_well is False
        done = verify("log", public_log.folder(), "--vkey", public_log.vkey())
        assert done.returncode == 0  # what was published is still the truth
    else:
        assert_refuses(public_log, now, "do not give the root")


@pytest.mark.django_db
def test_a_superuser_who_takes_a_leaf_away_is_found(
    story: Callable[..., Any], public_log: Any, without_triggers: Callable[..., Any], now: datetime
) -> None:
    tell_many(story(), 10)
    public_log.publish(now)
    with without_triggers("kernel_event"):
        Event.objects.filter(leaf_index=4).update(leaf_index=40)
    assert_refuses(public_log, now, "leaf 4 is missing in the database")


@pytest.mark.django_db
def test_a_superuser_who_rewrites_a_head_is_found(
    story: Callable[..., Any], public_log: Any, without_triggers: Callable[..., Any], now: datetime
) -> None:
    tell_many(story(), 10)
    public_log.seal(now)
    with without_triggers("compliance_loghead"):
        LogHead.objects.update(root=bytes(32))
    assert_refuses(public_log, now, "do not give the root")


@pytest.mark.django_db
def test_lost_or_damaged_tiles_are_written_anew_from_the_database(
    story: Callable[..., Any], public_log: Any, now: datetime
) -> None:
    tell_many(story(), 300)
    public_log.publish(now)
    good = files_in(public_log.folder())
    shutil.rmtree(public_log.folder() / "tile")
    public_log.signer().run_once(now)
    assert files_in(public_log.folder()) == good
    for damaged in ("tile/0/001.p/45", "tile/entries/001.p/45"):
        (public_log.folder() / damaged).write_bytes(b"\x00" * 32)
        public_log.signer().run_once(now)
        assert files_in(public_log.folder()) == good


@pytest.mark.django_db
def test_a_damaged_tile_further_back_is_found_and_mended_as_the_alarm_says(
    story: Callable[..., Any], public_log: Any, now: datetime
) -> None:
    tell_many(story(), 300)
    public_log.publish(now)
    good = files_in(public_log.folder())
    (public_log.folder() / "tile/0/000").unlink()
    assert_refuses(public_log, now, "tile/0/000 .* is damaged or gone: remove the folder")
    shutil.rmtree(public_log.folder() / "tile")
    public_log.signer().run_once(now)
    assert files_in(public_log.folder()) == good


@pytest.mark.django_db
def test_a_signer_without_memory_goes_on_from_what_it_published(
    sign_one: Callable[..., Any], public_log: Any
) -> None:
    sign_one()
    memory = public_log.own / "2026.checkpoint"
    memory.unlink()
    sign_one()
    assert published(public_log).size == 5
    memory.unlink()
    (public_log.folder() / "checkpoint").unlink()  # the database still shows it
    sign_one()
    assert published(public_log).size == 7


@pytest.mark.django_db
def test_another_key_does_not_go_on_with_the_log(
    sign_one: Callable[..., Any], seal_one: Callable[..., Any], public_log: Any, now: datetime
) -> None:
    sign_one()
    shutil.rmtree(public_log.own)
    seal_one()
    assert_refuses(public_log, now, "what was signed last cannot be believed", public_log.signer())


@pytest.mark.django_db
def test_a_forged_checkpoint_in_the_public_folder_is_replaced(
    sign_one: Callable[..., Any], public_log: Any, now: datetime
) -> None:
    sign_one()
    good = files_in(public_log.folder())
    (public_log.folder() / "checkpoint").write_text("testserver/log/2026\n9\nAAAA\n\n— x AAAAAAAA\n")
    public_log.signer().run_once(now)
    assert files_in(public_log.folder()) == good


@pytest.mark.django_db
def test_of_two_signers_only_one_works(seal_one: Callable[..., Any], public_log: Any, now: datetime) -> None:
    seal_one()
    signer = public_log.signer()
    with (public_log.own / "lock").open("w") as other:
        fcntl.flock(other, fcntl.LOCK_EX)
        assert signer.run_once(now) == 0
    assert not Checkpoint.objects.exists()
    assert signer.run_once(now) == 1


@pytest.mark.django_db
def test_each_year_has_its_own_log_under_the_same_key(
    story: Callable[..., Any], assert_whole: Callable[..., None], public_log: Any, now: datetime
) -> None:
    told = story()
    told.tell("started")
    seal_batch(now)
    told.tell("completed", 1_000)
    seal_batch(NEW_YEAR)
    assert public_log.signer().run_once(NEW_YEAR) == 2
    for year, size in ((2026, 2), (2027, 2)):
        assert_whole(year)
        assert published(public_log, year).size == size
    assert public_log.vkey(2026).split("+")[2:] == public_log.vkey(2027).split("+")[2:]


@pytest.mark.django_db
def test_the_key_is_made_once_for_its_owner_alone_and_never_where_it_must_be_given(
    public_log: Any, settings: Any
) -> None:
    settings.EXCHANGE_MAKE_KEYS = False
    with pytest.raises(RuntimeError, match=r"log\.pem"):
        public_log.signer()
    settings.EXCHANGE_MAKE_KEYS = True
    public_log.signer()
    key = public_log.own / "log.pem"
    made = key.read_bytes()
    assert key.stat().st_mode & 0o777 == 0o600
    assert public_log.own.stat().st_mode & 0o777 == 0o700
    public_log.signer()
    assert key.read_bytes() == made
