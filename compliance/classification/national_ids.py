"""Numbers that states give to persons, told by their check digits, and by the date of birth in them where there is one.
Plain numbers of the same length do not pass for them: columns in which nearly all values do, do."""

import re
from collections.abc import Sequence

_DNI = re.compile(r"([0-9]{8}|[XYZ][0-9]{7})-?([A-Z])")
_DNI_LETTERS = "TRWAGMYFPDXBNJZSQVHLCKE"
_CODICE_FISCALE = re.compile(r"[A-Z]{6}[0-9LMNP-V]{2}[ABCDEHLMPRST][0-9LMNP-V]{2}[A-Z][0-9LMNP-V]{3}[A-Z]")
_ODD = (1, 0, 5, 7, 9, 13, 15, 17, 19, 21, 2, 4, 18, 20, 11, 3, 6, 8, 12, 14, 16, 10, 22, 25, 24, 23)
_PESEL_WEIGHTS = (1, 3, 7, 9, 1, 3, 7, 9, 1, 3)
_NINO = re.compile(r"[ABCEGHJ-PRSTW-Z][ABCEGHJ-NPRSTW-Z][0-9]{6}[A-D]")
_NINO_NEVER = ("BG", "GB", "KN", "NK", "NT", "TN", "ZZ")


def is_spanish_id(value: str) -> bool:
    """Whether the text is a Spanish DNI or NIE whose letter is right."""
    shape = _DNI.fullmatch(_compact(value))
    if shape is None:
        return False
    number = shape[1].translate(str.maketrans("XYZ", "012"))
    return _DNI_LETTERS[int(number) % 23] == shape[2]


def is_german_tax_id(value: str) -> bool:
    """Whether the text is a German tax number of a person: eleven digits of which the first ten have one digit twice or
    three times, and the right check digit (ISO 7064, MOD 11,10)."""
    digits = _digits(value, 11)
    if digits is None or digits[0] == 0 or max(digits[:10].count(one) for one in digits[:10]) not in (2, 3):
        return False
    product = 10
    for digit in digits[:10]:
        product = ((digit + product) % 10 or 10) * 2 % 11
    return (11 - product) % 10 == digits[10]


def is_italian_tax_code(value: str) -> bool:
    """Whether the text is an Italian codice fiscale whose last letter is right."""
    code = _compact(value)
    if not _CODICE_FISCALE.fullmatch(code):
        return False
    places = [int(one) if one.isdigit() else ord(one) - 65 for one in code[:15]]
    total = sum(_ODD[place] if index % 2 == 0 else place for index, place in enumerate(places))
    return chr(65 + total % 26) == code[15]


def is_belgian_number(value: str) -> bool:
    """Whether the text is a Belgian national number: a date of birth, and the right key (97 less the rest)."""
    digits = _digits(value, 11)
    if digits is None or not _is_month_and_day(digits, most=12):
        return False
    body, key = _number(digits[:9]), _number(digits[9:])
    return key in (97 - body % 97, 97 - (2_000_000_000 + body) % 97)


def is_polish_number(value: str) -> bool:
    """Whether the text is a Polish PESEL: a date of birth, the century in its month, and the right check digit."""
    digits = _digits(value, 11)
    if digits is None or not _is_month_and_day(digits, most=92):
        return False
    total = sum(weight * digit for weight, digit in zip(_PESEL_WEIGHTS, digits, strict=False))
    return -total % 10 == digits[10]


def is_swiss_number(value: str) -> bool:
    """Whether the text is a Swiss AHV number: 756, and the check digit of an EAN-13."""
    digits = _digits(value, 13)
    if digits is None or digits[:3] != [7, 5, 6]:
        return False
    return -sum(digit * (3 if index % 2 else 1) for index, digit in enumerate(digits[:12])) % 10 == digits[12]


def is_british_number(value: str) -> bool:
    """Whether the text has the form of a British national insurance number."""
    code = _compact(value)
    return _NINO.fullmatch(code) is not None and not code.startswith(_NINO_NEVER)


CHECKS = (
    is_spanish_id,
    is_german_tax_id,
    is_italian_tax_code,
    is_belgian_number,
    is_polish_number,
    is_swiss_number,
    is_british_number,
)


def _is_month_and_day(digits: Sequence[int], *, most: int) -> bool:
    month, day = _number(digits[2:4]), _number(digits[4:6])
    return 1 <= month <= most and 1 <= (month % 20 or 20) <= 12 and 1 <= day <= 31


def _digits(value: str, count: int) -> list[int] | None:
    bare = _compact(value).translate({ord(mark): None for mark in ".-/"})
    return [int(one) for one in bare] if len(bare) == count and bare.isascii() and bare.isdigit() else None


def _number(digits: Sequence[int]) -> int:
    return int("".join(map(str, digits)))


def _compact(value: str) -> str:
    return value[:64].replace(" ", "").replace("\u00a0", "").upper()
