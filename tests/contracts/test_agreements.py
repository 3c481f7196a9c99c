"""The usage contract: everything that was signed, under one hash and one seal, frozen by the database."""

import hashlib
import json
from typing import Any

import jsonschema
import pytest
import referencing
from django.db import IntegrityError, connection, transaction

from contracts.agreements import agreements
from exchange.kernel import events, signing
from exchange.kernel.models import Event
from exchange.kernel.text import timestamp
from tests import makers, sales


@pytest.fixture
def agreement(seller: Any, buyer: Any) -> Any:
    return sales.entitled(seller, buyer).agreement


def test_it_says_who_signed_what_and_when(agreement: Any, seller: Any, buyer: Any) -> None:
    document = agreements.document(agreement)
    assert document["v"] == "comptoir.agreement/2" and document["shared_id"] == agreement.shared_id
    assert document["seller"]["id"] == str(seller.participant_id)
    assert document["buyer"]["country"] == "DE"
    assert [s["actor"] for s in document["signatures"]] == [seller.name, buyer.name]
    assert document["revision"]["digest"] == agreement.revision.digest
    assert document["terms"] == agreement.negotiation.terms
    assert {clause["standing"] for clause in document["text"]["fr"]} <= {"enforced", "evidenced", "promised"}
    assert len(document["text"]["en"]) == len(document["text"]["fr"])


def test_each_signature_names_its_event_and_the_round_that_it_signs(agreement: Any) -> None:
    document = agreements.document(agreement)
    negotiation = agreement.negotiation
    assert document["history"] == {"rounds": 1, "head": negotiation.proposal}
    for signature in document["signatures"]:
        event = Event.objects.get(pk=signature["event"])
        assert hashlib.sha256(b"\x00" + bytes(event.leaf)).hexdigest() == signature["leaf_sha256"]
        leaf = json.loads(bytes(event.leaf))
        assert leaf["facts"]["proposal"] == signature["proposal"] == negotiation.proposal
        assert leaf["subject"] == f"negotiation:{negotiation.pk}" and leaf["actor"] == signature["actor"]


def test_parties_stand_beside_the_document_with_how_they_were_verified(agreement: Any, buyer: Any) -> None:
    participant = makers.participant_of(buyer)
    document = agreements.document(agreement)
    assert participant.name not in bytes(agreement.document).decode()
    assert agreement.negotiation.use not in bytes(agreement.document).decode()
    identity = agreement.parties.get(side="buyer").identity
    known = json.loads(identity)
    assert (known["name"], known["use"]) == (participant.name, agreement.negotiation.use)
    entry = document["buyer"]
    assert entry["identity_sha256"] == hashlib.sha256(identity.encode()).hexdigest()
    assert entry["verified_at"] == timestamp(participant.verified_at)
    assert entry["evidence_sha256"] == events.salted_hash(known["salt"], participant.evidence)


def test_the_profile_that_was_advertised_is_kept_under_its_hash(agreement: Any) -> None:
    annex = agreement.annexes.get(name="profile.json")
    content = bytes(annex.content)
    digest = agreements.document(agreement)["revision"]["profile_sha256"]
    assert digest == annex.sha256 == hashlib.sha256(content).hexdigest()
    [profile] = json.loads(content)
    measured = agreement.revision.assets.get()
    assert (profile["asset"], profile["rows"]) == (measured.name, measured.profile.row_count)


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
        "UPDATE contracts_agreement SET shared_id = 'x'",
        "UPDATE contracts_annex SET sha256 = 'x'",
        "DELETE FROM contracts_annex",
        "UPDATE contracts_agreementparty SET identity = 'another'",
        "UPDATE contracts_agreementparty SET identity_sha256 = 'x'",
        "DELETE FROM contracts_agreementparty",
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
