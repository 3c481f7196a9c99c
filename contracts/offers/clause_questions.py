"""How the terms builder asks for the kinds of clauses that have no field of their own there."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy as _


@dataclass(frozen=True)
class Question:
    """One kind of clause as the builder asks about it: in which part of the form, by which words, and for each of its
    parameters a label and what helps to answer."""

    kind: str
    part: str
    label: Any
    fields: Mapping[str, tuple[Any, Any]]


QUESTIONS: dict[str, Question] = {
    question.kind: question
    for question in (
        Question(
            "affiliates",
            "may",
            _("Let the buyer share the data within its group"),
            {"any_of": (_("With these organisations"), _("Several with the control key."))},
        ),
        Question(
            "derived_works",
            "may",
            _("Say what may become of works made from the data"),
            {
                "allowed": (_("May such works be made?"), _("Not said: they may not.")),
                "licence": (_("Licence for those who receive them"), _("Only where they may be passed on.")),
            },
        ),
        Question(
            "sub_processors",
            "may",
            _("Say who may process the data for the buyer"),
            {
                "allowed": (_("May others process it for the buyer?"), _("Not said: nobody may.")),
                "names": (_("Their names"), _("One on each line, where only some may.")),
            },
        ),
        Question(
            "recipients",
            "whom",
            _("Name in the contract who alone may receive the data"),
            {"any_of": (_("These organisations"), _("Several with the control key."))},
        ),
        Question(
            "sector",
            "whom",
            _("Limit the economic sectors of buyers"),
            {
                "any_of": (
                    _("These sectors"),
                    _("As the operator confirmed them. Several with the control key."),
                )
            },
        ),
        Question(
            "use_country",
            "where",
            _("Limit where the data is used"),
            {"any_of": (_("In these places"), _("The buyer declares where. Several with the control key."))},
        ),
        Question(
            "address_country",
            "where",
            _("Limit from which country the data is fetched"),
            {
                "any_of": (_("From these places"), _("Several with the control key.")),
                "is_checked": (
                    _("The gateway checks the country of each network address"),
                    _("Only where the operator keeps a list of address ranges. Else it is the buyer’s word."),
                ),
            },
        ),
        Question(
            "volume",
            "where",
            _("Limit how much is downloaded in all"),
            {
                "rows": (_("Rows, at most"), _("Of all copies of all files together. Empty: no limit.")),
                "bytes": (_("Bytes, at most"), _("5 GB are 5000000000. Empty: no limit.")),
            },
        ),
        Question(
            "revisions",
            "where",
            _("Say which revisions are included"),
            {
                "last": (_("The agreed one and those before it, so many in all"), _("Empty: not by number.")),
                "since": (_("Or those sealed from this day on"), _("Not together with a number.")),
                "includes_future": (_("Those sealed later, too"), ""),
            },
        ),
        Question(
            "hours",
            "where",
            _("Limit the hours of downloads"),
            {
                "days": (_("On these days"), ""),
                "start": (_("From"), _("For example 08:00.")),
                "end": (_("To"), _("For example 18:00; 24:00 is midnight. Before “from”: of the next day.")),
                "zone": (_("In the time zone"), _("For example Europe/Paris.")),
            },
        ),
        Question(
            "delivery",
            "where",
            _("Limit how the data arrives"),
            {"any_of": (_("In these ways"), "")},
        ),
        Question(
            "confidentiality",
            "duties",
            _("Ask the buyer to keep the data confidential"),
            {"years": (_("Years after the end"), _("Empty: without end."))},
        ),
        Question(
            "audit",
            "duties",
            _("Keep the right to audit the buyer"),
            {
                "notice_days": (_("Days of notice"), _("1 to 180.")),
                "times_a_year": (_("Times in twelve months"), _("1 to 12.")),
            },
        ),
        Question(
            "licence",
            "duties",
            _("Make a licence or a document of yours part of the contract"),
            {
                "spdx": (_("A licence that is known"), _("By its SPDX id.")),
                "sha256": (_("Or a document of yours"), _("Those that you keep here, by their SHA-256.")),
            },
        ),
        Question(
            "warranty",
            "law",
            _("Warrant the profile that was measured"),
            {
                "rows_percent": (_("Of its rows, at least, in per cent"), _("0 to 100.")),
                "filled_percent": (
                    _("Of the values filled in each column, at least, in per cent"),
                    _("0 to 100."),
                ),
            },
        ),
        Question(
            "liability",
            "law",
            _("Limit what either side owes in damages"),
            {
                "amount_minor": (_("At most"), ""),
                "currency": (_("Currency"), ""),
            },
        ),
        Question(
            "governing_law",
            "law",
            _("Name the law and the court"),
            {
                "law": (_("Law of this country"), ""),
                "court": (_("Court"), _("Empty: as the law has it.")),
            },
        ),
    )
}

WORDS: dict[tuple[str, str], Any] = {
    ("derived_works", "no"): _("No"),
    ("derived_works", "internal"): _("Yes, inside the buyer’s own organisation"),
    ("derived_works", "yes"): _("Yes, and they may be passed on"),
    ("sub_processors", "none"): _("Nobody"),
    ("sub_processors", "named"): _("Those named below"),
    ("sub_processors", "any"): _("Whoever the buyer answers for"),
    ("delivery", "gateway"): _("Downloads through the gateway"),
    ("delivery", "sharing"): _("Data sharing"),
    ("delivery", "bucket"): _("Links to storage"),
    ("hours", "mon"): _("Monday"),
    ("hours", "tue"): _("Tuesday"),
    ("hours", "wed"): _("Wednesday"),
    ("hours", "thu"): _("Thursday"),
    ("hours", "fri"): _("Friday"),
    ("hours", "sat"): _("Saturday"),
    ("hours", "sun"): _("Sunday"),
}
