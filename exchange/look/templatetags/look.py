"""The tags of every page: one for each component of the look. They format and draw; they never decide."""

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any

from django import template
from django.forms import BaseForm
from django.forms.boundfield import BoundField
from django.template import Context
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from exchange.kernel.actors import Actor, Scope
from exchange.kernel.money import Money
from exchange.look import areas as places
from exchange.look import fields, formats, icons, tables
from exchange.look.names import country_name

register = template.Library()

STANDINGS = {
    "enforced": ("lock", _("Enforced")),
    "evidenced": ("trace", _("Evidenced")),
    "promised": ("pen", _("Promised")),
}
SIDES = {
    "seller": _("Seller"),
    "buyer": _("Buyer"),
    "exchange": _("Exchange"),
    "officer": _("Officer"),
}
ACTING_FOR_FIELD = "acting_for"
NOTICES = {"info": "info", "ok": "check", "warn": "warn", "stop": "stop"}


@register.simple_tag
def icon(name: str, classes: str = "") -> SafeString:
    return icons.icon(name, classes)


@register.simple_tag
def standing(word: str) -> SafeString:
    """How a clause is held; the more solid the mark, the stronger the hold."""
    drawing, words = STANDINGS[str(word)]
    return format_html('<span class="standing st-{}">{}{}</span>', word, icons.icon(drawing), words)


@register.simple_tag
def badge(words: str, kind: str = "", drawing: str = "") -> SafeString:
    """A state: icon, word and tint; the view gives all three."""
    classes = f"badge b-{kind}" if kind else "badge"
    return format_html('<span class="{}">{}{}</span>', classes, icons.icon(drawing) if drawing else "", words)


@register.simple_tag
def money(amount: Money | int, currency: str = "") -> SafeString:
    """An amount in the reader's format: a Money, or minor units and their currency."""
    minor, unit = (amount.minor, amount.currency) if isinstance(amount, Money) else (amount, currency)
    return format_html(
        '<data class="money" value="{}">{}</data>',
        formats.plain_money(minor, unit),
        formats.money(minor, unit),
    )


@register.simple_tag
def whole_money(amount: Money) -> str:
    """An amount in whole units, for pictures."""
    return formats.whole_money(amount.minor, amount.currency)


@register.simple_tag
def when(moment: date | None, precision: str = "minute") -> SafeString | str:
    """A moment with its zone named, or a day: `minute`, `second`, `day`; `cell` and `line` under a caption that names
    the zone."""
    if moment is None:
        return "–"
    if not isinstance(moment, datetime):
        return format_html('<time datetime="{}">{}</time>', moment.isoformat(), formats.day(moment))
    local = moment.astimezone(formats.zone()).isoformat(timespec="seconds")
    return format_html('<time datetime="{}">{}</time>', local, formats.moment(moment, precision))


@register.simple_tag
def zone(moment: datetime | None = None) -> str:
    """The zone of the times on this page, for a table's caption."""
    return formats.zone_name(moment or timezone.now())


@register.simple_tag
def away(moment: datetime, now: datetime | None = None) -> str:
    """How many days off a moment is; it stands beside the day, never instead of it."""
    here = formats.zone()
    days = (moment.astimezone(here).date() - (now or timezone.now()).astimezone(here).date()).days
    if days == 0:
        return gettext("today")
    if days > 0:
        return ngettext("in %(days)d day", "in %(days)d days", days) % {"days": days}
    return ngettext("%(days)d day ago", "%(days)d days ago", -days) % {"days": -days}


@register.simple_tag
def number(value: float, places: int = 0) -> str:
    return formats.number(value, places)


@register.simple_tag
def country(code: str) -> str:
    """The name of a country by its ISO 3166-1 code; a dash where there is none."""
    return country_name(code) if code else "–"


@register.simple_tag
def percent(part: float, places: int = 0) -> str:
    return formats.percent(part, places)


@register.simple_tag(name="bytes")
def size(count: int) -> str:
    return formats.size(count)


@register.simple_tag
def short(identifier: object) -> SafeString:
    """An id or a hash, cut in the middle; the whole is in its title."""
    return format_html('<code title="{}">{}</code>', identifier, formats.short(identifier))


@register.simple_tag
def copyable(text: object) -> SafeString:
    """Text that readers take away: whole, and with a button to copy it where there is a script."""
    return format_html(
        '<code class="copyable" data-copy="{0}" data-word="{1}" data-done="{2}">{0}</code>',
        text,
        gettext("Copy"),
        gettext("Copied"),
    )


@register.simple_tag
def party(who: Any, side: str) -> SafeString:
    """An organisation on its side: a shape, a word and a hue. `who` is a participant or a name."""
    return format_html(
        '<span class="party p-{}">{}<span class="sr">{} </span><span>{}</span></span>',
        side,
        icons.icon(f"side-{side}"),
        gettext("%(side)s:") % {"side": SIDES[side]},
        getattr(who, "name", who),
    )


