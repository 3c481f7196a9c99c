"""A bank account: holder, IBAN and BIC, checked when typed and wrapped by the vault for keeping. Nothing here is ever
part of an Event, a log line or an error's text."""

import json
from dataclasses import dataclass

from django.conf import settings
from stdnum import bic as bics
from stdnum import iban as ibans
from stdnum.exceptions import ValidationError

from exchange.kernel import text
from exchange.kernel.errors import Conflict, Invalid
from exchange.participants import vault

_HOLDER_CHARACTERS = 70  # of a name in SEPA


@dataclass(frozen=True, slots=True)
class BankDetails:
    """Whose account, and which; `bic` may be empty, as it may be within SEPA."""

    holder: str
    iban: str
    bic: str

    def __repr__(self) -> str:
        return "BankDetails(…)"  # so that no log line holds them by accident

    @property
    def hint(self) -> str:
        """The last four characters, by which its owner knows it again."""
        return self.iban[-4:]

    @property
    def shown_iban(self) -> str:
        """The IBAN in groups of four."""
        return ibans.format(self.iban)


def checked(*, holder: str, iban: str, bic: str = "") -> BankDetails:
    """Bank details as they were typed; Invalid where a check digit, a length or a country is wrong."""
    name = text.line(holder, name="holder", at_most=_HOLDER_CHARACTERS)
    try:
        number = ibans.validate(iban)
    except ValidationError:
        raise Invalid("this is not a valid IBAN; check each character", code="iban_malformed") from None
    try:
        code = bics.validate(bic) if bic.strip() else ""
    except ValidationError:
        raise Invalid("this is not a valid BIC; it has 8 or 11 characters", code="bic_malformed") from None
    return BankDetails(name, number, code)


def sealed(details: BankDetails) -> str:
    """What is kept in the database: only this exchange's vault can read it."""
    return vault.wrap(json.dumps([details.holder, details.iban, details.bic]))


def opened(kept: str) -> BankDetails:
    """What `sealed` made unreadable."""
    holder, iban, bic = json.loads(vault.unwrap(kept))
    return BankDetails(holder, iban, bic)


def of_the_house() -> BankDetails:
    """The exchange's own bank account; Conflict where the operator has not set it."""
    if not settings.EXCHANGE_BANK_IBAN:
        raise Conflict("the exchange’s own bank account is not set", code="no_bank_account")
    return checked(
        holder=settings.EXCHANGE_BANK_HOLDER or settings.EXCHANGE_NAME,
        iban=settings.EXCHANGE_BANK_IBAN,
        bic=settings.EXCHANGE_BANK_BIC,
    )
