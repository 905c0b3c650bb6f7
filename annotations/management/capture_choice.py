"""The options by which commands about captures choose which ones they mean."""

from argparse import ArgumentParser
from datetime import UTC, datetime, time
from typing import Any

from annotations.management.choosing import day, desk_named


def add_choice(parser: ArgumentParser) -> None:
    """Add `--desk` and `--since`."""
    parser.add_argument(
        "--desk", default="", metavar="SLUG", help="only what this desk captured; else all desks"
    )
    parser.add_argument(
        "--since", type=day, metavar="YYYY-MM-DD", help="only what was captured from this day on, UTC"
    )


def chosen_desk(options: dict[str, Any]) -> int | None:
    """The key of the desk that was named, None for all. Raises CommandError where there is none such."""
    return desk_named(options["desk"]).pk if options["desk"] else None


def chosen_since(options: dict[str, Any]) -> datetime | None:
    """The beginning of the day that was named; None for all days."""
    return datetime.combine(options["since"], time(), UTC) if options["since"] else None
