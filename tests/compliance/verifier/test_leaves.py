"""A leaf has one spelling, and it is the one the exchange writes."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from compliance.verifier.errors import Tampered
from compliance.verifier.leaves import parse_leaf
from exchange.kernel import canonical

keys = st.text(st.characters(codec="ascii"), max_size=12)
safe_integers = st.integers(-(2**53) + 1, 2**53 - 1)
values = st.recursive(
    st.none() | st.booleans() | safe_integers | st.text(st.characters(codec="utf-8"), max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(keys, inner, max_size=4),
    max_leaves=20,
)


@settings(deadline=None)
@given(st.dictionaries(keys, values, max_size=5))
def test_what_the_exchange_encodes_is_a_leaf_and_what_it_refuses_is_none(
    body: dict[str, canonical.Fact],
) -> None:
    try:
        data = canonical.encode(body)
    except ValueError:
        return
    assert parse_leaf(data) == body


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"[]",
        b'"text"',
        b"null",
        b'{"b":1,"a":2}',
        b'{"a": 1}',
        b'{"a":1}\n',
        b'{"a":1,"a":1}',
        b'{"a":1.0}',
        b'{"a":1e2}',
        b'{"a":-0}',
        b'{"a":01}',
        b'{"a":NaN}',
        b'{"a":Infinity}',
        b'{"a":9007199254740992}',
        b'{"a":' + b"9" * 5_000 + b"}",
        b'{"a":"\\u0041"}',
        b'{"a":"\\ud800"}',
        b'{"a":"\\/"}',
        b'{"a":"\xff"}',
        b'\xef\xbb\xbf{"a":1}',
        '{"é":1}'.encode(),
        '{"a":"e\u0301"}'.encode(),
        b'{"a":' + b"[" * 100_000 + b"]" * 100_000 + b"}",
    ],
)
def test_another_spelling_is_refused(data: bytes) -> None:
    with pytest.raises(Tampered, match="canonical"):
        parse_leaf(data)


@settings(deadline=None)
@given(st.binary(max_size=60))
def test_arbitrary_bytes_are_a_leaf_or_refused(data: bytes) -> None:
    try:
        leaf = parse_leaf(data)
    except Tampered:
        return
    assert canonical.encode(leaf) == data  # type: ignore[arg-type]
