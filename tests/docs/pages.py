"""The documentation as tests read it: links, code spans, code blocks and tables of its Markdown pages."""

import re
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
DOCS = ROOT / "docs"
PAGES = (ROOT / "README.md", ROOT / "CHANGELOG.md", *sorted(DOCS.rglob("*.md")))

_FENCED = re.compile(r"^ *```(\w*)\n(.*?)^ *```$", re.DOTALL | re.MULTILINE)


def name(page: Path) -> str:
    return page.relative_to(ROOT).as_posix()


@cache
def prose(page: Path) -> str:
    """The page without its code blocks."""
    return _FENCED.sub("", page.read_text())


def blocks(page: Path, language: str) -> list[str]:
    """The code blocks of one language."""
    return [code for found, code in _FENCED.findall(page.read_text()) if found == language]


def spans(page: Path) -> list[str]:
    """What stands between single backticks."""
    return re.findall(r"`([^`\n]+)`", prose(page))


def links(page: Path) -> list[str]:
    """Every link to another page or place of ours."""
    targets = re.findall(r"\]\(([^)\s]+)\)", re.sub(r"`[^`\n]+`", "", prose(page)))
    return [target for target in targets if not re.match(r"[a-z]+:", target)]


def anchors(page: Path) -> set[str]:
    """The places in a page that a link may name, as they are made from its headings."""
    headings = re.findall(r"^#+ (.+)$", prose(page), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def rows(page: Path, heading: str) -> list[list[str]]:
    """The cells of the tables under a heading, without their heads."""
    found = re.search(rf"^(#+) {re.escape(heading)}$(.*?)(?=^#|\Z)", prose(page), re.DOTALL | re.MULTILINE)
    assert found, f"{name(page)} has no heading {heading!r}"
    lines = [line for line in found[2].splitlines() if line.startswith("|")]
    heads = {index - 1 for index, line in enumerate(lines) if re.match(r"\|[-|]+\|$", line)}
    kept = (line for index, line in enumerate(lines) if index not in heads and index - 1 not in heads)
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in kept]


def first_words(page: Path, heading: str) -> list[str]:
    """The first cell of each row, without its backticks."""
    return [cells[0].strip("`") for cells in rows(page, heading)]
