"""The French of every app: which sentences its code and templates have, and the catalogue that holds them. The file
of an app is its own `locale/fr/LC_MESSAGES/django.po`; the compiled one is written beside it."""

import io
import re
from collections.abc import Iterator
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po
from django.utils.translation.template import templatize

ROOT = Path(__file__).resolve().parent.parent
APPS = (
    "exchange/look",
    "exchange/participants",
    "compliance",
    "datasets",
    "payments",
    "contracts",
    "infra",
)
LANGUAGE = "fr"
_KEYWORDS: dict[str, tuple[int | tuple[int, str], ...] | None] = {
    "_": None,
    "gettext": None,
    "gettext_lazy": None,
    "gettext_noop": None,
    "ngettext": (1, 2),
    "ngettext_lazy": (1, 2),
    "pgettext": ((1, "c"), 2),
    "pgettext_lazy": ((1, "c"), 2),
    "npgettext": ((1, "c"), 2, 3),
    "npgettext_lazy": ((1, "c"), 2, 3),
}
_SETTINGS: dict[str, tuple[int | tuple[int, str], ...] | None] = {
    **dict.fromkeys(
        ("text", "boolean", "whole", "path", "zone", "day", "words", "networks", "witnesses"), (3,)
    ),
    "secret": (2,),
    "choice": (4,),
}
"""Where the calls that read a setting have its meaning, which the operator's page translates."""
_HEADER = "# French of this app. `python -m infra messages` keeps it; see docs/develop/pages.md.\n"
_NBSP = "\u00a0"
_BEFORE = re.compile(r"(?<=\S)[ \u202f](?=[:;?!»€](?![\w/]))")
_AFTER = re.compile(r"«[ \u202f]?(?=\S)")
_APOSTROPHE = re.compile(r"(?<=[^\W\d_])'(?=[^\W\d_])")


def file_of(app: str) -> Path:
    return ROOT / app / "locale" / LANGUAGE / "LC_MESSAGES" / "django.po"


def sentences_of(app: str) -> Catalog:
    """Every sentence that the app's code and templates show, with the files it stands in."""
    found = Catalog(locale=LANGUAGE, charset="utf-8")
    for path in _sources(ROOT / app):
        for _line, message, comments, context in _extracted(path):
            place = (str(path.relative_to(ROOT)), 0)
            found.add(message, locations=[place], auto_comments=comments, context=context)
    return found


def read(app: str) -> Catalog:
    """The catalogue as it is kept; an empty one where there is none."""
    file = file_of(app)
    if not file.exists():
        return Catalog(locale=LANGUAGE, charset="utf-8")
    return read_po(io.BytesIO(file.read_bytes()), locale=LANGUAGE, charset="utf-8")


def merged(app: str) -> Catalog:
    """The catalogue with the sentences of today: new ones empty, gone ones gone, the others set as French is."""
    kept, today = read(app), sentences_of(app)
    for message in _messages(today):
        before = kept.get(message.id, message.context)
        if before is not None and before.string:
            message.string = _set(before.string)
    return today


def write(app: str) -> list[str]:
    """Bring the app's catalogue up to date and compile it; answers the sentences that have no French yet."""
    catalogue = merged(app)
    messages = list(_messages(catalogue))
    file = file_of(app)
    if messages:
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(written(catalogue))
        file.with_suffix(".mo").write_bytes(compiled(catalogue))
    return [str(message.id) for message in messages if not is_translated(message)]


def written(catalogue: Catalog) -> str:
    """The catalogue as its file holds it: no dates and no line numbers, which would change with every edit."""
    out = io.BytesIO()
    write_po(out, catalogue, omit_header=True, include_lineno=False, sort_output=True, width=110)
    head = f'{_HEADER}msgid ""\nmsgstr ""\n"Language: {LANGUAGE}\\n"\n'
    types = '"Content-Type: text/plain; charset=utf-8\\n"\n"Plural-Forms: nplurals=2; plural=(n > 1);\\n"\n\n'
    return head + types + out.getvalue().decode()


class _Bare(Catalog):
    """A catalogue whose header says nothing of when and with what it was written."""

    @property
    def mime_headers(self) -> list[tuple[str, str]]:
        return [
            ("Content-Type", "text/plain; charset=utf-8"),
            ("Plural-Forms", "nplurals=2; plural=(n > 1);"),
        ]


def compiled(catalogue: Catalog) -> bytes:
    """The catalogue as Django reads it."""
    bare = _Bare(locale=LANGUAGE, charset="utf-8")
    for message in _messages(catalogue):
        if is_translated(message):
            bare.add(message.id, message.string, context=message.context)
    out = io.BytesIO()
    write_mo(out, bare)
    return out.getvalue()


def is_translated(message: Message) -> bool:
    parts = message.string if isinstance(message.string, list | tuple) else (message.string,)
    wanted = 2 if message.pluralizable else 1
    return len(parts) == wanted and all(parts) and not message.fuzzy


def _messages(catalogue: Catalog) -> Iterator[Message]:
    return (message for message in catalogue if message.id)


def _sources(folder: Path) -> Iterator[Path]:
    for path in sorted(folder.rglob("*")):
        is_code = path.suffix == ".py" and "migrations" not in path.parts
        if is_code or (path.suffix in (".html", ".txt") and "templates" in path.parts):
            yield path


def _extracted(path: Path) -> Iterator[tuple[int, str | tuple[str, ...], list[str], str | None]]:
    text = path.read_text()
    if path.suffix != ".py":
        code = templatize(text, origin=str(path))
        text = "\n".join(line.strip() for line in code.splitlines())  # indents would be read as Python's
    is_settings = path.parent == ROOT / "infra" and path.name.endswith("settings.py")
    keywords = _SETTINGS if is_settings else _KEYWORDS
    yield from extract("python", io.BytesIO(text.encode()), keywords=keywords, comment_tags=("Translators",))


def _set(string: str | tuple[str, ...] | list[str]) -> str | tuple[str, ...]:
    """French typography: no-break spaces before : ; ? ! » € and after «, and the curved apostrophe."""
    if not isinstance(string, str):
        return tuple(str(_set(part)) for part in string)
    spaced = _AFTER.sub(f"«{_NBSP}", _BEFORE.sub(_NBSP, string))
    return _APOSTROPHE.sub("’", spaced)
