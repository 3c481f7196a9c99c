"""A seller's Markdown in somebody else's browser."""

from html.parser import HTMLParser

import pytest

from datasets.descriptions.markup import render


class Seen(HTMLParser):
    """What a browser would make of it."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.attributes: set[str] = set()
        self.links: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes |= {name for name, _ in attrs}
        self.links += [value or "" for name, value in attrs if name == "href"]


def test_markdown_becomes_html() -> None:
    assert render("# A\n\n*b* **c** `d`\n\n- e\n") == (
        "<h1>A</h1>\n<p><em>b</em> <strong>c</strong> <code>d</code></p>\n<ul>\n<li>e</li>\n</ul>\n"
    )
    assert "<td>1</td>" in render("| a | b |\n|---|---|\n| 1 | 2 |\n")


def test_links_are_marked_as_the_sellers_own() -> None:
    assert render("[x](https://example.org/?a=1&b=2)") == (
        '<p><a href="https://example.org/?a=1&amp;b=2" rel="nofollow noopener">x</a></p>\n'
    )
    assert 'href="mailto:a@example.org"' in render("<mailto:a@example.org>")


@pytest.mark.parametrize(
    "hostile",
    [
        "<script>alert(1)</script>",
        "<img src=x onerror=alert(1)>",
        "![x](https://example.org/pixel.png)",
        "[x](javascript:alert(1))",
        "[x](JaVaScRiPt:alert(1))",
        "[x](&#106;avascript:alert(1))",
        "[x](data:text/html;base64,PHNjcmlwdD4=)",
        "[x](vbscript:x)",
        "<a href='javascript:alert(1)'>x</a>",
        '[x](https://e.org "onclick=alert(1)")<b onclick=alert(1)>',
        "<iframe src=//example.org></iframe>",
        "<style>*{display:none}</style>",
        "<svg/onload=alert(1)>",
        "```<script>\nalert(1)\n```",
    ],
)
def test_nothing_of_it_runs_or_loads(hostile: str) -> None:
    seen = Seen()
    seen.feed(render(hostile))
    assert seen.tags <= {"p", "a", "pre", "code"}
    assert seen.attributes <= {"href", "title", "rel"}
    assert all(link.startswith(("https://", "http://", "mailto:")) for link in seen.links)


def test_deep_nesting_ends() -> None:
    assert len(render(">" * 10_000 + "x")) < 100_000
    assert len(render("[" * 10_000)) < 100_000
    assert len(render("*a " * 6_000)) < 100_000
