"""The usage contract: everything that was signed, under one hash and one seal, frozen by the database."""

import hashlib
import json
from typing import Any

import jsonschema
import pytest
import referencing
from django.db import IntegrityError, connection, transaction

from contracts import agreements
from exchange.kernel import signing
from tests import sales


@pytest.fixture
def agreement(seller: Any, buyer: Any) -> Any:
    return sales.entitled(seller, buyer).agreement


def test_it_says_who_signed_what_and_when(agreement: Any, seller: Any, buyer: Any) -> None:
    document = agreements.document(agreement)
    assert document["seller"]["id"] == str(seller.participant_id)
    assert document["buyer"]["country"] == "DE"
    assert [s["actor"] for s in document["signatures"]] == [seller.name, buyer.name]
    assert document["revision"]["digest"] == agreement.revision.digest
    assert document["terms"] == agreement.negotiation.terms
    assert {clause["standing"] for clause in document["text"]["fr"]} <= {"enforced", "evidenced", "promised"}
    assert len(document["text"]["en"]) == len(document["text"]["fr"])


def test_digest_and_seal_hold_for_exactly_these_bytes(agreement: Any) -> None:
    document = bytes(agreement.document)
    assert hashlib.sha256(document).hexdigest() == agreement.digest
    assert agreements.is_intact(agreement)
    assert signing.is_sealed(signing.Purpose.AGREEMENT, document, agreement.seal)
    for position in range(0, len(document), 97):
        changed = bytearray(document)
        changed[position] ^= 1
        assert not signing.is_sealed(signing.Purpose.AGREEMENT, bytes(changed), agreement.seal)


def test_the_document_is_canonical(agreement: Any) -> None:
    document = bytes(agreement.document)
    again = json.dumps(json.loads(document), sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    assert again.encode() == document


def test_the_database_freezes_it(agreement: Any) -> None:
    statements = [
        "UPDATE contracts_agreement SET digest = 'x'",
        "UPDATE contracts_agreement SET document = NULL",
        "DELETE FROM contracts_agreement",
    ]
    for statement in statements:
        with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement)
    agreement.refresh_from_db()
    assert agreements.is_intact(agreement)


def test_its_policy_is_an_agreement_of_the_dataspace_protocol(agreement: Any, vectors: Any) -> None:
    text = (vectors / "dataspace-protocol/negotiation/contract-schema.json").read_text()
    schema = json.loads(text.replace("schema.json#definitions/", "schema.json#/definitions/"))
    resource = referencing.Resource.from_contents(
        schema, default_specification=referencing.jsonschema.DRAFT201909
    )
    registry = resource @ referencing.Registry()
    schema_id = schema.get("$id", "")
    reference = {"$ref": f"{schema_id}#/definitions/Agreement"}
    jsonschema.Draft201909Validator(reference, registry=registry).validate(
        agreements.document(agreement)["policy"]
    )
