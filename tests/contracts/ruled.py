"""By what the exchange decides, as digests of its source: each kind of clause, the order of a judgement, the hierarchy
of purposes, the law's arithmetic. Words, comments, layout and place do not count."""

import ast
import hashlib
import inspect
import json
import textwrap
from collections.abc import Callable, Iterator
from pathlib import Path
from types import CodeType, FunctionType, ModuleType
from typing import Any

from compliance import gates
from contracts.clauses import LIBRARY, purposes
from contracts.decisions import answers
from contracts.terms import rules
from contracts.transfers import judgements, resumptions

FILE = Path(__file__).with_name("rules.json")
_OURS = ("contracts.", "compliance.")


def digests() -> dict[str, str]:
    """What decides, by name."""
    found = {
        f"the clause {kind}": _digest(
            *_sources(one.against),
            sorted(one.needs),
            one.is_of_delivery,
            repr(one.when_silent),
        )
        for kind, one in LIBRARY.items()
    }
    wider = {code: purpose.wider for code, purpose in purposes.PURPOSES.items()}
    return found | {
        "the gateway": _digest(*_sources(judgements.judged)),
        "going on with a transfer": _digest(*_sources(resumptions.refusal)),
        "an answer to May I": _digest(*_sources(answers.judge), *_sources(answers.law_of)),
        "the publish gate": _digest(*_sources(gates.holds)),
        "the hierarchy of purposes": _digest(wider),
    }


def recorded() -> dict[str, dict[str, str]]:
    """What decided, by version of the rules."""
    found: dict[str, dict[str, str]] = json.loads(FILE.read_text())
    return found


def write() -> None:
    """Record what decides now as the version that is current. Rules that have decided anything for anybody get a new
    version first."""
    known = recorded() if FILE.exists() else {}
    known[str(rules.CURRENT)] = digests()
    FILE.write_text(json.dumps(known, indent=1, sort_keys=True) + "\n")


def _digest(*parts: Any) -> str:
    return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()[:32]


def _sources(function: Callable[..., Any]) -> list[str]:
    """The source of a function and of all of ours that it leads to."""
    found: dict[str, str] = {}
    waiting: list[Any] = [function]
    while waiting:
        one = inspect.unwrap(waiting.pop())
        name = f"{one.__module__}.{one.__qualname__}"
        if isinstance(one, FunctionType) and one.__module__.startswith(_OURS) and name not in found:
            found[name] = _without_words(textwrap.dedent(inspect.getsource(one)))
            waiting += _called(one)
    return sorted(found.values())


def _called(function: FunctionType) -> Iterator[Any]:
    names = set(_names(function.__code__))
    for name in names & function.__globals__.keys():
        value = function.__globals__[name]
        if isinstance(value, ModuleType):
            yield from (inner for other in names if callable(inner := getattr(value, other, None)))
        elif callable(value):
            yield value


def _names(code: CodeType) -> Iterator[str]:
    yield from code.co_names
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield from _names(constant)


def _without_words(source: str) -> str:
    tree = ast.parse(source)
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.ClassDef) and ast.get_docstring(node) is not None:
            node.body = node.body[1:] or [ast.Pass()]
    return ast.dump(tree)
