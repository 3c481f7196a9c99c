"""The case file of a sale: proven by the command as a stranger runs it, whole for each of its readers and for them
alone, and refused once anything in it was changed."""

import hashlib
import io
import json
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from compliance.bundles import bundle
from compliance.log.sealing import seal_batch
from compliance.log.signer import Signer
from compliance.verifier.bundles import EVENTS, MANIFEST
from contracts.decisions import questions
from contracts.decisions.questions import Question
from contracts.deletions import deletions
from contracts.entitlements import entitlements
from contracts.models import Agreement, Entitlement
from contracts.sales import case_file
from contracts.transfers import transfers
from exchange.kernel import signing
from exchange.kernel.actors import Actor
from exchange.kernel.errors import Conflict, NotFound
from exchange.kernel.models import Event
from tests import makers, sales

pytestmark = [pytest.mark.django_db, pytest.mark.one_database]
ROOT = Path(__file__).resolve().parents[2]
REASON = "the buyer's report shows another purpose"
PROVEN, TAMPERED, INCOMPLETE, USAGE = range(4)
Files = dict[str, bytes]


@pytest.fixture(autouse=True)
def log_folders(settings: Any, tmp_path: Path) -> None:
    settings.EXCHANGE_LOG_DIR, settings.EXCHANGE_SIGNER_DIR = tmp_path / "log", tmp_path / "signer"


@pytest.fixture
def held(seller: Actor, buyer: Actor, now: Any) -> Entitlement:
    """Bought, paid, downloaded, asked about, suspended and given back."""
    right = sales.entitled(seller, buyer, plan=dict(sales.PAID))
    verdict = sales.start(sales.link(right, buyer), now)
    assert verdict.transfer_id is not None
    transfers.progress(verdict.transfer_id, [(0, sales.asset_of(right).size_bytes or 0)], now=now)
    questions.ask(Question(right.dataset_id, "research", "DE"), by=buyer)
    entitlements.suspend(right, reason=REASON, by=seller)
    return entitlements.resume(right, reason="the question was answered", by=seller)


@pytest.fixture
def publish(now: Any) -> Callable[[], None]:
    """Seal what happened and sign it."""

    def run() -> None:
        seal_batch(now)
        Signer.from_settings().run_once(now)

    return run


def written(held: Entitlement, by: Actor, part: int = 1) -> bytes:
    file = io.BytesIO()
    case_file.write(Agreement.objects.get(pk=held.agreement_id), file, part=part, by=by)
    return file.getvalue()


def files_of(data: bytes) -> Files:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def leaves_of(files: Files) -> list[Any]:
    return [json.loads(line) for line in files[EVENTS].splitlines()]


def vkey(folder: Path) -> str:
    [path] = (folder / "log").glob("*/vkey")
    return path.read_text().strip()


def seal_key() -> str:
    keys = signing.public_keys()["keys"]
    return next(f"{key['kid']}:{key['x']}" for key in keys if key["comptoir_purpose"] == "agreement")


def repacked(files: Files, path: Path) -> Path:
    """The files as a zip, with a manifest that is right about them: only their meaning is wrong."""
    kept = {name: data for name, data in files.items() if name != MANIFEST}
    lines = [f"{hashlib.sha256(kept[name]).hexdigest()}  {name}\n" for name in sorted(kept)]
    with zipfile.ZipFile(path, "w") as archive:
        for name, data in {**kept, MANIFEST: "".join(lines).encode()}.items():
            archive.writestr(name, data)
    return path


def verify(*arguments: object) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "compliance.verifier", *map(str, arguments)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=60)
    assert "Traceback" not in done.stderr, done.stderr
    return done


