"""Desks and their members: what is changed, and the line that it leaves."""

from typing import Any

from annotations.domain.activity import Verb
from annotations.workflow.claims import organise
from annotations.workflow.desks import (
    accounts,
    invitations,
    manage,
    second_factor,
)
from tests.factories import (
    Team,
    make_claim,
    make_second_factor,
)
from tests.workflow.acts.line import Act, Line, one


def renamed(team: Team) -> Act:
    return one(
        lambda: manage.rename_desk(team.desk.pk, name="Other", by=team.manager),
        Verb.RENAMED, team.manager, team.desk, **{"from": team.desk.name, "to": "Other"},
    )  # fmt: skip


def made_account(team: Team) -> Act:
    return one(
        lambda: accounts.create_account(team.desk.pk, username="nora", role="editor", by=team.manager),
        Verb.MADE_ACCOUNT, team.manager, person="nora", role="editor",
    )  # fmt: skip


def _invited(team: Team) -> Any:
    return invitations.invite(team.desk.pk, username=team.outsider.username, role="editor", by=team.manager)


def invited(team: Team) -> Act:
    return one(
        lambda: _invited(team), Verb.INVITED, team.manager, person=team.outsider.username, role="editor"
    )


def withdrew_invitation(team: Team) -> Act:
    invitation = _invited(team)
    return one(
        lambda: invitations.withdraw_invitation(team.desk.pk, invitation.pk, by=team.manager),
        Verb.WITHDREW_INVITATION, team.manager, invitation, person=team.outsider.username,
    )  # fmt: skip


def joined(team: Team) -> Act:
    invitation = _invited(team)
    return one(
        lambda: invitations.accept_invitation(invitation.pk, by=team.outsider),
        Verb.JOINED, team.outsider, person=team.outsider.display_name, role="editor",
    )  # fmt: skip


def changed_role(team: Team) -> Act:
    return one(
        lambda: manage.change_role(team.desk.pk, user_id=team.editor.pk, role="viewer", by=team.manager),
        Verb.CHANGED_ROLE, team.manager,
        person=team.editor.display_name, **{"from": "editor", "to": "viewer"},
    )  # fmt: skip


def removed_member(team: Team) -> Act:
    claim, name = make_claim(team), team.colleague.display_name
    organise.assign_claims([claim.pk], assignee=team.colleague, by=team.manager)
    return Act(
        lambda: manage.remove_member(team.desk.pk, user_id=team.colleague.pk, by=team.manager),
        None,
        [
            Line(Verb.ASSIGNED, team.manager),
            Line(Verb.REMOVED_MEMBER, team.manager, {"person": name, "role": "editor"}),
        ],
    )


def required_two_factor(team: Team) -> Act:
    make_second_factor(team.manager)
    return one(
        lambda: second_factor.require_two_factor(team.desk.pk, required=True, by=team.manager),
        Verb.REQUIRED_TWO_FACTOR, team.manager, team.desk,
    )  # fmt: skip


def stopped_requiring_two_factor(team: Team) -> Act:
    make_second_factor(team.manager)
    second_factor.require_two_factor(team.desk.pk, required=True, by=team.manager)
    return one(
        lambda: second_factor.require_two_factor(team.desk.pk, required=False, by=team.manager),
        Verb.STOPPED_REQUIRING_TWO_FACTOR, team.manager, team.desk,
    )  # fmt: skip
