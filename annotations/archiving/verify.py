"""Check kept web pages from the files alone: python verify.py FILE.wacz, or python verify.py FOLDER.

Needs Python 3.11 and the package `cryptography`, `rfc3161-client` for time stamps, and `brotli` and
`zstandard` for pages in these codings. Opens no connection. The exit code is 0 if everything holds, 1 if
something does not hold, 2 if something could not be checked.
"""

import argparse
import re
import sys
from collections.abc import Sequence
from pathlib import Path

from annotations.archiving.findings import Findings, Folder
from annotations.archiving.kept_checks import KeptCheck
from annotations.archiving.wacz_checks import check_wacz

_RESULTS = (
    "All holds.",
    "Something does not hold.",
    "Nothing was found wrong, but not everything could be checked.",
)


def main(arguments: Sequence[str] | None = None) -> int:
    """Check what the command line names, print the findings, and return the exit code."""
    parser = argparse.ArgumentParser(prog="verify.py", description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("what", type=Path, help="a .wacz file, or a folder with kept files")
    parser.add_argument(
        "--roots",
        type=Path,
        action="append",
        default=[],
        metavar="PATH",
        help="PEM file, or folder of them, with the root certificates of time-stamping authorities",
    )
    parser.add_argument(
        "--key",
        action="append",
        default=[],
        metavar="HEX",
        help="public key that may have signed (64 digits)",
    )
    parser.add_argument(
        "--head",
        action="append",
        default=[],
        metavar="SHA256",
        help="hash of a manifest, noted elsewhere, that has to be there",
    )
    given = parser.parse_args(arguments)
    for value in (*given.key, *given.head):
        if not re.fullmatch("[0-9a-f]{64}", value):
            parser.error(f"{value!r} is not 64 lower-case hexadecimal digits")
    try:
        findings = _check(given.what, _pem_files(given.roots), given.key, given.head)
    except OSError as error:
        parser.error(f"{error}")
    _say(findings)
    return findings.exit_code


def _check(what: Path, roots: list[bytes], keys: list[str], heads: list[str]) -> Findings:
    if what.is_dir():
        findings = KeptCheck(Folder(what), roots=roots, keys=keys, heads=heads).run()
    else:
        with what.open("rb") as file:
            findings = check_wacz(file, roots=roots, keys=keys, heads=heads)
    if not findings.checked and not findings.problems:
        findings.gap(str(what), "there is nothing in it to check")
    return findings


def _pem_files(paths: list[Path]) -> list[bytes]:
    found: list[Path] = []
    for path in paths:
        found += sorted(path.glob("*.pem")) if path.is_dir() else [path]
    return [path.read_bytes() for path in found]


def _say(findings: Findings) -> None:
    for heading, items in (
        ("DOES NOT HOLD", findings.problems),
        ("NOT CHECKED", findings.gaps),
        ("NOTE", findings.notes),
    ):
        for item in items:
            sys.stdout.write(f"{heading}  {item}\n")
    sys.stdout.write(f"{_RESULTS[findings.exit_code]} {findings.checked} files were checked.\n")


if __name__ == "__main__":
    sys.exit(main())
