"""What somebody holds, nobody else sets aside: by page, API and workflow alike."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db.models.functions import Now
from django.test import Client
from django.utils import timezone

from annotations.models import Activity, Claim, ClaimSkip, User
from annotations.workflow.claims import leases, organise
from annotations.workflow.claims.leases import HeldByOther
from tests.factories import Team, make_claim

pytestmark = pytest.mark.django_db

TOMORROW = timezone.now() + timedelta(days=1)
ASIDE: list[Callable[[Claim, User], None]] = [
    lambda claim, by: organise.skip(claim.pk, by=by, reason="No Dutch"),
    lambda claim, by: organise.park(claim.pk, by=by, reason="Waits", until=TOMORROW),
]


def in_the_hands_of(team: Team) -> tuple[Claim, int]:
    """A claim that the colleague holds, and how long the log is."""
    claim = make_claim(team)
    leases.hold(claim.pk, by=team.colleague)
    return claim, Activity.objects.count()


def assert_untouched(claim: Claim, team: Team, lines: int) -> None:
    claim.refresh_from_db()
    assert (claim.lease_holder, claim.parked_until) == (team.colleague, None)
    assert not ClaimSkip.objects.exists()
    assert Activity.objects.count() == lines


@pytest.mark.parametrize("aside", ASIDE, ids=["skip", "park"])
def test_a_claim_in_anothers_hands_is_neither_skipped_nor_parked(
    team: Team, aside: Callable[[Claim, User], None]
) -> None:
    claim, lines = in_the_hands_of(team)

    with pytest.raises(HeldByOther) as refused:
        aside(claim, team.editor)

    assert refused.value.sentence.startswith(f"{team.colleague.display_name} is working on this claim until ")
    assert_untouched(claim, team, lines)


@pytest.mark.parametrize("aside", ASIDE, ids=["skip", "park"])
def test_a_claim_in_ones_own_hands_or_after_a_lapsed_hold_is_set_aside(
    team: Team, aside: Callable[[Claim, User], None]
) -> None:
    own, lapsed = make_claim(team), make_claim(team)
    leases.hold(own.pk, by=team.editor)
    leases.hold(lapsed.pk, by=team.colleague)
    Claim.objects.filter(pk=lapsed.pk).update(lease_until=Now() - timedelta(seconds=1))
    before = Activity.objects.count()

    aside(own, team.editor)
    aside(lapsed, team.editor)

    assert Activity.objects.count() == before + 2
    own.refresh_from_db()
    assert own.lease_holder is None


@pytest.mark.parametrize("action", ["skip", "park"])
def test_the_page_refuses_to_set_aside_what_another_holds(client: Client, team: Team, action: str) -> None:
    claim, lines = in_the_hands_of(team)
    client.force_login(team.editor)

    answer = client.post(
        f"/claims/{claim.pk}/{action}/", {"reason": "No Dutch", "until": TOMORROW.date().isoformat()}
    )

    assert answer.status_code == 409
    assert f"{team.colleague.display_name} is working on this claim until " in answer.content.decode()
    assert_untouched(claim, team, lines)
