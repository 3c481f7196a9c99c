"""What gives out first when an exchange grows: a model of one machine's measured costs, multiplied. Change a constant,
or give one by its name, and run it again: `python -m infra.bench.scale --busiest-hour-share 0.3`."""

import argparse
import heapq
import math
import random
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from typing import Any, TypeVar

BUSY = 0.7  # of what a resource can do; beyond it, waiting grows without measure
GIB = 1024**3


@dataclass(frozen=True)
class Costs:
    """What was measured on one machine of two cores (docs/operate/scale.md says how), and what such a machine has."""

    gateway_cpu_ms: float = 0.37  # of a gateway's process, for each authorised download
    database_cpu_ms: float = 0.36  # of PostgreSQL, for each: its Events, transfer, copy, and completion
    seal_cpu_ms: float = 0.03  # of the sequencer and PostgreSQL, for each Event: its place in the log
    follow_cpu_ms: float = 0.25  # of the same two, for each: the desk's rows, which may come later
    sign_cpu_ms: float = 0.04  # of the signer, for each Event: tiles and checkpoint
    stream_cpu_s_per_gib: float = 0.95  # of a gateway's process, for bytes that are checked and sent
    web_cpu_ms: float = 15.0  # of web and PostgreSQL, for each page or API request
    commit_ms: float = 0.15  # the disk, for each group of downloads that is committed
    group: float = 16.0  # downloads committed together at full load
    event_bytes: float = 2_800.0  # an Event with its parties, its desk's row and their indexes
    transfer_bytes: float = 700.0  # a transfer with its copy and their indexes
    tile_bytes: float = 1_300.0  # what an Event adds to the published log
    wal_bytes: float = 4_200.0  # that an Event writes ahead, which a replica receives
    gateway_connections: float = 8.0  # to PostgreSQL, of each gateway's process


@dataclass(frozen=True)
class Machine:
    """One machine: cores, network and disk."""

    cores: float = 2.0
    network_gbit: float = 2.0
    disk_gib: float = 1_000.0
    connections: float = 200.0  # that PostgreSQL takes


@dataclass(frozen=True)
class Load:
    """What an exchange is asked to do in a year."""

    downloads: float = 300_000.0
    events_per_download: float = 3.3  # started, completed, and its part of sales, resumptions and refusals
    mean_mib: float = 500.0
    web_requests_per_download: float = 10.0
    busiest_hour_share: float = 0.15  # of a day's downloads fall into its busiest hour
    burst: float = 4.0  # the busiest second of it, by its mean

    def times(self, factor: float) -> "Load":
        return replace(self, downloads=self.downloads * factor)

    @property
    def events(self) -> float:
        return self.downloads * self.events_per_download

    @property
    def peak_per_second(self) -> float:
        """Downloads that start in the busiest second."""
        return self.downloads / 365 * self.busiest_hour_share / 3600 * self.burst

    @property
    def peak_bytes_per_second(self) -> float:
        """Bytes that leave in the busiest hour; a burst of starts is spread over the length of the transfers."""
        return self.downloads / 365 * self.busiest_hour_share / 3600 * self.mean_mib * 1024**2


Part = TypeVar("Part", Load, Costs, Machine)


@dataclass(frozen=True)
class Need:
    """How much of a resource the load takes, in units of what one machine, or one process, can give."""

    resource: str
    units: float
    answer: str

    @property
    def gives_out(self) -> bool:
        return self.units > 1


def needs(load: Load, costs: Costs, machine: Machine) -> Iterator[Need]:
    """Every resource, as a part of what one machine gives at 70 % of its time. What cannot be had twice (the writer
    of the database, the one sequencer, the one signer) is marked by its answer."""
    peak, core_ms = load.peak_per_second, 1_000 * BUSY
    starts = peak * costs.gateway_cpu_ms / (machine.cores * core_ms)
    streaming = load.peak_bytes_per_second / GIB * costs.stream_cpu_s_per_gib / (machine.cores * BUSY)
    yield Need(
        "gateway: processors", starts + streaming, "more gateways: they hold no state; or redirects to S3"
    )
    yield Need(
        "gateway: network",
        load.peak_bytes_per_second * 8 / (machine.network_gbit * 1e9 * BUSY),
        "more gateways; EXCHANGE_STORAGE=s3 and redirects for data that is not personal",
    )
    yield Need(
        "web: processors",
        peak * load.web_requests_per_download * costs.web_cpu_ms / (machine.cores * core_ms),
        "more web processes; read replicas for catalogue and desk",
    )
    yield Need(
        "database: processors of the writer",
        peak * costs.database_cpu_ms / (machine.cores * core_ms),
        "a larger machine to 64 cores; then Citus, or an exchange for each log origin",
    )
    yield Need(
        "database: commits",
        peak / costs.group * costs.commit_ms / core_ms,
        "groups grow with load by themselves; a disk with a battery-backed cache",
    )
    yield Need(
        "sequencer: one process",
        peak * load.events_per_download * (costs.seal_cpu_ms + costs.follow_cpu_ms) / core_ms,
        "places first, the desk's rows are caught up; beyond that one log origin for each part",
    )
    yield Need(
        "signer: one process",
        peak * load.events_per_download * costs.sign_cpu_ms / core_ms,
        "the same",
    )
    yield Need(
        "database: disk for a year",
        (load.events * costs.event_bytes + load.downloads * costs.transfer_bytes) / GIB / machine.disk_gib,
        "partitions by month, old ones on slow disks or detached to an archive",
    )
    yield Need(
        "log: published files of a year",
        load.events * costs.tile_bytes / GIB / machine.disk_gib,
        "tiles on S3, a CDN in front: full tiles never change",
    )
    yield Need(
        "replica: network for write-ahead log",
        peak * load.events_per_download * costs.wal_bytes * 8 / (machine.network_gbit * 1e9 * BUSY),
        "one replica feeds the next",
    )
    yield Need(
        "broker: messages",
        peak * load.events_per_download * 0.2 / (2_000 * BUSY),
        "EXCHANGE_BROKER_URL=redis://…; then amqp://… (RabbitMQ) with several nodes",
    )
    yield Need(
        "database: connections",
        gateways(load, costs, machine) * costs.gateway_connections / (machine.connections * BUSY),
        "max_connections, at some 10 MB each; PgBouncer by transaction for web and workers",
    )


