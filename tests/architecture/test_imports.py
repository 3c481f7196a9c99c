"""Who may import whom."""

import ast
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from tests.architecture.sources import ROOT, at, dotted, is_door, modules, tree


def test_the_contracts_of_imports_are_kept() -> None:
    command = [str(Path(sys.executable).parent / "lint-imports"), "--no-cache"]
    done = subprocess.run(command, cwd=ROOT, env={**os.environ}, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def imported(path: Path) -> Iterator[tuple[ast.AST, str]]:
    """Every module that `path` may import: of `from a import b`, both a and a.b."""
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Import):
            yield from ((node, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node, node.module
            yield from ((node, f"{node.module}.{alias.name}") for alias in node.names)


def test_entry_points_are_imported_by_their_own_urls_and_by_infra_alone() -> None:
    doors = {dotted(path) for path in modules() if is_door(path)}
    found = [
        f"{at(path, node)} imports {name}"
        for path in modules()
        for node, name in imported(path)
        if name in doors and not dotted(path).startswith("infra")
        if not (path.name.endswith("urls.py") and dotted(path.parent / name.rpartition(".")[2]) == name)
    ]
    assert found == []


def test_nothing_imports_the_roof() -> None:
    found = [
        at(path, node)
        for path in modules()
        for node, name in imported(path)
        if name.split(".")[0] in ("infra", "tests") and not dotted(path).startswith("infra")
    ]
    assert found == []
