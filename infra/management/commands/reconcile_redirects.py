"""`python -m infra reconcile_redirects FILE…`: what links to storage were used for, from the bucket's access logs."""

import sys
from argparse import ArgumentParser
from pathlib import Path

from django.core.management.base import BaseCommand
from django.utils import timezone

from contracts.transfers import bucket_reads


class Command(BaseCommand):
    help = (
        "Record what left by links to storage, from files of the bucket's access log, or from standard input."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("files", nargs="*", type=Path, help="Files of lines as Amazon S3 writes them.")

    def handle(self, *, files: list[Path], **options: object) -> None:
        for path in files or [Path("-")]:
            with sys.stdin if path == Path("-") else path.open(errors="replace") as lines:
                report = bucket_reads.reconcile(lines, now=timezone.now())
            self.stdout.write(
                f"{path}: {report.matched} matched, {report.repeated} read before, {report.own} of the exchange "
                f"itself, {report.others} of no file, {report.unreadable} unreadable, "
                f"{len(report.unmatched)} UNMATCHED"
            )
            for request_id in report.unmatched:
                self.stdout.write(f"  no link explains request {request_id}")
