"""What is typed about organisations and people, checked: each function gives back what may be kept, or refuses it."""

import re
from collections.abc import Iterable

import pycountry
from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import URLValidator, validate_email
from stdnum.eu import vat as eu_vat

from exchange.kernel import text
from exchange.kernel.errors import Invalid
from exchange.participants import sectors
from exchange.participants.models import Member, Participant

_VAT_ID = re.compile(r"[A-Z]{2}[A-Z0-9+*]{2,18}")
_CERTIFICATION = re.compile(r"[a-z][a-z0-9_]{0,31}")
_is_web_address = URLValidator(schemes=["https", "http"])


def country(code: str) -> str:
    """An ISO 3166-1 alpha-2 code."""
    if (
        len(code) != 2
        or not code.isascii()
        or not code.isupper()
        or pycountry.countries.get(alpha_2=code) is None
    ):
        raise Invalid(
            f"country must be an ISO 3166-1 code of two capitals, such as FR; it is {ascii(code)[:40]}",
            code="unknown_country",
        )
    return code


def vat_id(number: str, country: str) -> str:
    """A VAT id of that country without spaces, or nothing; in the Union its check digits must hold."""
    written = re.sub(r"[\s.-]", "", number).upper()
    if not written:
        return ""
    prefix = {"GR": "EL"}.get(country, country)
    in_the_union = prefix.lower() in eu_vat.MEMBER_STATES | {"el"}
    is_sound = _VAT_ID.fullmatch(written) and written.startswith(prefix)
    if not is_sound or (in_the_union and not eu_vat.is_valid(written)):
        raise Invalid(
            f"vat_id must be a VAT id of {country}, with its two letters first, such as FR40303265045; "
            f"given {ascii(number)[:40]}",
            code="bad_vat_id",
        )
    return written


def sector(code: str) -> str:
    """The code of an economic sector, or nothing."""
    return sectors.require(code) if code else ""


def certifications(words: Iterable[str]) -> list[str]:
    """Words of certifications, each once and in order."""
    found = sorted(set(words))
    for word in found:
        if not _CERTIFICATION.fullmatch(word):
            raise Invalid(
                f"a certification is a word of small letters, such as dpf; given {ascii(word)[:40]}",
                code="unknown_certification",
            )
    if len(found) > 20:
        raise Invalid(f"at most 20 certifications; given {len(found)}", code="unknown_certification")
    return found


def role(word: str, participant: Participant) -> Member.Role:
    """A role that members of the participant may have."""
    if word not in Member.Role:
        raise Invalid(
            f"role must be one of {', '.join(Member.Role)}; given {ascii(word)[:40]}", code="unknown_role"
        )
    if word == Member.Role.OPERATOR and not participant.is_operator:
        raise Invalid("only the operator's organisation has operators", code="unknown_role")
    return Member.Role(word)


def email(address: str) -> str:
    """An e-mail address, as it was written."""
    try:
        validate_email(address)
    except ValidationError:
        raise Invalid("email must be an e-mail address", code="bad_email") from None
    if len(address) > 254:
        raise Invalid("email must have at most 254 characters", code="bad_email")
    return address


def web_address(address: str) -> str:
    """The address of a web site, or nothing."""
    if not address:
        return ""
    try:
        _is_web_address(address)
    except ValidationError:
        raise Invalid(
            "website must be a web address, such as https://example.org", code="bad_website"
        ) from None
    return text.line(address, name="website")


def language(code: str) -> str:
    """A language that the exchange speaks."""
    known = [known for known, _ in settings.LANGUAGES]
    if code not in known:
        raise Invalid(
            f"language must be one of {', '.join(known)}; given {ascii(code)[:40]}", code="unknown_language"
        )
    return code
