"""What passes between the person and the officers. Each letter is a record of the vault under the name of its request;
mail leaves outside any transaction, claimed first, so none leaves twice while a worker lives."""

from collections.abc import Sequence
from datetime import datetime
from urllib.parse import urlsplit

from django.conf import settings
from django.core.mail import EmailMessage
from django.urls import reverse
from django.utils import translation

from compliance.models import RequestLetter, SubjectRequest
from compliance.requests import identity, letter_words
from exchange.kernel import text
from exchange.participants import mail_queue, vault

FIRST, CODE = "confirm", "code"
_BATCH = 50
_LONGEST = 10_000

Direction = RequestLetter.Direction


def write(
    request: SubjectRequest, kind: str, *, at: datetime, words: str = "", code: str = ""
) -> RequestLetter:
    """Write to the person, in their language. It leaves by mail where an address is known and was confirmed; else it
    waits on the page of the request for an officer to send it."""
    subject, body = letter_words.of(request, kind, words=words, code=code)
    record, _ = vault.seal(request.vault_name, {"subject": subject, "body": body}, at)
    has_address = bool(identity.particulars(request).get("email"))
    by_mail = has_address and (request.is_confirmed or kind == FIRST)
    return RequestLetter.objects.create(
        request=request,
        direction=Direction.OUT,
        kind=kind,
        record=record,
        at=at,
        mail_due_at=at if by_mail else None,
    )


def take(request: SubjectRequest, body: str, *, at: datetime) -> RequestLetter:
    """Keep what the person wrote."""
    given = text.prose(body, name="message", at_least=1, at_most=_LONGEST)
    record, _ = vault.seal(request.vault_name, {"subject": "", "body": given}, at)
    return RequestLetter.objects.create(
        request=request, direction=Direction.IN, kind="message", record=record, at=at
    )


def send_due(*, now: datetime) -> int:
    """Send what is due, letter by letter: one that is not taken never stops the others; answers how many left."""
    letters = RequestLetter.objects.select_related("request")
    claimed = mail_queue.claim(letters, at_most=_BATCH, now=now).order_by("pk")
    return mail_queue.send([[letter] for letter in claimed], _mail, now=now)


def link_of(request: SubjectRequest) -> str:
    """The secret address under which the person follows the request; empty where there is none."""
    token = identity.particulars(request).get("token", "")
    return f"{settings.EXCHANGE_URL}{reverse('privacy_follow', args=[token])}" if token else ""


def _mail(letters: Sequence[RequestLetter]) -> EmailMessage | None:
    """The mail of one letter; None once it was shredded."""
    [letter] = letters
    request = letter.request
    written, person = vault.read(letter.record), identity.particulars(request)
    if written is None or not person.get("email"):
        return None
    with translation.override(request.language):
        body = letter_words.as_mail(written["body"], link_of(request), letter.kind)
    return EmailMessage(
        " ".join(f"{settings.EXCHANGE_NAME}: {written['subject']}".split()),
        body,
        to=[person["email"]],
        headers={
            "Auto-Submitted": "auto-generated",
            "Message-ID": f"<request-letter-{letter.pk}@{urlsplit(settings.EXCHANGE_URL).hostname}>",
        },
    )
