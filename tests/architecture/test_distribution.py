"""What is handed out: pinned packages, a licence, no trace of where it was made."""

import re
import subprocess
from pathlib import Path

import pytest

from tests.architecture.sources import ROOT

REQUIREMENTS = sorted((ROOT / "requirements").glob("*"))


def pins(name: str) -> dict[str, str]:
    text = (ROOT / "requirements" / name).read_text()
    return dict(re.findall(r"^([a-z0-9._-]+(?:\[[a-z,]+\])?)==([^ ;\\]+)", text, re.MULTILINE))


@pytest.mark.parametrize("path", REQUIREMENTS, ids=lambda path: path.name)
def test_requirements_name_no_place_to_fetch_from(path: Path) -> None:
    assert not re.search(r"://|--(index|extra-index|find-links|trusted-host)|@ ", path.read_text())


@pytest.mark.parametrize("name", ["bootstrap.txt", "run.txt", "demo.txt", "test.txt"])
def test_every_package_is_pinned_with_hashes(name: str) -> None:
    for block in re.split(r"\n(?=[a-z0-9])", (ROOT / "requirements" / name).read_text()):
        if not block.startswith("#"):
            assert re.match(r"[a-z0-9._\[\],-]+==", block) and "--hash=sha256:" in block, block[:80]


def test_the_test_environment_holds_the_run_environment() -> None:
    assert pins("run.txt").items() <= pins("test.txt").items()


def test_the_licence_is_apache_2() -> None:
    text = (ROOT / "LICENSE").read_text()
    assert "Apache License\n                           Version 2.0, January 2004" in text
    assert "END OF TERMS AND CONDITIONS" in text


def test_files_that_are_run_can_be_run() -> None:
    assert (ROOT / ".ci" / "run").stat().st_mode & 0o111
    for shell, script in (("bash", ".ci/run"), ("sh", "infra/venv.sh")):
        subprocess.run([shell, "-n", ROOT / script], check=True)
