"""The database lets a claim begin and move as the newsroom agreed, whoever asks; other rules aside."""

from itertools import permutations

import pytest
from django.db import connection

from annotations.domain.claims.states import MOVES, STARTS, STATE_CHANGES, ClaimState
from annotations.models import Claim
from annotations.models.constraints import sql_pairs
from annotations.models.guards import Guard
from tests.factories import Team, make_document
from tests.models.claim_histories import make_claim_in, set_decision, set_verified, write_review
from tests.models.refusing import refused_by
from tests.without_rules import change_row

pytestmark = pytest.mark.django_db

ALLOWED = {(source, rule.target) for rule in MOVES.values() for source in rule.sources}
CHANGES = list(permutations(ClaimState, 2))


def set_state(team: Team, claim: Claim, state: ClaimState) -> None:
    """Set the state in plain SQL, with all that the columns of a claim in that state must hold."""
    decision = {ClaimState.VERIFIED: "approved", ClaimState.RETURNED: "returned"}.get(state)
    if decision and claim.state == "in_review":
        write_review(claim, team.reviewer, decision=decision, note="x")
    elif decision:
        set_decision(claim, decision)
    verified = state is ClaimState.VERIFIED
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE annotations_claim SET state = %s, verified_by_id = %s,"
            " verified_at = CASE WHEN %s THEN now() END WHERE id = %s",
            [state, team.reviewer.pk if verified else None, verified, claim.pk],
        )
        assert cursor.rowcount == 1


def allow_every_change() -> None:
    """Replace the trigger on claims by one that differs only in allowing every change of state."""
    [guard] = [trigger for trigger in Claim._meta.triggers if trigger.name == "claim_guard"]  # type: ignore[attr-defined]
    freed = guard.func.replace(sql_pairs(STATE_CHANGES), sql_pairs(CHANGES))
    assert freed != guard.func
    Guard(
        name=guard.name, when=guard.when, operation=guard.operation, declare=guard.declare, func=freed
    ).install(Claim)


@pytest.mark.parametrize(("source", "target"), CHANGES)
def test_sql_moves_a_claim_only_as_the_newsroom_agreed(
    team: Team, source: ClaimState, target: ClaimState
) -> None:
    claim = make_claim_in(team, source)

    if (source, target) in ALLOWED:
        set_state(team, claim, target)
        expected = target
    else:
        with refused_by("claim_move_known"):
            set_state(team, claim, target)
        expected = source

    claim.refresh_from_db()
    assert claim.state == expected


@pytest.mark.parametrize(("source", "target"), sorted(set(CHANGES) - ALLOWED))
def test_a_change_of_state_that_is_refused_is_refused_for_nothing_else(
    team: Team, source: ClaimState, target: ClaimState
) -> None:
    allow_every_change()
    claim = make_claim_in(team, source)

    set_state(team, claim, target)

    claim.refresh_from_db()
    assert claim.state == target


@pytest.mark.parametrize("state", ClaimState)
def test_a_claim_that_stays_in_its_state_can_be_organised(team: Team, state: ClaimState) -> None:
    claim = make_claim_in(team, state)

    Claim.objects.filter(pk=claim.pk).update(state=state, priority=1)

    claim.refresh_from_db()
    assert claim.priority == 1


# What a claim in these states needs, no claim can have from the start: `test_four_eyes` tries to insert it.
@pytest.mark.parametrize("state", [state for state in ClaimState if state not in ("in_review", "verified")])
def test_a_claim_starts_proposed_or_open(team: Team, state: ClaimState) -> None:
    claim = Claim(
        desk=team.desk,
        document=make_document(team),
        state=state,
        origin="selected",
        statement="Fifty.",
        statement_author_ids=[team.editor.pk],
    )

    if state in ("proposed", "open"):
        claim.save()
    else:
        with refused_by("claim_starts_open"):
            claim.save()

    assert set(Claim.objects.values_list("state", flat=True)) == {state} & set(STARTS)


def sent_in_the_day_before(team: Team) -> Claim:
    claim = make_claim_in(team, ClaimState.IN_REVIEW)
    change_row("UPDATE annotations_claim SET submitted_at = now() - interval '1 day' WHERE id = %s", claim.pk)
    claim.refresh_from_db()
    return claim


def test_a_claim_that_was_sent_in_the_day_before_can_be_taken_back(team: Team) -> None:
    claim = sent_in_the_day_before(team)

    Claim.objects.filter(pk=claim.pk).update(state="open")

    claim.refresh_from_db()
    assert claim.state == "open"


def test_a_claim_that_was_sent_in_the_day_before_can_be_signed_today(team: Team) -> None:
    claim = sent_in_the_day_before(team)
    write_review(claim, team.reviewer)

    set_verified(claim, team.reviewer)

    claim.refresh_from_db()
    assert claim.state == "verified"


def test_a_claim_that_was_signed_the_day_before_can_be_reopened(team: Team) -> None:
    claim = make_claim_in(team, ClaimState.VERIFIED)
    change_row("UPDATE annotations_claim SET verified_at = now() - interval '1 day' WHERE id = %s", claim.pk)

    Claim.objects.filter(pk=claim.pk).update(state="open", verified_by=None, verified_at=None)

    claim.refresh_from_db()
    assert claim.state == "open"
