"""Running a desk and a person's own keys."""

import pytest

from annotations.domain.errors import Missing, NotAllowed
from annotations.models import Activity, ApiToken, Desk, Invitation, Membership, Rating, SavedFilter, User
from annotations.permissions import forget_roles, roles_of
from annotations.workflow.claims import leases, organise
from annotations.workflow.desks import accounts, api_tokens, invitations, manage, saved_filters
from tests.factories import Team, make_claim, make_document, make_user

pytestmark = pytest.mark.django_db


def test_a_new_desk_has_the_standard_scale_and_its_maker_as_manager() -> None:
    owner = make_user("owner", is_superuser=True)

    desk = manage.create_desk(name=" Desk  Buitenland ", by=owner)

    assert (desk.name, desk.slug) == ("Desk Buitenland", "desk-buitenland")
    assert roles_of(owner)[desk.pk] == "manager"
    ratings = Rating.objects.filter(scale__desk=desk).order_by("position")
    assert [(rating.label, rating.value) for rating in ratings] == [
        ("True", 4),
        ("Mostly true", 3),
        ("Misleading", 2),
        ("False", 1),
        ("Unproven", None),
        ("Not checkable", None),
    ]


def test_only_an_administrator_makes_desks(team: Team) -> None:
    before = Desk.objects.count()

    with pytest.raises(NotAllowed):
        manage.create_desk(name="Mine", by=team.manager)

    assert Desk.objects.count() == before


def test_two_desks_do_not_share_a_short_name() -> None:
    owner = make_user("owner", is_superuser=True)
    manage.create_desk(name="Politiek", by=owner)

    with pytest.raises(manage.AlreadyThere):
        manage.create_desk(name="politiek", by=owner)

    assert Desk.objects.filter(slug="politiek").count() == 1


def test_a_new_member_gets_an_account_without_a_password(team: Team) -> None:
    made = accounts.create_account(
        team.desk.pk, username="nieuw", full_name="Nina de Nieuwe", role="editor", by=team.manager
    )

    assert not made.user.has_usable_password()
    assert made.user.display_name == "Nina de Nieuwe"
    assert (made.user.made_by, made.user.made_by_desk) == (team.manager, team.desk)
    assert Membership.objects.get(desk=team.desk, user=made.user).role == "editor"
    assert Activity.objects.filter(desk=team.desk).latest("id").verb == "made_account"


def test_a_member_is_not_asked_again(team: Team) -> None:
    with pytest.raises(manage.AlreadyThere):
        invitations.invite(
            team.desk.pk, username=team.viewer.username.upper(), role="editor", by=team.manager
        )

    assert not Invitation.objects.exists()
    assert Membership.objects.get(desk=team.desk, user=team.viewer).role == "viewer"


@pytest.mark.parametrize("who", ["viewer", "editor", "reviewer"])
def test_only_a_manager_changes_who_is_on_the_desk(team: Team, who: str) -> None:
    person = getattr(team, who)

    with pytest.raises(NotAllowed):
        accounts.create_account(team.desk.pk, username="nieuw", role="editor", by=person)
    with pytest.raises(NotAllowed):
        invitations.invite(team.desk.pk, username="nieuw", role="editor", by=person)
    with pytest.raises(NotAllowed):
        manage.change_role(team.desk.pk, user_id=person.pk, role="manager", by=person)
    with pytest.raises(NotAllowed):
        manage.remove_member(team.desk.pk, user_id=team.colleague.pk, by=person)
    with pytest.raises(NotAllowed):
        manage.rename_desk(team.desk.pk, name="Mine", by=person)

    assert Membership.objects.get(desk=team.desk, user=person).role == who
    assert not User.objects.filter(username="nieuw").exists()
    assert not Invitation.objects.exists()


def test_a_manager_of_another_desk_sees_no_desk_here(team: Team) -> None:
    with pytest.raises(Missing):
        manage.rename_desk(team.desk.pk, name="Taken", by=team.outsider)

    assert Desk.objects.get(pk=team.desk.pk).name == team.desk.name


