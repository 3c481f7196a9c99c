"""Fixtures for every test: a database of the worker, the cast, a closed network, reactions run by hand."""

import gc
import os
import secrets
import shutil
import tempfile
from collections.abc import Callable, Generator, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from django.utils import timezone, translation
from httpx._config import DEFAULT_TIMEOUT_CONFIG
from hypothesis import HealthCheck, settings

from tests import databases, servers
from tests.environment import TEST_VAR_DIR
from tests.fakes.stripe.fixtures import (  # noqa: F401 (fixtures of the whole run)
    stripe_fake,
    stripe_served,
    stripe_specification,
)
from tests.scratch import quick_folder
from tests.servers import exchange, loaded_demo  # noqa: F401 (fixtures of the whole run)
from tests.standing import standing, wanted_by

if TYPE_CHECKING:
    from exchange.kernel.actors import Actor
    from exchange.participants.models import Participant
    from tests.makers import Door

ROOT = Path(__file__).resolve().parent.parent
DATABASE_FIXTURES = {"db", "transactional_db", "django_db_setup", "database"}
BUILT_ONCE = {"house", "made", "gateways", "written", "tree", "said"}
"""Fixtures of a file that cost seconds: its tests stay on one worker, or each worker would build them."""
READ_ONCE = ("architecture", "docs")
"""Folders of tests that read all of the source: they stay together, or each worker would parse it."""
ABOUT_SHOWING = ("pages", "charts")
"""Folders of tests that show something in all its states."""
LONGEST_NAME = 200
NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
TRADERS = {"seller": ("Seller SA", "FR"), "buyer": ("Buyer GmbH", "DE"), "outsider": ("Outsider BV", "NL")}
_databases_are_there: list[Any] = []


def pytest_configure(config: pytest.Config) -> None:
    """A machine may be busy: examples may come slowly, and answers later than the five seconds that httpx waits. What
    fails a run is what was changed since the last, so its examples are the same; long runs look elsewhere each time."""
    is_long = "slow" in (config.option.markexpr or "")
    patient = [HealthCheck.too_slow]
    settings.register_profile("ours", deadline=None, derandomize=not is_long, suppress_health_check=patient)
    settings.load_profile("ours")
    DEFAULT_TIMEOUT_CONFIG.connect = DEFAULT_TIMEOUT_CONFIG.read = DEFAULT_TIMEOUT_CONFIG.write = 60.0


def is_on_postgres() -> bool:
    return os.environ.get("EXCHANGE_DATABASE_URL", "").startswith("postgres")


def pytest_ignore_collect(collection_path: Path) -> bool | None:
    """Folders about showing are not even read in the PostgreSQL lane."""
    return True if is_on_postgres() and collection_path.name in ABOUT_SHOWING else None


def pytest_make_parametrize_id(val: object, argname: str) -> str | None:
    """A long value is named by its length: each name goes to every process, and back with each result."""
    is_long = isinstance(val, str | bytes) and len(val) > LONGEST_NAME
    return f"{argname} of {len(val)}" if is_long else None  # type: ignore[arg-type]


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_collection() -> Generator[None, object, object]:
    """To look for garbage while tests are collected took a third of that time."""
    gc.disable()
    try:
        return (yield)
    finally:
        gc.enable()


