"""The permission matrix as the newsroom agreed on it."""

import pytest

from annotations.domain.desks.roles import ACTION_WORDS, Action, Role, matrix, may

# Each role by its first letter: viewer, editor, reviewer, manager.
AGREED = {
    Action.READ: "verm",
    Action.LOAD_DOCUMENT: "erm",
    Action.EDIT_DOCUMENT: "erm",
    Action.EDIT_CLAIM: "erm",
    Action.ORGANISE: "erm",
    Action.ATTACH_EVIDENCE: "erm",
    Action.GIVE_VERDICT: "erm",
    Action.REVIEW: "rm",
    Action.REOPEN: "rm",
    Action.CREATE_REPORT: "erm",
    Action.RELEASE_OTHERS: "m",
    Action.RUN_DESK: "m",
}


@pytest.mark.parametrize("action", list(Action))
@pytest.mark.parametrize("role", list(Role))
def test_a_role_may_do_what_the_desk_agreed(action: Action, role: Role) -> None:
    assert may(role, action) is (role.value[0] in AGREED[action])


def test_the_matrix_that_people_see_is_the_one_that_is_asked() -> None:
    assert matrix() == [
        (action, ACTION_WORDS[action], {role: may(role, action) for role in Role}) for action in Action
    ]
