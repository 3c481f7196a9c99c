"""A file of SEPA credit transfers for the bank: ISO 20022 pain.001.001.09, the subset that every bank of SEPA takes.
Pure: the same transfers give the same bytes."""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from xml.etree import ElementTree

from exchange.kernel.money import Money, exponent
from payments.bank_details import BankDetails

CURRENCY = "EUR"
NAMESPACE = "urn:iso:std:iso:20022:tech:xsd:pain.001.001.09"
_ID_CHARACTERS = 35
_NAME_CHARACTERS = 70
_NOTE_CHARACTERS = 140
# What the EPC's rules promise to every bank; all else may be refused on the way.
_REFUSED = re.compile(r"[^A-Za-z0-9/\-?:().,'+ ]")
_SPELLED = {
    "ß": "ss",
    "æ": "ae",
    "Æ": "Ae",
    "ø": "o",
    "Ø": "O",
    "œ": "oe",
    "Œ": "Oe",
    "ł": "l",
    "Ł": "L",
    "’": "'",
}


@dataclass(frozen=True, slots=True)
class CreditTransfer:
    """One line of the file: `end_to_end` reaches the payee's statement, and so does the note."""

    end_to_end: str
    to: BankDetails
    amount: Money
    note: str


def document(
    batch: str, *, payer: BankDetails, transfers: Sequence[CreditTransfer], at: datetime, on: date
) -> bytes:
    """The file `batch`, made `at`, to be carried out `on`. ValueError for what SEPA cannot carry."""
    if not transfers or any(one.amount.currency != CURRENCY or one.amount.minor <= 0 for one in transfers):
        raise ValueError("SEPA carries euros, and more than none of them")
    count, total = str(len(transfers)), _decimal(sum(one.amount.minor for one in transfers))
    root = ElementTree.Element("Document", xmlns=NAMESPACE)
    message = ElementTree.SubElement(root, "CstmrCdtTrfInitn")
    header = ElementTree.SubElement(message, "GrpHdr")
    _add(header, "MsgId", _id(batch))
    _add(header, "CreDtTm", f"{at:%Y-%m-%dT%H:%M:%S}Z")
    _add(header, "NbOfTxs", count)
    _add(header, "CtrlSum", total)
    _add(header, "InitgPty/Nm", latin(payer.holder, _NAME_CHARACTERS))
    block = ElementTree.SubElement(message, "PmtInf")
    _add(block, "PmtInfId", _id(batch))
    _add(block, "PmtMtd", "TRF")
    _add(block, "BtchBookg", "false")  # each payout is a line of its own on our statement
    _add(block, "NbOfTxs", count)
    _add(block, "CtrlSum", total)
    _add(block, "PmtTpInf/SvcLvl/Cd", "SEPA")
    _add(block, "ReqdExctnDt/Dt", f"{on:%Y-%m-%d}")
    _add(block, "Dbtr/Nm", latin(payer.holder, _NAME_CHARACTERS))
    _add(block, "DbtrAcct/Id/IBAN", payer.iban)
    _agent(block, "DbtrAgt", payer, is_needed=True)
    _add(block, "ChrgBr", "SLEV")
    for one in transfers:
        _transfer(block, one)
    ElementTree.indent(root)
    return b'<?xml version="1.0" encoding="UTF-8"?>\n' + ElementTree.tostring(root) + b"\n"


def latin(text: str, at_most: int) -> str:
    """Text in the letters that every bank of SEPA takes."""
    spelled = "".join(_SPELLED.get(character, character) for character in text)
    plain = "".join(c for c in unicodedata.normalize("NFKD", spelled) if not unicodedata.combining(c))
    kept = " ".join(_REFUSED.sub(" ", plain).split())[:at_most].strip()
    return kept or "-"


def _transfer(block: ElementTree.Element, one: CreditTransfer) -> None:
    entry = ElementTree.SubElement(block, "CdtTrfTxInf")
    _add(entry, "PmtId/EndToEndId", _id(one.end_to_end))
    _add(entry, "Amt/InstdAmt", _decimal(one.amount.minor)).set("Ccy", CURRENCY)
    _agent(entry, "CdtrAgt", one.to, is_needed=False)
    _add(entry, "Cdtr/Nm", latin(one.to.holder, _NAME_CHARACTERS))
    _add(entry, "CdtrAcct/Id/IBAN", one.to.iban)
    _add(entry, "RmtInf/Ustrd", latin(one.note, _NOTE_CHARACTERS))


def _agent(parent: ElementTree.Element, name: str, account: BankDetails, *, is_needed: bool) -> None:
    if account.bic:
        _add(parent, f"{name}/FinInstnId/BICFI", account.bic)
    elif is_needed:
        _add(parent, f"{name}/FinInstnId/Othr/Id", "NOTPROVIDED")


def _add(parent: ElementTree.Element, path: str, text: str) -> ElementTree.Element:
    for name in path.split("/"):
        parent = ElementTree.SubElement(parent, name)
    parent.text = text
    return parent


def _id(given: str) -> str:
    if not 1 <= len(given) <= _ID_CHARACTERS or _REFUSED.search(given):
        raise ValueError("an id in a SEPA file has 1 to 35 plain characters")
    return given


def _decimal(minor: int) -> str:
    whole, rest = divmod(minor, 10 ** exponent(CURRENCY))
    return f"{whole}.{rest:02d}"
