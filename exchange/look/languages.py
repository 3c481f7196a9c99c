"""What else follows when a reader chooses a language: the app above says so at start."""

from collections.abc import Callable

from django.http import HttpRequest

Follow = Callable[[HttpRequest, str], None]
_follow: list[Follow] = []


def register(follow: Follow) -> None:
    """Take what follows a choice; called once, at start."""
    _follow[:] = [follow]


def chosen(request: HttpRequest, code: str) -> None:
    """Have follow what follows when this reader chooses the language `code`."""
    for follow in _follow:
        follow(request, code)
