"""`manage.py write_reference`: write the generated pages of the manual again."""

from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

from annotations.management.reference import pages


class Command(BaseCommand):
    help = "Write the pages of docs/reference that are tables of the code."

    def handle(self, *args: Any, **options: Any) -> None:
        """Overwrite the generated pages below docs/reference and print the name of each."""
        folder = Path(settings.BASE_DIR) / "docs" / "reference"
        folder.mkdir(parents=True, exist_ok=True)
        for name, text in pages().items():
            (folder / name).write_text(text, encoding="utf-8")
            self.stdout.write(f"docs/reference/{name}")
