"""Tables: the frame they scroll in, and the roles that keep their meaning when a phone folds them into blocks."""

import re

from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

_ROLES = (
    (re.compile(r"<(thead|tbody|tfoot)(?=[\s>])(?![^>]*\brole=)"), r'<\1 role="rowgroup"'),
    (re.compile(r"<tr(?=[\s>])(?![^>]*\brole=)"), '<tr role="row"'),
    (re.compile(r"<td(?=[\s>])(?![^>]*\brole=)"), '<td role="cell"'),
    (re.compile(r"<th(?=[^>]*\bscope=\"col\")(?![^>]*\brole=)"), '<th role="columnheader"'),
    (re.compile(r"<th(?=[^>]*\bscope=\"row\")(?![^>]*\brole=)"), '<th role="rowheader"'),
)


def framed(rows: str, label: str, classes: str, is_tall: bool) -> SafeString:
    """The table around `rows`, which are markup of a template: what people typed is escaped in it already."""
    for found, replaced in _ROLES:
        rows = found.sub(replaced, rows)
    return format_html(
        '<div class="tablewrap{}" role="region" aria-label="{}" tabindex="0">'
        '<table role="table" class="{}">{}</table></div>',
        " tall" if is_tall else "",
        label,
        classes,
        mark_safe(rows),  # noqa: S308
    )
