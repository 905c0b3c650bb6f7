"""The pages of the manual that are tables of the code: states, permissions, errors, commands, the API.

They are written from the same tables that the application uses, so the manual cannot drift from it. A test
compares the checked-in pages with a fresh copy.
"""

import argparse
import pkgutil
from collections.abc import Callable, Iterable, Iterator
from importlib import import_module
from typing import TypeVar

from django.core.management import get_commands, load_command_class
from rest_framework.exceptions import APIException

import annotations
from annotations.api import errors as problems
from annotations.api.description import schema
from annotations.domain import errors
from annotations.domain.claims.states import MOVES, STARTS, STATE_LABELS, STATE_MEANINGS, WORKABLE, ClaimState
from annotations.domain.desks.roles import OWN_WORK, Role, matrix
from annotations.domain.fetches.outcomes import MAX_TRIES, OUTCOMES, WARNINGS, Outcome
from annotations.domain.verdicts.scale import DEFAULT_SCALE
from annotations.web import refusals

Kind = TypeVar("Kind", bound=Exception)

WRITTEN_FROM = (
    "<!-- Written by `manage.py write_reference` from {source}. Change the code, not this page. -->"
)

_EVERY_COMMAND_HAS = frozenset(
    {
        *("--help", "--version", "--verbosity", "--settings", "--pythonpath", "--traceback"),
        *("--no-color", "--force-color", "--skip-checks"),
    }
)


def pages() -> dict[str, str]:
    """Return every generated page: its path below docs/reference, and its text."""
    written: dict[str, Callable[[], str]] = {
        "states.md": states_page,
        "permissions.md": permissions_page,
        "error-codes.md": error_codes_page,
        "commands.md": commands_page,
        "api.md": api_page,
    }
    return {name: write() for name, write in written.items()}


def states_page() -> str:
    """Return the states of a claim, the moves between them, and the diagram of both."""
    states = (
        [f"`{state}`", STATE_LABELS[state], STATE_MEANINGS[state], "yes" if state in WORKABLE else "no"]
        for state in ClaimState
    )
    moves = (
        [
            f"`{rule.move}`",
            rule.words,
            ", ".join(STATE_LABELS[source] for source in rule.sources),
            STATE_LABELS[rule.target],
            f"`{rule.action}`",
        ]
        for rule in MOVES.values()
    )
    ratings = (
        [f"`{rating.slug}`", rating.label, rating.definition, "yes" if rating.needs_evidence else "no"]
        for rating in DEFAULT_SCALE
    )
    return _page(
        "States and ratings",
        "annotations/domain/claims/states.py and annotations/domain/verdicts/scale.py",
        "A claim is in exactly one state. The state says where the work stands; what it found is the rating.",
        _diagram(),
        "## States",
        "Work means: sources and verdict can change. The database refuses such a change in any other state. "
        "The statement can be edited in these states too, and while a claim is proposed.",
        _table(["Value", "Shown as", "Meaning", "Work possible"], states),
        "## Moves",
        "The database refuses every other change of state. "
        "[The permission matrix](permissions.md) says who has which permission. "
        "Whoever worked on a claim can neither approve nor return it, whatever their role.",
        _table(["Move", "What people do", "From", "To", "Permission"], moves),
        "## Ratings of the scale that ships with the workbench",
        "A rating that rests on sources can be submitted for review only with at least one source attached.",
        _table(["Value", "Shown as", "Definition", "Rests on sources"], ratings),
    )


def permissions_page() -> str:
    """Return the table of who may do what on a desk."""
    rows = (
        [f"`{action}`", words, *("yes" if allowed[role] else "" for role in Role)]
        for action, words, allowed in matrix()
    )
    return _page(
        "Permissions",
        "annotations/domain/desks/roles.py",
        "A person has one role on each desk they are a member of. "
        "Each role may do everything that the role before it may. "
        "If you are not a member of a desk, everything on it answers 404, as if it were not there. "
        "If you can see something but may not do this to it, the answer is 403, with the reason.",
        "The same table is shown in the workbench on the page of a desk.",
        _table(["Permission", "What it allows", *(role.label for role in Role)], rows),
        "One rule stands above the table. Nobody approves or returns a claim that they worked on: not a "
        f"manager, not an administrator, not by SQL. This counts as work on it: {OWN_WORK}. "
        "[Four eyes](../explanation/four-eyes.md) says how that is held.",
        "Desks themselves are made by an administrator of the copy, who becomes the desk's first manager.",
    )


