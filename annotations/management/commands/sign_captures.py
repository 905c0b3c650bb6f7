"""Sign unsigned captures, such as those from before manifests were made."""

from typing import Any

from django.core.management.base import BaseCommand

from annotations.workflow.proof import manifest_files
from annotations.workflow.proof.chain import sign_missing


class Command(BaseCommand):
    help = (
        "States and signs captures that no manifest speaks of, and writes manifests that no file holds yet. "
        "What it signs is what is kept now; it can be started again at any time."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        signed = sign_missing()
        kept = manifest_files.sweep()
        self.stdout.write(f"{signed} captures were signed; {kept} manifests were written as files.")
