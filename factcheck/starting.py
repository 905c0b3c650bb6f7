"""The check that every long-running process makes before it starts: do the settings keep the promises?"""

import os
import sys

import django
from django.core.checks import run_checks
from django.db import connection

from annotations.checks import PROMISES


def refuse_broken_promises() -> None:
    """Exit with a sentence and its remedy for each setting that would break a promise.

    The database role is among them: one that could turn off the rules of the tables does not serve.
    `manage.py` asks the same at each command; gunicorn and Celery ask nothing by themselves. What the
    process writes from here on is for its own user alone.
    """
    os.umask(0o077)
    django.setup()
    found = run_checks(tags=[PROMISES], databases=["default"])
    # Processes that are forked from this one open connections of their own.
    connection.close()
    broken = [message for message in found if message.is_serious() and not message.is_silenced()]
    if broken:
        sys.exit(
            "\n".join(
                f"{message.msg} {message.hint} ({message.id})"
                for message in sorted(broken, key=lambda message: str(message.id))
            )
        )
