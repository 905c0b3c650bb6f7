"""The check that every long-running process makes before it starts: do the settings keep the promises?"""

import sys

import django
from django.core.checks import run_checks

from annotations.checks import PROMISES


def refuse_broken_promises() -> None:
    """Exit with a sentence and its remedy for each setting that would break a promise.

    `manage.py` asks the same at each command; gunicorn and Celery ask nothing by themselves.
    """
    django.setup()
    broken = [
        found for found in run_checks(tags=[PROMISES]) if found.is_serious() and not found.is_silenced()
    ]
    if broken:
        sys.exit(
            "\n".join(
                f"{found.msg} {found.hint} ({found.id})"
                for found in sorted(broken, key=lambda found: str(found.id))
            )
        )
