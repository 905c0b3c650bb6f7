"""Attach addresses to a new claim by one of the roads people have, and print the seconds that it took.

    python -m tests.faults.seed ROAD ADDRESS...

Run beside a stack of its own; ROAD is `page`, `api` or `workflow`.
"""

import json
import sys
import time
from collections.abc import Callable

import django

django.setup()

from django.conf import settings  # noqa: E402
from django.test import Client  # noqa: E402

from annotations.models import Claim, User  # noqa: E402
from annotations.workflow.desks.api_tokens import create_token  # noqa: E402
from annotations.workflow.evidence.attach import attach_addresses  # noqa: E402
from tests.factories import make_claim, make_team  # noqa: E402


def by_workflow(claim: Claim, addresses: list[str], person: User) -> None:
    attach_addresses(claim_id=claim.pk, addresses=addresses, stance="supports", by=person)


def by_page(claim: Claim, addresses: list[str], person: User) -> None:
    answer = signed_in(person).post(
        f"/claims/{claim.pk}/sources/", {"addresses": "\n".join(addresses), "stance": "supports"}
    )
    assert answer.status_code == 302, answer.content.decode()


def by_api(claim: Claim, addresses: list[str], person: User) -> None:
    answer = Client(headers={"host": "localhost"}).post(
        f"/api/v1/claims/{claim.pk}/evidence/",
        {"addresses": addresses, "stance": "supports"},
        content_type="application/json",
        headers={"Authorization": f"Bearer {create_token(user=person, name='seed').key}"},
    )
    assert answer.status_code == 201, answer.content.decode()


def signed_in(person: User) -> Client:
    client = Client(headers={"host": "localhost"})
    client.force_login(person, backend=settings.AUTHENTICATION_BACKENDS[-1])
    return client


ROADS: dict[str, Callable[[Claim, list[str], User], None]] = {
    "workflow": by_workflow,
    "page": by_page,
    "api": by_api,
}


def main(road: str, addresses: list[str]) -> None:
    """Write the seconds that attaching took."""
    team = make_team()
    claim = make_claim(team)
    # The first page of a process loads all the others' code, which is not what is timed here.
    assert signed_in(team.editor).get(f"/claims/{claim.pk}/").status_code == 200
    begun = time.monotonic()
    ROADS[road](claim, addresses, team.editor)
    sys.stdout.write(json.dumps({"seconds": time.monotonic() - begun}))


main(sys.argv[1], sys.argv[2:])
