"""`make test`: every test, on a throw-away PostgreSQL and Valkey unless the environment names others."""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

from factcheck.embedded import CannotRun, EmbeddedServices
from factcheck.embedded.places import PROJECT, prepare
from factcheck.interrupt import heed_ctrl_c

BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
INSTALL_SECONDS = 300


def main(arguments: list[str]) -> int:
    """Run pytest with `arguments`; its exit status, or 1 when a browser is missing where CI demands one."""
    heed_ctrl_c()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
    folder = Path(tempfile.mkdtemp(prefix="factcheck-test-"))
    if os.geteuid() == 0:
        # Made a moment ago and ours: the database's own user has to pass through.
        folder.chmod(0o711)
    services = EmbeddedServices(
        folder,
        postgres=not os.environ.get("DATABASE_URL"),
        valkey=not os.environ.get("CELERY_BROKER_URL"),
        durable=False,
    )
    browser = find_browser()
    # DEBUG lets static files be served from their source folders; the test runner turns it off for the code.
    os.environ.update(DATA_DIR=str(folder), ENVIRONMENT="development", DEBUG="1", CHROMIUM=browser)
    os.environ.update(services.environment())
    # Tests make databases and turn rules off as their owner; all else they do as the application.
    os.environ["DATABASE_URL"] = os.environ.pop("OWNER_DATABASE_URL", "") or os.environ["DATABASE_URL"]
    try:
        prepare(folder)
        services.acquire()
        if services.postgres:
            services.postgres.let_the_owner_be_the_application()
        try:
            status = subprocess.run(
                [sys.executable, "-m", "pytest", *arguments], cwd=PROJECT, check=False
            ).returncode
        finally:
            services.release()
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    if not browser:
        print(
            "\n*** NO CHROMIUM: BROWSER TESTS WERE SKIPPED. Install one (Debian: apt install chromium). ***"
        )
        if os.environ.get("CI") == "true":
            return status or 1
    return status


def find_browser() -> str:
    """The path of a Chromium: CHROMIUM, the system's, or Playwright's own; empty when none can be had."""
    for name in (os.environ.get("CHROMIUM"), *BROWSERS):
        found = shutil.which(name) if name else None
        if found:
            return found
    own = _playwrights_own()
    if own:
        return own
    print("No Chromium here; asking Playwright for one …", flush=True)
    try:
        subprocess.run(
            [sys.executable, "-m", "playwright", "install", "chromium"],
            check=True,
            capture_output=True,
            timeout=INSTALL_SECONDS,
        )
    except (subprocess.CalledProcessError, subprocess.TimeoutExpired):
        return ""
    return _playwrights_own()


def _playwrights_own() -> str:
    # Asked in a process of its own: Playwright leaves an event loop behind.
    question = (
        "from playwright.sync_api import sync_playwright as start\n"
        "with start() as playwright: print(playwright.chromium.executable_path)"
    )
    asked = subprocess.run([sys.executable, "-c", question], capture_output=True, text=True, check=False)
    path = asked.stdout.strip()
    return path if asked.returncode == 0 and Path(path).is_file() else ""


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except CannotRun as why:
        sys.exit(str(why))
    except KeyboardInterrupt:
        sys.exit(130)
