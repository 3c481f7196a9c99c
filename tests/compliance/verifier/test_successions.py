"""How a log ends: in one spelling, signed by that log, and never to be taken for a head."""

import pytest

from compliance.log import notes
from compliance.verifier.checkpoints import open_checkpoint
from compliance.verifier.errors import Tampered
from compliance.verifier.notes import VerifierKey
from compliance.verifier.successions import Succession, open_succession
from tests.compliance.verifier.conftest import SampleLog

LOG = SampleLog().append([b"one", b"two", b"three"])
KEY = VerifierKey.parse(LOG.vkey)
END = Succession(LOG.head(), 2, "exchange.example/log/2026.1")
NOTE = notes.sign(END.text(), LOG.origin, LOG.key)


def test_a_succession_reads_back_and_names_the_gap() -> None:
    assert open_succession(NOTE, [KEY]) == END
    assert END.gap == 1
    with pytest.raises(Tampered):
        open_checkpoint(NOTE, [KEY])
    with pytest.raises(Tampered):
        Succession(LOG.head(), 4, "x")


def test_every_change_of_one_byte_is_refused() -> None:
    for place in range(len(NOTE)):
        changed = bytearray(NOTE)
        changed[place] ^= 1
        with pytest.raises(Tampered):
            open_succession(bytes(changed), [KEY])


@pytest.mark.parametrize(
    "text",
    [
        END.text().replace("comptoir.log-successor/1", "comptoir.log-successor/2"),
        END.text().replace("kept 2", "kept 02"),
        END.text().replace("kept 2", "kept 4"),
        END.text().replace("kept 2\n", ""),
        END.text().replace("size 3", "sizes 3"),
        END.text() + "more\n",
    ],
)
def test_another_spelling_is_refused_though_the_log_signed_it(text: str) -> None:
    with pytest.raises(Tampered):
        open_succession(notes.sign(text, LOG.origin, LOG.key), [KEY])


def test_only_the_log_itself_ends_it() -> None:
    other = SampleLog("exchange.example/log/2026", seed=9)
    with pytest.raises(Tampered):
        open_succession(notes.sign(END.text(), other.origin, other.key), [KEY])
    neighbour = SampleLog("exchange.example/log/2025")
    signed = notes.sign(END.text(), neighbour.origin, neighbour.key)
    with pytest.raises(Tampered):
        open_succession(signed, [KEY, VerifierKey.parse(neighbour.vkey)])
