"""A register on paper: both registers of an organisation as one PDF, in the reader's language."""

from datetime import datetime

from django.template.loader import render_to_string

from compliance.activities import shown
from compliance.activities.shape import Register
from compliance.activities.words import Called
from exchange.look import paper


def write(register: Register, names: Called, *, at: datetime) -> bytes:
    """The PDF; the same register at the same moment is the same bytes."""
    return paper.pdf(html(register, names, at=at), (), at)


def html(register: Register, names: Called, *, at: datetime) -> str:
    """What is drawn."""
    context = {"shown": shown.register(register, names), "at": at}
    return render_to_string("compliance/activities/paper.html", context)
