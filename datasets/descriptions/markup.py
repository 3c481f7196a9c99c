"""Renders a seller's Markdown for everybody's browser: no HTML of theirs, no images, no scripts."""

import nh3
from markdown_it import MarkdownIt

_markdown = MarkdownIt("commonmark", {"html": False}).enable("table").disable("image")
_TAGS = set(
    """p br hr h1 h2 h3 h4 h5 h6 strong em code pre blockquote ul ol li a table thead tbody tr th td""".split()
)


def render(markdown: str) -> str:
    """Safe HTML of `markdown`; links are marked as the seller's own."""
    return nh3.clean(
        _markdown.render(markdown),
        tags=_TAGS,
        attributes={"a": {"href", "title"}, "ol": {"start"}},
        url_schemes={"http", "https", "mailto"},
        link_rel="nofollow noopener",
    )
