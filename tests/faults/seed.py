"""Attach addresses to a new claim, as a page would, and print what it took. Run beside a stack of its own."""

import json
import sys
import time

import django

django.setup()

from annotations.workflow.referencing import attach_addresses  # noqa: E402
from tests.factories import make_claim, make_team  # noqa: E402


def main(addresses: list[str]) -> None:
    """Write the seconds that attaching took."""
    team = make_team()
    claim = make_claim(team)
    begun = time.monotonic()
    attach_addresses(claim_id=claim.pk, addresses=addresses, stance="supports", by=team.editor)
    sys.stdout.write(json.dumps({"seconds": time.monotonic() - begun}))


main(sys.argv[1:])
