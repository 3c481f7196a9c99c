"""Values that identify a person by their shape or check digits: each check is exact enough that a timestamp, a
measurement or a random number does not pass for one."""

import ipaddress
import re
from collections.abc import Callable
from dataclasses import dataclass

from compliance.classification import national_ids

_LONGEST_VALUE = 2000

_EMAIL = re.compile(
    r"(?<![\w.+%-])[A-Za-z0-9][A-Za-z0-9._%+-]{0,63}@(?:[A-Za-z0-9][A-Za-z0-9-]{0,62}\.){1,8}[A-Za-z]{2,24}(?![\w-])"
)
_IBAN = re.compile(r"[A-Z]{2}[0-9]{2}[A-Z0-9]{11,30}")
_CARD = re.compile(
    r"4[0-9]{12}(?:[0-9]{3}){0,2}|5[1-5][0-9]{14}|2(?:22[1-9]|2[3-9][0-9]|[3-6][0-9]{2}|7[01][0-9]|720)[0-9]{12}"
    r"|3[47][0-9]{13}|6(?:011|5[0-9]{2})[0-9]{12}|35(?:2[89]|[3-8][0-9])[0-9]{12}|3(?:0[0-5]|[68][0-9])[0-9]{11}"
)
_NIR = re.compile(
    r"([1-478][0-9]{2}(?:0[1-9]|1[0-2]|[2-9][0-9])(?:[0-9]{2}|2[AB])[0-9]{6})([0-9]{2})", re.IGNORECASE
)
_PHONE = re.compile(r"\+[1-9](?:[ ().\-/]{0,2}[0-9]){8,14}")
_DECIMAL = re.compile(r"\+[0-9]+[.][0-9]+")

_CORSICA = {"2A": "19", "2B": "18"}

# The country codes of ITU-T E.164 that are assigned to a country or territory.
_CALLING_CODES = frozenset(
    """1 7 20 211 212 213 216 218 220 221 222 223 224 225 226 227 228 229 230 231 232 233 234 235 236 237
    238 239 240 241 242 243 244 245 246 247 248 249 250 251 252 253 254 255 256 257 258 260 261 262 263
    264 265 266 267 268 269 27 290 291 297 298 299 30 31 32 33 34 350 351 352 353 354 355 356 357 358
    359 36 370 371 372 373 374 375 376 377 378 380 381 382 383 385 386 387 389 39 40 41 420 421 423 43
    44 45 46 47 48 49 500 501 502 503 504 505 506 507 508 509 51 52 53 54 55 56 57 58 590 591 592 593
    594 595 596 597 598 599 60 61 62 63 64 65 66 670 672 673 674 675 676 677 678 679 680 681 682 683 685
    686 687 688 689 690 691 692 81 82 84 850 852 853 855 856 86 880 886 90 91 92 93 94 95 960 961 962
    963 964 965 966 967 968 970 971 972 973 974 975 976 977 98 992 993 994 995 996 998""".split()
)


def is_email(value: str) -> bool:
    """Whether the text is, or holds, an e-mail address."""
    return "@" in value and _EMAIL.search(value[:_LONGEST_VALUE]) is not None


def is_iban(value: str) -> bool:
    """Whether the text is an IBAN whose check digits are right (ISO 13616, mod 97)."""
    compact = _compact(value).upper()
    if not _IBAN.fullmatch(compact):
        return False
    digits = "".join(str(int(character, 36)) for character in compact[4:] + compact[:4])
    return int(digits) % 97 == 1


def is_payment_card(value: str) -> bool:
    """Whether the text is a number of a card network with a right Luhn digit."""
    compact = _compact(value).replace("-", "")
    if not _CARD.fullmatch(compact):
        return False
    doubled = [int(digit) * (1 + place % 2) for place, digit in enumerate(reversed(compact))]
    return sum(digit - 9 if digit > 9 else digit for digit in doubled) % 10 == 0


def is_network_address(value: str) -> bool:
    """Whether the text is an IPv4 or IPv6 address."""
    try:
        ipaddress.ip_address(value.strip()[:64])
    except ValueError:
        return False
    return True


def is_french_nir(value: str) -> bool:
    """Whether the text is a French social security number whose key is right."""
    shape = _NIR.fullmatch(_compact(value))
    if shape is None:
        return False
    body, department = shape[1], shape[1][5:7].upper()
    return 97 - int(body[:5] + _CORSICA.get(department, department) + body[7:]) % 97 == int(shape[2])


def is_phone(value: str) -> bool:
    """Whether the text is an international phone number with its "+" and an assigned country code."""
    written = value.strip()
    if len(written) > 32 or not _PHONE.fullmatch(written) or _DECIMAL.fullmatch(written):
        return False
    digits = "".join(character for character in written if character.isdigit())
    if digits[0] == "1":
        return len(digits) == 11 and digits[1] in "23456789" and digits[4] in "23456789"
    return any(digits[:width] in _CALLING_CODES for width in (1, 2, 3))


def _compact(value: str) -> str:
    return value[:64].replace(" ", "").replace("\u00a0", "").replace("\u202f", "")


@dataclass(frozen=True)
class Shape:
    """A kind of identifier, and the share of a column's values that must have it to be a finding."""

    kind: str
    has: Callable[[str], bool]
    threshold: float


SHAPES: tuple[Shape, ...] = (
    Shape("email", is_email, 0.1),
    Shape("bank_account", is_iban, 0.2),
    Shape("national_id", is_french_nir, 0.5),
    *(Shape("national_id", check, 0.9) for check in national_ids.CHECKS),
    Shape("payment_card", is_payment_card, 0.6),
    Shape("phone", is_phone, 0.6),
    Shape("network_address", is_network_address, 0.8),
)