def error_codes_page() -> str:
    """Return every code that people or programs meet: refusals, outcomes of fetches, warnings on pages."""
    met = (
        [f"`{code}`", "; ".join(meanings), page, api]
        for code, (meanings, page, api) in sorted(_refusals().items())
    )
    outcomes = ([f"`{row.code}`", row.sentence, row.counts.value, _tries(row)] for row in OUTCOMES.values())
    warnings = ([f"`{code}`", sentence] for code, sentence in WARNINGS.items())
    return _page(
        "Error codes",
        "the refusals in the code and annotations/domain/fetches/outcomes.py",
        "Codes are stable; sentences may be reworded. Whatever was refused has changed nothing.",
        "## Refusals",
        "On a page a refusal is a sentence beside the form, with what you typed kept. In the API it is "
        "an `application/problem+json` body with the code in it. The two last columns are the HTTP statuses.",
        _table(["Code", "When", "Page", "API"], met),
        "## Only in the API",
        "What goes wrong with requests of programs only: their form, their token, the version of their edit.",
        _table(["Code", "When", "API"], _api_problems()),
        "## Outcomes of a fetch",
        "What became of fetching a source. *Counts as* says what the outcome means for the page behind the "
        f"address. *Tries* says how many attempts are made in all: {MAX_TRIES} at most, within a day, with "
        "growing pauses.",
        _table(["Code", "Shown as", "Counts as", "Tries"], outcomes),
        "## Warnings about a fetched page",
        "The page was kept, and this was noticed while it was read.",
        _table(["Code", "Shown as"], warnings),
    )


def commands_page() -> str:
    """Return every command of the workbench with its arguments, without those of Django and libraries.

    `migrate` takes Django's arguments and has no section.
    """
    sections = []
    for name, app in sorted(get_commands().items()):
        if app not in ("annotations", "factcheck") or name == "migrate":
            continue
        command = load_command_class(app, name)
        parser = command.create_parser("manage.py", name)
        own = [action for action in parser._actions if not _is_inherited(action)]
        sections += [f"## {name}", command.help, _code(name, own)]
        if own:
            sections.append(_table(["Argument", "Meaning"], ([_argument(a), a.help or ""] for a in own)))
    return _page(
        "Commands",
        "annotations/management/commands and factcheck/management/commands",
        "Run a command with `.venv/bin/python manage.py NAME`. It uses the database and broker that "
        "`DATABASE_URL` and `CELERY_BROKER_URL` name; without them those of the data folder (`DATA_DIR`), "
        "which it starts for as long as it needs them when they are not running. When root runs a "
        "command in somebody else's data folder, the command works there with that person's rights. "
        "A command that is refused says why in one sentence and exits with 1; what was refused "
        "has changed nothing. "
        "`migrate` is Django's; here it works as the owner of the tables and ends with `make_roles`.",
        *sections,
    )


def api_page() -> str:
    """Return every operation of the API by subject; parameters and examples are in the API itself."""
    by_subject: dict[str, list[list[str]]] = {}
    for address, methods in sorted(schema()["paths"].items()):
        for method, operation in methods.items():
            summary, description = operation["summary"], operation.get("description", "")
            said = summary if description.rstrip(".") == summary else f"{summary}. {description}"
            cells = [f"`{method.upper()} {address}`", " ".join(said.split())]
            by_subject.setdefault(operation["tags"][0], []).append(cells)
    sections = [
        part
        for subject, rows in sorted(by_subject.items())
        for part in (f"## {subject.capitalize()}", _table(["Operation", "What it does"], rows))
    ]
    return _page(
        "API",
        "annotations/api",
        "For programs: what the pages do, by the same rules. A copy describes its own API as OpenAPI 3 at "
        "`/api/v1/schema/`, and as a page with an example of each operation at `/api/v1/docs/`; both are "
        "open to anyone who can reach the copy. "
        "[Get and use an API token](../how-to/api-token.md) says how to begin.",
        _table(
            ["What", "How"],
            [
                ["Who asks", "`Authorization: Bearer fcw_…`, a token with its person's rights"],
                ["Lists", "`results` and `next`, the address of the next page, null on the last"],
                [
                    "Edits",
                    (
                        "`If-Match` with the `ETag` of what was read; 428 without it, 412 when somebody "
                        "edited it since. The part of the ETag after the point is not compared"
                    ),
                ],
                [
                    "Reads",
                    "`If-None-Match` with the `ETag` of what you have; 304 while it is still so",
                ],
                [
                    "Creations",
                    "`Idempotency-Key` with a value of your choice makes a repeat harmless for 24 hours",
                ],
                [
                    "Errors",
                    "`application/problem+json` with a stable `code`, see [Error codes](error-codes.md)",
                ],
                ["Offsets", "Unicode code points of the named version of the article"],
                ["Dates", "days as `2019-04-30`, moments in UTC as RFC 3339 has them"],
            ],
        ),
        *sections,
    )


