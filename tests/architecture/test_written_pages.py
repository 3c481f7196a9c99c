"""Pages that are written from the code are as the code is."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.architecture.sources import ROOT


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """The pages as the code writes them where nothing is set: page -> text."""
    script = (
        "import django, json; django.setup()\n"
        "from infra.descriptions import pages\n"
        "print(json.dumps({str(path): text for path, text in pages().items()}))"
    )
    clean = {name: value for name, value in os.environ.items() if not name.startswith("EXCHANGE_")}
    environment = {
        **clean,
        "DJANGO_SETTINGS_MODULE": "infra.settings",
        "EXCHANGE_VAR_DIR": str(tmp_path_factory.mktemp("var")),
    }
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, env=environment, capture_output=True, check=True
    )
    pages: dict[str, str] = json.loads(done.stdout)
    return pages


def test_no_written_page_is_stale(written: dict[str, str]) -> None:
    stale = [
        path for path, text in written.items() if not Path(path).exists() or Path(path).read_text() != text
    ]
    assert stale == [], "run `make docs`"


def test_the_settings_page_names_each_variable_that_the_code_reads(written: dict[str, str]) -> None:
    page = written[str(ROOT / "docs" / "operate" / "settings.md")]
    code = (ROOT / "infra" / "settings.py").read_text()
    for line, part in re.findall(r"^(from infra\.(\w+_settings) import \*.*)$", code, re.MULTILINE):
        code = code.replace(line, (ROOT / f"infra/{part}.py").read_text())
    read = re.findall(r'env\.\w+\(\s*"([A-Z0-9_]+)"', code)
    assert len(read) > 30
    assert re.findall(r"^\| `EXCHANGE_(\w+)`", page, re.MULTILINE) == read


def test_only_settings_read_the_environment() -> None:
    allowed = {
        "infra/environment.py",
        "infra/settings.py",
        "infra/__main__.py",
        "compliance/monitor/__main__.py",
    }
    found = {
        str(path.relative_to(ROOT))
        for floor in ("exchange", "compliance", "datasets", "payments", "contracts", "infra")
        for path in (ROOT / floor).rglob("*.py")
        if re.search(r"os\.getenv|os\.environ(\[|\.get)|environ\.get", path.read_text())
    }
    assert found - allowed == {"infra/processes.py"}  # tells Celery what was done before
