"""Fifty people press Next at the same moment on real connections: nobody gets the same item."""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.db import connection

from annotations.domain.desks.roles import Role
from annotations.models import Claim, Membership, Origin
from annotations.workflow.claims import leases
from annotations.workflow.claims.leases import Work
from tests.factories import Team, make_document, make_team, make_user

PEOPLE = 50


@pytest.fixture
def crowd(transactional_db: None) -> tuple[Team, list[int]]:
    """A desk with sixty claims to check and fifty editors."""
    team = make_team()
    document = make_document(team)
    Claim.objects.bulk_create(
        Claim(
            desk=team.desk,
            document=document,
            state="open",
            origin=Origin.PROPOSED,
            statement=f"Claim {number}",
        )
        for number in range(60)
    )
    editors = [make_user("crowd") for _ in range(PEOPLE)]
    Membership.objects.bulk_create(
        Membership(desk=team.desk, user=editor, role=Role.EDITOR) for editor in editors
    )
    return team, [editor.pk for editor in editors]


@pytest.mark.django_db(transaction=True)
def test_fifty_people_pressing_next_at_once_get_fifty_different_claims(crowd: tuple[Team, list[int]]) -> None:
    _, editors = crowd
    start = Barrier(PEOPLE)

    def press(user_id: int) -> int | None:
        try:
            person = Membership.objects.select_related("user").get(user_id=user_id).user
            start.wait(60)
            handout = leases.take_next(work=Work.CHECK, by=person)
            return handout.claim_id if handout else None
        finally:
            connection.close()

    with ThreadPoolExecutor(PEOPLE) as pool:
        handed_out = list(pool.map(press, editors))

    assert None not in handed_out
    assert max(Counter(handed_out).values()) == 1
    assert Claim.objects.filter(lease_holder__isnull=False).count() == PEOPLE
