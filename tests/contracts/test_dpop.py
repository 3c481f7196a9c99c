"""Proofs of keys: RFC 9449's own examples hold, and whatever is bent proves nothing."""

import base64
import json
from datetime import UTC, datetime, timedelta
from typing import Any

import jwt
import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.tokens import dpop
from exchange.kernel.signing import BadToken, open_proof
from tests import proofs

AT = datetime(2026, 11, 22, 12, tzinfo=UTC)
URL = "https://exchange.example/d/abc/a%20b.csv"

# RFC 9449: the proof of section 4.1, the thumbprint of section 6.1, token and `ath` of section 7.1.
RFC_PROOF = (
    "eyJ0eXAiOiJkcG9wK2p3dCIsImFsZyI6IkVTMjU2IiwiandrIjp7Imt0eSI6IkVDIiwieCI6Imw4dEZyaHgtMzR0VjNoUklDUkRZOXpDa0Rs"
    "cEJoRjQyVVFVZldWQVdCRnMiLCJ5IjoiOVZFNGpmX09rX282NHpiVFRsY3VOSmFqSG10NnY5VERWclUwQ2R2R1JEQSIsImNydiI6IlAtMjU2"
    "In19.eyJqdGkiOiItQndDM0VTYzZhY2MybFRjIiwiaHRtIjoiUE9TVCIsImh0dSI6Imh0dHBzOi8vc2VydmVyLmV4YW1wbGUuY29tL3Rva2Vu"
    "IiwiaWF0IjoxNTYyMjYyNjE2fQ.2-GxA6T8lP4vfrg8v-FdWP0A0zdrj8igiMLvqRMUvwnQg4PtFLbdLXiOSsX0x7NVY-FNyJK70nfbV37xR"
    "ZT3Lg"
)
RFC_THUMBPRINT = "0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I"
RFC_TOKEN, RFC_ATH = (
    "Kz~8mXK1EalYznwH-LC-1fBAo.4Ljp~zsPE_NeO.gxU",
    "fUHyO2r2Z3DZ53EsNrWBb0xWXoaNy59IiKCAqksmQEo",
)


def read(proof: str | None, **changes: Any) -> dpop.Proof:
    wanted: dict[str, Any] = {"method": "GET", "url": URL, "now": AT, "token": "abc"}
    return dpop.read(proof, **(wanted | changes))


def test_the_example_of_the_rfc_is_taken() -> None:
    proof = dpop.read(
        RFC_PROOF,
        method="POST",
        url="https://server.example.com/token",
        now=datetime.fromtimestamp(1562262616, UTC),
    )
    assert (proof.code, proof.key) == (None, RFC_THUMBPRINT)
    assert dpop.token_hash(RFC_TOKEN) == RFC_ATH


@pytest.mark.parametrize("algorithm", ["ES256", "EdDSA"])
def test_a_proof_holds_for_one_request_and_names_its_key(algorithm: str) -> None:
    key = proofs.new_key(algorithm)
    one = read(proofs.sign(key, "GET", URL, AT, token="abc"))
    two = read(proofs.sign(key, "GET", URL, AT, token="abc"))
    assert one.code is two.code is None
    assert one.key == two.key and one.id != two.id
    assert read(proofs.sign(proofs.new_key(algorithm), "GET", URL, AT, token="abc")).key != one.key


