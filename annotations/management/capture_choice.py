"""The options with which commands about kept things select them."""

from argparse import ArgumentParser
from datetime import UTC, datetime, time
from typing import Any

from annotations.management.choosing import day, desk_named


def add_choice(parser: ArgumentParser, done: str) -> None:
    """Add `--desk` and `--since`; `done` is what the desk did with the things, such as "captured"."""
    parser.add_argument("--desk", default="", metavar="SLUG", help=f"only what this desk {done}; else all")
    parser.add_argument(
        "--since", type=day, metavar="YYYY-MM-DD", help=f"only what was {done} from this day on, UTC"
    )


def chosen_desk(options: dict[str, Any]) -> int | None:
    """Return the key of the named desk, or None for all. Raises CommandError if there is no such desk."""
    return desk_named(options["desk"]).pk if options["desk"] else None


def chosen_since(options: dict[str, Any]) -> datetime | None:
    """Return the beginning of the named day, or None for all days."""
    return datetime.combine(options["since"], time(), UTC) if options["since"] else None
