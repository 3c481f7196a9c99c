"""Asking the witnesses (C2SP tlog-witness): each is sent every new head with a proof from the one it knows. A witness
that is dead or slow holds up nobody; one that knows another past than ours stops the signer."""

import time
from collections.abc import Callable, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass

from django.conf import settings

from compliance.log import proofs, standing
from compliance.log.checkpoints import consistency_text
from compliance.log.history import ForkDetected
from compliance.log.standing import Standing
from compliance.log.tiles import Read
from compliance.verifier.checkpoints import Checkpoint
from compliance.verifier.errors import VerificationError
from compliance.verifier.notes import WitnessKey, cosignatures
from compliance.verifier.spelling import read_decimal, read_utf8
from exchange.kernel.errors import ExchangeError
from exchange.kernel.fetch import Answer, fetch

SIZE_TYPE = "text/x.tlog.size"
_PATIENCE_SECONDS = 0.5
_PATIENCE_AT_START_SECONDS = 4.5
_ANSWER_WITHIN_SECONDS = 4.0  # a signer that is told to stop waits for it
_FIRST_PAUSE_SECONDS = 1.0
_LONGEST_PAUSE_SECONDS = 60.0
_MOST_QUESTIONS = 3


class Contradiction(Exception):
    """A witness knows another past of the log than the head it was sent."""


class NoAnswer(Exception):
    """A witness gave nothing that can be used; the text is a code."""


@dataclass(frozen=True, slots=True)
class Witness:
    """Who cosigns, and the address in front of `/add-checkpoint`."""

    key: WitnessKey
    url: str


@dataclass(slots=True)
class Talk:
    """What one witness said about one log."""

    witness: Witness
    origin: str
    size: int = 0
    asked: Checkpoint | None = None
    answer: "Future[str] | None" = None
    cosigned: Checkpoint | None = None
    cosigned_at: int | None = None
    lines: str = ""
    trouble: str = ""
    contradiction: str = ""
    pause_seconds: float = 0.0
    ask_again_at: float = 0.0

    def ask(self, pool: ThreadPoolExecutor, head: Checkpoint, note: bytes, read: Read) -> None:
        """Send `head`, unless an answer is still awaited or the last failure is too fresh."""
        if self.answer is None and time.monotonic() >= self.ask_again_at:
            self.asked = head
            self.answer = pool.submit(_cosignature, self.witness, head, note, read, self.size)

    def listen(self) -> None:
        """Take in the answer, if it has come."""
        if self.answer is None or not self.answer.done():
            return
        answer, self.answer = self.answer, None
        assert self.asked is not None
        try:
            self.lines = answer.result()
        except Contradiction as finding:
            self._fail("contradiction", str(finding))
        except NoAnswer as finding:
            self._fail(str(finding), self.contradiction)  # what it said before stands until it takes it back
        else:
            self.cosigned, self.size = self.asked, self.asked.size
            self.trouble = self.contradiction = ""
            self.pause_seconds = 0.0

    def _fail(self, trouble: str, contradiction: str) -> None:
        self.trouble, self.contradiction = trouble, contradiction
        longer = max(_FIRST_PAUSE_SECONDS, 2 * self.pause_seconds)
        self.pause_seconds = min(longer, _LONGEST_PAUSE_SECONDS)
        self.ask_again_at = time.monotonic() + self.pause_seconds


