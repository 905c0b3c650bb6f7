"""`manage.py serve_sample_site`: serve the sample sources on a loopback port until stopped."""

import errno
import signal
import threading
from argparse import ArgumentParser
from types import FrameType
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from annotations.sample.site import HOST, SampleSite

RETRY_SECONDS = 2.0


class Command(BaseCommand):
    """Serve the sample sources on 127.0.0.1 until SIGTERM or Ctrl-C."""

    help = "Serve the sample sources of the demonstration desk on a loopback port, in the foreground."
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Add the only option: the port."""
        parser.add_argument(
            "--port",
            type=int,
            default=settings.SAMPLE_SITE_PORT,
            help="port on 127.0.0.1 (default: the setting SAMPLE_SITE_PORT)",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Serve until a signal asks to stop. A port in use is tried again until it is free."""
        asked_to_stop = threading.Event()

        def stop(signum: int, frame: FrameType | None) -> None:
            asked_to_stop.set()

        for signum in (signal.SIGTERM, signal.SIGINT):
            signal.signal(signum, stop)
        site = self._bind(options["port"], asked_to_stop)
        if site is None:
            return
        serving = threading.Thread(target=site.serve_forever, name="sample-site")
        serving.start()
        self._say(f"Sample sources at http://{HOST}:{site.server_port}/")
        asked_to_stop.wait()
        site.stop()
        serving.join()

    def _bind(self, port: int, asked_to_stop: threading.Event) -> SampleSite | None:
        """Return the site on its port, or None if asked to stop before the port was free."""
        said = False
        while not asked_to_stop.is_set():
            try:
                return SampleSite(port)
            except OSError as error:
                if error.errno != errno.EADDRINUSE:
                    raise CommandError(
                        f"The sample site cannot listen on {HOST}:{port} ({error.strerror}). "
                        "Choose another port with --port."
                    ) from error
            # Another copy may be serving the same pages there; the workbench must not fail because of that.
            if not said:
                self._say(f"{HOST}:{port} is in use; waiting for it. Choose another port with --port.")
                said = True
            asked_to_stop.wait(RETRY_SECONDS)
        return None

    def _say(self, words: str) -> None:
        self.stdout.write(words)
        self.stdout.flush()
