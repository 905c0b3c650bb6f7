"""Settings of gunicorn on one machine and in containers: `gunicorn -c python:factcheck.webserver`."""

import gc
import os
from pathlib import Path
from typing import Any

bind = f"127.0.0.1:{os.environ.get('PORT', '8000')}"
wsgi_app = "factcheck.wsgi"
worker_class = "gthread"
workers = int(os.environ.get("WEB_CONCURRENCY", "2"))
threads = 4
# The application is imported once and shared by the workers: half the start, half the memory.
preload_app = True
# No page takes this long: statements end after 15 s, and a slow upload holds a thread, not a worker.
timeout = 60
graceful_timeout = 4
keepalive = 5
max_requests = 5000
max_requests_jitter = 500
# The heartbeat file of a worker must not wait for a busy disk.
worker_tmp_dir = "/dev/shm" if Path("/dev/shm").is_dir() else None  # noqa: S108 - a folder of the system
# It would lie in the home folder, one for all copies.
control_socket_disable = True
errorlog = "-"
loglevel = "warning"


def when_ready(_server: Any) -> None:
    """Exclude the loaded application from garbage collection before any worker is forked.

    Its objects live as long as the process. Scanning them cost an unlucky request tens of milliseconds.
    """
    gc.collect()
    gc.freeze()
