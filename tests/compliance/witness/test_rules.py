"""A witness cosigns growth and nothing else, and no crash makes it forget."""

from collections.abc import Callable
from pathlib import Path

import pytest

from compliance.verifier.checkpoints import open_checkpoint
from compliance.verifier.errors import Tampered
from compliance.verifier.notes import VerifierKey, cosignatures
from compliance.witness import known_logs
from compliance.witness.rules import Refusal, Witness
from tests.compliance.verifier.conftest import SampleLog
from tests.compliance.witness.conftest import body, entries

Start = Callable[[], Witness]


def files_in(folder: Path) -> dict[str, bytes]:
    return {str(f.relative_to(folder)): f.read_bytes() for f in sorted(folder.rglob("*")) if f.is_file()}


def assert_refused(
    witness: Witness, folder: Path, request: bytes, status: int, size: int | None = None
) -> Refusal:
    """No cosignature, and what stands cosigned stays."""
    before = files_in(folder / "cosigned")
    with pytest.raises(Refusal) as found:
        witness.add_checkpoint(request, 1_700_000_000)
    assert (found.value.status, found.value.size) == (status, size), str(found.value)
    assert files_in(folder / "cosigned") == before
    return found.value


def test_growth_is_cosigned_with_the_time_and_the_same_head_again(start: Start, grown: SampleLog) -> None:
    witness = start()
    for second, (old, size) in enumerate([(0, 5), (5, 5), (5, 10), (10, 10)], start=1_700_000_000):
        line = witness.add_checkpoint(body(grown, old, size), second)
        note = grown.checkpoint(size) + line
        assert cosignatures(note, [witness.key]) == {witness.key: second}
        assert open_checkpoint(note, [VerifierKey.parse(grown.vkey)]) == grown.head(size)
        assert line.decode().startswith("— witness.example/w1 ")


def test_what_was_cosigned_is_on_disk_before_it_is_told_and_outlives_the_process(
    start: Start, folder: Path, grown: SampleLog
) -> None:
    start().add_checkpoint(body(grown, 0, 5), 1)  # the answer is lost, the process killed
    assert_refused(start(), folder, body(grown, 0, 10), 409, size=5)
    start().add_checkpoint(body(grown, 5, 10), 2)
    assert_refused(start(), folder, body(grown, 5, 10), 409, size=10)
    assert start().add_checkpoint(body(grown, 10, 10), 3)


@pytest.mark.parametrize("fault", ["edit", "edit of the last", "delete", "reorder", "append to another past"])
def test_a_rewritten_past_is_refused_whatever_it_claims(
    fault: str, start: Start, folder: Path, grown: SampleLog
) -> None:
    start().add_checkpoint(body(grown, 0, 5), 1)
    told = [grown.entry(index) for index in range(10)]
    false = {
        "edit": [b"another", *told[1:]],
        "edit of the last": [*told[:4], b"another", *told[5:]],
        "delete": [*told[:2], *told[3:]],
        "reorder": [told[1], told[0], *told[2:]],
        "append to another past": [*entries(5, "other"), b"more"],
    }[fault]
    other = SampleLog().append(false[:5]).append(false[5:])
    assert assert_refused(start(), folder, body(other, 5), 422).is_alarm
    same_size = assert_refused(start(), folder, body(other, 5, 5), 409, size=5)
    assert same_size.is_alarm
    kept = list((folder / "refused").iterdir())
    assert [note.read_bytes() for note in kept] == [other.checkpoint(5)]  # signed by the log: that is the proof
    start().add_checkpoint(body(grown, 5, 10), 2)  # the true log goes on


def test_a_rollback_is_refused(start: Start, folder: Path, grown: SampleLog) -> None:
    start().add_checkpoint(body(grown, 0, 10), 1)
    assert_refused(start(), folder, body(grown, 10, 5), 400)
    assert_refused(start(), folder, body(grown, 5, 5), 409, size=10)
    assert_refused(start(), folder, body(grown, 0, 5), 409, size=10)


def test_a_proof_that_does_not_fit_is_refused(start: Start, folder: Path, grown: SampleLog) -> None:
    assert_refused(start(), folder, body(grown, 0, 5, [b"h" * 32]), 422)
    start().add_checkpoint(body(grown, 0, 5), 1)
    assert_refused(start(), folder, body(grown, 5, 10, []), 422)
    assert_refused(start(), folder, body(grown, 5, 10, [b"h" * 32] * 3), 422)


def test_only_known_logs_under_their_own_key_are_cosigned(start: Start, folder: Path, grown: SampleLog) -> None:
    for origin in ("exchange.example/other/2026", "exchange.example/log/26", "exchange.example/log/2026.1.1"):
        assert_refused(start(), folder, body(SampleLog(origin).append(entries(3)), 0), 404)
    for origin in ("exchange.example/log/2027", "exchange.example/log/2026.1"):
        assert start().add_checkpoint(body(SampleLog(origin).append(entries(3)), 0), 1)
    stranger = SampleLog(seed=9).append(entries(3))
    assert_refused(start(), folder, body(stranger, 0), 403)
    unsigned = body(grown, 0).rpartition(b"\n\n")[0] + "\n\n— someone.else AAAAAAAAAAAA\n".encode()
    assert_refused(start(), folder, unsigned, 403)


def test_signatures_of_others_are_neither_kept_nor_believed(
    start: Start, folder: Path, grown: SampleLog
) -> None:
    witness = start()
    false_line = f"— {witness.key.name} AAAA{'A' * 96}\n".encode()
    line = witness.add_checkpoint(body(grown, 0, 5) + "— someone.else AAAAAAAAAAAA\n".encode() + false_line, 1)
    [kept] = files_in(folder / "cosigned").values()
    assert kept == grown.checkpoint(5) + line


@pytest.mark.parametrize(
    "change",
    [
        lambda request: b"",
        lambda request: request.replace(b"old 0", b"old"),
        lambda request: request.replace(b"old 0", b"old 00"),
        lambda request: request.replace(b"old 0", b"old -1"),
        lambda request: request.replace(b"old 0\n", b"old 0\nAAAA\n"),
        lambda request: request.replace(b"old 0\n", b"old 0\n" + b"A" * 43 + b"=\n" * 64),
        lambda request: request.replace(b"\n\n", b"\n"),
        lambda request: request[:-1],
        lambda request: request.replace(b"\n10\n", b"\nten\n"),
        lambda request: b"\xff" + request,
    ],
)
def test_what_is_no_request_is_a_bad_one(
    change: Callable[[bytes], bytes], start: Start, folder: Path, grown: SampleLog
) -> None:
    assert_refused(start(), folder, change(body(grown, 0)), 400)


def test_the_list_of_logs_has_a_key_and_at_most_a_prefix_a_line(grown: SampleLog) -> None:
    alone, others = known_logs.parse(f"# none\n\n{grown.vkey}\n{grown.vkey} exchange.example/log # ours\n")
    assert alone.key_for("exchange.example/log/2026") and not alone.key_for("exchange.example/log/2027")
    assert others.key_for("exchange.example/log/2027") and not others.key_for("exchange.example/log")
    for bad in ("nonsense", f"{grown.vkey} a b"):
        with pytest.raises(Tampered):
            known_logs.parse(bad)
