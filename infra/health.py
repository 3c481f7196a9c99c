"""How the exchange fares, part by part: each look is cheap, has a time limit, and says what to do. Reads only."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db import DatabaseError
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from compliance import queries as compliance
from compliance.queries import LogHealth
from contracts.catalogue import indexing
from datasets.storage import storage
from exchange.kernel import backlog, pulses
from exchange.kernel.actors import Actor, Scope
from exchange.kernel.backlog import Backlog
from exchange.kernel.errors import Unavailable
from exchange.kernel.models import Delivery
from exchange.look import formats
from infra import foundations
from infra.deadlines import Asked, NoAnswer
from infra.findings import Fact, Finding, age, looked

LATE_SECONDS = 60
LITTLE_ROOM, HARDLY_ANY_ROOM = 10 * 10**9, 10**9
MANY_STALE = 1_000
MOST_SHOWN = 10
_STORAGE_SECONDS = 3.0

_room = Asked(lambda: storage().room(), seconds=_STORAGE_SECONDS)


def look_at_all(*, by: Actor) -> list[Finding]:
    """Every part, the processes first."""
    by.require(Scope.OPERATE)
    now = by.at
    return [
        looked(_("Worker and schedule"), lambda: _worker(now)),
        looked(_("Sequencer"), lambda: _round_of(pulses.SEQUENCER, now)),
        looked(_("Signer"), lambda: _round_of(pulses.SIGNER, now)),
        looked(_("Messenger"), lambda: _round_of(pulses.MESSENGER, now)),
        looked(_("Reactions"), lambda: _reactions(backlog.look(now=now), now)),
        looked(_("Log"), lambda: _log(compliance.log_health(now=now, visible_to=by))),
        looked(_("Storage"), _storage),
        looked(_("Database"), foundations.database),
        looked(_("Search index"), _search),
        looked(_("Mail"), foundations.mail),
        looked(_("Payments"), lambda: foundations.payments(by=by)),
        looked(_("Public address"), foundations.address),
    ]


def _worker(now: datetime) -> Finding:
    title, seen_at = _("Worker and schedule"), pulses.last().get(pulses.WORKER)
    if seen_at is None:
        return Finding(
            title, "stop", _("No scheduled task has run on this exchange yet."), _start_again("worker", "beat")
        )
    seconds = (now - seen_at).total_seconds()
    facts: list[Fact] = [(_("last task of the schedule"), formats.moment(seen_at, "second"))]
    if seconds <= LATE_SECONDS:
        return Finding(title, "ok", _("Scheduled tasks run."), facts=facts)
    done_at = backlog.last_done_at()
    stands = _("No scheduled task has run for %(age)s.") % {"age": age(seconds)}
    if done_at is not None and now - done_at <= timedelta(seconds=LATE_SECONDS):
        facts.append((_("last reaction"), formats.moment(done_at, "second")))
        return Finding(title, "stop", stands, _start_again("beat"), facts)
    return Finding(title, "stop", stands, _start_again("worker", "beat"), facts)


def _round_of(name: str, now: datetime) -> Finding:
    title = {
        pulses.SEQUENCER: _("Sequencer"),
        pulses.SIGNER: _("Signer"),
        pulses.MESSENGER: _("Messenger"),
    }[name]
    seen_at = pulses.last().get(name)
    if seen_at is None:
        return Finding(title, "stop", _("It has not run on this exchange yet."), _start_again(name))
    seconds = (now - seen_at).total_seconds()
    facts: list[Fact] = [(_("last round"), formats.moment(seen_at, "second"))]
    if seconds > LATE_SECONDS:
        stands = _("It has not ended a round for %(age)s.") % {"age": age(seconds)}
        return Finding(title, "stop", stands, _start_again(name), facts)
    well: Mapping[str, str] = {
        pulses.SEQUENCER: _("It gives Events their place in the log."),
        pulses.SIGNER: _("It signs and publishes the log’s heads."),
        pulses.MESSENGER: _("It tells webhooks what the log has sealed."),
    }
    return Finding(title, "ok", well[name], facts=facts)


def _start_again(*names: str) -> str:
    return _("Start it again, and look at its log: %(names)s.") % {"names": ", ".join(names)}


def _reactions(found: Backlog, now: datetime) -> Finding:
    title = _("Reactions")
    if not found.waiting:
        return Finding(title, "ok", _("Everything that follows from Events has been done."))
    facts: list[Fact] = [(_("waiting"), formats.number(found.waiting))]
    if found.oldest_at:
        facts.append((_("the oldest since"), formats.moment(found.oldest_at, "second")))
    if found.late:
        count = formats.number(found.late)
        stands = ngettext(
            "%(count)s reaction should have run more than a minute ago.",
            "%(count)s reactions should have run more than a minute ago.",
            found.late,
        ) % {"count": count}
        return Finding(title, "stop", stands, _("Nothing is lost. Look at worker, schedule and broker."), facts)
    if found.failing_count:
        stands = ngettext(
            "%(count)s reaction has failed and is tried again by itself.",
            "%(count)s reactions have failed and are tried again by themselves.",
            found.failing_count,
        ) % {"count": formats.number(found.failing_count)}
        return Finding(title, "warn", stands, _("The worker’s log says why. They stand below."), facts)
    return Finding(title, "ok", _("What waits is on its way."), facts=facts)


def _log(found: LogHealth) -> Finding:
    title = _("Log")
    facts: list[Fact] = [
        (_("signed leaves"), formats.number(found.checkpoint_size)),
        (_("waiting to be sealed"), formats.number(found.unsealed_count)),
    ]
    if found.oldest_unsealed_seconds is not None:
        facts.append((_("the oldest for"), age(found.oldest_unsealed_seconds)))
    if found.oldest_unsigned_seconds is not None:
        facts.append((_("oldest head without a signature"), age(found.oldest_unsigned_seconds)))
    if found.checkpoint_age_seconds is not None:
        facts.append((_("last signature"), _("%(age)s ago") % {"age": age(found.checkpoint_age_seconds)}))
    if found.alarm:
        stands = _("The signer refuses to sign: what it sees is not what it signed before.")
        advice = _("Change nothing, keep a copy of database and log, and follow docs/operate/log.md.")
        return Finding(title, "stop", stands, advice, facts, quote=found.alarm)
    if found.is_late:
        advice = _("Nothing is lost: it is sealed when sequencer and signer run again.")
        return Finding(title, "stop", _("The log is late."), advice, facts)
    if found.fault is not None:
        stands = _("The monitor finds the published log other than it must be.")
        advice = _("Change nothing, keep a copy of database and log, and follow docs/operate/log.md.")
        return Finding(title, "stop", stands, advice, facts, quote=found.fault.sentence)
    if not found.checkpoint_size:
        return Finding(
            title, "warn", _("No head is signed yet."), _("The first Event brings the first."), facts
        )
    return Finding(title, "ok", _("It is sealed and signed in time."), facts=facts)


def _storage() -> Finding:
    title = _("Storage")
    facts: list[Fact] = [(_("kind"), settings.EXCHANGE_STORAGE)]
    try:
        free = _room()
    except NoAnswer:
        stands = _("It has not answered for %(age)s.") % {"age": age(_STORAGE_SECONDS)}
        return Finding(title, "stop", stands, _storage_advice(), facts)
    except Unavailable as refusal:
        return Finding(title, "stop", _("It cannot be used."), _storage_advice(), facts, quote=refusal.detail)
    if free is None:
        return Finding(title, "ok", _("The bucket answers."), facts=facts)
    facts.append((_("room left"), formats.size(free)))
    if free < LITTLE_ROOM:
        stands = _("There is little room left: %(free)s.") % {"free": formats.size(free)}
        advice = _("Make room, or move the folder to a larger disk, before uploads are refused.")
        return Finding(title, "stop" if free < HARDLY_ANY_ROOM else "warn", stands, advice, facts)
    return Finding(title, "ok", _("The folder can be written, and has room."), facts=facts)


def _storage_advice() -> str:
    return _("No upload and no download works. Look at EXCHANGE_STORAGE and what it names in the settings.")


def _search() -> Finding:
    title, found = _("Search index"), indexing.state()
    facts: list[Fact] = [(_("datasets in the database"), formats.number(found.datasets))]
    if found.documents is None:
        stands = _("There is no index that can be read: the catalogue is listed, but cannot be searched.")
        return Finding(
            title, "stop", stands, _("The worker builds it within seconds: see that it runs."), facts
        )
    facts = [
        (_("datasets in the index"), formats.number(found.documents)),
        *facts,
        (_("waiting to be brought up to date"), formats.number(found.stale)),
    ]
    if found.stale > MANY_STALE or (not found.stale and found.documents != found.datasets):
        stands = _("It does not hold what the database holds.")
        advice = _("Build it anew: python -m infra rebuild_search. It also happens every night.")
        return Finding(title, "warn", stands, advice, facts)
    return Finding(title, "ok", _("It holds what the database holds."), facts=facts)


@dataclass(frozen=True)
class ShownFailure:
    """A reaction that failed, in a reader's words."""

    delivery: Delivery
    reaction: str


def shown_failures(by: Actor) -> list[ShownFailure]:
    """The reactions that failed, the most tried first; none where the database does not answer."""
    by.require(Scope.OPERATE)
    try:
        found = backlog.look(now=by.at, at_most=MOST_SHOWN).failing
    except DatabaseError:
        return []
    return [ShownFailure(one, one.reaction.rpartition(".")[2]) for one in found]
