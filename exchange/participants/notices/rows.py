"""Notices as a page or a mail shows them: in words, with where they lead."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.urls import NoReverseMatch, reverse

from exchange.participants.models import Notice
from exchange.participants.news import Facts, News, known, told


@dataclass(frozen=True)
class Row:
    """`news` is None, and the words are empty, where no app tells it any more."""

    notice: Notice
    news: News | None
    title: str
    sentence: str


def rows_of(notices: Sequence[Notice]) -> list[Row]:
    """Notices in their reader's words, with one question for each kind of name."""
    found = [(notice, known(notice.news)) for notice in notices]
    words = iter(told([(news, notice.facts) for notice, news in found if news is not None]))
    rows = []
    for notice, news in found:
        said = next(words) if news is not None else None
        rows.append(Row(notice, news, said.title if said else "", said.sentence if said else ""))
    return rows


def place_of(notice: Notice) -> str | None:
    """The address of what a notice is about; None where it leads nowhere."""
    news, facts = known(notice.news), notice.facts
    if news is None or not news.route:
        return None
    return _address(news, facts)


def _address(news: News, facts: Facts) -> str | None:
    arguments = [facts[news.argument]] if news.argument and news.argument in facts else []
    try:
        return reverse(news.route, args=arguments)
    except NoReverseMatch:
        return None