def gateways(load: Load, costs: Costs, machine: Machine) -> int:
    """How many gateway processes the bytes and the starts ask for; two at least, so that one may fail."""
    cores = load.peak_per_second * costs.gateway_cpu_ms / 1_000
    cores += load.peak_bytes_per_second / GIB * costs.stream_cpu_s_per_gib
    lines = load.peak_bytes_per_second * 8 / (machine.network_gbit * 1e9 * BUSY)
    return max(2, math.ceil(cores / BUSY), math.ceil(lines))


@dataclass(frozen=True)
class Starts:
    """How starts fared in a simulated busiest second: their waits, and how many were committed together."""

    p50_ms: float
    p99_ms: float
    group: float


def simulate(
    per_second: float, processes: int, costs: Costs, machine: Machine, seconds: float = 20.0
) -> Starts:
    """Starts come at random; each gateway commits what has come while its last group was written, and all of them
    share the database's cores."""
    chance = random.Random(20_261_122)  # noqa: S311  (the same each time)
    waiting: list[list[float]] = [[] for _ in range(processes)]
    busy, waits, groups, now = [False] * processes, [], [], 0.0
    coming: list[tuple[float, int]] = [(chance.expovariate(per_second), -1)]
    while coming and (now < seconds or any(waiting)):
        now, done = heapq.heappop(coming)
        place = done
        if done < 0:
            place = chance.randrange(processes)
            waiting[place].append(now)
            if now < seconds:
                heapq.heappush(coming, (now + chance.expovariate(per_second), -1))
        else:
            busy[place] = False
        if waiting[place] and not busy[place]:
            busy[place] = True
            slower = max(1.0, sum(busy) / machine.cores)
            took = (costs.commit_ms + len(waiting[place]) * costs.database_cpu_ms * slower) / 1_000
            waits += [now + took - came for came in waiting[place]]
            groups.append(len(waiting[place]))
            waiting[place] = []
            heapq.heappush(coming, (now + took, place))
    waits.sort()
    p50, p99 = (waits[len(waits) * part // 100] * 1_000 for part in (50, 99))
    return Starts(p50, p99, sum(groups) / len(groups))


def show(load: Load, costs: Costs, machine: Machine, factors: Sequence[float]) -> Iterator[str]:
    """A table for each load, the scarcest first."""
    for factor in factors:
        grown = load.times(factor)
        yield ""
        yield (
            f"## {factor:,.0f} times: {grown.downloads:,.0f} downloads and {grown.events:,.0f} Events a year, "
            f"{grown.peak_per_second:,.1f} starts in the busiest second, "
            f"{grown.peak_bytes_per_second * 8 / 1e9:,.2f} Gbit/s in the busiest hour"
        )
        yield ""
        yield "| resource | machines needed | answer |"
        yield "|---|---|---|"
        for need in sorted(needs(grown, costs, machine), key=lambda found: -found.units):
            answer = need.answer if need.gives_out else "enough"
            yield f"| {need.resource} | {need.units:,.3g} | {answer} |"
        processes = gateways(grown, costs, machine)
        yield ""
        if grown.peak_per_second * costs.database_cpu_ms > machine.cores * 1_000:
            yield f"{processes} gateways; one database of {machine.cores:g} cores cannot take their starts."
            continue
        found = simulate(grown.peak_per_second, processes, costs, machine)
        yield (
            f"{processes} gateways; in the busiest second a start waits {found.p50_ms:.2f} ms for its commit "
            f"(p99 {found.p99_ms:.2f} ms), {found.group:.1f} in a group."
        )


def _of(part: type[Part], given: Mapping[str, Any]) -> Part:
    return part(**{field.name: given[field.name] for field in fields(part)})


def main(arguments: Sequence[str] | None = None) -> int:
    """Print what gives out first; each constant may be given."""
    parser = argparse.ArgumentParser(prog="python -m infra.bench.scale", description=__doc__)
    for part in (Load, Costs, Machine):
        for field in fields(part):
            option = f"--{field.name.replace('_', '-')}"
            parser.add_argument(option, type=float, default=field.default, help=part.__name__)
    parser.add_argument("--times", type=float, nargs="+", default=[1, 10, 100, 1_000])
    given = vars(parser.parse_args(arguments))
    load, costs, machine = _of(Load, given), _of(Costs, given), _of(Machine, given)
    for line in show(load, costs, machine, given["times"]):
        print(line)
    return 0


if __name__ == "__main__":
    sys.exit(main())
