"""Evidence for an authority: whole, checked by a stranger, the same bytes each time, honest about what it lacks, and
refused once anything in it was changed."""

import hashlib
import io
import json
import zipfile
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from compliance.bundles import bundles, contents
from compliance.bundles.scopes import Scope
from compliance.models import Bundle
from compliance.verifier.bundles import EVENTS, MANIFEST
from contracts.entitlements import entitlements
from exchange.kernel.actors import Actor
from exchange.kernel.errors import Conflict, Forbidden, Invalid
from exchange.kernel.ids import new_id
from exchange.kernel.models import Event
from exchange.kernel.text import timestamp

pytestmark = pytest.mark.django_db
WHY = "the authority's letter of 20 November asks for it"
PROVEN, TAMPERED = 0, 1
Files = dict[str, bytes]


def made(scope: Scope, by: Actor, *, addressee: str = "CNIL") -> Bundle:
    asked = bundles.ask(scope, addressee=addressee, reason=WHY, by=by)
    bundles.make(asked.pk, now=by.at)
    asked.refresh_from_db()
    return asked


def files_of(path: Path) -> Files:
    with zipfile.ZipFile(path) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def packed(files: Files, to: Path) -> Path:
    """The files as a bundle whose manifest is right again: as somebody would who wants to deceive."""
    lines = [f"{hashlib.sha256(files[name]).hexdigest()}  {name}" for name in sorted(files) if name != MANIFEST]
    with zipfile.ZipFile(to, "w") as archive:
        for name, data in {**files, MANIFEST: ("\n".join(lines) + "\n").encode()}.items():
            archive.writestr(name, data)
    return to


def test_a_stranger_checks_all_of_it_and_any_change_is_found(
    case: Any, officer: Actor, seller: Actor, verify: Any, tmp_path: Path
) -> None:
    asked = made(Scope(dataset=case.right.dataset_id), officer)
    assert asked.state == "ready"
    path = bundles.take(asked, by=officer)
    assert hashlib.sha256(path.read_bytes()).hexdigest() == asked.sha256
    done = verify("bundle", path, "--vkey", case.log.vkey())
    assert done.returncode == PROVEN, done.stderr
    for sentence in (
        f"evidence about dataset {case.right.dataset_id}",
        f"holds each of the {asked.events} events",
        "checked: every event is of the matter that was asked for",
        "checked: 1 contracts are those whose signing the log holds",
        "checked: 1 signed heads beside the proofs contradict none of them",
        "LEFT OUT, as the bundle itself says: who acted in 1 events",
        "NOT CHECKED: when the log was signed, by anybody but itself",
        "NOT CHECKED: omitted events",
    ):
        assert sentence in done.stdout, (sentence, done.stdout)
    files = files_of(path)
    again = made(Scope(dataset=case.right.dataset_id), officer)
    assert again.pk != asked.pk and again.sha256 == asked.sha256
    agreement = f"agreements/{case.right.agreement_id}/agreement.json"
    details = json.loads(files["details.json"])
    [said] = [
        words for words in details.values() if words.get("reason") == "another purpose than the agreed one"
    ]
    changes = {
        EVENTS: files[EVENTS].replace(b'"dataset.published"', b'"dataset.publishee"', 1),
        agreement: files[agreement].replace(b"EUR", b"USD", 1),
        "details.json": files["details.json"].replace(
            said["reason"].encode(), b"a whim of the seller today, no more"
        ),
        "matter.json": files["matter.json"].replace(
            str(case.right.dataset_id).encode(), str(new_id()).encode()
        ),
        "checkpoints/2026.checkpoint": files["checkpoints/2026.checkpoint"].replace(b"\n", b"\n1", 1),
    }
    for name, data in changes.items():
        assert data != files[name], name
        forged = packed({**files, name: data}, tmp_path / "forged.zip")
        found = verify("bundle", forged, "--vkey", case.log.vkey())
        assert found.returncode == TAMPERED, (name, found.stdout)


def test_each_scope_holds_exactly_the_events_that_mention_it(
    case: Any, officer: Actor, seller: Actor, buyer: Actor, outsider: Actor, now: Any
) -> None:
    right = case.right
    sealed = Event.objects.exclude(leaf_index=None).order_by("leaf_index")
    leaves = [bytes(leaf) for leaf in sealed.values_list("leaf", flat=True)]
    middle = now - timedelta(seconds=1)
    questions: dict[str, Scope] = {
        "dataset": Scope(dataset=right.dataset_id),
        "participant": Scope(participant=right.buyer_id),
        "agreement": Scope(agreement=right.agreement_id),
        "person": Scope(person=buyer.name),
        "both": Scope(dataset=right.dataset_id, person=seller.name),
        "since": Scope(since=middle),
        "until": Scope(participant=right.buyer_id, until=now + timedelta(seconds=1)),
    }
    for name, scope in questions.items():
        things = [thing.encode() for thing in scope.things()]
        since, until = (timestamp(one) if one else "" for one in (scope.since, scope.until))
        wanted = [
            leaf
            for leaf in leaves
            if all(thing in leaf for thing in things)
            and since <= json.loads(leaf)["ts"]
            and (not until or json.loads(leaf)["ts"] < until)
        ]
        found = files_of(bundles.take(made(scope, officer), by=officer))[EVENTS].splitlines()
        assert wanted and found == wanted, name
    assert made(Scope(participant=new_id()), officer).failure == "nothing_found"


