"""Doors find, call one verb and show the result; transition() alone writes a state."""

import ast
import re
from pathlib import Path

import pytest

from tests.architecture.sources import at, dotted, is_door, modules, tree

WRITES_STATE = re.compile(r"\bSET\b[^;]*?\bstate\s*=", re.IGNORECASE)
STATES = "exchange.kernel.states"
# One statement that does what transition() does, for many transfers (decision 0014).
QUICK = "contracts.transfers.completions"


def doors() -> list[Path]:
    return [path for path in modules() if is_door(path)]


def test_there_are_doors() -> None:
    assert {path.name for path in doors()} >= {"api.py", "tasks.py", "gateway.py"}


def test_doors_never_touch_objects() -> None:
    found = [
        at(path, node)
        for path in doors()
        for node in ast.walk(tree(path))
        if isinstance(node, ast.Attribute) and node.attr in ("objects", "_base_manager", "_default_manager")
    ]
    assert found == []


def test_api_and_tasks_catch_no_refusals() -> None:
    found = [
        at(path, node)
        for path in doors()
        for node in ast.walk(tree(path))
        if path.name in ("api.py", "tasks.py") and isinstance(node, ast.ExceptHandler)
    ]
    assert found == []


def test_only_transition_writes_a_state() -> None:
    found = [
        at(path, node)
        for path in modules()
        if dotted(path) not in (STATES, QUICK)
        for node in ast.walk(tree(path))
        if _assigns_state(node) or _updates_state(node) or _spells_update_of_state(node)
    ]
    assert found == []


def _assigns_state(node: ast.AST) -> bool:
    if isinstance(node, ast.Assign):
        targets = node.targets
    elif isinstance(node, ast.AugAssign | ast.AnnAssign):
        targets = [node.target]
    else:
        return False
    return any(isinstance(target, ast.Attribute) and target.attr == "state" for target in targets)


def _updates_state(node: ast.AST) -> bool:
    """`.update(state=…)`, `setattr(row, "state", …)`, `save(update_fields=["state"])` and their like."""
    if not isinstance(node, ast.Call):
        return False
    name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
    if name in ("update", "aupdate", "update_or_create") and any(word.arg == "state" for word in node.keywords):
        return True
    constants = {part.value for part in ast.walk(node) if isinstance(part, ast.Constant)}
    return name in ("setattr", "bulk_update", "save", "update_or_create") and "state" in constants


def _spells_update_of_state(node: ast.AST) -> bool:
    return (
        isinstance(node, ast.Constant) and isinstance(node.value, str) and bool(WRITES_STATE.search(node.value))
    )


@pytest.mark.parametrize(
    "code",
    [
        "row.state = 'sold'",
        "row.state: str = 'sold'",
        "Offer.objects.filter(pk=1).update(state='sold')",
        "setattr(row, 'state', 'sold')",
        "row.save(update_fields=['state'])",
        "Offer.objects.bulk_update(rows, ['state'])",
        "cursor.execute('UPDATE offers SET title = %s, state = %s')",
    ],
)
def test_the_rule_sees_each_way_to_write_a_state(code: str) -> None:
    nodes = list(ast.walk(ast.parse(code)))
    assert any(_assigns_state(node) or _updates_state(node) or _spells_update_of_state(node) for node in nodes)
