"""Which logs a witness knows: a list in a file, one key a line, with the name that the log's yearly origins begin
with."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from compliance.verifier.errors import Tampered
from compliance.verifier.notes import VerifierKey

_YEAR = re.compile(r"[0-9]{4}(?:\.[1-9])?", re.ASCII)


@dataclass(frozen=True, slots=True)
class KnownLog:
    """A log's key. Without a `prefix` it is of one origin; with one, of `prefix`, a slash, and any year."""

    key: VerifierKey
    prefix: str | None = None

    def key_for(self, origin: str) -> VerifierKey | None:
        """The key that signs under `origin`; None when it is another log's."""
        if self.prefix is None:
            return self.key if origin == self.key.name else None
        head, slash, year = origin.rpartition("/")
        if head != self.prefix or not slash or not _YEAR.fullmatch(year):
            return None
        return VerifierKey(origin, self.key.public)


def parse(text: str) -> list[KnownLog]:
    """Read the list: `name+id+key` and, for an exchange with a log each year, a space and the prefix; `#` begins a
    remark."""
    found = []
    for line in text.splitlines():
        words = line.partition("#")[0].split()
        if len(words) > 2:
            raise Tampered(f"“{line}” is not a key and, at most, a prefix")
        if words:
            found.append(KnownLog(VerifierKey.parse(words[0]), *words[1:]))
    return found


def key_for(origin: str, logs: Sequence[KnownLog]) -> VerifierKey | None:
    """The key of the log of this origin; None for one that is unknown."""
    return next((key for log in logs if (key := log.key_for(origin)) is not None), None)