@pytest.mark.parametrize(
    ("code", "changes"),
    [
        ("dpop_wrong_request", {"htm": "HEAD"}),
        ("dpop_wrong_request", {"htu": "https://exchange.example/d/other/a%20b.csv"}),
        ("dpop_wrong_request", {"htu": "http://exchange.example/d/abc/a%20b.csv"}),
        ("dpop_wrong_request", {"htu": "http://[not an address"}),
        ("dpop_wrong_request", {"ath": None}),
        ("dpop_wrong_request", {"ath": dpop.token_hash("another")}),
        ("dpop_stale", {"iat": int(AT.timestamp()) - 121}),
        ("dpop_stale", {"iat": int(AT.timestamp()) + 61}),
        ("dpop_bad", {"iat": None}),
        ("dpop_bad", {"iat": "now"}),
        ("dpop_bad", {"iat": True}),
        ("dpop_bad", {"jti": None}),
        ("dpop_bad", {"jti": 7}),
        ("dpop_bad", {"htm": None}),
        ("dpop_bad", {"htu": None}),
    ],
)
def test_a_bent_claim_proves_nothing(code: str, changes: dict[str, Any]) -> None:
    assert read(proofs.sign(proofs.new_key(), "GET", URL, AT, token="abc", **changes)).code == code


def test_another_spelling_of_the_same_address_is_the_same() -> None:
    for url in (
        "HTTPS://Exchange.Example:443/d/abc/a%20b.csv",
        f"{URL}?query#fragment",
        URL.replace("%20", " "),
    ):
        assert read(proofs.sign(proofs.new_key(), "GET", url, AT, token="abc")).code is None


@pytest.mark.parametrize("minutes", [-1, 0, 1])
def test_a_minute_between_the_clocks_does_no_harm(minutes: int) -> None:
    proof = proofs.sign(proofs.new_key(), "GET", URL, AT + timedelta(minutes=minutes), token="abc")
    assert read(proof).code is None


def test_a_proof_without_a_good_signature_is_none() -> None:
    key = proofs.new_key()
    good = proofs.sign(key, "GET", URL, AT, token="abc")
    head, body, signature = good.split(".")
    private = json.loads(jwt.get_algorithm_by_name("ES256").to_jwk(key))
    secret = jwt.encode({"jti": "1"}, "a" * 32, algorithm="HS256", headers={"typ": "dpop+jwt"})
    for proof in (
        None,
        "",
        "x",
        secret,
        f"{head}.{body}.",
        f"{head}.{body}.{signature[:-4]}AAAA",
        f"{_bent(head, alg='none')}.{body}.",
        f"{_bent(head, typ='JWT')}.{body}.{signature}",
        proofs.sign(key, "GET", URL, AT, headers={"typ": "at+jwt"}),
        proofs.sign(key, "GET", URL, AT, headers={"jwk": private}),
        proofs.sign(key, "GET", URL, AT, headers={"jwk": proofs.public_jwk(proofs.new_key())}),
        proofs.sign(key, "GET", URL, AT, headers={"jwk": proofs.public_jwk(proofs.new_key("EdDSA"))}),
        proofs.sign(key, "GET", URL, AT, headers={"jwk": {"kty": "oct", "k": "AAAA"}}),
        proofs.sign(key, "GET", URL, AT, headers={"jwk": "none"}),
        proofs.sign(key, "GET", URL, AT, pad="a" * 5_000),
    ):
        assert read(proof).code == ("dpop_missing" if proof is None else "dpop_bad")


@given(st.text(max_size=60), st.integers(0, 400))
def test_no_text_breaks_the_reader(text: str, place: int) -> None:
    for proof in (text, RFC_PROOF[:place] + text + RFC_PROOF[place:]):
        if proof != RFC_PROOF:
            try:
                open_proof(proof)
            except BadToken:
                continue
            assert _same_bytes(proof, RFC_PROOF)


def _bent(head: str, **changes: Any) -> str:
    found = json.loads(base64.urlsafe_b64decode(head + "=" * (-len(head) % 4)))
    return base64.urlsafe_b64encode(json.dumps(found | changes).encode()).decode().rstrip("=")


def _same_bytes(one: str, other: str) -> bool:
    """Whether two spellings of a proof carry the same: a decoder may pass over characters that are none of base64."""

    def decoded(proof: str) -> list[bytes]:
        return [base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)) for part in proof.split(".")]

    return decoded(one) == decoded(other)