def test_a_whole_sale_is_proven_for_each_of_its_readers(
    held: Entitlement, publish: Any, seller: Actor, buyer: Actor, officer: Actor, tmp_path: Path
) -> None:
    publish()
    for name, actor in (("seller", seller), ("buyer", buyer), ("officer", officer)):
        data = written(held, actor)
        assert written(held, actor) == data, "the same bytes each time"
        file = tmp_path / f"{name}.zip"
        file.write_bytes(data)
        done = verify("case", file, "--vkey", vkey(tmp_path), "--seal-key", seal_key())
        assert done.returncode == PROVEN, done.stdout + done.stderr
        for held_against in (
            "bears the exchange's seal",
            "transfers.csv",
            "payments.json",
            "rounds",
            "details.json",
        ):
            assert f"{held_against}" in done.stdout
        assert "NOT CHECKED: omitted events" in done.stdout
        files = files_of(data)
        assert json.loads(files["case.json"])["for"] == name
        asked = [leaf for leaf in leaves_of(files) if leaf["type"] == "may_i.answered"]
        assert len(asked) == (0 if name == "seller" else 1), "a seller reads no question of the buyer's"
        money = json.loads(files["payments.json"])
        assert ("fee_minor" in money["charges"][0]) == (name != "buyer")
        assert verify("bundle", file, "--vkey", vkey(tmp_path)).returncode == PROVEN
    unsealed = verify("case", file, "--vkey", vkey(tmp_path))
    assert unsealed.returncode == PROVEN and "NOT CHECKED: the exchange's seal" in unsealed.stdout


def test_that_it_was_taken_is_an_event_of_the_takers_that_changes_no_case_file(
    held: Entitlement, publish: Any, seller: Actor, buyer: Actor, door: Any
) -> None:
    publish()
    path = f"/api/v1/agreements/{held.agreement_id}/case-file"
    first, second = door(buyer).get(path), door(buyer).get(path)
    assert first.content == second.content and files_of(first.content)["contract.fr.pdf"].startswith(b"%PDF-")
    taken = [json.loads(bytes(one.leaf)) for one in Event.objects.filter(name="case_file.made").order_by("id")]
    assert [leaf["facts"]["sha256"] for leaf in taken] == [hashlib.sha256(first.content).hexdigest()] * 2
    assert {leaf["facts"]["agreement"] for leaf in taken} == {str(held.agreement_id)}
    assert {leaf["actor"] for leaf in taken} == {buyer.name}
    names = {actor: [row["name"] for row in _events(door(actor))] for actor in (seller, buyer)}
    assert "case_file.made" in names[buyer] and "case_file.made" not in names[seller]


def _events(door: Any) -> Any:
    return door.get("/api/v1/events", limit=100).json()["items"]


def test_it_holds_the_whole_story_and_no_person(
    held: Entitlement, publish: Any, seller: Actor, tmp_path: Path
) -> None:
    member = makers.member(makers.participant_of(seller), "trader", seller.at, "ada.lovelace@example.org")
    publish()
    files = files_of(written(held, seller))
    told = {leaf["type"] for leaf in leaves_of(files)}
    assert {
        "negotiation.requested",
        "agreement.signed",
        "charge.paid",
        "entitlement.activated",
        "transfer.started",
        "transfer.completed",
        "entitlement.suspended",
        "entitlement.resumed",
    } <= told
    assert REASON in json.dumps(json.loads(files["details.json"]), ensure_ascii=False)
    assert b"transfer.completed" in files["transfers.csv"]
    index = files["index.html"].decode()
    assert "Seller SA" in index and "<script" not in index and "http" not in index
    everything = b"".join(files.values())
    for personal in (b"ada.lovelace", str(member.pk).encode(), b"192.0.2.7", b"@example.org"):
        assert personal not in everything


def test_the_outsider_gets_nothing(
    held: Entitlement, publish: Any, outsider: Actor, door: Any, seller: Actor
) -> None:
    publish()
    with pytest.raises(NotFound):
        written(held, outsider)
    path = f"/api/v1/agreements/{held.agreement_id}/case-file"
    assert door(outsider).get(path).status_code == 404
    answer = door(seller).get(path)
    assert answer.status_code == 200 and answer.headers["Comptoir-Parts"] == "1"
    assert door(seller).get(path, part=2).status_code == 404
    assert door(seller).get(path, part=0).status_code == 422


def test_nothing_is_given_before_it_is_sealed(held: Entitlement, seller: Actor) -> None:
    with pytest.raises(Conflict) as refusal:
        written(held, seller)
    assert refusal.value.code == "not_sealed_yet"


