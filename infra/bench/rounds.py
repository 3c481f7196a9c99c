"""Cases, run in turn, round after round on one machine, and what follows from them: a measure is one case's figure
by another's of the same round, and holds only where both were taken in quiet."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from statistics import median

from infra.bench import machine
from infra.bench.machine import Span

FEWEST_ROUNDS = 5


@dataclass
class Sample:
    """What one run of a case gave: figures by name (the first is what measures mean unless they say another), how
    many operations it did, and what the machine did meanwhile."""

    figures: Mapping[str, float]
    operations: int = 0
    span: Span = field(default_factory=Span)
    per: tuple[str, float] | None = None  # what the processor's time is shown by, where not by operation


@dataclass(frozen=True)
class Case:
    """Something that is measured: `run` does it once, after `prepare` and before `check`, which raises when what was
    done cannot be found again. `named` are processes whose work is counted, by name."""

    name: str
    run: Callable[[], Sample]
    prepare: Callable[[], object] = lambda: None
    check: Callable[[Sample], object] = lambda sample: None
    named: Callable[[], dict[str, int]] = dict


@dataclass(frozen=True)
class Measure:
    """One line of the table of aims: `over` by `under`, or `over` alone; `figure` names what of the sample.

    `is_least` says that more is better: `at_least` and `aim` are lower bounds, else upper ones.
    """

    name: str
    over: str
    under: str | None
    at_least: float
    aim: float
    figure: str = "rate"
    is_least: bool = True
    unit: str = ""

    def reaches(self, value: float, bound: float) -> bool:
        return value >= bound if self.is_least else value <= bound


@dataclass(frozen=True)
class Outcome:
    """A measure's values, round by round, and why rounds were left out."""

    measure: Measure
    values: tuple[float, ...]
    noisy: tuple[str, ...]

    @property
    def median(self) -> float:
        return median(self.values) if self.values else float("nan")

    @property
    def word(self) -> str:
        if len(self.values) < FEWEST_ROUNDS:
            return "no verdict"
        if not self.measure.reaches(self.median, self.measure.at_least):
            return "missed"
        return "aim reached" if self.measure.reaches(self.median, self.measure.aim) else "reached"


@dataclass
class Record:
    """All samples of a run, by case, one a round."""

    samples: dict[str, list[Sample]] = field(default_factory=dict)

    def usual_speed(self) -> float:
        return machine.usual_speed(spin for row in self.samples.values() for s in row for spin in s.span.spins)

    def outcome(self, measure: Measure, *, with_noisy: bool = False) -> Outcome:
        """The measure's value in each round; noisy rounds only where asked for."""
        usual = self.usual_speed()
        values, noisy = [], []
        for pair in self._pairs(measure):
            reasons = [why for sample in pair if (why := sample.span.why_noisy(usual))]
            noisy += reasons[:1]
            if with_noisy or not reasons:
                over, *under = (sample.figures[measure.figure] for sample in pair)
                values.append(over / under[0] if under else over)
        return Outcome(measure, tuple(values), tuple(noisy))

    def _pairs(self, measure: Measure) -> Iterator[tuple[Sample, ...]]:
        rows = [self.samples.get(name, []) for name in (measure.over, measure.under) if name]
        return zip(*rows, strict=False)


def run(cases: Sequence[Case], rounds: int, *, say: Callable[[str], None]) -> Record:
    """Every case once a round, in turn; one that fails ends the run."""
    record = Record({case.name: [] for case in cases})
    for number in range(1, rounds + 1):
        for case in cases:
            sample = _once(case)
            record.samples[case.name].append(sample)
            say(f"round {number}/{rounds}  {_line(case, sample)}")
    return record


def _once(case: Case) -> Sample:
    case.prepare()
    with machine.watched(case.named()) as span:
        sample = case.run()
    sample.span = span
    case.check(sample)
    return sample


def _line(case: Case, sample: Sample) -> str:
    figures = "  ".join(f"{name} {value:,.4g}" for name, value in sample.figures.items())
    return f"{case.name:32} {figures}  [other work {sample.span.foreign_cores:.2f} core]"
