"""`python -m infra succeed_log`: the way on when a restored database lost leaves that were signed."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from compliance.log import succession
from compliance.log.signer import Signer
from compliance.log.succession import Plan
from compliance.verifier.errors import VerificationError
from exchange.kernel.actors import Actor
from exchange.kernel.errors import ExchangeError


class Command(BaseCommand):
    help = (
        "Ends the logs of which the database lost signed leaves, and opens a successor. Shows only what it would do, "
        "until --reason is given."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--reason", help="why, in a sentence; then it is done")
        parser.add_argument(
            "--checkpoint",
            type=Path,
            help="a newer signed head, from a witness or a party, to be remembered first",
        )

    def handle(self, *args: object, **options: Any) -> None:
        now = timezone.now()
        try:
            signer = Signer.from_settings()
            if options["checkpoint"] is not None:
                head = succession.adopt(signer, options["checkpoint"].read_bytes())
                self.stdout.write(f"remembered: {head.origin} had {head.size} leaves")
            if options["reason"] is None:
                self._say(succession.plan(signer, now=now), is_done=False)
                return
            by = Actor.system("operator", at=now)
            self._say(succession.succeed(signer, reason=options["reason"], by=by), is_done=True)
        except (ExchangeError, VerificationError) as refusal:
            raise CommandError(str(refusal)) from None

    def _say(self, plan: Plan | None, *, is_done: bool) -> None:
        if plan is None:
            self.stdout.write("The database holds all that was signed. No log has to end.")
            return
        for one in plan.endings:
            gap = one.last.size - one.kept
            self.stdout.write(
                f"log {one.known.name}: {one.last.size} leaves were signed, the database begins with {one.kept} of "
                f"them, {gap} are lost"
            )
        self.stdout.write(f"successor: {plan.successor}, from leaf {plan.first_index} of the database on")
        self.stdout.write("Done." if is_done else "Nothing is changed. Give --reason to do it.")
