"""The table of claim states, walked over its whole matrix."""

import pytest

from annotations.domain.claims.states import MOVES, ClaimState, Move, MoveRefused, moves_from, target_of

# Written out by hand on purpose: this is the newsroom's agreement, not a copy of the table.
ALLOWED = {
    ("accept", "proposed"): "open",
    ("dismiss", "proposed"): "dismissed",
    ("dismiss", "open"): "dismissed",
    ("dismiss", "returned"): "dismissed",
    ("restore", "dismissed"): "open",
    ("submit", "open"): "in_review",
    ("submit", "returned"): "in_review",
    ("withdraw", "in_review"): "open",
    ("approve", "in_review"): "verified",
    ("return", "in_review"): "returned",
    ("reopen", "verified"): "open",
}


@pytest.mark.parametrize("move", list(Move))
@pytest.mark.parametrize("state", list(ClaimState))
def test_a_claim_moves_only_as_the_newsroom_agreed(move: Move, state: ClaimState) -> None:
    expected = ALLOWED.get((move.value, state.value))

    if expected is None:
        with pytest.raises(MoveRefused) as refusal:
            target_of(move, state)
        assert state.label in refusal.value.sentence
    else:
        assert target_of(move, state) == expected


def test_every_move_has_its_row_in_the_table() -> None:
    assert set(MOVES) == set(Move)


def test_what_can_be_done_from_a_state_follows_from_the_table() -> None:
    for state in ClaimState:
        moves = {rule.move.value for rule in moves_from(state)}
        assert moves == {move for move, source in ALLOWED if source == state.value}
