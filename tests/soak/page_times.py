"""Run as a program: asks the desk for each address that it is given, as a browser that is signed in would; says what
that took, the clock beside the processor, and how much memory it has held at most."""

import json
import os
import sys
import time
from typing import Any


def peak_bytes() -> int:
    """The most memory that this process ever held."""
    with open("/proc/self/status") as status:
        return next(int(line.split()[1]) for line in status if line.startswith("VmHWM")) * 1_024


def ask(browser: Any, address: str) -> dict[str, float]:
    """How long one answer took, in milliseconds; a streamed one is read to its end."""
    begun, worked = time.perf_counter(), time.process_time()
    answer = browser.get(address)
    assert answer.status_code == 200, (address, answer.status_code, answer.content[:500])
    pieces = answer.streaming_content if answer.streaming else [answer.content]
    size = sum(map(len, pieces))
    return {
        "wall_ms": (time.perf_counter() - begun) * 1_000,
        "work_ms": (time.process_time() - worked) * 1_000,
        "bytes": size,
        "peak_bytes": peak_bytes(),
    }


def main() -> None:
    """The first line names the cookie, each further one an address."""
    os.environ["DJANGO_SETTINGS_MODULE"] = "tests.environment"
    import django

    django.setup()
    from django.conf import settings
    from django.test import Client

    settings.ALLOWED_HOSTS = ["*"]
    browser, cookie = Client(), json.loads(sys.stdin.readline())
    browser.cookies[cookie["name"]] = cookie["value"]
    for line in sys.stdin:
        print(json.dumps(ask(browser, json.loads(line))), flush=True)


if __name__ == "__main__":
    main()
