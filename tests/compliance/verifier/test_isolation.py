"""The verifier runs where nothing of the exchange is: standard library and `cryptography` only."""

import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[3]

LIST_MODULES = """
import runpy, sys
sys.argv = ["comptoir-verify", *sys.argv[1:]]
try:
    runpy.run_module("compliance.verifier", run_name="__main__")
except SystemExit as end:
    status = end.code
print("modules:", *sorted({name.partition(".")[0] for name in sys.modules}))
sys.exit(status)
"""
ITS_OWN = {"compliance", "cryptography", "_cffi_backend", "_openssl", "__main__"}


def _modules_of_a_bare_start() -> set[str]:
    """What the environment's own start-up files load before any program."""
    script = "import sys; print(*{name.partition('.')[0] for name in sys.modules})"
    found = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=60)
    return set(found.stdout.split())


def test_a_check_imports_the_standard_library_and_cryptography_alone(receipt_file: Path, log: Any) -> None:
    found = subprocess.run(
        [sys.executable, "-c", LIST_MODULES, "receipt", receipt_file, "--vkey", log.vkey],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert found.returncode == 0, found.stderr
    modules = set(found.stdout.rpartition("modules:")[2].split())
    assert modules - sys.stdlib_module_names - ITS_OWN - _modules_of_a_bare_start() == set()
    assert "django" not in modules


def test_a_copy_of_the_folder_alone_verifies_a_receipt(receipt_file: Path, log: Any, tmp_path: Path) -> None:
    copy = tmp_path / "elsewhere"
    shutil.copytree(ROOT / "compliance" / "verifier", copy / "compliance" / "verifier")
    shutil.copy(ROOT / "compliance" / "__init__.py", copy / "compliance")
    found = subprocess.run(
        [sys.executable, "-m", "compliance.verifier", "receipt", receipt_file, "--vkey", log.vkey],
        cwd=copy,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert found.returncode == 0, found.stderr
    assert "checked: the log holds each of these 2 events, byte for byte" in found.stdout
