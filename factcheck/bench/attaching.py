"""Attach many addresses as a newsroom would, click by click, and say how long each click took.

    python -m factcheck.bench.attaching PORT HOSTS PAGES SECONDS_BETWEEN_CLICKS

A click that fails because the database is down is repeated, as a person would do.
"""

import json
import sys
import time

import django

django.setup()

from django.db import InterfaceError, OperationalError, connection  # noqa: E402 - needs django.setup()

from annotations.domain.desks.roles import Role  # noqa: E402
from annotations.models import Membership, User  # noqa: E402
from annotations.workflow.claims import edit  # noqa: E402
from annotations.workflow.desks import manage  # noqa: E402
from annotations.workflow.documents import load  # noqa: E402
from annotations.workflow.documents.particulars import About  # noqa: E402
from annotations.workflow.evidence.attach import attach_addresses  # noqa: E402
from factcheck.bench.pages import addresses_of  # noqa: E402

A_CLICK = 40
AGAIN_SECONDS = 0.5


def main(port: int, hosts: int, pages: int, pause: float) -> None:
    """Attach everything; prints the seconds of each answered click and the number of refused clicks."""
    addresses = addresses_of(port, hosts, pages)
    clicks = [addresses[start : start + A_CLICK] for start in range(0, len(addresses), A_CLICK)]
    editor, claims = _newsroom(len(clicks))
    seconds, refused = [], 0
    for claim, click in zip(claims, clicks, strict=True):
        while True:
            begun = time.monotonic()
            try:
                attach_addresses(claim_id=claim, addresses=click, stance="context", by=editor)
            except (OperationalError, InterfaceError):
                refused += 1
                connection.close()
                time.sleep(AGAIN_SECONDS)
            else:
                seconds.append(time.monotonic() - begun)
                break
        time.sleep(pause)
    print(json.dumps({"seconds": seconds, "refused": refused}))


def _newsroom(claims: int) -> tuple[User, list[int]]:
    desk = manage.create_desk(name="Bench", by=User.objects.create_superuser("bench-owner"))
    editor = User.objects.create_user("bench-editor")
    Membership.objects.create(desk=desk, user=editor, role=Role.EDITOR)
    sentences = [f"Op dag {number} waren er {100 + number} gewonden." for number in range(claims)]
    document = load.load_text(
        desk=desk,
        by=editor,
        text=" ".join(sentences),
        about=About(title="Bench", language="nl"),
        propose=False,
    )
    made = [edit.create_claim_from_words(document.pk, words=sentence, by=editor) for sentence in sentences]
    return editor, [claim.pk for claim in made]


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]), float(sys.argv[4]))