@pytest.hookimpl(tryfirst=True)  # before groups are read
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Slow tests run when `-m` names them. What touches no database runs in the SQLite lane alone, and so does what
    is shown in all its states: every page is opened, and its forms sent, on both databases by `tests/doors`."""
    wants_slow = "slow" in (config.option.markexpr or "")
    left = {
        item
        for item in items
        if (item.get_closest_marker("slow") and not wants_slow)
        or (is_on_postgres() and (item.get_closest_marker("one_database") or not touches_database(item)))
    }
    config.hook.pytest_deselected(items=list(left))
    items[:] = [item for item in items if item not in left]
    for item in items:
        if is_grouped(item):
            continue
        if item.path.parent.name in READ_ONCE:
            item.add_marker(pytest.mark.xdist_group("sources"))
        elif BUILT_ONCE.intersection(getattr(item, "fixturenames", ())):
            item.add_marker(pytest.mark.xdist_group(str(item.path.relative_to(ROOT))))


def pytest_collection_finish(session: pytest.Session) -> None:
    """Groups that are not kept together cost minutes, and nobody would see it. What was collected and imported stays to
    the end: looking for garbage in it, again and again, took a sixth of the processor."""
    gc.freeze()
    gc.set_threshold(10_000, 20, 20)
    if getattr(session.config.option, "loadgroup", False):
        lost = [item for item in session.items if is_grouped(item) and "@" not in item.nodeid]
        assert not lost, "this pytest-xdist does not keep groups together"


def is_grouped(item: pytest.Item) -> bool:
    return item.get_closest_marker("xdist_group") is not None


def touches_database(item: pytest.Item) -> bool:
    """Whether a test asked for a database, by itself or by its fixtures, or is marked to run on both."""
    asked = not DATABASE_FIXTURES.isdisjoint(getattr(item, "fixturenames", ()))
    return asked or any(item.get_closest_marker(name) for name in ("django_db", "both_databases"))


@pytest.hookimpl(tryfirst=True)  # before fixtures
def pytest_runtest_setup(item: pytest.Item) -> None:
    servers.wake_for(item)
    if touches_database(item) and _databases_are_there:
        with _databases_are_there[0].unblock():
            standing.stand(wanted_by(item, "tests"), _made)


@pytest.hookimpl(trylast=True)  # what a module's fixtures still ask of it comes first
def pytest_runtest_teardown(item: pytest.Item, nextitem: pytest.Item | None) -> None:
    servers.rest_before(nextitem)


def pytest_sessionfinish() -> None:
    gc.unfreeze()


def pytest_unconfigure(config: pytest.Config) -> None:
    if not hasattr(config, "workerinput") and TEST_VAR_DIR.name.startswith("comptoir-test-"):
        shutil.rmtree(TEST_VAR_DIR, ignore_errors=True)


@pytest.fixture(scope="session")
def django_db_setup(django_db_blocker: Any, worker_id: str) -> Iterator[None]:
    from django.conf import settings

    from exchange.kernel import own_tokens, signing
    from exchange.participants import vault

    signing.ensure_keys(Path(settings.EXCHANGE_KEYS_DIR))
    own_tokens.ensure_secrets(Path(settings.EXCHANGE_KEYS_DIR))
    vault.ensure_key(Path(settings.EXCHANGE_KEYS_DIR))
    with django_db_blocker.unblock():
        databases.prepare(f"test_{worker_id}")
    _databases_are_there.append(django_db_blocker)
    yield
    _databases_are_there.clear()


@pytest.fixture(scope="session", autouse=True)
def static_files_found_once() -> Iterator[None]:
    """Each test client would look for all the static files anew, which takes it 5 ms."""
    from whitenoise.middleware import WhiteNoiseMiddleware

    find, found = WhiteNoiseMiddleware.add_files_from_finders, {}

    def once(middleware: WhiteNoiseMiddleware) -> None:
        if middleware.static_prefix not in found:
            find(middleware)
            found[middleware.static_prefix] = middleware.files
        middleware.files = found[middleware.static_prefix]

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(WhiteNoiseMiddleware, "add_files_from_finders", once)
        yield


@pytest.fixture
def own_database(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    """A database with real commits for one test alone: for rivals, servers and triggers at commit."""
    with django_db_blocker.unblock(), databases.own(f"own_{secrets.token_hex(6)}"):
        yield


@pytest.fixture(scope="session")
def vectors() -> Path:
    """Published test data of other projects; tests that need it say so where it is absent."""
    folder = ROOT.parent / "shared" / "vectors"
    if not folder.is_dir():
        pytest.skip("published test vectors are not beside this checkout (../shared/vectors)")
    return folder


@pytest.fixture(scope="session")
def search_folders() -> Iterator[Path]:
    """In memory where there is room, for an index on a disk takes 70 ms for each change. What is stored stays on a
    disk: the gateway reads at once what the system has in memory, which it can ask of a disk alone."""
    folder = Path(tempfile.mkdtemp(prefix="comptoir-search-", dir=quick_folder()))
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(autouse=True)
def search_folder(settings: Any, search_folders: Path) -> Iterator[Path]:
    """An index of the test's own, so that it finds only what the test made; most tests make none."""
    folder = search_folders / secrets.token_hex(8)
    settings.EXCHANGE_SEARCH_DIR = folder
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(autouse=True)
def english() -> None:
    """A page in another language leaves that language to the thread that made it."""
    translation.deactivate()


