"""The tags of the pages of participants: commands to copy, and sectors by name."""

from html import unescape

from django import template
from django.utils.html import escape, format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext

from exchange.participants import sectors

register = template.Library()


@register.simple_tag
def sector(code: str) -> str:
    """An economic sector by its code; a dash where there is none."""
    return sectors.shown(code)


@register.simple_block_tag
def commands(content: str) -> SafeString:
    """Lines for a shell, whole, with a button that copies them where there is a script."""
    lines = escape(unescape(content))  # of a template: quotes stand in it as they are
    return format_html(
        '<code class="copyable lines" data-copy="{0}" data-word="{1}" data-done="{2}">{0}</code>',
        lines,
        gettext("Copy"),
        gettext("Copied"),
    )
