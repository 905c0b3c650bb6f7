"""`make mutants`: change triggers and functions one at a time, and say which changes no test notices."""

import argparse
import sys
from collections.abc import Sequence

from factcheck import testing
from factcheck.embedded import CannotRun

# The tests that should notice a changed trigger, and those that should notice a changed function.
TESTS_OF_TRIGGERS = ["tests/models", "tests/promises"]
TESTS_OF_PYTHON = [
    "tests/domain", "tests/exports", "tests/workflow", "tests/models", "tests/promises", "tests/queries",
    "tests/tasks", "tests/storage", "tests/archiving", "tests/management", "tests/web", "tests/api",
]  # fmt: skip
PYTHON = ["annotations/workflow", "annotations/domain", "annotations/exports"]


def main(arguments: Sequence[str]) -> int:
    """Run pytest with the plugin that makes the changes; 1 if one was not noticed."""
    parser = argparse.ArgumentParser(prog="make mutants", description=__doc__)
    parser.add_argument(
        "what", nargs="*", help="triggers, python, or files and folders below annotations/ (both)"
    )
    parser.add_argument("--sample", type=int, default=0, help="try that many, chosen at random")
    parser.add_argument("--seed", type=int, default=1, help="which sample (1)")
    parser.add_argument("--only", default="", help="only where this expression is found in place or change")
    parser.add_argument(
        "--seconds", type=float, default=90, help="how long the tests of one change may take (90)"
    )
    parser.add_argument("--tests", nargs="*", help="tests to run in place of the usual ones")
    given = parser.parse_args(arguments)
    status = 0
    wanted = given.what or ["triggers", "python"]
    for parts, tests in (
        (["triggers"] if "triggers" in wanted else [], TESTS_OF_TRIGGERS),
        (
            [
                path
                for what in wanted
                if what != "triggers"
                for path in (PYTHON if what == "python" else [what])
            ],
            TESTS_OF_PYTHON,
        ),
    ):
        if parts:
            options = [f"--mutate={part}" for part in parts]
            options += [f"--{name}={getattr(given, name)}" for name in ("sample", "seed", "only", "seconds")]
            options += [
                "-p",
                "tests.mutants.plugin",
                "-p",
                "no:randomly",
                "-p",
                "no:cacheprovider",
                "-s",
                "-q",
            ]
            status |= testing.main([*options, "--timeout=300", *(given.tests or tests)])
    return status


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except CannotRun as why:
        sys.exit(str(why))
    except KeyboardInterrupt:
        sys.exit(130)