@pytest.fixture(autouse=True)
def law_that_ships() -> None:
    """What an earlier test has installed is no law in this one, and nobody asks whether there is one."""
    from compliance.legal import in_force

    in_force.believe_that_none_is_installed()


@pytest.fixture
def now(request: pytest.FixtureRequest) -> datetime:
    """The time in tests: fixed, passed in; the clock's for tests of what asks the clock (`by_the_clock`)."""
    is_by_the_clock = request.node.get_closest_marker("by_the_clock") is not None
    return timezone.now().replace(microsecond=0) if is_by_the_clock else NOW


@pytest.fixture
def react(now: datetime) -> Callable[..., int]:
    """Run every reaction that waits, and those that follow from them, as the worker would."""
    from exchange.kernel import events
    from exchange.kernel.models import Delivery

    def run(at: datetime | None = None) -> int:
        count = 0
        while waiting := list(Delivery.objects.filter(done_at=None, attempts=0).values_list("pk", flat=True)):
            count += events.react_all(waiting, now=(at or now) + timedelta(seconds=1))
        return count

    return run


@pytest.fixture
def database(request: pytest.FixtureRequest) -> None:
    """The test's own database where it asks for one, else the worker's, rolled back afterwards."""
    request.getfixturevalue("own_database" if "own_database" in request.fixturenames else "db")


@pytest.fixture
def operator(database: None, now: datetime) -> "Actor":
    """Verifies and suspends; a client of the operator's organisation, in France."""
    return standing.found("operator") or _made("operator", now)


@pytest.fixture
def officer(database: None, now: datetime) -> "Actor":
    """Sees every transfer; a client of the operator's organisation too."""
    return standing.found("officer") or _made("officer", now)


@pytest.fixture
def seller(database: None, now: datetime) -> "Actor":
    """A client of a verified organisation in France."""
    return standing.found("seller") or _made("seller", now)


@pytest.fixture
def buyer(database: None, now: datetime) -> "Actor":
    """A client of a verified organisation in Germany."""
    return standing.found("buyer") or _made("buyer", now)


@pytest.fixture
def outsider(database: None, now: datetime) -> "Actor":
    """A client of a verified organisation in the Netherlands, a party to nothing: it tries every door."""
    return standing.found("outsider") or _made("outsider", now)


@pytest.fixture
def participant_of() -> Callable[["Actor"], "Participant"]:
    """The organisation that an actor acts for."""
    return _makers().participant_of


@pytest.fixture
def door() -> Callable[["Actor"], "Door"]:
    """The API as an actor's client uses it, at the real time: `door(seller).post("/api/v1/…", {…}).json()`."""
    return _makers().Door


def _made(name: str, at: datetime = NOW) -> "Actor":
    makers = _makers()
    made: Actor = makers.trader(*TRADERS[name], at) if name in TRADERS else getattr(makers, name)(at)
    return made


def _makers() -> Any:
    """The makers import models, which need the settings that pytest-django sets up first."""
    from tests import makers

    return makers
