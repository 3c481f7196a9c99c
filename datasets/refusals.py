"""What the refusals of datasets say to readers of every language but the verbs' own, by their codes."""

from collections.abc import Mapping

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from compliance.reviews.words import LACKS

SENTENCES: Mapping[str, str | Promise] = {
    "not_declared": _("Declare first whether the dataset holds personal data."),
    "no_sealed_revision": _("Seal a revision first."),
    "not_measured": _("The revision is still being measured. Try again soon."),
    "unreadable_asset": _("A file cannot be read. Its reason stands on the page of its revision."),
    "held_for_officer": _(
        "Publication waits for an officer: more was found than is declared, or the data is of a special category."
    ),
    **LACKS,
    "bad_statement": _("One of the statements cannot be right. Correct the entry that is marked."),
    "refused_by_officer": _("An officer refused publication. Correct the declaration, or seal other files."),
    "revision_open": _("This dataset has an open revision. Seal that one first."),
    "revision_sealed": _("This revision is sealed and can never change."),
    "no_assets": _("Add a file first: there is nothing to seal."),
    "files_changed": _("The files have changed since you opened the page. Look at them, then seal."),
    "assets_missing": _("Upload every file that was announced, or remove it, before you seal."),
    "name_taken": _("This revision has a file of this name already."),
    "too_many_assets": _("A revision has at most 1,000 files."),
    "already_received": _("This file has come already, or its revision is sealed."),
    "bad_name": _('This name cannot be kept: no space at its ends, no dot, and none of < > : " | ? * / \\.'),
    "unknown_media_type": _("This kind of file is not taken."),
    "empty_file": _("This file is empty."),
    "not_csv": _("This is not a CSV file in UTF-8."),
    "not_parquet": _("This is not a Parquet file."),
    "not_json": _("This is not JSON."),
    "too_large": _("This file is larger than the exchange takes."),
    "upload_in_use": _("Another tab or program is sending this file. Wait until it pauses or is done."),
    "no_upload": _("No upload of this file has begun."),
    "wrong_offset": _("This upload goes on at another place. Try again."),
    "beyond_length": _("More bytes came than were announced. Send the file again."),
    "bad_checksum": _("A piece did not arrive as it was sent. Try again."),
    "stalled": _("Nothing came for too long. Nothing was kept; send the file again."),
    "storage_full": _("The exchange has no room left for this file. Try again later."),
    "bad_schedule": _("A schedule has 1 to 400 days, and reaches 30 years at most."),
    "first_day_past": _("The first day must not be past."),
    "no_schedule": _("No schedule is announced for this dataset."),
    "bad_period": _("The period ends before it starts."),
    "unknown_country": _("This is not a country of ISO 3166-1."),
    "no_links": _("This exchange keeps files where no links to them can be given."),
    "redirect_of_personal_data": _(
        "Only data that is declared free of personal data, and in which none was found, may be reached by links."
    ),
    "stricter_column": _("A column is declared more personal than the whole. Declare the whole as strictly."),
    "needless_basis": _("A basis is declared for data that needs none. Leave it empty."),
    "legal_basis_missing": _("Personal data needs a legal basis."),
    "purposes_missing": _("Say for which purposes the data was collected: 1 to 10."),
    "source_missing": _("Say where the data comes from."),
}