def test_parts_prove_themselves_and_hold_everything_together(
    held: Entitlement, publish: Any, seller: Actor, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    publish()
    whole = {leaf["id"] for leaf in leaves_of(files_of(written(held, seller)))}
    monkeypatch.setattr(bundle, "MOST", len(whole) - 2)
    found: set[str] = set()
    parts = json.loads(files_of(written(held, seller))["case.json"])["parts"]
    assert parts > 1
    for part in range(1, parts + 1):
        file = tmp_path / f"{part}.zip"
        file.write_bytes(written(held, seller, part))
        done = verify("case", file, "--vkey", vkey(tmp_path), "--seal-key", seal_key())
        assert done.returncode == PROVEN, done.stdout + done.stderr
        found |= {leaf["id"] for leaf in leaves_of(files_of(file.read_bytes()))}
    assert found == whole
    with pytest.raises(NotFound):
        written(held, seller, parts + 1)


def test_every_change_is_found(
    held: Entitlement, publish: Any, seller: Actor, buyer: Actor, tmp_path: Path
) -> None:
    other = sales.entitled(seller, buyer, plan=dict(sales.PAID))
    publish()
    from compliance.verifier.__main__ import main

    mine, theirs = files_of(written(held, seller)), files_of(written(other, seller))
    key, seal = vkey(tmp_path), seal_key()

    def ends(files: Files) -> int:
        path = repacked(files, tmp_path / "case.zip")
        return main(["case", str(path), "--vkey", key, "--seal-key", seal])

    assert ends(mine) == PROVEN
    weighed = [
        "agreement.json",
        "agreement.seal",
        "case.json",
        "transfers.csv",
        "payments.json",
        "profile.json",
    ]
    weighed += ["identity-seller.json", "identity-buyer.json", "rounds/1.json", "details.json", EVENTS]
    for name in weighed:
        if theirs[name] != mine[name]:
            assert ends({**mine, name: theirs[name]}) in (TAMPERED, INCOMPLETE), name
        for broken in (b"", b"[]", b"{}", b"\xff\x00", mine[name].replace(b"1", b"2"), mine[name][:-2]):
            if broken != mine[name] and (name, broken) != ("details.json", b"{}"):
                assert ends({**mine, name: broken}) in (TAMPERED, INCOMPLETE), (name, broken[:20])
    for name in ("agreement.json", "case.json", "rounds/1.json", EVENTS):
        assert ends({kept: data for kept, data in mine.items() if kept != name}) == INCOMPLETE, name
    forgotten = {**mine, "details.json": b"{}"}
    del forgotten["identity-buyer.json"]
    assert ends(forgotten) == PROVEN, "what was erased is said to be missing"


def test_what_was_stated_to_be_deleted_is_held_against_the_log(
    held: Entitlement, publish: Any, seller: Actor, buyer: Actor, tmp_path: Path
) -> None:
    entitlements.revoke(held, reason=REASON, by=seller)
    held.refresh_from_db()
    statement = deletions.state(held, remark="Shredded on every disk.", by=buyer)
    publish()
    files = files_of(written(held, seller))
    name = f"statements/{statement.pk}.json"
    assert files[name] == bytes(statement.document)
    done = verify("case", repacked(files, tmp_path / "case.zip"), "--vkey", vkey(tmp_path))
    assert done.returncode == PROVEN and "1 deletion statements" in done.stdout, done.stderr
    forged = {**files, name: files[name].replace(b"deleted", b"removed")}
    forged[name] += b" " if forged[name] == files[name] else b""
    done = verify("case", repacked(forged, tmp_path / "forged.zip"), "--vkey", vkey(tmp_path))
    assert done.returncode == TAMPERED and "is not a statement" in done.stderr


def test_the_seal_must_be_of_the_key_that_is_given(
    held: Entitlement, publish: Any, seller: Actor, tmp_path: Path
) -> None:
    publish()
    file = tmp_path / "case.zip"
    file.write_bytes(written(held, seller))
    keys = {key["comptoir_purpose"]: f"{key['kid']}:{key['x']}" for key in signing.public_keys()["keys"]}
    wrong = verify("case", file, "--vkey", vkey(tmp_path), "--seal-key", keys["access"])
    assert wrong.returncode == TAMPERED and "seal under the contract" in wrong.stderr
    assert verify("case", file, "--vkey", vkey(tmp_path), "--seal-key", f"-{'A' * 42}").returncode == USAGE
    assert verify("case", tmp_path / "none.zip", "--vkey", vkey(tmp_path)).returncode == USAGE
