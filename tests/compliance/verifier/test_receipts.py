"""A receipt proves its events or is refused: whatever is changed in it."""

import base64
import json
from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from compliance.verifier.errors import Incomplete, Tampered, VerificationError
from compliance.verifier.notes import VerifierKey
from compliance.verifier.receipts import ProvenEvent, compare_asset, parse_receipt, prove

Change = Callable[[dict[str, Any]], object]


def check(data: bytes, *vkeys: str) -> list[ProvenEvent]:
    receipt = parse_receipt(data)
    return prove(receipt, [VerifierKey.parse(vkey) for vkey in vkeys or (receipt.vkey,)])


def in_proof(old: str, new: str) -> Change:
    """A change of the second event's proof; `old` must be in it."""

    def change(document: dict[str, Any]) -> None:
        event = document["events"][1]
        assert old in event["proof"]
        event["proof"] = event["proof"].replace(old, new, 1)

    return change


def in_lines(edit: Callable[[list[str]], object]) -> Change:
    """A change of the lines of the second event's proof: heading, index, hashes…, empty, checkpoint."""

    def change(document: dict[str, Any]) -> None:
        lines = document["events"][1]["proof"].split("\n")
        edit(lines)
        document["events"][1]["proof"] = "\n".join(lines)

    return change


def in_leaf(old: bytes, new: bytes) -> Change:
    """A change of the second event's leaf; `old` must be in it."""

    def change(document: dict[str, Any]) -> None:
        leaf = base64.b64decode(document["events"][1]["leaf"])
        assert old in leaf
        document["events"][1]["leaf"] = base64.b64encode(leaf.replace(old, new)).decode()

    return change


def in_signature(place: int) -> Change:
    """One bit of the second event's signature blob: bytes 0 to 3 are the key id."""

    def change(document: dict[str, Any]) -> None:
        head, space, encoded = document["events"][1]["proof"].removesuffix("\n").rpartition(" ")
        blob = bytearray(base64.b64decode(encoded))
        blob[place] ^= 1
        document["events"][1]["proof"] = f"{head}{space}{base64.b64encode(bytes(blob)).decode()}\n"

    return change


def swap(lines: list[str]) -> None:
    lines[2], lines[3] = lines[3], lines[2]


CHANGES: dict[str, Change] = {
    "format": lambda d: d.update(format="comptoir.receipt/2"),
    "transfer": lambda d: d.update(transfer="0192f0c1-7a3b-7c4d-8e5f-0123456789ac"),
    "transfer in capitals": lambda d: d.update(transfer=d["transfer"].upper()),
    "transfer is no text": lambda d: d.update(transfer=1),
    "half a character": lambda d: d.update(transfer="\ud800"),
    "vkey": lambda d: d.update(vkey=d["vkey"].replace("2026", "2027")),
    "vkey is no text": lambda d: d.update(vkey=None),
    "a field more": lambda d: d.update(note="all is well"),
    "a field less": lambda d: d.pop("vkey"),
    "events are no list": lambda d: d.update(events={}),
    "an event is no object": lambda d: d["events"].append("event"),
    "an event with a field more": lambda d: d["events"][1].update(time="now"),
    "an event twice": lambda d: d["events"].append(d["events"][0]),
    "leaves swapped": lambda d: d["events"][0].update(leaf=d["events"][1]["leaf"]),
    "proofs swapped": lambda d: d["events"][0].update(proof=d["events"][1]["proof"]),
    "a proof with half a character": lambda d: d["events"][0].update(proof="\ud800"),
    "bytes sent in a leaf": in_leaf(b'"sent_bytes":38', b'"sent_bytes":39'),
    "subject of a leaf": in_leaf(b"89ab", b"89ac"),
    "a space in a leaf": in_leaf(b"{", b"{ "),
    "leaf in another base64": lambda d: d["events"][1].update(leaf=d["events"][1]["leaf"] + "\n"),
    "heading": in_lines(lambda lines: lines.__setitem__(0, "c2sp.org/tlog-proof@v2")),
    "index": in_proof("index 280", "index 281"),
    "index of the other tree": in_proof("index 280", "index 17"),
    "index beyond the tree": in_proof("index 280", "index 300"),
    "a hash": in_lines(lambda lines: lines.__setitem__(2, base64.b64encode(b"x" * 32).decode())),
    "a hash too short": in_lines(lambda lines: lines.__setitem__(2, base64.b64encode(b"x" * 31).decode())),
    "order of the hashes": in_lines(swap),
    "a hash less": in_lines(lambda lines: lines.pop(2)),
    "a hash more": in_lines(lambda lines: lines.insert(2, lines[2])),
    "a hash more at the end": in_lines(lambda lines: lines.insert(lines.index(""), lines[2])),
    "origin": in_proof("\n\nexchange.example/log/2026", "\n\nexchange.example/log/2027"),
    "size": in_proof("\n300\n", "\n301\n"),
    "signer's name": in_proof("— exchange.example/log/2026", "— exchange.example/log/2027"),
    "key id": in_signature(0),
    "first half of the signature": in_signature(5),
    "second half of the signature": in_signature(60),
    "no signature": in_proof("\n— ", "\n"),
}


def test_a_receipt_proves_its_events_in_the_order_of_the_log(receipt_bytes: bytes, log: Any) -> None:
    document = json.loads(receipt_bytes)
    document["events"].reverse()
    events = check(json.dumps(document).encode(), log.vkey)
    assert [event.index for event in events] == [17, 280]
    assert [event.leaf["type"] for event in events] == ["transfer.started", "transfer.completed"]
    assert events[1].fact("sent_bytes") == 38
    assert {event.checkpoint for event in events} == {log.head()}


