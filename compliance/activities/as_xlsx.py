"""A register as a workbook: a list of the processings, then a sheet for each. In French it has the shape of the CNIL's
own template. Every cell is text, so no spreadsheet runs one; the same register at the same moment is the same bytes."""

import io
import re
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime

from django.utils.translation import gettext as _
from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Font
from openpyxl.worksheet._write_only import WriteOnlyWorksheet

from compliance.activities import words
from compliance.activities.shape import CONTROLLER, Activity, Completed, Register
from compliance.activities.words import Called
from exchange.look.formats import day

_LONGEST_TITLE = 31
_LONGEST_CELL = 32_767
_NOT_IN_TITLES = re.compile(r"[\[\]:*?/\\]")
_MODIFIED = re.compile(rb"(<dcterms:modified[^>]*>)[^<]*(</dcterms:modified>)")
_WIDTHS = {"A": 44, "B": 60, "C": 60, "D": 24}
Line = Sequence[str]


def write(register: Register, names: Called, *, at: datetime) -> bytes:
    """The workbook in the reader's language."""
    book = Workbook(write_only=True)
    book.properties.creator = names.organisation(register.participant_id)
    book.properties.created = at.replace(tzinfo=None)
    _sheet(book, _("List of processings"), _listed(register, names, at))
    for number, activity in enumerate(register.activities, start=1):
        _sheet(
            book, f"{number} {words.title(activity, names)}", _filled(activity, number, register.head, names)
        )
    made = io.BytesIO()
    book.save(made)
    return _settled(made.getvalue(), at)


def _listed(register: Register, names: Called, at: datetime) -> Iterator[Line]:
    yield (
        _("Record of processing activities of %(name)s")
        % {"name": names.organisation(register.participant_id)},
    )
    yield (_("As of"), day(at))
    for name in ("controller", "representative", "dpo"):
        yield (str(words.PARTS[name]), register.head.contacts.get(name, ""))
    yield ()
    yield (_("Activity"), _("Purposes"), _("Role"), _("Reference"), _("Created on"), _("Last changed on"))
    for activity in register.activities:
        values = words.values(activity, names)
        yield (
            words.title(activity, names),
            _joined(values["purposes"]),
            str(words.ROLES[activity.role]),
            activity.completed.parts.get("reference", ""),
            day(activity.since) if activity.since else "",
            day(activity.changed_at) if activity.changed_at else "",
        )


def _filled(activity: Activity, number: int, head: Completed, names: Called) -> Iterator[Line]:
    """The lines of the template, in its order."""
    values, said = words.values(activity, names), activity.completed.parts
    yield (
        _("Processing record %(number)s: %(title)s")
        % {"number": number, "title": words.title(activity, names)},
    )
    yield (_("Created on"), day(activity.since) if activity.since else "")
    yield (_("Last changed on"), day(activity.changed_at) if activity.changed_at else "")
    yield (_("Reference"), said.get("reference", ""))
    yield (_("Role"), str(words.ROLES[activity.role]))
    if activity.role == CONTROLLER:
        yield (_("Joint controllers"), said.get("joint_controllers", ""))
    else:
        yield (_("Controllers"), _joined(values["counterparties"]))
    yield (_("Who looks after it"), activity.completed.contacts.get("owner", ""))
    yield (
        _("Objectives pursued"),
        _joined([*values["purposes"], *values["stated_purposes"]]),
        said.get("purposes", ""),
    )
    yield (_("Legal basis"), _joined([*values["legal_bases"], *values["grounds"]]))
    yield (_("Categories of persons"), _joined(values["persons"]))
    yield (_("Categories of data"), _joined(values["data"]))
    yield (_("Is sensitive data processed?"), _joined(values["special"]) or _("No"))
    yield (_("Source of the data"), _joined([*values["stated_sources"], *values["counterparties"]]))
    yield (_("Periods of storage"), _joined(values["kept"]), said.get("retention", ""))
    yield (_("Recipients"), _joined(values["recipients"]), said.get("recipient_categories", ""))
    yield (_("Processors"), said.get("processors", ""))
    yield (_("Transfers, with countries outside the EU"), _joined(values["transfers"]))
    yield (_("Security measures"), said.get("security_measures", "") or head.parts.get("security_measures", ""))
    yield (_("Impact assessment"), _joined(values["dpias"]), said.get("dpia", ""))
    yield (_("Remark"), said.get("remark", ""))
    yield (_("Look at it again by"), day(activity.reviewed.due_at) if activity.reviewed.due_at else "")
    yield (_("What does not agree"), _joined(words.warning(one, names) for one in activity.warnings))


def _sheet(book: Workbook, title: str, lines: Iterable[Line]) -> None:
    sheet: WriteOnlyWorksheet = book.create_sheet(_NOT_IN_TITLES.sub(" ", title)[:_LONGEST_TITLE].strip("' "))
    for column, width in _WIDTHS.items():
        sheet.column_dimensions[column].width = width
    for line in lines:
        sheet.append([_cell(sheet, value, is_first=place == 0) for place, value in enumerate(line)])


def _cell(sheet: WriteOnlyWorksheet, value: str, *, is_first: bool) -> WriteOnlyCell:
    cell = WriteOnlyCell(sheet, value[:_LONGEST_CELL])
    cell.data_type = "s"  # never a formula
    if is_first:
        cell.font = Font(bold=True)
    return cell


def _joined(values: Iterable[str]) -> str:
    return "\n".join(value for value in values if value)


def _settled(made: bytes, at: datetime) -> bytes:
    """The same workbook without the moment of its making in it: in the order of its parts, each dated alike."""
    settled = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(made)) as source,
        zipfile.ZipFile(settled, "w", zipfile.ZIP_DEFLATED) as target,
    ):
        for name in source.namelist():
            content = source.read(name)
            if name == "docProps/core.xml":
                content = _MODIFIED.sub(
                    rb"\g<1>" + at.strftime("%Y-%m-%dT%H:%M:%SZ").encode() + rb"\g<2>", content
                )
            target.writestr(zipfile.ZipInfo(name), content, zipfile.ZIP_DEFLATED)
    return settled.getvalue()