def _is_inherited(action: argparse.Action) -> bool:
    return bool(set(action.option_strings) & _EVERY_COMMAND_HAS)


def _argument(action: argparse.Action) -> str:
    name = ", ".join(action.option_strings) or str(action.metavar or action.dest)
    if action.choices:
        name += " " + "|".join(str(choice) for choice in action.choices)
    elif action.option_strings and action.nargs != 0:
        name += f" {action.metavar or action.dest.upper()}"
    return f"`{name}`" + (" (required)" if action.required and action.option_strings else "")


def _code(name: str, own: list[argparse.Action]) -> str:
    positional = "".join(f" {a.metavar or a.dest.upper()}" for a in own if not a.option_strings)
    options = " [options]" if any(a.option_strings for a in own) else ""
    return f"```sh\n.venv/bin/python manage.py {name}{positional}{options}\n```"


def _refusals() -> dict[str, tuple[list[str], str, str]]:
    """Return the meanings and statuses of every refusal by code.

    Refusals that share a code differ in where they arise.
    """
    _import_all()
    found: dict[str, tuple[list[str], str, str]] = {}
    for refusal in _descendants(errors.Refused):
        # The status depends only on the kind; an instance without its sentence is enough to find it.
        unsaid = refusal.__new__(refusal)
        page, api = refusals.status_of(unsaid), problems.status_of(unsaid)
        meanings, *_ = found.setdefault(refusal.code, ([], str(page), str(api)))
        meaning = _meaning(refusal)
        if meaning and meaning not in meanings:
            meanings.append(meaning)
    return found


def _api_problems() -> list[list[str]]:
    """Return the problems that the API adds to the refusals."""
    own = sorted(_descendants(APIException), key=lambda problem: str(problem.default_code))
    return [[f"`{one.default_code}`", _meaning(one), str(one.status_code)] for one in own]


def _meaning(kind: type[Exception]) -> str:
    """Return the first paragraph of the class's own docstring."""
    own = (kind.__dict__.get("__doc__") or "").strip().split("\n\n")[0]
    return " ".join(own.split()).rstrip(".")


def _import_all() -> None:
    """Import the whole application, so that every refusal is known."""
    for module in pkgutil.walk_packages(annotations.__path__, "annotations."):
        if not module.name.startswith("annotations.migrations"):
            import_module(module.name)


def _descendants(kind: type[Kind]) -> Iterator[type[Kind]]:
    for child in kind.__subclasses__():
        if child.__module__.startswith("annotations."):
            yield child
            yield from _descendants(child)


def _tries(row: Outcome) -> str:
    return "" if row.succeeded else str(row.tries)


def _diagram() -> str:
    lines = ["```mermaid", "stateDiagram-v2"]
    lines += [f"    {state}: {STATE_LABELS[state]}" for state in ClaimState]
    lines += [f"    [*] --> {state}: {words}" for state, words in STARTS.items()]
    lines += [
        f"    {source} --> {rule.target}: {rule.move}" for rule in MOVES.values() for source in rule.sources
    ]
    return "\n".join([*lines, "```"])


def _page(title: str, source: str, *parts: str) -> str:
    return "\n\n".join([f"# {title}", WRITTEN_FROM.format(source=source), *parts]) + "\n"


def _table(heads: list[str], rows: Iterable[list[str]]) -> str:
    lines = [heads, ["---"] * len(heads), *rows]
    return "\n".join(f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in line)} |" for line in lines)
