"""What officers are told of requests of persons, and sellers of what they are asked to search."""

from django.utils.translation import gettext_lazy as _

from exchange.kernel.actors import Scope
from exchange.participants.news import EXCHANGE, Group, News, Tells, Words


def _to_officers(name: str, title: Words, sentence: Words, *, kind: str, by_clock: bool = False) -> News:
    return News(
        name,
        EXCHANGE,
        Scope.AUDIT,
        Group.RIGHTS,
        title,
        sentence,
        route="desk_requests_one",
        argument="request",
        icon="person",
        kind=kind,
        tells=Tells.EVERYONE,
        by_clock=by_clock,
    )


TABLE = (
    _to_officers(
        "subjectrequest.confirmed",
        _("A person has made a request"),
        _("It came by the form of this site. The answer is due on %(due_at)s."),
        kind="info",
    ),
    _to_officers(
        "subjectrequest.message_received",
        _("A person wrote to you"),
        _("The message is on the page of their request. The answer is due on %(due_at)s."),
        kind="info",
    ),
    _to_officers(
        "subjectrequest.due_soon",
        _("A person waits for an answer"),
        _("It is due on %(due_at)s. Answer it, or extend the time before it is over."),
        kind="warn",
        by_clock=True,
    ),
    _to_officers(
        "subjectrequest.overdue",
        _("An answer to a person is overdue"),
        _("It was due on %(due_at)s. The time can no longer be extended. Answer now, and say why it is late."),
        kind="stop",
        by_clock=True,
    ),
    News(
        "sellersearch.asked",
        "seller",
        Scope.SELL,
        Group.RIGHTS,
        _("A person asks about your data"),
        _("Look whether the person is in your datasets, by %(due_at)s."),
        route="sell_persons_one",
        argument="search",
        icon="person",
        kind="warn",
    ),
    News(
        "sellersearch.due_soon",
        "seller",
        Scope.SELL,
        Group.RIGHTS,
        _("A search for a person waits for you"),
        _("Your answer is due on %(due_at)s. The law gives the exchange little time to answer the person."),
        route="sell_persons_one",
        argument="search",
        icon="person",
        kind="warn",
        by_clock=True,
    ),
)
