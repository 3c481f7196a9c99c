"""What the codes of datasets are called on a page: states, themes, frequencies, classes, kinds of file. A code that
has no words here is shown as it is."""

import re

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from compliance.words import Mark, Words
from datasets import contents
from exchange.look import formats
from exchange.look.names import in_order

STATES = {
    "draft": Mark(pgettext_lazy("dataset", "Draft"), "", "half"),
    "published": Mark(pgettext_lazy("dataset", "Published"), "ok", "check"),
    "retired": Mark(pgettext_lazy("dataset", "Retired"), "", "cross"),
}
REVISIONS = {
    "open": Mark(pgettext_lazy("revision", "Open, not sealed"), "", "half"),
    "sealed": Mark(pgettext_lazy("revision", "Sealed"), "info", "seal"),
    "revoked": Mark(pgettext_lazy("revision", "Revoked"), "stop", "stop"),
}
THEMES: dict[str, Words] = {
    "AGRI": _("Agriculture, fisheries, forestry and food"),
    "ECON": _("Economy and finance"),
    "EDUC": _("Education, culture and sport"),
    "ENER": _("Energy"),
    "ENVI": _("Environment"),
    "GOVE": _("Government and public sector"),
    "HEAL": pgettext_lazy("theme", "Health"),
    "INTR": _("International issues"),
    "JUST": _("Justice, legal system and public safety"),
    "REGI": _("Regions and cities"),
    "SOCI": _("Population and society"),
    "TECH": _("Science and technology"),
    "TRAN": _("Transport"),
}
FREQUENCIES: dict[str, Words] = {
    "never": pgettext_lazy("frequency", "Never: it is complete"),
    "irregular": pgettext_lazy("frequency", "Irregularly"),
    "continuous": pgettext_lazy("frequency", "Continuously"),
    "hourly": pgettext_lazy("frequency", "Every hour"),
    "daily": pgettext_lazy("frequency", "Every day"),
    "weekly": pgettext_lazy("frequency", "Every week"),
    "biweekly": pgettext_lazy("frequency", "Every two weeks"),
    "monthly": pgettext_lazy("frequency", "Every month"),
    "bimonthly": pgettext_lazy("frequency", "Every two months"),
    "quarterly": pgettext_lazy("frequency", "Every quarter"),
    "semiannual": pgettext_lazy("frequency", "Twice a year"),
    "annual": pgettext_lazy("frequency", "Every year"),
    "biennial": pgettext_lazy("frequency", "Every two years"),
}
KINDS: dict[str, Words] = {
    contents.CSV: "CSV",
    contents.PARQUET: "Parquet",
    contents.JSON: "JSON",
    contents.JSON_LINES: "JSON Lines",
    "application/zip": "ZIP",
    "application/pdf": "PDF",
    "text/plain": _("Plain text"),
    "application/octet-stream": _("Another kind of file"),
    "image/png": "PNG",
    "image/jpeg": "JPEG",
    "image/tiff": "TIFF",
    "image/gif": "GIF",
    "image/webp": "WebP",
}
_FIELD_TYPES: dict[str, Words] = {
    **dict.fromkeys(
        ("TINYINT", "SMALLINT", "INTEGER", "BIGINT", "HUGEINT", "UTINYINT", "USMALLINT", "UINTEGER", "UBIGINT"),
        pgettext_lazy("type of a field", "whole number"),
    ),
    **dict.fromkeys(("FLOAT", "DOUBLE"), pgettext_lazy("type of a field", "number")),
    **dict.fromkeys(
        ("TIMESTAMP", "TIMESTAMP WITH TIME ZONE", "TIMESTAMP_NS", "TIMESTAMP_MS", "TIMESTAMP_S"),
        pgettext_lazy("type of a field", "date and time"),
    ),
    "VARCHAR": pgettext_lazy("type of a field", "text"),
    "DATE": pgettext_lazy("type of a field", "date"),
    "TIME": pgettext_lazy("type of a field", "time"),
    "BOOLEAN": pgettext_lazy("type of a field", "yes or no"),
}
GROUNDS_OF_ARTICLE_9: dict[str, Words] = {
    "9.2.a": _("9(2)(a), explicit consent"),
    "9.2.b": _("9(2)(b), employment and social protection"),
    "9.2.c": _("9(2)(c), vital interests"),
    "9.2.d": _("9(2)(d), members of a foundation or association"),
    "9.2.e": _("9(2)(e), made public by the person"),
    "9.2.f": _("9(2)(f), legal claims"),
    "9.2.g": _("9(2)(g), substantial public interest"),
    "9.2.h": _("9(2)(h), health care"),
    "9.2.i": _("9(2)(i), public health"),
    "9.2.j": _("9(2)(j), archives, research and statistics"),
}


PROBLEMS: dict[str, Words] = {
    "measuring it took too long": _("measuring it took too long"),
    "measuring it needs more memory than there is": _("measuring it needs more memory than there is"),
    "it has a line of more than 2,000,000 bytes": _("it has a line of more than 2,000,000 bytes"),
    "it is not UTF-8 text throughout": _("it is not UTF-8 text throughout"),
    "its lines do not fit the columns that its first line names": _(
        "its lines do not fit the columns that its first line names"
    ),
    "it is damaged, or not of the kind that it says": _("it is damaged, or not of the kind that it says"),
}
_LINE = re.compile(r"line (\d+) does not fit the columns that its first line names")
_COLUMNS = re.compile(r"it has ([\d,]+) columns; at most ([\d,]+) are measured")


def problem(stored: str) -> Words:
    """Why a file could not be measured; what is not known here is said as it was stored."""
    if told := _LINE.fullmatch(stored):
        return _("line %(line)s does not fit the columns that its first line names") % {"line": told[1]}
    if told := _COLUMNS.fullmatch(stored):
        counts = [formats.number(int(count.replace(",", ""))) for count in told.groups()]
        return _("it has %(count)s columns; at most %(most)s are measured") % {
            "count": counts[0],
            "most": counts[1],
        }
    return PROBLEMS.get(stored, stored)


def choices(words: dict[str, Words]) -> list[tuple[str, str]]:
    """The codes with their words, in the order of the words."""
    return in_order((code, str(said)) for code, said in words.items())


def type_words(code: str) -> Words:
    """What a field holds."""
    return _FIELD_TYPES.get(code, code)
