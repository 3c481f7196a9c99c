"""Usage terms: text in two languages and evaluation from one list of clauses. Silence means no, and what
is not known or cannot be decided is refused."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any, Literal, TypeAlias, TypedDict

from contracts.clauses import LIBRARY
from contracts.clauses.declaration import Clause, Facts, Reason, Sentence, Standing
from contracts.clauses.parameters import Maybe, Unreadable, Value, shown
from contracts.clauses.wording import NO_BREAK
from contracts.terms import contradictions, rules
from exchange.kernel.errors import Invalid

__all__ = [
    "Answer",
    "Clause",
    "ClauseText",
    "Facts",
    "Language",
    "Limits",
    "Reason",
    "Standing",
    "Terms",
    "Verdict",
    "evaluate",
    "in_force",
    "limits",
    "needs",
    "next_change",
    "parse",
    "permissions",
    "request_allowed",
    "text",
    "thaw",
    "told",
]

Language: TypeAlias = Literal["en", "fr"]
Answer: TypeAlias = Literal["yes", "if", "no"]

MOST_CLAUSES = 64

_ORDER = {kind: position for position, kind in enumerate(LIBRARY)}
_LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)

_ANALYSE = Sentence(
    "You may analyse the data inside your own organisation.",
    "Vous pouvez analyser les données au sein de votre propre organisation.",
)
_DECLARED_PURPOSE = Sentence(
    "You may use the data for the purpose you declare when you ask for it, and for no other.",
    "Vous pouvez utiliser les données pour la finalité que vous déclarez dans votre demande, "
    "et pour aucune autre.",
)
_SILENCE = Sentence(
    "What these terms do not permit, you may not do.",
    f"Ce que ces conditions ne permettent pas vous est interdit{NO_BREAK}: le silence vaut refus.",
)


@dataclass(frozen=True)
class Terms:
    """Usage terms in canonical form: at most one clause of a kind, in the order of the library."""

    clauses: tuple[Clause, ...]

    def to_list(self) -> list[dict[str, Any]]:
        """The wire form, which `parse` reads back into the same terms."""
        return [
            {"kind": clause.kind} | {name: _raw(value) for name, value in clause.values}
            for clause in self.clauses
        ]


@dataclass(frozen=True)
class Verdict:
    """What one clause says to the facts: `reason` is empty when it holds nothing against them."""

    kind: str
    standing: Standing
    ok: bool
    reason: Reason | None


@dataclass(frozen=True)
class Limits:
    """The limits that an entitlement freezes; None where the terms set none."""

    copies_max: int | None
    duration_days: int | None
    end_date: date | None
    deletion_days: int | None


class ClauseText(TypedDict):
    """One numbered sentence or two of a contract."""

    number: int
    kind: str
    text: str
    standing: str


def parse(raw: object) -> Terms:
    """Read terms from their wire form. Invalid names the clause by number and kind, and what was given."""
    if not isinstance(raw, list | tuple):
        raise Invalid(f"Terms must be a list of clauses; given {shown(raw)}.", code="invalid_terms")
    if len(raw) > MOST_CLAUSES:
        raise Invalid(
            f"Terms may have {MOST_CLAUSES} clauses at most; given {len(raw)}.", code="too_many_clauses"
        )
    clauses: dict[str, Clause] = {}
    for number, item in enumerate(raw, start=1):
        clause = _clause(number, item)
        if clause.kind in clauses:
            raise Invalid(
                f"Clause {number} ({clause.kind}): there is already a clause of this kind; merge the two.",
                code="duplicate_clause",
            )
        clauses[clause.kind] = clause
    for contradiction in contradictions.found(clauses):
        both = {"clause": contradiction.one, "other_clause": contradiction.other}
        raise Invalid(str(contradiction), code="contradictory_clauses", more=both)
    return Terms(tuple(sorted(clauses.values(), key=lambda clause: _ORDER[clause.kind])))


def thaw(raw: object) -> Terms:
    """Read terms that were frozen earlier, without ever failing: what can no longer be read is kept as a clause
    that nothing satisfies."""
    clauses = []
    for number, item in enumerate(raw if isinstance(raw, list | tuple) else [raw], start=1):
        try:
            clauses.append(_clause(number, item))
        except Invalid:
            clauses.append(Clause("unreadable", ()))
    return Terms(tuple(clauses))


def text(terms: Terms, language: Language, *, names: Mapping[str, str] | None = None) -> list[ClauseText]:
    """The contract's clauses as numbered whole sentences, those that silence adds included.

    `names` gives the name to show for a participant's id.
    """
    written = [("use", Standing.PROMISED, _ANALYSE)]
    clauses = in_force(terms)
    if all(clause.kind != "purpose" for clause in clauses):
        written.append(("purpose", Standing.EVIDENCED, _DECLARED_PURPOSE))
    for clause in clauses:
        declaration = LIBRARY[clause.kind]
        sentence = declaration.words(clause, names or {})
        written.append((clause.kind, declaration.standing_of(clause), sentence))
    written.append(("silence", Standing.PROMISED, _SILENCE))
    return [
        ClauseText(
            number=number,
            kind=kind,
            text=sentence.fr if language == "fr" else sentence.en,
            standing=standing.value,
        )
        for number, (kind, standing, sentence) in enumerate(written, start=1)
    ]


def in_force(terms: Terms) -> list[Clause]:
    """The clauses written and those that silence adds, in the order of the library."""
    if any(clause.kind not in LIBRARY for clause in terms.clauses):
        raise Invalid("The terms hold a clause that this version cannot read.", code="unknown_clause")
    return sorted((*terms.clauses, *_silences(terms)), key=lambda clause: _ORDER[clause.kind])


def evaluate(terms: Terms, facts: Facts, version: int = rules.CURRENT) -> list[Verdict]:
    """Hold the terms against the facts: one verdict for each clause, and one for each prohibition by silence
    that the facts offend. Never raises; what is unknown or undecidable is refused. `version` is that of the rules."""
    spoken = [_verdict(clause, facts, version) for clause in terms.clauses]
    silent = [_verdict(clause, facts, version) for clause in _silences(terms)]
    return spoken + [verdict for verdict in silent if not verdict.ok]


def told(verdict: Verdict) -> dict[str, bool | str | None]:
    """A verdict as Events keep it."""
    return {
        "kind": verdict.kind,
        "standing": str(verdict.standing),
        "ok": verdict.ok,
        "reason": str(verdict.reason) if verdict.reason else None,
    }


def request_allowed(
    terms: Terms,
    purpose: str | None,
    country: str | None,
    buyer_id: str | None,
    *,
    use_country: str | None = None,
    sector: str | None = None,
    groups: Mapping[str, frozenset[str]] | None = None,
) -> list[Verdict]:
    """Check a request before it is made: what the terms say to its purpose, its countries, the buyer and its sector,
    and no more. `groups` says who belongs to the groups of countries."""
    facts = Facts(
        now=_LONG_AGO,
        purpose=purpose,
        use_country=use_country,
        buyer_country=country,
        sector=sector,
        recipient_id=buyer_id,
        groups=groups,
    )
    asked = [clause for clause in terms.clauses if clause.kind not in LIBRARY or LIBRARY[clause.kind].is_asked]
    silent = [_verdict(clause, facts) for clause in _silences(terms)]
    return [_verdict(clause, facts) for clause in asked] + [verdict for verdict in silent if not verdict.ok]


def needs(terms: Terms, facts: Collection[str]) -> bool:
    """Whether a clause decides by one of these facts; one that cannot be read decides by all."""
    return any(
        clause.kind not in LIBRARY or not LIBRARY[clause.kind].needs.isdisjoint(facts)
        for clause in terms.clauses
    )


def next_change(terms: Terms, facts: Facts) -> datetime | None:
    """When time alone may next change what a clause says to these facts; None is never."""
    moments = [
        LIBRARY[clause.kind].next_change(clause, facts) for clause in terms.clauses if clause.kind in LIBRARY
    ]
    return min((moment for moment in moments if moment is not None and moment > facts.now), default=None)


def permissions(terms: Terms) -> dict[str, Answer]:
    """The five permissions in their fixed order: "yes", "no", or "if" where the terms state a condition."""
    clauses = {clause.kind: clause for clause in in_force(terms)}
    train: dict[str, Answer] = {"yes": "yes", "non_commercial": "if", "no": "no"}
    granted: Answer = "if" if "attribution" in clauses else "yes"
    return {
        "analyse": "if" if "purpose" in clauses else "yes",
        "combine": "yes" if clauses["combination"].flag("allowed") else "no",
        "train_models": train[clauses["model_training"].words("allowed")],
        "publish_results": granted if clauses["publication"].flag("allowed") else "no",
        "pass_on": granted if clauses["redistribution"].flag("allowed") else "no",
    }


def limits(terms: Terms) -> Limits:
    """The limits that the terms set, for those who freeze them into an entitlement."""
    clauses = {clause.kind: clause for clause in terms.clauses}
    return Limits(
        copies_max=clauses["copies"].number("max") if "copies" in clauses else None,
        duration_days=clauses["duration"].number("days") if "duration" in clauses else None,
        end_date=date.fromisoformat(clauses["end_date"].words("on")) if "end_date" in clauses else None,
        deletion_days=clauses["deletion"].number("days") if "deletion" in clauses else None,
    )


def _clause(number: int, raw: object) -> Clause:
    if not isinstance(raw, Mapping) or not isinstance(raw.get("kind"), str):
        raise Invalid(
            f'Clause {number} must be an object with a "kind"; given {shown(raw)}.', code="invalid_terms"
        )
    kind = raw["kind"]
    declaration = LIBRARY.get(kind)
    if declaration is None:
        raise Invalid(
            f"Clause {number}: there is no kind {shown(kind)}; the kinds are {', '.join(LIBRARY)}.",
            code="unknown_clause",
        )
    for name in raw:
        if name != "kind" and name not in declaration.parameters:
            raise Invalid(
                f"Clause {number} ({kind}): there is no parameter {shown(name)}; "
                f"it takes {', '.join(declaration.parameters)}.",
                code="unknown_parameter",
            )
    values: list[tuple[str, Value]] = []
    for name, parameter in declaration.parameters.items():
        if name not in raw and isinstance(parameter, Maybe):
            continue
        if name not in raw:
            raise Invalid(f"Clause {number} ({kind}): {name} is missing.", code="missing_parameter")
        try:
            values.append((name, parameter.read(raw[name])))
        except Unreadable as problem:
            raise Invalid(
                f"Clause {number} ({kind}): {name} must be {problem.wanted}; given {shown(problem.given)}.",
                code=problem.code,
            ) from None
    clause = Clause(kind, tuple(values))
    if (fault := declaration.fault(clause)) is not None:
        raise Invalid(f"Clause {number} ({kind}): {fault}.", code="invalid_terms")
    return clause


def _silences(terms: Terms) -> Iterator[Clause]:
    """The prohibitions that the terms hold because they do not mention a permission."""
    mentioned = {clause.kind for clause in terms.clauses}
    for declaration in LIBRARY.values():
        if declaration.when_silent is not None and declaration.kind not in mentioned:
            yield declaration.when_silent


def _verdict(clause: Clause, facts: Facts, version: int = rules.CURRENT) -> Verdict:
    standing = Standing.ENFORCED
    reason: Reason | None
    try:
        declaration = LIBRARY[clause.kind]
        standing = declaration.standing_of(clause)
        reason = declaration.by_rules_of(version)(clause, facts)
    except Exception:
        reason = Reason.UNDECIDABLE
    return Verdict(clause.kind, standing, reason is None, reason)


def _raw(value: Value) -> object:
    return list(value) if isinstance(value, tuple) else value
