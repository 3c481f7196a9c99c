"""Notes in which a log says something of itself beside its heads: a heading, then a line for each field, of which the
first three name one of its heads."""

from collections.abc import Sequence

from compliance.verifier.checkpoints import Checkpoint
from compliance.verifier.errors import Tampered
from compliance.verifier.merkle import HASH_BYTES
from compliance.verifier.notes import VerifierKey, open_note
from compliance.verifier.spelling import base64_text, read_base64, read_decimal, read_utf8, shown

HEAD = ("log", "size", "root")


def text(heading: str, head: Checkpoint, more: Sequence[tuple[str, object]]) -> str:
    """What is signed. It begins with no origin and has no size in its second line: no checkpoint is like it."""
    values = (head.origin, head.size, base64_text(head.root))
    lines = [f"{name} {value}" for name, value in (*zip(HEAD, values, strict=True), *more)]
    return "\n".join([heading, *lines, ""])


def read(note: bytes, heading: str, names: Sequence[str], *, what: str) -> tuple[Checkpoint, list[str]]:
    """The head and the further values of a note that is not proven yet; Tampered, in words about `what`, where it is
    not of this form."""
    lines = (read_utf8(note, what).partition("\n\n")[0] + "\n").split("\n")
    fields = (*HEAD, *names)
    if len(lines) != len(fields) + 2 or lines[0] != heading or lines[-1]:
        raise Tampered(f"{what} is the line {heading} and {len(fields)} more")
    values = []
    for name, line in zip(fields, lines[1:-1], strict=True):
        found, space, value = line.partition(" ")
        if found != name or not space or not value:
            raise Tampered(f"“{shown(line)}” stands where {what} gives its {name}")
        values.append(value)
    origin, size, root, *more = values
    hash_ = read_base64(root)
    if len(hash_) != HASH_BYTES:
        raise Tampered(f"a hash has {HASH_BYTES} bytes; {what} gives one of {len(hash_)}")
    return Checkpoint(origin, read_decimal(size), hash_), more


def require_signed(note: bytes, text: str, origin: str, keys: Sequence[VerifierKey], *, what: str) -> None:
    """Refuse unless the log `origin` itself signed this text with one of `keys`."""
    if open_note(note, [key for key in keys if key.name == origin]) != text:
        raise Tampered(f"{what} has another spelling than the one that is signed")
