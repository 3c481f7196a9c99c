"""How a file that a stranger sent is handed to its reader: to be kept, never to be opened by a browser here."""

from django.http import HttpResponse
from django.utils.http import content_disposition_header

from contracts.models import Attachment


def as_file(found: Attachment) -> HttpResponse:
    """The bytes under no type that a browser would show, and without guessing."""
    answer = HttpResponse(bytes(found.content), content_type="application/octet-stream")
    answer["Content-Disposition"] = content_disposition_header(True, found.name) or "attachment"
    answer["X-Content-Type-Options"] = "nosniff"
    return answer
