"""Desks, people and accounts that somebody else has in hand."""

from annotations.models import (
    Invitation,
    OutsideIdentity,
    SecondFactor,
    User,
)
from annotations.workflow.claims import organise
from annotations.workflow.desks import (
    accounts,
    email_address,
    invitations,
    manage,
    outside_identity,
    second_factor,
)
from annotations.workflow.desks.outside_identity import Identity
from tests.factories import (
    Team,
    make_claim,
    make_second_factor,
)
from tests.workflow.meetings.meeting import Meeting, of


def renaming_a_desk(team: Team) -> Meeting:
    return Meeting(of(team.desk), lambda: manage.rename_desk(team.desk.pk, name="Other", by=team.manager))


def removing_a_member_with_a_claim(team: Team) -> Meeting:
    claim = make_claim(team)
    organise.assign_claims([claim.pk], assignee=team.colleague, by=team.manager)
    return Meeting(
        of(claim),
        lambda: manage.remove_member(team.desk.pk, user_id=team.colleague.pk, by=team.manager),
    )


def _new_account(team: Team) -> User:
    return accounts.create_account(
        team.desk.pk, username=f"nora{team.desk.pk}", role="editor", by=team.manager
    ).user


def making_a_link(team: Team) -> Meeting:
    user = _new_account(team)
    return Meeting(of(user), lambda: accounts.make_link(team.desk.pk, user_id=user.pk, by=team.manager))


def setting_a_first_password(team: Team) -> Meeting:
    user = _new_account(team)
    link = accounts.make_link(team.desk.pk, user_id=user.pk, by=team.manager)
    return Meeting(
        of(user), lambda: accounts.set_first_password(link.uid, link.token, password="correct horse")
    )


def _asked(team: Team) -> Invitation:
    return invitations.invite(team.desk.pk, username=team.outsider.username, role="editor", by=team.manager)


def withdrawing_an_invitation(team: Team) -> Meeting:
    invitation = _asked(team)
    return Meeting(
        of(invitation),
        lambda: invitations.withdraw_invitation(team.desk.pk, invitation.pk, by=team.manager),
    )


def joining_a_desk(team: Team) -> Meeting:
    invitation = _asked(team)
    return Meeting(of(team.desk), lambda: invitations.accept_invitation(invitation.pk, by=team.outsider))


def declining_an_invitation(team: Team) -> Meeting:
    invitation = _asked(team)
    return Meeting(of(invitation), lambda: invitations.decline_invitation(invitation.pk, by=team.outsider))


def setting_up_a_second_factor(team: Team) -> Meeting:
    return Meeting(of(team.editor), lambda: make_second_factor(team.editor))


def showing_a_second_factor(team: Team) -> Meeting:
    codes = make_second_factor(team.editor).codes
    return Meeting(
        SecondFactor.objects.filter(user=team.editor),
        lambda: second_factor.prove(team.editor, code=codes[0]),
    )


def asking_for_a_mail(team: Team) -> Meeting:
    return Meeting(
        of(team.editor),
        lambda: email_address.ask_to_confirm("eva@example.org", by=team.editor, link="{token}"),
    )


def removing_an_address(team: Team) -> Meeting:
    return Meeting(of(team.editor), lambda: email_address.remove(by=team.editor))


EVA = Identity("https://id.example.org", "eva", "eva")


def connecting_the_newsrooms_sign_in(team: Team) -> Meeting:
    return Meeting(of(team.editor), lambda: outside_identity.connect(EVA, by=team.editor))


def disconnecting_the_newsrooms_sign_in(team: Team) -> Meeting:
    outside_identity.connect(EVA, by=team.editor)
    return Meeting(
        OutsideIdentity.objects.filter(user=team.editor),
        lambda: outside_identity.disconnect(by=team.editor),
    )
