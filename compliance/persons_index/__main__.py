"""What a seller runs on its own machine: make a secret, make the index of a CSV column, and the digest of one person.
Nothing is sent anywhere.

    python -m compliance.persons_index secret  --out persons.key
    python -m compliance.persons_index make    --secret persons.key --column email --out persons.idx customers.csv
    python -m compliance.persons_index digest  --secret persons.key      (the key is read from the next line)
"""

import argparse
import csv
import os
import secrets
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from compliance.persons_index import files
from compliance.persons_index.digests import SHORTEST_SECRET, Unusable, digest, normal


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; 0 when it is done, 3 where it cannot be."""
    asked = _parser().parse_args(arguments)
    try:
        print(asked.run(asked))
    except (Unusable, OSError, UnicodeDecodeError, csv.Error) as error:
        print(f"comptoir-persons: {error}", file=sys.stderr)
        return 3
    return 0


def _secret(asked: argparse.Namespace) -> str:
    descriptor = os.open(asked.out, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(secrets.token_bytes(SHORTEST_SECRET))
    return f"{asked.out}: keep it, and give it to nobody; without it the index answers nothing"


def _make(asked: argparse.Namespace) -> str:
    secret = asked.secret.read_bytes()
    with asked.csv.open(newline="", encoding="utf-8-sig") as rows:
        found = set(_digests(secret, csv.DictReader(rows), asked.column, asked.digits))
    with asked.out.open("wb") as to:
        return f"{asked.out}: {files.write(found, to)} persons"


def _digests(secret: bytes, rows: "csv.DictReader[str]", column: str, digits_only: bool) -> Iterator[bytes]:
    if column not in (rows.fieldnames or ()):
        raise Unusable(f"there is no column {column!r}; there are {', '.join(rows.fieldnames or ())}")
    for row in rows:
        value = row[column] or ""
        if normal(value, digits_only=digits_only):
            yield digest(secret, value, digits_only=digits_only)


def _digest(asked: argparse.Namespace) -> str:
    if sys.stdin.isatty():
        print("The key by which you know the person: ", end="", file=sys.stderr, flush=True)
    value = sys.stdin.readline()
    return digest(asked.secret.read_bytes(), value, digits_only=asked.digits).hex()


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="comptoir-persons", description="An index of persons, made at home.")
    commands = parser.add_subparsers(required=True)
    secret = commands.add_parser("secret", help="make a secret")
    secret.set_defaults(run=_secret)
    secret.add_argument("--out", type=Path, required=True)
    make = commands.add_parser("make", help="make the index of one column of a CSV file")
    make.set_defaults(run=_make)
    make.add_argument("csv", type=Path)
    make.add_argument("--column", required=True)
    make.add_argument("--out", type=Path, required=True)
    one = commands.add_parser("digest", help="the digest of one person, whose key is read from standard input")
    one.set_defaults(run=_digest)
    for command in (make, one):
        command.add_argument("--secret", type=Path, required=True)
        command.add_argument("--digits", action="store_true", help="keys are numbers: only digits count")
    return parser


if __name__ == "__main__":
    sys.exit(main())
