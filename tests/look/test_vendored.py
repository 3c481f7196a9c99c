"""What others made lies where the manifest says, as it was taken, under a licence that allows it; nothing else does."""

import hashlib
import json
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
MANIFESTS = (ROOT / "exchange/look/vendored.json", ROOT / "tests/browser/vendor/vendored.json")
LICENCES = {"0BSD", "MIT", "OFL-1.1", "Apache-2.0", "MPL-2.0"}
OURS = {
    "exchange/look/static/look/page.js",
    "exchange/look/static/look/passkeys.js",
    "exchange/look/static/look/comptoir.css",
    "contracts/static/contracts/case.css",
    "exchange/look/static/look/paper.css",
}


def entries(manifest: Path) -> list[tuple[Path, dict[str, str]]]:
    told = json.loads(manifest.read_text())
    return [(manifest.parent / told.get("folder", "") / entry["file"], entry) for entry in told["files"]]


@pytest.mark.parametrize("manifest", MANIFESTS, ids=["product", "tests"])
def test_each_vendored_file_is_the_one_that_was_taken(manifest: Path) -> None:
    for file, entry in entries(manifest):
        assert hashlib.sha256(file.read_bytes()).hexdigest() == entry["sha256"], file
        assert entry["licence"] in LICENCES and entry["version"] and entry["package"]
        if entry["licence"] == "OFL-1.1":
            assert "SIL Open Font License" in (file.parent.parent / entry["licence_file"]).read_text()


def test_the_product_ships_nothing_under_a_licence_for_tests() -> None:
    assert all(entry["licence"] != "MPL-2.0" for _file, entry in entries(MANIFESTS[0]))


def test_nothing_else_of_others_is_shipped() -> None:
    vendored = {file.resolve() for file, _entry in entries(MANIFESTS[0])}
    licences = {
        (ROOT / "exchange/look/static/look" / entry["licence_file"]).resolve()
        for _file, entry in entries(MANIFESTS[0])
        if "licence_file" in entry
    }
    unknown = [
        file
        for app in ("exchange", "datasets", "contracts", "payments", "compliance")
        for file in (ROOT / app).rglob("static/**/*")
        if file.is_file()
        and file.resolve() not in vendored | licences
        and not (file.parent.name == "icons" and file.suffix == ".svg")
    ]
    third_party = [file for file in unknown if _is_of_others(file)]
    assert third_party == []


def _is_of_others(file: Path) -> bool:
    """Ours are scripts that open by saying what they do, and two stylesheets."""
    if str(file.relative_to(ROOT)) in OURS:
        return False
    text = file.read_text() if file.suffix in (".js", ".css", ".svg") else ""
    return not text.startswith("// ") or bool(re.search(r"copyright|@license", text, re.IGNORECASE))


def test_the_stylesheet_asks_nothing_from_outside() -> None:
    text = (ROOT / "exchange/look/static/look/comptoir.css").read_text()
    for address in re.findall(r"url\(([^)]*)\)", text):
        file = address.strip("\"'")
        assert (ROOT / "exchange/look/static/look" / file).is_file(), file
    assert "@import" not in text and "http" not in text


def test_both_dark_palettes_are_equal() -> None:
    text = (ROOT / "exchange/look/static/look/comptoir.css").read_text()
    by_system = re.search(r':root:not\(\[data-theme="light"\]\) \{(.*?)\}', text, re.DOTALL)
    by_choice = re.search(r':root\[data-theme="dark"\] \{(.*?)\}', text, re.DOTALL)
    assert by_system and by_choice and by_system[1].split() == by_choice[1].split()
