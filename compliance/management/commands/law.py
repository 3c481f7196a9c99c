"""`python -m infra law`: show and install legal profiles, and sign them for whoever publishes one."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from compliance import legal
from compliance.legal import installation
from compliance.legal.profile import LegalProfile
from compliance.log import notes
from exchange.kernel import signing
from exchange.kernel.actors import Actor
from exchange.kernel.errors import ExchangeError


class Command(BaseCommand):
    help = "Shows the legal profile in force, checks or installs a signed one; makes a key and signs a profile with it."

    def add_arguments(self, parser: ArgumentParser) -> None:
        commands = parser.add_subparsers(dest="what", required=True, metavar="show|check|install|create|sign")
        commands.add_parser("show", help="what is in force")
        checking = commands.add_parser("check", help="whether a signed profile could be installed")
        checking.add_argument("file", type=Path, metavar="FILE")
        installing = commands.add_parser("install", help="put a signed profile in force")
        installing.add_argument("file", type=Path, metavar="FILE")
        creating = commands.add_parser("create", help="make a publisher's key and print its public half")
        creating.add_argument("key", type=Path, metavar="KEY", help="the new file of the private key")
        creating.add_argument("name", metavar="NAME", help="the publisher's name, such as law.example.org")
        signing_one = commands.add_parser("sign", help="write FILE.signed, the profile as a signed note")
        signing_one.add_argument("file", type=Path, metavar="FILE")
        signing_one.add_argument("key", type=Path, metavar="KEY")
        signing_one.add_argument("name", metavar="NAME")

    def handle(self, *args: object, **options: Any) -> None:
        try:
            getattr(self, f"_{options['what']}")(options)
        except (ExchangeError, OSError, ValueError, RuntimeError) as refusal:
            raise CommandError(str(refusal)) from None

    def _show(self, options: dict[str, Any]) -> None:
        self._say(legal.current())

    def _check(self, options: dict[str, Any]) -> None:
        self._say(installation.read(options["file"].read_bytes(), installation.trusted_key()))

    def _install(self, options: dict[str, Any]) -> None:
        by = Actor.system("operator", at=timezone.now())
        installed = installation.install(options["file"].read_bytes(), by=by)
        self.stdout.write(f"In force: serial {installed.serial}, signed by {installed.signed_by}.")

    def _create(self, options: dict[str, Any]) -> None:
        if not signing.write_secret(options["key"], signing.new_private_key):
            raise CommandError(f"{options['key']} exists; a key is never overwritten")
        self.stdout.write(str(notes.verifier_key(options["name"], signing.load_private_key(options["key"]))))

    def _sign(self, options: dict[str, Any]) -> None:
        written = options["file"].read_bytes()
        legal.parse(written, where=str(options["file"]))
        note = notes.sign(written.decode(), options["name"], signing.load_private_key(options["key"]))
        signed = options["file"].with_name(options["file"].name + ".signed")
        signed.write_bytes(note)
        self.stdout.write(str(signed))

    def _say(self, profile: LegalProfile) -> None:
        self.stdout.write(
            f"{profile.version}: serial {profile.serial}, as of {profile.as_of}, SHA-256 {profile.sha256}"
        )