@pytest.mark.parametrize("name", CHANGES)
def test_a_changed_receipt_is_refused(name: str, receipt_document: dict[str, Any]) -> None:
    CHANGES[name](receipt_document)
    with pytest.raises(Tampered):
        check(json.dumps(receipt_document).encode())


def test_every_change_of_one_byte_is_refused(receipt_bytes: bytes) -> None:
    unchanged = parse_receipt(receipt_bytes)
    for place in range(len(receipt_bytes)):
        for bit in (1, 32):
            changed = bytearray(receipt_bytes)
            changed[place] ^= bit
            try:
                check(bytes(changed))
            except Tampered:
                continue
            # Only the white space between the fields of the JSON may differ.
            assert parse_receipt(bytes(changed)) == unchanged
            assert chr(receipt_bytes[place]).isspace()


def test_every_part_of_a_receipt_is_refused(receipt_bytes: bytes) -> None:
    for length in range(len(receipt_bytes.rstrip())):
        with pytest.raises(Tampered):
            check(receipt_bytes[:length])


def test_a_name_given_twice_is_refused(receipt_bytes: bytes) -> None:
    doubled = receipt_bytes.replace(b'"format"', b'"format":"comptoir.receipt/0","format"', 1)
    with pytest.raises(Tampered, match="gives a name twice"):
        check(doubled)


def test_a_receipt_without_events_is_incomplete(receipt_document: dict[str, Any]) -> None:
    receipt_document["events"] = []
    with pytest.raises(Incomplete, match="proves nothing"):
        check(json.dumps(receipt_document).encode())


def test_a_true_event_of_another_transfer_is_refused(log: Any) -> None:
    other = UUID("0192f0c1-7a3b-7c4d-8e5f-0123456789ff")
    with pytest.raises(Tampered, match=f"event 1 of 1: it is about .*, not about transfer:{other}"):
        check(log.receipt([17], transfer=other), log.vkey)


def test_a_leaf_that_is_not_canonical_is_refused_though_the_log_holds_it(log: Any) -> None:
    log.append([b'{"subject": "transfer:0192f0c1-7a3b-7c4d-8e5f-0123456789ab"}'])
    with pytest.raises(Tampered, match="canonical"):
        check(log.receipt([300]), log.vkey)


def test_a_receipt_made_with_a_key_of_one_s_own_is_refused_by_the_key_of_the_log(log: Any) -> None:
    forger = type(log)(seed=8).append([log.entry(17)])
    forged = forger.receipt([0])
    assert len(check(forged)) == 1
    with pytest.raises(Tampered, match="by no key that was given"):
        check(forged, log.vkey)


def test_two_signed_trees_of_one_size_are_refused_as_a_fork(log: Any) -> None:
    fork = type(log)().append([log.entry(17), *[b"{}"] * 299])
    events = json.loads(log.receipt([280]))["events"] + json.loads(fork.receipt([0]))["events"]
    document = json.loads(log.receipt([17])) | {"events": events}
    with pytest.raises(Tampered, match="signed two different trees of 300 leaves"):
        check(json.dumps(document).encode(), log.vkey)


def test_a_transfer_over_new_year_needs_the_keys_of_both_logs(log: Any) -> None:
    new_year = type(log)("exchange.example/log/2027", seed=9).append([log.entry(280)])
    document = json.loads(log.receipt([17]))
    document["events"] += json.loads(new_year.receipt([0]))["events"]
    data = json.dumps(document).encode()
    assert [event.index for event in check(data, new_year.vkey, log.vkey)] == [17, 0]
    with pytest.raises(Tampered, match="event 2 of 2: the checkpoint is of the log"):
        check(data, log.vkey)


def test_the_asset_is_compared_with_the_digest_of_the_events(receipt_bytes: bytes, log: Any) -> None:
    events = check(receipt_bytes, log.vkey)
    compare_asset(events, str(events[0].fact("sha256")))
    with pytest.raises(Tampered, match="the events give"):
        compare_asset(events, "0" * 64)
    with pytest.raises(Incomplete, match="no event of the receipt gives the digest"):
        compare_asset([], "0" * 64)


@pytest.mark.parametrize("facts", [{"sha256": ["x"]}, {"sha256": {}}, {"sha256": 1}, [], None])
def test_a_digest_that_is_none_does_not_match(facts: object, log: Any) -> None:
    events = [ProvenEvent(0, {"facts": facts}, log.head())]
    with pytest.raises(VerificationError):
        compare_asset(events, "0" * 64)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=10),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner, max_size=3),
    max_leaves=8,
)
fields = st.fixed_dictionaries(
    {
        "format": st.just("comptoir.receipt/1") | json_values,
        "transfer": st.uuids().map(str) | json_values,
        "events": st.lists(
            st.fixed_dictionaries({"leaf": json_values, "proof": st.text() | json_values}) | json_values,
            max_size=3,
        ),
        "vkey": json_values,
    }
)


@settings(deadline=None)
@given(st.binary(max_size=100) | (json_values | fields).map(lambda value: json.dumps(value).encode()))
def test_arbitrary_input_is_refused_and_never_breaks_the_verifier(data: bytes) -> None:
    with pytest.raises(VerificationError):
        check(data)


@pytest.mark.parametrize("data", [b"[" * 200_000, b'{"a":' * 200_000, b"9" * 10_000, b'"' + b"x" * 10_000_000])
def test_input_made_to_exhaust_is_refused(data: bytes) -> None:
    with pytest.raises(Tampered):
        check(data)
