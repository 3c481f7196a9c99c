"""Buckets over loopback as a real one would be reached: moto's server, which keeps everything and believes every
signature, and nanio, which checks them."""

import os
import secrets
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from importlib.util import find_spec
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from tests.ports import free_port

REGION = "eu-west-3"


@pytest.fixture(scope="session")
def s3_server() -> Iterator[str]:
    """A moto server."""
    from moto.server import ThreadedMotoServer

    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


@pytest.fixture
def bucket(s3_server: str) -> Any:
    """A fresh bucket, with a client that looks at it from the side."""
    return fresh_bucket(s3_server, "test", "test")


def fresh_bucket(endpoint: str, access_key: str, secret_key: str) -> Any:
    import boto3

    resource = boto3.resource(
        "s3",
        endpoint_url=endpoint,
        region_name=REGION,
        aws_access_key_id=access_key,
        aws_secret_access_key=secret_key,
    )
    return resource.create_bucket(
        Bucket=f"assets-{uuid4().hex[:8]}", CreateBucketConfiguration={"LocationConstraint": REGION}
    )


@contextmanager
def moto_apart() -> Iterator[str]:
    """A moto server in a process of its own, so that what it holds is not this one's."""
    port = free_port()
    with _serving([sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(port)], port, {}):
        yield f"http://127.0.0.1:{port}"


@contextmanager
def nanio(folder: Path) -> Iterator[tuple[str, str, str]]:
    """A nanio server: its address, an access key and its secret."""
    if find_spec("nanio") is None:
        pytest.skip("nanio is not installed (requirements/test.in)")
    access_key, secret_key = "exchange", secrets.token_hex(16)
    port = free_port()
    options = ["--data-dir", str(folder), "--host", "127.0.0.1", "--port", str(port), "--region", REGION]
    command = [sys.executable, "-m", "nanio", "serve", *options, "--no-access-log", "--log-level", "error"]
    with _serving(command, port, {"NANIO_ACCESS_KEY": access_key, "NANIO_SECRET_KEY": secret_key}):
        yield f"http://127.0.0.1:{port}", access_key, secret_key


@contextmanager
def _serving(command: list[str], port: int, environment: dict[str, str]) -> Iterator[None]:
    server = subprocess.Popen(
        command, env={**os.environ, **environment}, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        _wait(port, server)
        yield
    finally:
        server.terminate()
        server.wait(timeout=60)


def _wait(port: int, server: "subprocess.Popen[bytes]") -> None:
    until = time.monotonic() + 120
    while time.monotonic() < until and server.poll() is None:
        with suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
            return
        time.sleep(0.05)
    raise AssertionError(f"{Path(__file__).name}: the server did not start")
