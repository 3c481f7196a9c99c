"""The README's tour, line by line, in one shell."""

import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.servers import ROOT, Exchange

pytestmark = [pytest.mark.server, pytest.mark.xdist_group("server")]


def test_a_reader_sells_and_buys_by_the_tour(exchange: Exchange, tmp_path: Path) -> None:
    blocks = re.findall(r"^```sh\n(.*?)^```$", (ROOT / "README.md").read_text(), re.DOTALL | re.MULTILINE)
    assert len(blocks) >= 10
    lay_out(tmp_path, exchange)
    script = "set -euo pipefail\n" + "\n".join(blocks) + "\necho THE END OF THE TOUR\n"
    done = subprocess.run(
        ["bash", "-c", script],
        cwd=tmp_path,
        env={"PATH": os.environ["PATH"], "HOME": str(tmp_path), "EXCHANGE": exchange.url},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-2000:]
    assert done.stdout.rstrip().endswith("THE END OF THE TOUR")
    assert "entitlement_revoked" in (tmp_path / "refused.json").read_text()


def lay_out(folder: Path, exchange: Exchange) -> None:
    """What the tour finds in a checkout: var/, .venv/ and the verifier."""
    (folder / "var").symlink_to(exchange.var)
    (folder / ".venv").symlink_to(sys.prefix)
    (folder / "compliance").symlink_to(ROOT / "compliance")


def test_the_readme_names_only_folders_that_exist() -> None:
    named: list[Any] = re.findall(r"\]\((docs/[^)]*)\)", (ROOT / "README.md").read_text())
    assert named and all((ROOT / path).exists() for path in named)
