"""Requests to real web workers over one kept connection, as one signed-in person."""

import http.client
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from importlib import import_module
from urllib.parse import urlencode

from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.middleware.csrf import _get_new_csrf_string

from annotations.models import User
from factcheck.embedded.places import PROJECT

START_SECONDS = 60
KEPT_SECONDS = 2


class Refused(Exception):
    """An answer that no measurement should count."""


@contextmanager
def web_workers() -> Iterator[int]:
    """Run two gunicorn workers on the port of the settings while the block lasts; yields the port."""
    port = settings.PORT
    command = [sys.executable, "-m", "gunicorn", "-c", "python:factcheck.webserver"]
    process = subprocess.Popen(command, cwd=PROJECT, env=os.environ | {"WEB_CONCURRENCY": "2"})
    try:
        _wait(port, process)
        yield port
    finally:
        process.terminate()
        process.wait(30)


def _wait(port: int, process: "subprocess.Popen[bytes]") -> None:
    until = time.monotonic() + START_SECONDS
    while time.monotonic() < until and process.poll() is None:
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
        except OSError:
            time.sleep(0.1)
        else:
            return
    raise Refused("The web workers did not start.")


class Browser:
    """One person's signed-in browser without a cache. It reads each answer to its end and times it."""

    def __init__(self, port: int, person: User) -> None:
        self.connection = http.client.HTTPConnection("127.0.0.1", port, timeout=120)
        self.used_at = 0.0
        self.token = _get_new_csrf_string()
        self.cookies = {
            settings.SESSION_COOKIE_NAME: session_of(person),
            settings.CSRF_COOKIE_NAME: self.token,
        }

    def get(self, path: str) -> tuple[float, bytes]:
        """Return the milliseconds until the last byte, and the body."""
        return self._ask("GET", path, None, {200})

    def post(self, path: str, fields: Mapping[str, object]) -> tuple[float, str]:
        """Return the milliseconds of a posted form, and the address it leads to."""
        body = urlencode(
            {"csrfmiddlewaretoken": self.token, **{name: str(value) for name, value in fields.items()}}
        )
        milliseconds, _ = self._ask("POST", path, body, {302, 303})
        return milliseconds, self.location

    def _ask(self, method: str, path: str, body: str | None, expected: set[int]) -> tuple[float, bytes]:
        headers = {"Cookie": "; ".join(f"{name}={value}" for name, value in self.cookies.items())}
        if body is not None:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        if time.monotonic() - self.used_at > KEPT_SECONDS:
            # The server closes a connection that was idle for longer.
            self.connection.close()
        began = time.perf_counter()
        self.connection.request(method, path, body, headers)
        answer = self.connection.getresponse()
        content = answer.read()
        milliseconds = (time.perf_counter() - began) * 1000
        self.used_at = time.monotonic()
        self.location = answer.headers.get("Location", "")
        if answer.status not in expected:
            raise Refused(
                f"{method} {path} answered {answer.status}: {content[:300].decode(errors='replace')}"
            )
        return milliseconds, content


def session_of(person: User) -> str:
    """Return the key of a new session of this person."""
    session = import_module(settings.SESSION_ENGINE).SessionStore()
    session[SESSION_KEY] = str(person.pk)
    session[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[-1]
    session[HASH_SESSION_KEY] = person.get_session_auth_hash()
    session.create()
    return str(session.session_key)
