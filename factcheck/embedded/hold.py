"""Use the services of DATA_DIR until standard input ends: what a command of root's has the folder's user do.

`python -m factcheck.embedded.hold DATABASE_URL CELERY_BROKER_URL` prints one line of JSON once they run.
"""

import json
import os
import sys

from factcheck.embedded import CannotRun, EmbeddedServices
from factcheck.embedded.places import data_folder, prepare


def main(names: list[str]) -> None:
    """Start what `names` ask for if it does not run, say where it is, and wait. Raises CannotRun."""
    os.umask(0o077)
    folder = data_folder()
    prepare(folder)
    services = EmbeddedServices(folder, postgres="DATABASE_URL" in names, valkey="CELERY_BROKER_URL" in names)
    services.acquire()
    try:
        sys.stdout.write(json.dumps(services.environment()) + "\n")
        sys.stdout.flush()
        sys.stdin.read()
    finally:
        services.release()


if __name__ == "__main__":
    try:
        main(sys.argv[1:])
    except CannotRun as why:
        sys.exit(str(why))
