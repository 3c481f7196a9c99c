"""Time stamps of an authority outside: OpenSSL plays the authority, checks what was kept, and checks it in a bundle."""

import subprocess
import threading
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from compliance.bundles import bundles
from compliance.bundles.scopes import Scope
from compliance.log import time_stamps
from compliance.models import TimeStamp
from exchange.kernel.actors import Actor
from exchange.kernel.errors import Unavailable
from exchange.kernel.models import Event
from tests import makers

pytestmark = [pytest.mark.django_db, pytest.mark.one_database]

_CONFIGURATION = """\
[tsa]
default_tsa = here
[here]
serial = {folder}/serial
signer_cert = {folder}/tsa.pem
signer_key = {folder}/tsa.key
signer_digest = sha256
default_policy = 1.2.3.4.1
digests = sha256
accuracy = secs:1
ess_cert_id_alg = sha256
"""
_EXTENSIONS = "extendedKeyUsage=critical,timeStamping\nkeyUsage=critical,digitalSignature\n"


@dataclass
class Authority:
    """A time-stamping authority on loopback; `answer` is what it says instead of a stamp."""

    folder: Path
    url: str = ""
    answer: bytes | None = None

    def stamp(self, query: bytes) -> bytes:
        if self.answer is not None:
            return self.answer
        (self.folder / "query.tsq").write_bytes(query)
        openssl(
            "ts", "-reply", "-config", "tsa.cnf", "-queryfile", "query.tsq", "-out", "reply.tsr", at=self.folder
        )
        return (self.folder / "reply.tsr").read_bytes()


def openssl(*arguments: object, at: Path) -> str:
    done = subprocess.run(
        ["openssl", *map(str, arguments)], cwd=at, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.fixture
def authority(tmp_path: Path, settings: Any) -> Iterator[Authority]:
    folder = tmp_path / "authority"
    folder.mkdir()
    (folder / "tsa.cnf").write_text(_CONFIGURATION.format(folder=folder))
    (folder / "extensions").write_text(_EXTENSIONS)
    (folder / "serial").write_text("01\n")
    root = [
        "req",
        "-x509",
        "-newkey",
        "ec",
        "-pkeyopt",
        "ec_paramgen_curve:prime256v1",
        "-nodes",
        "-days",
        "30",
    ]
    openssl(*root, "-subj", "/CN=Root", "-keyout", "root.key", "-out", "root.pem", at=folder)
    key = ["req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-subj", "/CN=Stamps"]
    openssl(*key, "-keyout", "tsa.key", "-out", "tsa.csr", at=folder)
    signed = ["x509", "-req", "-in", "tsa.csr", "-CA", "root.pem", "-CAkey", "root.key", "-days", "30"]
    openssl(*signed, "-extfile", "extensions", "-out", "tsa.pem", at=folder)
    found = Authority(folder)

    class Place(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            reply = found.stamp(self.rfile.read(int(self.headers["Content-Length"])))
            self.send_response(200)
            self.send_header("Content-Length", str(len(reply)))
            self.end_headers()
            self.wfile.write(reply)

        def log_message(self, *_: object) -> None: ...

    server = ThreadingHTTPServer(("127.0.0.1", 0), Place)
    threading.Thread(target=server.serve_forever, args=[0.01], daemon=True).start()
    settings.EXCHANGE_TIMESTAMP_URL = f"http://127.0.0.1:{server.server_port}/"
    settings.EXCHANGE_TIMESTAMP_AUTHORITY = str(folder / "root.pem")
    settings.EXCHANGE_OUTBOUND_NETWORKS = ["127.0.0.0/8"]
    yield found
    server.shutdown()
    server.server_close()


def test_openssl_verifies_the_kept_stamp_against_the_checkpoint(
    case: Any, authority: Authority, officer: Actor, verify: Any, now: Any, tmp_path: Path
) -> None:
    stamp = time_stamps.stamp_newest(now=now)
    assert stamp is not None and time_stamps.stamp_newest(now=now) is None
    assert Event.objects.filter(subject=f"timestamp:{stamp.pk}", name="timestamp.received").count() == 1
    path = bundles.take(_made(case, officer), by=officer)
    with zipfile.ZipFile(path) as archive:
        archive.extractall(tmp_path / "taken")
    name = f"checkpoints/2026-{stamp.size}"
    check = [
        "ts",
        "-verify",
        "-data",
        f"{name}.checkpoint",
        "-in",
        f"{name}.tsr",
        "-CAfile",
        authority.folder / "root.pem",
    ]
    assert "OK" in openssl(*check, at=tmp_path / "taken")
    done = verify("bundle", tmp_path / "taken", "--vkey", case.log.vkey())
    assert done.returncode == 0, done.stderr
    assert "checked: 1 time stamps name the digest of the checkpoint beside them" in done.stdout
    assert "NOT CHECKED: who made the time stamps" in done.stdout


def test_what_was_not_signed_for_this_head_is_not_taken(case: Any, authority: Authority, now: Any) -> None:
    assert time_stamps.stamp_newest(now=now) is not None
    old = (authority.folder / "reply.tsr").read_bytes()
    makers.trader("Another SA", "FR", now)
    case.log.publish(now + timedelta(days=1))
    for answer in (old, b"", b"no stamp"):
        authority.answer = answer
        with pytest.raises(Unavailable) as refusal:
            time_stamps.stamp_newest(now=now)
        assert refusal.value.code == "time_stamp_refused"
    assert TimeStamp.objects.count() == 1
    authority.answer = None
    assert time_stamps.stamp_newest(now=now) is not None and TimeStamp.objects.count() == 2


def test_nobody_is_asked_where_no_authority_is_configured(case: Any, settings: Any, now: Any) -> None:
    settings.EXCHANGE_TIMESTAMP_URL = ""
    assert time_stamps.stamp_newest(now=now) is None and not TimeStamp.objects.exists()


def _made(case: Any, officer: Actor) -> Any:
    reason = "the authority's letter of 20 November asks for it"
    asked = bundles.ask(Scope(dataset=case.right.dataset_id), addressee="CNIL", reason=reason, by=officer)
    bundles.make(asked.pk, now=officer.at)
    asked.refresh_from_db()
    return asked
