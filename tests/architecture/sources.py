"""The product's own source, as text and as syntax trees, for the tests that read it."""

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
FLOORS = {"exchange": 0, "compliance": 1, "datasets": 2, "payments": 2, "contracts": 3, "infra": 4}
_DOORS = {"api.py", "pages.py", "tasks.py", "gateway.py"}
_DOORS_OF_A_NOUN = ("_api.py", "_pages.py")


@cache
def modules() -> tuple[Path, ...]:
    """Every module of the product, migrations aside."""
    found = (path for floor in FLOORS for path in sorted((ROOT / floor).rglob("*.py")))
    return tuple(path for path in found if "migrations" not in path.parts)


def is_door(path: Path) -> bool:
    """Whether requests, pages or the clock enter by this module."""
    return path.name in _DOORS or path.name.endswith(_DOORS_OF_A_NOUN)


@cache
def suite() -> tuple[Path, ...]:
    return tuple(sorted((ROOT / "tests").rglob("*.py")))


@cache
def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(), filename=str(path))


def functions(path: Path) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node


def at(path: Path, node: ast.AST) -> str:
    """Where something stands, as an editor opens it."""
    return f"{path.relative_to(ROOT)}:{getattr(node, 'lineno', 1)}"


def dotted(path: Path) -> str:
    """The module's name in an import."""
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)
