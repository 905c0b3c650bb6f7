#!/usr/bin/env python
"""Run a management command against the services of DATA_DIR, or those that the environment names."""

import os
import sys

from django.core.management import execute_from_command_line

from factcheck.embedded import CannotRun, services_for


def main() -> None:
    """Run the command that the arguments name; a machine in the way is one sentence and exit status 1."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "factcheck.settings")
    try:
        services_for(sys.argv)
    except CannotRun as why:
        sys.exit(str(why))
    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