def test_what_is_left_out_is_listed_in_the_reader_s_language(case: Any, officer: Actor, seller: Actor) -> None:
    entitlements.resume(case.right, reason="it was cleared up in a call", by=seller)
    asked = made(Scope(agreement=case.right.agreement_id), officer, addressee="Cour d’appel de Paris")
    assert {one["what"]: one["count"] for one in asked.left_out} == {"unproven": 1, "sealed": 1}
    files = files_of(bundles.take(asked, by=officer))
    english, french = (files[f"README.{language}.txt"].decode() for language in ("en", "fr"))
    assert (
        "For: Cour d’appel de Paris" in english and "1 later event: no signed head covered it yet." in english
    )
    assert "Pour\u00a0: Cour d’appel de Paris" in french and "Ce qui n’y est pas, et pourquoi" in french
    assert "comptoir-verify bundle" in english and "comptoir-verify bundle" in french
    assert not any(word in english for word in ("{{", "{%", "None"))
    told = Event.objects.filter(subject=f"bundle:{asked.pk}").order_by("pk").values_list("name", "leaf")
    assert [name for name, _ in told] == ["bundle.requested", "bundle.finished"]
    assert not any("Cour d’appel".encode() in bytes(leaf) for _, leaf in told)


def test_what_cannot_be_evidence_is_refused_and_nothing_changes(
    case: Any, officer: Actor, seller: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    scope = Scope(dataset=case.right.dataset_id)
    with pytest.raises(Invalid, match="what the evidence is about"):
        Scope()
    with pytest.raises(Invalid, match="pseudonym"):
        Scope(person="anna@example.org")
    with pytest.raises(Invalid, match="ends before it begins"):
        Scope(since=officer.at, until=officer.at)
    with pytest.raises(Forbidden):
        bundles.ask(scope, addressee="CNIL", reason=WHY, by=seller)
    with pytest.raises(Invalid):
        bundles.ask(scope, addressee="CNIL", reason="short", by=officer)
    assert not Bundle.objects.exists() and not Event.objects.filter(name__startswith="bundle.").exists()
    asked = bundles.ask(scope, addressee="CNIL", reason=WHY, by=officer)
    assert bundles.ask(scope, addressee="CNIL", reason=WHY, by=officer).pk == asked.pk
    with pytest.raises(Conflict) as waiting:
        bundles.take(asked, by=officer)
    assert waiting.value.code == "bundle_not_ready"
    monkeypatch.setattr(contents, "MOST_EVENTS", 3)
    bundles.make(asked.pk, now=officer.at)
    asked.refresh_from_db()
    assert (asked.state, asked.failure) == ("failed", "too_many_events")
    with pytest.raises(Conflict) as failed:
        bundles.take(asked, by=officer)
    assert failed.value.code == "bundle_failed"


def test_a_file_is_kept_for_its_days_and_no_longer(case: Any, officer: Actor) -> None:
    asked = made(Scope(dataset=case.right.dataset_id), officer)
    path = bundles.take(asked, by=officer)
    later = officer.moved_to(asked.expires_at)
    with pytest.raises(Conflict) as over:
        bundles.take(asked, by=later)
    assert over.value.code == "bundle_expired" and path.exists()
    assert bundles.expire(now=later.at) == 1 and bundles.expire(now=later.at) == 0
    asked.refresh_from_db()
    assert asked.state == "expired" and not path.exists()


def test_officers_ask_and_take_over_http_and_others_do_not(
    case: Any, officer: Actor, seller: Actor, door: Any, react: Any, verify: Any, tmp_path: Path
) -> None:
    body = {"dataset": str(case.right.dataset_id), "addressee": "CNIL", "reason": WHY}
    assert door(seller).post("/api/v1/compliance/bundles", body).status_code == 403
    http = door(officer)
    assert http.post("/api/v1/compliance/bundles", {"addressee": "CNIL", "reason": WHY}).status_code == 422
    answer = http.post("/api/v1/compliance/bundles", body)
    assert (answer.status_code, answer.json()["state"]) == (201, "requested")
    react()
    there = f"/api/v1/compliance/bundles/{answer.json()['id']}"
    assert http.get(there).json()["state"] == "ready"
    whole = b"".join(http.http.get(f"{there}/file").streaming_content)
    part = http.http.get(f"{there}/file", headers={"Range": "bytes=100-199"})
    assert (part.status_code, b"".join(part.streaming_content)) == (206, whole[100:200])
    assert door(seller).get(f"{there}/file").status_code == 403
    path = tmp_path / "taken.zip"
    path.write_bytes(whole)
    assert zipfile.is_zipfile(io.BytesIO(whole))
    assert verify("bundle", path, "--vkey", case.log.vkey()).returncode == PROVEN
    taken = Event.objects.filter(name="officer.exported").order_by("pk").last()
    assert taken is not None and answer.json()["id"].encode() in bytes(taken.leaf)
