"""The one encoding, checked against an independent implementation of RFC 8785."""

import unicodedata
from typing import Any

import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as st

from exchange.kernel import canonical

LARGEST = 2**53 - 1
texts = st.text(st.characters(exclude_categories=["Cs"])).map(lambda text: unicodedata.normalize("NFC", text))
keys = st.text(st.characters(max_codepoint=127))
facts: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers(-LARGEST, LARGEST) | texts,
    lambda inner: st.lists(inner, max_size=5) | st.dictionaries(keys, inner, max_size=5),
    max_leaves=25,
)


@given(facts)
def test_it_writes_what_rfc_8785_writes(fact: Any) -> None:
    assert canonical.encode(fact) == rfc8785.dumps(fact)


def test_order_and_spaces_of_the_source_do_not_matter() -> None:
    assert canonical.encode({"b": 1, "a": [True, None]}) == b'{"a":[true,null],"b":1}'


@pytest.mark.parametrize(
    "refused",
    [
        1.5,
        1.0,
        float("nan"),
        LARGEST + 1,
        -LARGEST - 1,
        "e\u0301",
        "\ud800",
        {"é": 1},
        {1: "one"},
        {"a": {"b": [0.5]}},
        {"a": "e\u0301"},
        b"bytes",
        {1, 2},
        object(),
    ],
    ids=lambda value: type(value).__name__,
)
def test_what_has_no_single_encoding_is_refused(refused: Any) -> None:
    with pytest.raises(ValueError):
        canonical.encode(refused)


def test_the_largest_integers_are_taken() -> None:
    assert canonical.encode([LARGEST, -LARGEST]) == b"[9007199254740991,-9007199254740991]"
