"""A page on paper: HTML drawn as a PDF in the house's paper style. WeasyPrint's only door, which fetches nothing."""

from collections.abc import Sequence
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from typing import Any

from exchange.kernel.errors import Unavailable

_STYLE = Path(__file__).with_name("static") / "look" / "paper.css"


@lru_cache(maxsize=8)
def pdf(
    page: str, attached: Sequence[tuple[str, bytes]], at: datetime, *, style: str = "", archived: bool = False
) -> bytes:
    """The page as a tagged PDF with files attached, all dated `at`: the same page gives the same bytes.

    `style` is added to the house's; `archived` asks for PDF/A-3b. Unavailable where the machine cannot draw.
    """
    try:
        import weasyprint  # here: its libraries take half a second, which only this needs
    except OSError:
        raise Unavailable("PDFs cannot be made here: Pango is not installed", code="pdf_unavailable") from None
    made: bytes = weasyprint.HTML(string=page, url_fetcher=_fetch_nothing).write_pdf(
        stylesheets=[
            weasyprint.CSS(string=_STYLE.read_text() + style, url_fetcher=_fetch_nothing),
        ],
        attachments=[
            weasyprint.Attachment(
                string=content, name=name, description=name, relationship="Source", created=at, modified=at
            )
            for name, content in attached
        ],
        pdf_tags=True,
        pdf_variant="pdf/a-3b" if archived else None,
    )
    return made


def _fetch_nothing(url: str, *_: object, **__: object) -> dict[str, Any]:
    raise ValueError("a paper refers to nothing outside itself")
