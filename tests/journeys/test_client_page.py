"""An API client, made on its page, and the commands beside it, run line by line in one shell."""

import html
import json
import os
import re
import subprocess
from pathlib import Path

import httpx
import pytest

from tests.servers import Exchange

pytestmark = [pytest.mark.server, pytest.mark.slow, pytest.mark.xdist_group("server")]  # make clients


def test_the_commands_of_a_client_download_what_its_organisation_holds(
    exchange: Exchange, tmp_path: Path
) -> None:
    with httpx.Client(base_url=exchange.url, follow_redirects=True, timeout=30) as browser:
        sign_in(browser, exchange)
        page = submit(browser, "/my-data/clients/new", {"name": "nightly", "scopes": ["read", "buy"]})
        client_id, secret = re.findall(r'class="copyable" data-copy="([^"]+)"', page)
        page = browser.get(f"/my-data/clients/{client_id}").text
    blocks = [html.unescape(block) for block in re.findall(r'lines" data-copy="([^"]+)"', page)]
    assert len(blocks) == 6
    script = "set -euo pipefail\n" + "\n".join(blocks) + "\necho THE END OF THE PAGE\n"
    done = subprocess.run(
        ["bash", "-c", script],
        cwd=tmp_path,
        env={"PATH": os.environ["PATH"], "HOME": str(tmp_path)},
        input=f"{secret}\n",
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-2000:]
    assert done.stdout.rstrip().endswith("THE END OF THE PAGE")
    (downloaded,) = tmp_path.iterdir()
    assert downloaded.stat().st_size > 0
    with exchange.client("buyer") as api:
        assert api.get("/transfers").json()["items"][0]["asset_name"] == downloaded.name


def sign_in(browser: httpx.Client, exchange: Exchange) -> None:
    """As the manager of the demo's buyer."""
    logins = json.loads((exchange.var / "demo" / "logins.json").read_text())
    buyer = next(login for login in logins if login["email"].startswith("buyer@"))
    browser.get("/accounts/login/")
    form = {"login": buyer["email"], "password": buyer["password"]}
    assert "Nordwind" in submit(browser, "/accounts/login/", form)


def submit(browser: httpx.Client, path: str, form: dict[str, object]) -> str:
    """POST a page's form; the page that it leads to."""
    sent = {**form, "csrfmiddlewaretoken": browser.cookies["csrftoken"]}
    answer = browser.post(
        path, data=sent, headers={"Referer": f"{browser.base_url}{path}", "Accept": "text/html"}
    )
    assert answer.status_code == 200, answer.text[:2000]
    return answer.text
