"""The words of the letters to a person: short, plain, and in the language of the request. The law's own words come from
the legal profile that the request began under."""

from django.conf import settings
from django.utils import translation
from django.utils.translation import gettext as _

from compliance.models import SubjectRequest
from compliance.requests import law
from compliance.requests import words as said
from exchange.look import formats

_BY_POST = {"received", "ask_identity", "ask_clarification", "answered"}
"""Letters that speak of the page of a request, and have other words for a person who has none."""
_BY_LAW = {"received": ("deadline",), "extended": ("extended", "complaint"), "refused": ("complaint",)}


def of(request: SubjectRequest, kind: str, *, words: str = "", code: str = "") -> tuple[str, str]:
    """Subject and body of a letter of this kind; `words` are the officer's."""
    with translation.override(request.language):
        facts = {
            "exchange": settings.EXCHANGE_NAME,
            "day": formats.day(request.received_at),
            "due": formats.day(request.due_at),
            "what": str(said.ASKED_FOR[request.kind]),
            "person": request.person,
            "words": words,
            "code": code,
        }
        facts |= {
            name: law.words(request, name, due=facts["due"], reason=words) for name in _BY_LAW.get(kind, ())
        }
        subject, body = _texts()[kind]
        if kind in _BY_POST and request.token_hash is None:
            body = _texts_by_post()[kind]
        return subject % facts, (body % facts).strip()


def as_mail(body: str, link: str, kind: str) -> str:
    """The letter as a mail: what was written, and the page on which it is answered and followed."""
    if not link:
        return body + "\n"
    lead = _("Confirm here:") if kind == "confirm" else _("The page of your request:")
    return f"{body}\n\n{lead}\n{link}\n\n-- \n{settings.EXCHANGE_NAME}\n{settings.EXCHANGE_URL}\n"


def _texts() -> dict[str, tuple[str, str]]:
    return {
        "confirm": (
            _("Confirm your request"),
            _(
                "On %(day)s somebody asked %(exchange)s %(what)s, and gave this address.\n\nIf it was you, open the "
                "link below and confirm it. If it was not, do nothing: we will not write again, and forget the request."
            ),
        ),
        "received": (
            _("We have received your request"),
            _(
                "On %(day)s you asked us %(what)s. First we check that it is you who asks.\n\n%(deadline)s\n\nOn the "
                "page of your request you see how far it is, and can write to us. Keep its link to yourself: who has "
                "it can read our letters. Your reference is %(person)s."
            ),
        ),
        "ask_identity": (
            _("We need to be sure who you are"),
            _(
                "Before we give out or change anything, we must be sure that it is you who asks:\n\n%(words)s\n\n"
                "Answer on the page of your request. Send no copy of an identity document. Until we have "
                "your answer, the time for ours stands still."
            ),
        ),
        "ask_clarification": (
            _("We have a question"),
            _(
                "To answer you well, we need to understand better what you ask:\n\n%(words)s\n\nAnswer on the "
                "page of your request. Until we have your answer, the time for ours stands still."
            ),
        ),
        "resumed": (
            _("Thank you, we go on"),
            _("We have what we asked you for. You will have our answer by %(due)s at the latest."),
        ),
        "extended": (
            _("We need more time"),
            "%(extended)s\n\n%(complaint)s",
        ),
        "refused": (
            _("Our decision on your request"),
            _("On %(day)s you asked us %(what)s. We have decided not to do so:\n\n%(words)s\n\n%(complaint)s"),
        ),
        "answered": (
            _("Our answer is ready"),
            _(
                "On %(day)s you asked us %(what)s. Here is our answer:\n\n%(words)s\n\nOn the page of your request "
                "you can take all of it as a file. So that nobody else can, it asks for a code that we send to "
                "this address."
            ),
        ),
        "code": (
            _("Your code: %(code)s"),
            _("Your code is %(code)s. It works for 15 minutes. If you did not ask for it, do nothing."),
        ),
        "message": (_("A message about your request"), "%(words)s"),
        "withdrawn": (
            _("Your request is closed"),
            _("You have withdrawn your request of %(day)s. We will do nothing more about it."),
        ),
    }


def _texts_by_post() -> dict[str, str]:
    """The same for a person who gave no e-mail address: an officer prints it and sends it by post."""
    return {
        "received": _(
            "On %(day)s you asked us %(what)s. First we check that it is you who asks.\n\n%(deadline)s\n\nWhere you "
            "write to us about it, give your reference: %(person)s."
        ),
        "ask_identity": _(
            "Before we give out or change anything, we must be sure that it is you who asks:\n\n%(words)s\n\n"
            "Answer by post, and give your reference: %(person)s. Send no copy of an identity document. Until we have "
            "your answer, the time for ours stands still."
        ),
        "ask_clarification": _(
            "To answer you well, we need to understand better what you ask:\n\n%(words)s\n\nAnswer by post, and give "
            "your reference: %(person)s. Until we have your answer, the time for ours stands still."
        ),
        "answered": _(
            "On %(day)s you asked us %(what)s. Here is our answer:\n\n%(words)s\n\nEnclosed is all that was found "
            "about you, and who received it."
        ),
    }
