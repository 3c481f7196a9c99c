"""The statement of a notice on paper: in the reader's language, with the sealed file in it, dated when it was made."""

import json
from datetime import datetime

from django.conf import settings
from django.template.loader import render_to_string
from django.utils import translation

from compliance.models import NoticeRow, RecipientNotice
from compliance.notices import rows
from compliance.notices.statements import Sealed
from exchange.kernel.actors import Actor
from exchange.look import paper

_MOST_ON_PAPER = 1_000
_COLUMNS = (
    "thead th, thead + tbody th { width: 24%; } thead th:nth-child(2), thead th:nth-child(3) { width: 15%; }"
)


def pdf(notice: RecipientNotice, stated: Sealed, *, at: datetime) -> bytes:
    """The paper that says what the sealed statement says, with names."""
    by = Actor.system("notice_paper", at=at)
    [shown] = rows.notices([notice], by=by)
    found = list(
        NoticeRow.objects.filter(notice=notice).select_related("notice").order_by("pk")[:_MOST_ON_PAPER]
    )
    context = {
        "shown": shown,
        "rows": rows.rows(found),
        "more": shown.tally.rows - len(found),
        "exchange_name": settings.EXCHANGE_NAME,
        "language": translation.get_language(),
        "at": at,
        "seal": stated["seal"],
    }
    page = render_to_string("compliance/notices/paper.html", context)
    sealed = json.dumps(stated, ensure_ascii=False, indent=1).encode()
    return paper.pdf(page, ((f"notice-{notice.pk}.json", sealed),), at, style=_COLUMNS)