@register.simple_tag(takes_context=True)
def query(context: Context, **changes: Any) -> str:
    """This page's address with some of its parameters changed; None or "" removes one."""
    found = context["request"].GET.copy()
    for name, value in changes.items():
        if value is None or value == "":
            found.pop(name, None)
        elif isinstance(value, list | tuple):
            found.setlist(name, [str(one) for one in value])
        else:
            found[name] = str(value)
    return f"?{found.urlencode()}" if found else context["request"].path


@register.inclusion_tag("look/field.html")
def field(bound: BoundField, label: str = "", help: str = "", width: str = "", **attrs: str) -> dict[str, Any]:
    """A field of a form; `width="short"`, and further attributes of the control by name."""
    return {"field": fields.shown(bound, label=label, help_text=help, width=width, **attrs)}


@register.inclusion_tag("look/errors.html")
def errors(form: BaseForm) -> dict[str, Any]:
    """What is wrong with a form, on top of it, with a link to each field; nothing when nothing is."""
    found = [(bound, error) for bound in form for error in bound.errors]
    return {"general": form.non_field_errors(), "found": found, "count": len(found)}


@register.inclusion_tag("look/areas.html", takes_context=True)
def areas(context: Context) -> dict[str, Any]:
    """The areas of the exchange in the header."""
    place = places.place_of(_route(context))
    shown = [
        (area, url, place is not None and area is place[0]) for area, url in places.areas_for(_actor(context))
    ]
    return {"areas": shown}


@register.inclusion_tag("look/sections.html", takes_context=True)
def sections(context: Context) -> dict[str, Any]:
    """The sections of this page's area, each with what waits in it."""
    route, actor = _route(context), _actor(context)
    place = places.place_of(route)
    if place is None:
        return {"sections": []}
    area, here = place
    shown = [
        (section, url, section is here, places.count_in(section.name, actor) if actor else 0)
        for section, url in places.sections_of(area)
    ]
    return {"area": area, "sections": shown if len(shown) > 1 else []}


@register.simple_tag(takes_context=True)
def section_here(context: Context) -> dict[str, Any]:
    """The section in which this page stands, for the way back: its title, and where its first page is."""
    place = places.place_of(_route(context))
    return {"title": place[1].title, "url": reverse(place[1].name)} if place else {}


@register.simple_tag(takes_context=True)
def acting_for(context: Context) -> SafeString | str:
    """In a form: for whom its reader acted, so that an act never lands on the organisation of another tab."""
    actor = _actor(context)
    if actor is None or actor.participant_id is None:
        return ""
    return format_html('<input type="hidden" name="{}" value="{}">', ACTING_FOR_FIELD, actor.participant_id)


@register.simple_tag(takes_context=True)
def acting_side(context: Context) -> str:
    """On which side the acting organisation stands on this page: who runs the exchange stands on its own."""
    actor = _actor(context)
    scopes = actor.scopes | actor.withheld if actor else frozenset()
    if Scope.AUDIT in scopes or Scope.OPERATE in scopes:
        return "officer" if Scope.AUDIT in scopes else "exchange"
    place = places.place_of(_route(context))
    return (place[0].side if place else "") or "buyer"


@register.simple_block_tag
def notice(content: str, kind: str = "info", title: str = "") -> SafeString:
    """`{% notice "warn" title %}text and links{% endnotice %}`."""
    role = ' role="alert"' if kind == "stop" else ""
    head = format_html("<b>{}</b>", title) if title else ""
    body = format_html("<div>{}</div>", content) if content.strip() else ""
    return format_html(
        '<div class="notice {}"{}>{}<div>{}{}</div></div>',
        kind,
        mark_safe(role),  # noqa: S308  (one of the two words above)
        icons.icon(NOTICES[kind]),
        head,
        body,
    )


@register.simple_block_tag
def nothing(content: str, title: str, url: str = "", action: str = "") -> SafeString:
    """An empty state: what will be here, and one action. `{% nothing title url action %}text{% endnothing %}`."""
    link = format_html('<a class="btn main" href="{}">{}</a>', url, action) if url else ""
    return format_html('<div class="empty"><h3>{}</h3><p>{}</p>{}</div>', title, content, link)


@register.simple_block_tag
def table(content: str, label: str, classes: str = "t fold", tall: bool = False) -> SafeString:
    """A table that scrolls in its own frame and keeps its meaning when folded: `{% table label %}rows{% endtable %}`.
    `label` names the frame for those who listen."""
    return tables.framed(content, label, classes, tall)


@register.filter
def joined(words: Iterable[object]) -> str:
    """Words with commas between them."""
    return ", ".join(str(word) for word in words)


def _route(context: Context) -> str:
    """The route by which this page finds its section: the one that the view names, else its own."""
    named = context.get("section")
    if named:
        return str(named)
    match = getattr(context.get("request"), "resolver_match", None)
    return (match.url_name or "") if match else ""


def _actor(context: Context) -> Actor | None:
    found = context.get("actor") or getattr(context.get("request"), "actor", None)
    return found if isinstance(found, Actor) else None
