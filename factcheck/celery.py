"""The Celery application. A message is a hint; the row it names is the truth (see annotations/jobs.py)."""

import os
from typing import Any

import structlog
from celery import Celery
from celery.signals import beat_init, setup_logging, task_postrun, task_prerun, worker_init, worker_ready

from factcheck.starting import refuse_broken_promises

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "factcheck.settings")

app = Celery("factcheck")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()


@setup_logging.connect
def keep_django_logging(**_: Any) -> None:
    """Leave logging as settings.LOGGING made it; Celery replaces the handlers unless this is connected."""


@beat_init.connect
@worker_init.connect
def keep_promises(**_: Any) -> None:
    """Start neither worker nor clock with settings under which the web server would not start."""
    refuse_broken_promises()


@worker_ready.connect
def show_a_first_sign_of_life(**_: Any) -> None:
    """Ask for a heartbeat at once: pages and probes need not wait for the clock's next tick."""
    for queue in ("default", "fetch"):
        app.send_task("annotations.heartbeat", expires=30, queue=queue)


@task_prerun.connect
def name_the_task_in_the_log(task_id: str, task: Any, **_: Any) -> None:
    """Bind the task's name and id to every log line written while it runs."""
    structlog.contextvars.bind_contextvars(task=task.name, task_id=task_id)


@task_postrun.connect
def forget_the_task_in_the_log(**_: Any) -> None:
    """Drop what was bound for the task, so that the next one starts clean."""
    structlog.contextvars.clear_contextvars()
