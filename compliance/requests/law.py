"""What the law says of a request, by the legal profile that the request began under: its words, and the grounds on
which it may be refused."""

from django.utils import translation
from django.utils.translation import gettext as _

from compliance import legal
from compliance.legal import Ground, LegalProfile
from compliance.models import SubjectRequest
from exchange.kernel.errors import Invalid

Kind = SubjectRequest.Kind
HELD = "17(3)(e)"
"""On which an erasure that meets a legal hold becomes a restriction."""
_OF_ALL = ("12(5)", "12(6)", "11(2)", "23(1)")
_OF_A_KIND = {Kind.ERASURE: ("17(3)",), Kind.PORTABILITY: ("20(1)",), Kind.OBJECTION: ("21(1)",)}


def profile_of(request: SubjectRequest) -> LegalProfile:
    """The legal profile that the request began under."""
    return legal.kept(request.profile_sha256) or legal.current()


def words(request: SubjectRequest, name: str, **facts: str) -> str:
    """The law's own words of this name, in the language of the request, with `facts` filled in."""
    found = profile_of(request).texts(f"request.{name}", request.language)
    for fact, value in facts.items():
        found = found.replace(f"{{{fact}}}", value)
    return found


def grounds(request: SubjectRequest) -> list[Ground]:
    """On which grounds a request of this kind may be refused."""
    articles = (*_OF_ALL, *_OF_A_KIND.get(Kind(request.kind), ()))
    return [ground for article in articles for ground in profile_of(request).grounds(article)]


def ground(request: SubjectRequest, code: str) -> Ground:
    """One of the grounds of a refusal; Invalid for any other."""
    found = next((one for one in grounds(request) if one.code == code), None)
    if found is None:
        raise Invalid("the law knows no such ground to refuse this request", code="ground_unknown")
    return found


def ground_in_words(request: SubjectRequest, ground: Ground) -> str:
    """A ground as the person reads it: what it says, and where the law says it."""
    with translation.override(request.language):
        facts = {"ground": ground.words.get(request.language, ground.code), "article": ground.code.split()[0]}
        return _("%(ground)s (article %(article)s of the GDPR).") % facts


def held(request: SubjectRequest) -> Ground:
    """The ground that a legal hold gives."""
    return next(one for one in profile_of(request).grounds("17(3)") if one.code == HELD)
