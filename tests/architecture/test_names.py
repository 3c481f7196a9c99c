"""Every module says what lives in it, and words mean one thing."""

import ast
import re

from tests.architecture.sources import ROOT, at, functions, modules, suite, tree

REFUSED_MODULES = {
    "utils",
    "util",
    "helpers",
    "helper",
    "manager",
    "managers",
    "service",
    "services",
    "common",
    "misc",
}
REFUSED_VERBS = ("handle_", "process_")
IMPOSED = {"process_view", "process_exception", "process_template_response"}  # Django's names for middleware
REFUSED_WORDS = {
    *("tenant", "vendor", "customer", "consumer", "auditor", "admin", "listing", "deal"),
    *("helper", "service", "util", "utils", "utility"),
}
SILENT = {"__init__.py", "apps.py"}


def test_every_module_opens_by_saying_what_lives_in_it() -> None:
    found = [
        str(path.relative_to(ROOT))
        for path in (*modules(), *suite())
        if path.name not in SILENT and not ast.get_docstring(tree(path))
    ]
    assert found == []


def test_no_module_is_a_drawer() -> None:
    assert [str(path) for path in modules() if path.stem in REFUSED_MODULES] == []


def test_verbs_say_what_they_do() -> None:
    found = [
        f"{at(path, function)} {function.name}"
        for path in modules()
        for function in functions(path)
        if function.name.lstrip("_").startswith(REFUSED_VERBS) and function.name not in IMPOSED
    ]
    assert found == []


def test_classes_and_functions_use_the_words_of_the_house() -> None:
    found = [
        f"{at(path, node)} {node.name}"
        for path in modules()
        for node in ast.walk(tree(path))
        if isinstance(node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef)
        if REFUSED_WORDS & set(words(node.name))
    ]
    assert found == []


def words(name: str) -> list[str]:
    """The words of a name in either spelling: MemberOut and member_out are member, out."""
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).lower().strip("_").split("_")


def test_words_are_taken_apart() -> None:
    assert words("CustomerOut") == words("customer_out") == ["customer", "out"]


def test_no_function_waits_to_be_written() -> None:
    found = [
        at(path, node)
        for path in modules()
        for node in ast.walk(tree(path))
        if isinstance(node, ast.Name) and node.id == "NotImplementedError"
    ]
    assert found == []
    assert [str(path) for path in modules() if re.search(r"#\s*(TODO|FIXME|XXX)", path.read_text())] == []
