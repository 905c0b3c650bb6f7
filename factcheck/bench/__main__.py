"""Measure at each size and print one table."""

import argparse
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from factcheck.bench import extraction, hostile
from factcheck.embedded import CannotRun, EmbeddedServices
from factcheck.embedded.places import PROJECT, prepare
from factcheck.interrupt import heed_ctrl_c

SIZES = (10_000, 100_000)


def main(arguments: Sequence[str]) -> int:
    """Run the measurements on services of their own, and remove these services afterwards."""
    heed_ctrl_c()
    if arguments[:1] == ["hostile"]:
        return hostile.main(arguments[1:])
    if arguments[:1] in (["faults"], ["fetching"]):
        # These benches start their own services.
        command = [sys.executable, "-m", f"factcheck.bench.{arguments[0]}", *arguments[1:]]
        return subprocess.run(command, cwd=PROJECT, check=False).returncode
    if arguments[:1] == ["extraction"]:
        return extraction.main(arguments[1:])
    parser = argparse.ArgumentParser(prog="make bench", description=__doc__)
    parser.add_argument("sizes", nargs="*", type=int, default=SIZES, help="how many claims (10000 100000)")
    sizes = parser.parse_args(arguments).sizes
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
    folder = Path(tempfile.mkdtemp(prefix="factcheck-bench-"))
    if os.geteuid() == 0:
        # This process just made the folder, and the database's own user has to pass through it.
        folder.chmod(0o711)
    services = EmbeddedServices(folder, postgres=not os.environ.get("DATABASE_URL"), valkey=True)
    os.environ.update(
        DATA_DIR=str(folder),
        PORT=str(_free_port()),
        ENVIRONMENT="development",
        DJANGO_SETTINGS_MODULE="factcheck.settings",
    )
    os.environ.update(services.environment())
    # The tables are filled and looked after as by their owner.
    os.environ["DATABASE_URL"] = os.environ.pop("OWNER_DATABASE_URL", "") or os.environ["DATABASE_URL"]
    try:
        prepare(folder)
        services.acquire()
        try:
            # Its modules read the settings, which are known only from here on.
            command = [sys.executable, "-m", "factcheck.bench.measuring", *map(str, sizes)]
            status = subprocess.run(command, cwd=PROJECT, check=False).returncode
        finally:
            services.release()
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    return status


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return int(probe.getsockname()[1])


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except CannotRun as why:
        sys.exit(str(why))
    except KeyboardInterrupt:
        sys.exit(130)