def test_a_desk_keeps_at_least_one_manager(team: Team) -> None:
    Membership.objects.filter(desk=team.desk, role="manager").exclude(user=team.manager).delete()

    with pytest.raises(manage.LastManager):
        manage.change_role(team.desk.pk, user_id=team.manager.pk, role="editor", by=team.manager)
    with pytest.raises(manage.LastManager):
        manage.remove_member(team.desk.pk, user_id=team.manager.pk, by=team.manager)

    assert Membership.objects.get(desk=team.desk, user=team.manager).role == "manager"


def test_what_a_removed_member_had_in_hand_goes_back_to_nobody(team: Team) -> None:
    document = make_document(team)
    assigned = make_claim(team, document=document)
    held = make_claim(team, document=document, words="SEBIN")
    other = make_claim(team, document=document, words="door soldaten")
    organise.assign_claims([assigned.pk], assignee=team.editor, by=team.manager)
    organise.assign_claims([other.pk], assignee=team.colleague, by=team.manager)
    leases.hold(held.pk, by=team.editor)

    manage.remove_member(team.desk.pk, user_id=team.editor.pk, by=team.manager)

    assigned.refresh_from_db()
    held.refresh_from_db()
    other.refresh_from_db()
    assert (assigned.assignee, held.lease_holder, held.lease_until) == (None, None, None)
    assert other.assignee == team.colleague
    line = Activity.objects.filter(claim_id=assigned.pk, verb="assigned").latest("id")
    assert (line.actor, line.details["to"]) == (team.manager, None)
    assert leases.hold(held.pk, by=team.colleague).claim_id == held.pk


def test_a_changed_role_counts_at_once(team: Team) -> None:
    manage.change_role(team.desk.pk, user_id=team.editor.pk, role="reviewer", by=team.manager)

    forget_roles(team.editor)
    assert roles_of(team.editor) == {team.desk.pk: "reviewer"}


def test_a_token_is_shown_once_and_kept_as_a_hash(team: Team) -> None:
    made = api_tokens.create_token(user=team.editor, name="Export script")

    kept = ApiToken.objects.get(user=team.editor)
    assert made.key.startswith("fcw_")
    assert kept.key_sha256 == api_tokens.key_hash(made.key)
    assert made.key not in str(kept.__dict__)
    assert kept.hint == made.key[:8]


def test_a_token_needs_a_name(team: Team) -> None:
    with pytest.raises(api_tokens.TokenRefused):
        api_tokens.create_token(user=team.editor, name="  ")

    assert not ApiToken.objects.exists()


def test_a_person_ends_only_their_own_tokens(team: Team) -> None:
    token = api_tokens.create_token(user=team.editor, name="Script").token

    with pytest.raises(Missing):
        api_tokens.revoke_token(token.pk, by=team.manager)
    token.refresh_from_db()
    assert token.revoked_at is None

    api_tokens.revoke_token(token.pk, by=team.editor)
    token.refresh_from_db()
    ended = token.revoked_at
    api_tokens.revoke_token(token.pk, by=team.editor)
    token.refresh_from_db()
    assert ended is not None
    assert token.revoked_at == ended


def test_filters_are_kept_by_name_and_forgotten_by_their_owner_only(team: Team) -> None:
    kept = saved_filters.save_filter(desk_id=team.desk.pk, name="Urgent", query="state=open", by=team.editor)

    with pytest.raises(saved_filters.FilterExists):
        saved_filters.save_filter(desk_id=team.desk.pk, name="Urgent", query="", by=team.editor)
    with pytest.raises(Missing):
        saved_filters.delete_filter(kept.pk, by=team.colleague)
    assert SavedFilter.objects.get(user=team.editor).query == "state=open"

    saved_filters.delete_filter(kept.pk, by=team.editor)
    assert not SavedFilter.objects.exists()
