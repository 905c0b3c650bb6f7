"""Tests of who may see and do what: the check, its yes-or-no twin and its SQL twin agree."""

import pytest

from annotations.domain.desks.roles import Action, Role, may
from annotations.domain.errors import Missing, NotAllowed
from annotations.models import Claim, User
from annotations.permissions import (
    OwnWork,
    can,
    can_review,
    check_can,
    check_can_review,
    forget_roles,
    roles_of,
)
from annotations.visibility import visible_to
from tests.factories import Team, make_claim, make_claim_in_review, make_team

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("role", list(Role))
@pytest.mark.parametrize("action", list(Action))
def test_a_member_may_do_what_the_role_allows(team: Team, role: Role, action: Action) -> None:
    person = team.in_role(role)

    assert can(person, action, team.desk.pk) is may(role, action)
    if may(role, action):
        check_can(person, action, team.desk.pk)
    else:
        with pytest.raises(NotAllowed, match=role.value):
            check_can(person, action, team.desk.pk)


@pytest.mark.parametrize("action", list(Action))
def test_a_stranger_is_told_that_nothing_is_there(team: Team, action: Action) -> None:
    assert not can(team.outsider, action, team.desk.pk)
    with pytest.raises(Missing):
        check_can(team.outsider, action, team.desk.pk)


def test_an_account_that_was_switched_off_may_do_nothing(team: Team) -> None:
    team.manager.is_active = False

    assert not can(team.manager, Action.READ, team.desk.pk)
    with pytest.raises(Missing):
        check_can(team.manager, Action.READ, team.desk.pk)


def test_what_sql_shows_is_what_the_check_allows(team: Team) -> None:
    other = make_team()
    claims = {team.desk.pk: make_claim(team), other.desk.pk: make_claim(other)}
    people: list[User] = [team.in_role(role) for role in Role] + [team.outsider, other.viewer, other.outsider]

    for person in people:
        shown = set(visible_to(Claim.objects.all(), person).values_list("pk", flat=True))
        allowed = {claim.pk for desk, claim in claims.items() if can(person, Action.READ, desk)}
        assert shown == allowed


def test_a_superuser_has_no_rights_on_a_desk_they_are_not_on(team: Team) -> None:
    team.outsider.is_superuser = True

    assert not can(team.outsider, Action.READ, team.desk.pk)


def test_a_reviewer_may_sign_off_the_work_of_others(team: Team) -> None:
    claim = make_claim_in_review(team)

    check_can_review(team.reviewer, claim)
    assert can_review(team.reviewer, claim)


def test_a_manager_may_not_sign_off_their_own_work(team: Team) -> None:
    claim = make_claim_in_review(team)
    claim.contributor_ids = [team.manager.pk]

    assert not can_review(team.manager, claim)
    with pytest.raises(OwnWork):
        check_can_review(team.manager, claim)


def test_roles_are_read_once_until_they_are_forgotten(team: Team, django_assert_num_queries) -> None:  # type: ignore[no-untyped-def]
    forget_roles(team.editor)

    with django_assert_num_queries(1):
        assert roles_of(team.editor) == {team.desk.pk: Role.EDITOR}
        assert roles_of(team.editor) == {team.desk.pk: Role.EDITOR}
