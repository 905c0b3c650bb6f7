"""`manage.py serve_sample_site`: the sample sources on a loopback port, until stopped."""

import signal
import threading
from argparse import ArgumentParser
from types import FrameType
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from annotations.sample.site import HOST, SampleSite


class Command(BaseCommand):
    """Serve the sample sources on 127.0.0.1 until SIGTERM or Ctrl-C."""

    help = "Serve the sample sources of the demonstration desk on a loopback port, in the foreground."
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        """One option: the port."""
        parser.add_argument(
            "--port",
            type=int,
            default=settings.SAMPLE_SITE_PORT,
            help="port on 127.0.0.1 (default: the setting SAMPLE_SITE_PORT, %(default)s)",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Serve until a signal asks to stop; the port is free again afterwards."""
        port: int = options["port"]
        try:
            site = SampleSite(port)
        except OSError as error:
            raise CommandError(
                f"The sample site cannot listen on {HOST}:{port} ({error.strerror}). "
                "Choose another port with --port."
            ) from error
        asked_to_stop = threading.Event()

        def stop(signum: int, frame: FrameType | None) -> None:
            asked_to_stop.set()

        for signum in (signal.SIGTERM, signal.SIGINT):
            signal.signal(signum, stop)
        serving = threading.Thread(target=site.serve_forever, name="sample-site")
        serving.start()
        self.stdout.write(f"Sample sources at http://{HOST}:{site.server_port}/")
        self.stdout.flush()
        asked_to_stop.wait()
        site.stop()
        serving.join()
