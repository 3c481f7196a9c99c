"""Functions of at most 70 lines, files of at most 400, without exceptions."""

import pytest

from tests.architecture.sources import ROOT, at, functions, modules, suite

LARGEST_FUNCTION = 70
LARGEST_FILE = 400


@pytest.mark.parametrize("paths", [modules, suite], ids=["product", "tests"])
def test_no_file_is_too_long(paths: object) -> None:
    found = {str(path.relative_to(ROOT)): len(path.read_text().splitlines()) for path in paths()}  # type: ignore[operator]
    assert {name: lines for name, lines in found.items() if lines > LARGEST_FILE} == {}


@pytest.mark.parametrize("paths", [modules, suite], ids=["product", "tests"])
def test_no_function_is_too_long(paths: object) -> None:
    found = [
        f"{at(path, function)} {function.name}: {function.end_lineno - function.lineno + 1}"
        for path in paths()  # type: ignore[operator]
        for function in functions(path)
        if function.end_lineno and function.end_lineno - function.lineno + 1 > LARGEST_FUNCTION
    ]
    assert found == []
