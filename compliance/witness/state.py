"""What a witness keeps: its key, and of each log the last head that it cosigned, on disk before anyone is told. One
process has the folder at a time."""

import fcntl
import hashlib
import os
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)

from compliance.verifier.checkpoints import Checkpoint, parse_checkpoint
from compliance.verifier.errors import Misuse
from compliance.verifier.files import write_whole
from compliance.verifier.notes import WitnessKey

_KEY_FILE = "witness.pem"
_NAME_FILE = "name"
_LOGS_FILE = "logs"


class State:
    """The folder of one witness."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def create(self, name: str) -> WitnessKey:
        """Make the key of a witness that is new, and the empty list of logs it knows."""
        key = Ed25519PrivateKey.generate()
        public = WitnessKey(name, key.public_key().public_bytes_raw())
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        try:
            file = os.open(self._folder / _KEY_FILE, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        except FileExistsError:
            raise Misuse(f"{self._folder} has a key already; a witness keeps its key") from None
        with os.fdopen(file, "wb") as out:
            out.write(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
        write_whole(self._folder / _NAME_FILE, f"{name}\n".encode())
        if not (self._folder / _LOGS_FILE).exists():
            write_whole(self._folder / _LOGS_FILE, b"# name+id+key prefix\n")
        return public

    def key(self) -> tuple[str, Ed25519PrivateKey]:
        """The name and the key."""
        try:
            key = load_pem_private_key((self._folder / _KEY_FILE).read_bytes(), None)
            name = (self._folder / _NAME_FILE).read_text().strip()
        except (OSError, ValueError):
            raise Misuse(f"{self._folder} has no key of a witness that can be read: make one first") from None
        if not isinstance(key, Ed25519PrivateKey):
            raise Misuse(f"{_KEY_FILE} is not an Ed25519 key")
        return name, key

    def logs(self) -> str:
        """The list of logs, as it was written."""
        return (self._folder / _LOGS_FILE).read_text()

    def hold(self) -> None:
        """Keep the folder for this process alone until it ends."""
        self._lock = (self._folder / "lock").open("w")
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise Misuse(f"another witness is running on {self._folder}") from None

    def note(self, origin: str) -> bytes | None:
        """The last head of a log that was cosigned, as its note; None before the first."""
        try:
            return self._file("cosigned", origin).read_bytes()
        except FileNotFoundError:
            return None

    def head(self, origin: str) -> Checkpoint | None:
        """The same head, read."""
        note = self.note(origin)
        return None if note is None else parse_checkpoint(note.decode().partition("\n\n")[0] + "\n")

    def keep(self, origin: str, note: bytes) -> None:
        """Put the newly cosigned head in place of the one before it."""
        write_whole(self._file("cosigned", origin), note)

    def keep_evidence(self, origin: str, note: bytes) -> Path:
        """Keep a head that the log signed and that contradicts what was cosigned."""
        file = self._file("refused", f"{origin}\n{hashlib.sha256(note).hexdigest()}")
        write_whole(file, note)
        return file

    def notes(self) -> list[bytes]:
        """Every head that stands cosigned."""
        return [file.read_bytes() for file in sorted((self._folder / "cosigned").glob("[!.]*"))]

    def _file(self, kind: str, what: str) -> Path:
        return self._folder / kind / hashlib.sha256(what.encode()).hexdigest()[:32]
