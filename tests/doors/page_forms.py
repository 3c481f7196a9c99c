"""The forms of a page, as a browser reads and sends them."""

from dataclasses import dataclass, field
from html.parser import HTMLParser
from urllib.parse import urlsplit

from django.http import HttpResponse
from django.urls import resolve

Values = dict[str, str | list[str]]

TICKED = ("checkbox", "radio")
NOT_SENT = ("submit", "button", "reset", "file", "image")


@dataclass
class Form:
    """One form that is posted: where it stands and goes, what the page put into it, which fields a reader fills in,
    and which of those take any words."""

    page: str
    action: str
    hidden: Values = field(default_factory=dict)
    typed: Values = field(default_factory=dict)
    texts: list[str] = field(default_factory=list)

    @property
    def name(self) -> str:
        """The name of the route it is sent to."""
        return resolve(urlsplit(self.action).path).url_name or ""

    def untouched(self) -> Values:
        """What a browser sends when nobody has typed anything."""
        return {name: value for name, value in {**self.hidden, **self.typed}.items() if value != []}

    def filled(self, text: str) -> Values:
        """The same text in every field that a reader fills in."""
        return {**self.hidden, **dict.fromkeys(self.typed, text)}


def forms_of(answer: HttpResponse, path: str) -> list[Form]:
    """The forms that a page posts."""
    if answer.streaming or not answer.headers.get("Content-Type", "").startswith("text/html"):
        return []
    reader = _Reader(path)
    reader.feed(answer.content.decode())
    return reader.forms


class _Reader(HTMLParser):
    def __init__(self, path: str) -> None:
        super().__init__()
        self.path = path
        self.forms: list[Form] = []
        self._form: Form | None = None
        self._select = self._area = ""
        self._is_first = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "form" and given.get("method", "").lower() == "post":
            self._form = Form(self.path, given.get("action") or self.path)
            self.forms.append(self._form)
        elif tag == "form":
            self._form = None
        elif self._form is not None:
            self._field(self._form, tag, given)

    def _field(self, form: Form, tag: str, given: dict[str, str]) -> None:
        name, kind, value = given.get("name", ""), given.get("type", "text"), given.get("value", "")
        if tag == "option" and self._select and ("selected" in given or self._is_first):
            form.typed[self._select], self._is_first = value, False
        if not name or kind in NOT_SENT or tag not in ("input", "select", "textarea"):
            return
        if kind == "hidden":
            form.hidden[name] = value
        elif kind in TICKED:
            ticked = form.typed.setdefault(name, [])
            if "checked" in given and isinstance(ticked, list):
                ticked.append(value or "on")
        else:
            form.typed[name] = [] if "multiple" in given else value
            form.texts += [name] if tag == "textarea" or (tag == "input" and kind == "text") else []
        if tag == "select":
            self._select, self._is_first = name, "multiple" not in given
        self._area = name if tag == "textarea" else ""

    def handle_data(self, data: str) -> None:
        if self._form is not None and self._area:
            self._form.typed[self._area] = f"{self._form.typed[self._area]}{data}".lstrip("\n")

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._form = None
        elif tag == "select":
            self._select = ""
        elif tag == "textarea":
            self._area = ""
