"""Uses a copy in one process: `python -m tests.migrations.use FOLDER` with a `Wish` as JSON on its input.

The process writes what each page answers to FOLDER, under the number of its path, counted from 0. It prints
`Done` as JSON. The environment says which copy it is.
"""

import io
import json
import os
import sys
from pathlib import Path
from typing import TypedDict

import django
from django.core.management import call_command
from django.test import Client


class Wish(TypedDict):
    """Commands to run, and pages to read afterwards. The person signs in with name and password."""

    commands: list[list[str]]
    name: str
    password: str
    paths: list[str]


class Done(TypedDict):
    """The exit code and output of each command, and the HTTP status of each page, the sign-in first."""

    commands: list[tuple[int, str]]
    statuses: list[int]


def use(wish: Wish, folder: Path) -> Done:
    """Do what is wished for. A command or a page that fails says so in the result and stops nothing."""
    return {"commands": [_ran(command) for command in wish["commands"]], "statuses": _read(wish, folder)}


def _ran(command: list[str]) -> tuple[int, str]:
    out = io.StringIO()
    try:
        call_command(*command, stdout=out, stderr=out)
    except SystemExit as ended:
        return int(ended.code or 0), out.getvalue()
    return 0, out.getvalue()


def _read(wish: Wish, folder: Path) -> list[int]:
    client = Client(SERVER_NAME="127.0.0.1", raise_request_exception=False)
    statuses = [
        client.post("/sign-in/", {"username": wish["name"], "password": wish["password"]}).status_code
    ]
    for number, path in enumerate(wish["paths"]):
        answer = client.get(path)
        (folder / str(number)).write_bytes(answer.getvalue())
        statuses.append(answer.status_code)
    return statuses


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "factcheck.settings")
    django.setup()
    sys.stdout.write(json.dumps(use(json.load(sys.stdin), Path(sys.argv[1]))))