class Witnesses:
    """All witnesses of this exchange."""

    def __init__(self, witnesses: Sequence[Witness], quorum: int) -> None:
        self._witnesses, self._quorum = witnesses, quorum
        self._talks: dict[str, list[Talk]] = {}
        self._pool = ThreadPoolExecutor(max(1, 2 * len(witnesses)), "witness")

    @classmethod
    def from_settings(cls) -> "Witnesses":
        given = [word.split(" ", 1) for word in settings.EXCHANGE_WITNESSES]
        found = [Witness(WitnessKey.parse(key), url) for key, url in given]
        return cls(found, settings.EXCHANGE_WITNESS_QUORUM)

    def require_agreement(self, head: Checkpoint, note: bytes, read: Read) -> None:
        """Refuse when a witness says that it knows more, or other leaves, than the signed `head`. At the first call
        for a log all are asked, and those that do not answer are passed over."""
        is_start = head.origin not in self._talks
        talks = self._talks.setdefault(head.origin, [Talk(one, head.origin) for one in self._witnesses])
        asked = [talk for talk in talks if is_start or talk.contradiction]
        for talk in asked:
            talk.ask(self._pool, head, note, read)
        if asked:
            _wait(asked, lambda: False, _PATIENCE_AT_START_SECONDS)
        for talk in talks:
            talk.listen()
        self._require_no_contradiction(talks)

    def cosign(self, head: Checkpoint, note: bytes, read: Read, *, waits: bool) -> bytes:
        """The note with the cosignatures that came; `waits` for the quorum, a moment, where the head is new."""
        talks = self._talks.setdefault(head.origin, [Talk(one, head.origin) for one in self._witnesses])
        have = cosignatures(note, [one.key for one in self._witnesses])
        missing = [talk for talk in talks if talk.witness.key not in have]
        for talk in missing:
            talk.listen()
            if talk.cosigned != head:
                talk.ask(self._pool, head, note, read)
        wanted = (self._quorum or len(talks)) - len(have)
        if waits and missing:
            _wait(missing, lambda: sum(talk.cosigned == head for talk in missing) >= wanted, _PATIENCE_SECONDS)
        for talk in missing:
            talk.listen()
            if talk.cosigned == head:
                note += talk.lines.encode()
        for key, at in cosignatures(note, [one.key for one in self._witnesses]).items():
            for talk in talks:
                if talk.witness.key == key:
                    talk.cosigned, talk.cosigned_at, talk.size = head, at, head.size
        self._require_no_contradiction(talks)
        return note

    def _require_no_contradiction(self, talks: Sequence[Talk]) -> None:
        self._show()
        for talk in talks:
            if talk.contradiction:
                raise ForkDetected(talk.contradiction)

    def _show(self) -> None:
        if self._witnesses:
            talks = [talk for origin in sorted(self._talks) for talk in self._talks[origin]]
            standing.write(
                [Standing(t.witness.key.name, t.origin, t.size, t.cosigned_at, t.trouble) for t in talks]
            )


def _wait(talks: Sequence[Talk], is_enough: Callable[[], bool], seconds: float) -> None:
    """Listen until it is enough, every asked one has answered, or the time is over."""
    until = time.monotonic() + seconds
    while not is_enough():
        awaited = [talk.answer for talk in talks if talk.answer is not None]
        left = until - time.monotonic()
        if not awaited or left <= 0:
            return
        wait(awaited, timeout=left, return_when=FIRST_COMPLETED)
        for talk in talks:
            talk.listen()


def _cosignature(witness: Witness, head: Checkpoint, note: bytes, read: Read, known_size: int) -> str:
    """The signature lines of `witness` under `head`, sent from the size that it says it knows."""
    name, size = witness.key.name, known_size
    for _ in range(_MOST_QUESTIONS):
        try:
            answer = _send(witness, head, note, read, size)
        except ExchangeError as refusal:
            raise NoAnswer(refusal.code) from None
        except OSError:  # a tile of this head is gone: it is too old by now
            raise NoAnswer("too_late") from None
        if answer.status == 200:
            return _own_lines(witness, note, answer.body)
        if answer.status == 422:
            raise Contradiction(
                f"the witness {name} refuses: the log of {head.origin} does not grow from what it saw"
            )
        if answer.status != 409:
            raise NoAnswer(f"answered_{answer.status}")
        seen = _size_in(answer)
        if seen == size:
            raise Contradiction(
                f"the witness {name} saw another log of {head.origin} with {head.size} leaves than was signed here"
            )
        size = seen
        if size > head.size:
            raise Contradiction(
                f"the witness {name} saw {size} leaves of {head.origin}; {head.size} were signed here: "
                "were database, published log and signer's folder all restored from a backup?"
            )
    raise NoAnswer("moves_on")


def _send(witness: Witness, head: Checkpoint, note: bytes, read: Read, size: int) -> Answer:
    proof = proofs.consistency_proof(size, head.size, read) if 0 < size < head.size else []
    body = f"old {size}\n{consistency_text(proof)}\n".encode() + note
    return fetch(
        f"{witness.url}/add-checkpoint", method="POST", body=body, within_seconds=_ANSWER_WITHIN_SECONDS
    )


def _size_in(answer: Answer) -> int:
    """The size that a witness says it knows; a 409 without one is about the head that it was sent."""
    if answer.headers.get("content-type", "").partition(";")[0].strip() != SIZE_TYPE:
        raise NoAnswer("answered_409")
    try:
        return read_decimal(read_utf8(answer.body, "the answer").removesuffix("\n"))
    except VerificationError:
        raise NoAnswer("answer_malformed") from None


def _own_lines(witness: Witness, note: bytes, body: bytes) -> str:
    """The lines that this witness's key made; all others are left out."""
    text = note.partition(b"\n\n")[0] + b"\n\n"
    kept = ""
    try:
        for line in read_utf8(body, "the answer").splitlines(keepends=True):
            if cosignatures(text + line.encode(), [witness.key]):
                kept += line
    except VerificationError:
        raise NoAnswer("answer_malformed") from None
    if not kept:
        raise NoAnswer("answer_malformed")
    return kept
