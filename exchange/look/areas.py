"""The areas of the exchange and the sections of each, as the header shows them to who acts. A section is the name of
its route; one whose page is not there is not shown."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from django.conf import settings
from django.urls import NoReverseMatch, reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from exchange.kernel.actors import Actor, Scope

Words = str | Promise


@dataclass(frozen=True)
class Section:
    """`name` is the route of its first page; a route whose name goes on from it, or from `prefix`, is a page of it.
    Where it names a `setting`, it is shown once that is set."""

    name: str
    title: Words
    prefix: str = ""
    setting: str = ""

    def holds(self, route: str) -> bool:
        return route == self.name or route.startswith(self.prefix or f"{self.name}_")


@dataclass(frozen=True)
class Area:
    """`scope` is what an actor needs to see it at all; None shows it to everybody. `side` is whose shape the acting
    organisation bears there."""

    name: str
    title: Words
    side: str
    scope: Scope | None
    sections: tuple[Section, ...]


ACCOUNT = Area(
    "account",
    _("Your account"),
    "",
    None,
    (
        Section("organisation", _("Organisation")),
        Section("organisation_members", _("Members")),
        Section("organisation_activities", _("Processing records")),
        Section("organisation_webhooks", _("Webhooks")),
        Section("notices", _("Notices")),
        Section("notices_mail", _("Notices by e-mail")),
        Section("account_email", _("E-mail")),
        Section("account_change_password", _("Password")),
        Section("mfa_index", _("Second factor"), prefix="mfa_"),
    ),
)
AREAS = (
    Area("catalogue", _("Catalogue"), "buyer", None, (Section("catalogue", _("Catalogue")),)),
    Area(
        "buy",
        _("My data"),
        "buyer",
        Scope.READ,
        (
            Section("buy_holdings", _("Holdings")),
            Section("buy_notices", _("Notices to answer")),
            Section("buy_requests", _("Requests")),
            Section("buy_data_requests", _("Data requests")),
            Section("buy_purchases", _("Purchases")),
            Section("buy_informing", _("Persons to inform")),
            Section("buy_clients", _("API clients")),
            Section("buy_invoices", _("Orders and invoices")),
            Section("buy_searches", _("Saved searches")),
        ),
    ),
    Area(
        "sell",
        _("Sell"),
        "seller",
        Scope.READ,
        (
            Section("sell_datasets", _("Datasets")),
            Section("sell_offers", _("Offers")),
            Section("sell_requests", _("Requests")),
            Section("sell_data_requests", _("Data requests")),
            Section("sell_sales", _("Sales")),
            Section("sell_holders", _("Who holds what")),
            Section("sell_persons", _("Persons who ask")),
            Section("sell_notices", _("Notices to recipients")),
            Section("sell_incidents", _("Incidents"), setting="EXCHANGE_INTERMEDIATION"),
            Section("sell_earnings", _("Earnings")),
            Section("sell_payouts", _("Payouts")),
        ),
    ),
    Area(
        "desk",
        _("Compliance"),
        "officer",
        Scope.AUDIT,
        (
            Section("desk_overview", _("Overview")),
            Section("desk_transfers", _("Transfers")),
            Section("desk_recipients", _("Recipients")),
            Section("desk_requests", _("Requests")),
            Section("desk_notices", _("Notices")),
            Section("desk_breaches", _("Breaches")),
            Section("desk_incidents", _("Incidents"), setting="EXCHANGE_INTERMEDIATION"),
            Section("desk_activities", pgettext_lazy("section of the desk", "Records")),
            Section("desk_destinations", _("Destinations")),
            Section("desk_retention", _("Retention")),
            Section("desk_duties", _("Deletions")),
            Section("desk_log", _("Log")),
            Section("desk_reviews", pgettext_lazy("section of the desk", "Publish gate")),
            Section("desk_data_requests", _("Data requests")),
            Section("desk_bundles", _("Evidence")),
        ),
    ),
    Area(
        "operate",
        pgettext_lazy("area of the operator", "Operate"),
        "exchange",
        Scope.OPERATE,
        (
            Section("operate_participants", _("Participants")),
            Section("operate_members", _("Members")),
            Section("operate_money", _("Money")),
            Section("operate_health", _("System")),
            Section("operate_settings", _("Settings")),
        ),
    ),
)

Count = Callable[[Actor], int]
_counts: dict[str, Count] = {}


def show_counts(table: Mapping[str, Count]) -> None:
    """Set the table of what waits in a section, by its name; `infra/apps.py` hands it over at start."""
    _counts.clear()
    _counts.update(table)


def count_in(section: str, actor: Actor) -> int:
    """How many things wait for the actor in a section."""
    return _counts[section](actor) if section in _counts else 0


def place_of(route: str) -> tuple[Area, Section] | None:
    """The area and the section in which the page of a route stands."""
    found = [(area, section) for area in (*AREAS, ACCOUNT) for section in area.sections if section.holds(route)]
    return max(found, key=lambda place: len(place[1].name), default=None)


def areas_for(actor: Actor | None) -> Iterator[tuple[Area, str]]:
    """The areas that the actor sees, each with the address of its first page. A desk that waits for a second
    factor is shown: its page says what is missing."""
    for area in AREAS:
        if area.scope is None or (actor and area.scope in actor.scopes | actor.withheld):
            first = next(iter(sections_of(area)), None)
            if first is not None:
                yield area, first[1]


def sections_of(area: Area) -> Iterator[tuple[Section, str]]:
    """The sections of an area whose pages are there, each with its address."""
    for section in area.sections:
        if section.setting and not getattr(settings, section.setting):
            continue
        try:
            yield section, reverse(section.name)
        except NoReverseMatch:
            continue
