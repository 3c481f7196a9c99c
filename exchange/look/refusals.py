"""A refusal as a person reads it: the sentence that the verb gave, or, for readers of another language, the sentence
of its code. Where a code has no sentence here, the kind of refusal is said and the verb's English follows."""

from collections.abc import Mapping
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from exchange.kernel.errors import ExchangeError
from exchange.kernel.problems import status_of
from exchange.look.formats import is_french

_HEADINGS: dict[int, str | Promise] = {
    400: _("This request cannot be read"),
    401: _("Sign in first"),
    403: _("You may not do this"),
    404: _("There is nothing here for you"),
    405: _("This page does not take that"),
    408: _("This came too slowly"),
    409: _("This is no longer possible"),
    413: _("This is too large"),
    422: _("This cannot be accepted as it is"),
    500: _("Something failed here"),
    503: _("Something does not answer at the moment"),
}
_ADVICE: dict[int, str | Promise] = {
    400: _("Go back and try again."),
    401: _("Your session has ended, or you have not signed in yet."),
    403: _("Your role, or your organisation, does not allow it."),
    404: _("The address leads nowhere, or to something that you may not see."),
    405: _("Go back and use the page’s own buttons."),
    408: _("Nothing was changed. Go back and send it again."),
    409: _("Somebody changed it after you opened the page. Open it again to see how it stands."),
    413: _("Send less at once. Files go through an upload."),
    422: _("Go back, correct what you entered and send it again."),
    500: _("Nothing was changed. Try again; if it happens again, tell the operator when it happened."),
    503: _("Nothing was changed. Try again in a few minutes."),
}
SENTENCES: dict[str, str | Promise] = {
    "csrf_failed": _("This form was opened before you signed in, or in another session. Open it again."),
    "members_only": _("This is for people who are signed in, not for API clients."),
    "not_a_member": _("You are not a member of that organisation."),
    "participant_not_chosen": _("You belong to several organisations. Choose the one you act for."),
    "participant_not_verified": _(
        "Only a verified organisation may do this. The operator verifies yours, or has suspended it."
    ),
    "second_factor_missing": _(
        "Your role has this only with a second factor. Set one up, then sign in again with it."
    ),
    "scope_missing": _("Your role does not allow this. Ask a manager of your organisation."),
    "wrong_state": _("Its state no longer allows this. Somebody may have acted before you."),
    "other_organisation": _("Only members of its own organisation may do this."),
    "other_acting": _(
        "You now act for another organisation than when you opened this form. Nothing was changed. Open it again."
    ),
}
"""What codes say to readers of every language but the verbs' own."""
Way = tuple[str, str | Promise]
"""The name of a page, and the words of the link to it."""
WAYS: dict[str, Way] = {
    "second_factor_missing": ("mfa_index", _("Set up a second factor")),
    "participant_not_chosen": ("organisation", _("Choose an organisation")),
}
"""Where a code's reader does what is missing."""


def register(sentences: Mapping[str, str | Promise], ways: Mapping[str, Way] | None = None) -> None:
    """Take what an app's own codes say to readers of every language but the verbs' own, and where they go on; called
    at start."""
    SENTENCES.update(sentences)
    WAYS.update(ways or {})


@dataclass(frozen=True)
class Refusal:
    """`sentence` is in the reader's language; `original` the verb's own English where it could not be."""

    status: int
    code: str
    heading: str
    sentence: str
    original: str = ""

    @property
    def way(self) -> Way | None:
        """Where the reader does what is missing."""
        return WAYS.get(self.code)


def refusal_of(error: ExchangeError) -> Refusal:
    """What to show of a refusal."""
    return described(status_of(error), error.code, error.detail)


def described(status: int, code: str, detail: str = "") -> Refusal:
    """What to show of an answer with this status."""
    heading = str(_HEADINGS.get(status, _HEADINGS[422]))
    advice = str(_ADVICE.get(status, _ADVICE[422]))
    if code in SENTENCES and (is_french() or not detail):
        return Refusal(status, code, heading, str(SENTENCES[code]))
    if not detail:
        return Refusal(status, code, heading, advice)
    if is_french():
        return Refusal(status, code, heading, advice, as_sentence(detail))
    return Refusal(status, code, heading, as_sentence(detail))


def sentence_of(error: ExchangeError) -> str:
    """A refusal in one sentence, for a form's own errors."""
    shown = refusal_of(error)
    return shown.original or shown.sentence


def as_sentence(detail: str) -> str:
    """A verb's detail with a capital letter and a full stop."""
    text = detail[:1].upper() + detail[1:]
    return text if text.endswith((".", "!", "?", "…")) else f"{text}."
