"""Nobody gets into an account that is another person's, nor learns through their desk who has one elsewhere.

A manager may do anything on the own desk. None of it leads into an account that the desk did not make, that
somebody has used, that is on another desk, or that is an administrator's.
"""

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from annotations.domain.errors import Missing
from annotations.models import Activity, Invitation, Membership, User
from annotations.queries.desks.people import accounts_made_by, invitations_of, invitations_to
from annotations.workflow.desks import accounts, invitations, manage
from annotations.workflow.desks.accounts import NameUnusable, NoLink
from annotations.workflow.verdicts import review
from tests.api.conftest import Api
from tests.factories import Team, give_verdict, make_claim, make_evidence, make_team, make_user, record_of
from tests.models.refusing import refused_by
from tests.without_rules import as_owner

pytestmark = pytest.mark.django_db
CHOSEN = {"new_password1": "a password of her own", "new_password2": "a password of her own"}


def signed_in(person: User) -> Client:
    client = Client()
    client.force_login(person, backend="django.contrib.auth.backends.ModelBackend")
    return client


def made_for(team: Team, name: str = "nora") -> User:
    return accounts.create_account(team.desk.pk, username=name, role="editor", by=team.manager).user


def ask(client: Client, team: Team, username: str) -> Any:
    fields = {"ask-username": username, "ask-role": "editor"}
    return client.post(reverse("ask_to_join", args=[team.desk.slug]), fields, follow=True)


def state_of(user: User) -> tuple[Any, ...]:
    user.refresh_from_db()
    return (user.password, user.last_login, user.is_active, user.made_by_id, user.made_by_desk_id)


def test_a_manager_who_adds_anothers_invited_person_gets_no_link_into_the_account(team: Team) -> None:
    """The attack as it was made: an invited, password-less name of another desk, up to a superuser."""
    other = make_team()
    victim = made_for(other, "victim")
    User.objects.filter(pk=victim.pk).update(is_superuser=True, is_staff=True)
    before, client = state_of(victim), signed_in(team.manager)

    ask(client, team, "victim")
    made = client.post(
        reverse("make_account", args=[team.desk.slug]), {"username": "victim", "role": "editor"}
    )
    link = client.post(reverse("make_link", args=[team.desk.slug, victim.pk]))

    assert made.status_code == 422
    assert link.status_code == 404
    assert "/welcome/" not in made.content.decode() + link.content.decode()
    assert not Membership.objects.filter(desk=team.desk, user=victim).exists()
    assert state_of(victim) == before


OPENED: dict[str, Callable[[User], object]] = {
    "a password": lambda user: (user.set_password("long enough to be one"), user.save()),
    "a sign-in": lambda user: User.objects.filter(pk=user.pk).update(last_login=timezone.now()),
    "a superuser": lambda user: User.objects.filter(pk=user.pk).update(is_superuser=True),
    "staff": lambda user: User.objects.filter(pk=user.pk).update(is_staff=True),
    "a closed account": lambda user: User.objects.filter(pk=user.pk).update(is_active=False),
    "another desk": lambda user: Membership.objects.create(desk=make_team().desk, user=user, role="viewer"),
}


@pytest.mark.parametrize("what", sorted(OPENED))
def test_no_link_is_made_for_an_account_that_is_not_unused_and_of_this_desk_alone(
    what: str, team: Team
) -> None:
    nora = made_for(team)
    accounts.make_link(team.desk.pk, user_id=nora.pk, by=team.manager)
    OPENED[what](nora)
    before, lines = state_of(nora), Activity.objects.count()

    with pytest.raises(NoLink):
        accounts.make_link(team.desk.pk, user_id=nora.pk, by=team.manager)

    assert state_of(nora) == before
    assert Activity.objects.count() == lines


def test_no_link_is_made_for_an_account_that_another_desk_or_nobody_made(team: Team) -> None:
    theirs, nobodys = made_for(make_team(), "theirs"), make_user("nobodys")
    for user in (theirs, nobodys):
        user.set_unusable_password()
        user.save()
        Membership.objects.filter(user=user).delete()
        Membership.objects.create(desk=team.desk, user=user, role="viewer")
        with pytest.raises(NoLink):
            accounts.make_link(team.desk.pk, user_id=user.pk, by=team.manager)
    assert not Activity.objects.filter(verb="made_link").exists()


@pytest.mark.parametrize("what", sorted(set(OPENED) - {"another desk"}))
def test_an_old_link_opens_no_account_that_was_used_or_joined_another_desk_since(
    what: str, team: Team
) -> None:
    nora = made_for(team)
    link = accounts.make_link(team.desk.pk, user_id=nora.pk, by=team.manager)
    client = Client()
    form = client.get(reverse("welcome", args=[link.uid, link.token]), follow=True).redirect_chain[-1][0]
    OPENED[what](nora)
    before = state_of(nora)

    answered = client.post(form, CHOSEN)
    with pytest.raises(Missing):
        accounts.set_first_password(link.uid, link.token, password="a password of her own")

    assert "This link has ended" in answered.content.decode()
    assert state_of(nora) == before


def test_who_made_an_account_cannot_be_rewritten(team: Team) -> None:
    nora, maker = made_for(team), make_team()
    with refused_by("user_maker_kept"):
        User.objects.filter(pk=nora.pk).update(made_by_desk=maker.desk)
    with refused_by("user_maker_kept"):
        User.objects.filter(pk=nora.pk).update(made_by=None)
    nora.refresh_from_db()
    assert (nora.made_by, nora.made_by_desk) == (team.manager, team.desk)


def test_nobody_is_said_later_to_have_made_an_account_that_no_desk_made(team: Team) -> None:
    with refused_by("user_maker_kept"):
        User.objects.filter(pk=team.editor.pk).update(made_by_desk=team.desk)
    with refused_by("user_maker_kept"):
        User.objects.filter(pk=team.editor.pk).update(made_by=team.manager)
    team.editor.refresh_from_db()
    assert (team.editor.made_by, team.editor.made_by_desk) == (None, None)


@pytest.mark.parametrize("spelled", ["{}", "{upper}", " {} "])
def test_asking_somebody_is_answered_the_same_whether_or_not_there_is_an_account(
    spelled: str, team: Team
) -> None:
    """Pages and API: the same status, the same words but for the name, no id, no full name."""
    there, nowhere = team.outsider.username, "nobody000"
    seen = []
    for name in (there, nowhere):
        typed = spelled.format(name, upper=name.upper())
        page = ask(signed_in(team.manager), team, typed).content.decode()
        body = {"username": typed.strip() + "x" * (name == nowhere), "role": "editor"}
        Invitation.objects.all().update(state="withdrawn")
        api = Api(team.manager).post(f"desks/{team.desk.pk}/invitations/", body)
        listed = Api(team.manager).get(f"desks/{team.desk.pk}/invitations/").json()["results"]
        assert api.status_code == 201
        assert (api.json()["username"], len(listed)) == (body["username"], 1)
        assert team.outsider.display_name not in page + json.dumps(api.json())
        assert sorted(api.json()) == sorted(listed[0]) == ["asked_at", "asked_by", "id", "role", "username"]
        assert "is asked, if there is such an account" in page
        Invitation.objects.all().update(state="withdrawn")
        seen.append(page.lower().count(typed.strip().lower()))
    assert seen[0] == seen[1]
    assert Membership.objects.filter(desk=team.desk, user=team.outsider).count() == 0


def test_a_declined_invitation_looks_like_one_that_nobody_can_answer(team: Team) -> None:
    asked = invitations.invite(team.desk.pk, username=team.outsider.username, role="viewer", by=team.manager)
    invitations.invite(team.desk.pk, username="nobody000", role="viewer", by=team.manager)
    before = signed_in(team.manager).get(reverse("desk_people", args=[team.desk.slug])).content.decode()
    lines = Activity.objects.filter(desk=team.desk).count()

    invitations.decline_invitation(asked.pk, by=team.outsider)

    page = signed_in(team.manager).get(reverse("desk_people", args=[team.desk.slug])).content.decode()
    assert page.count("Withdraw the invitation to") == before.count("Withdraw the invitation to") == 2
    assert Activity.objects.filter(desk=team.desk).count() == lines
    assert invitations_to(team.outsider) == []
    for name in (team.outsider.username, "nobody000"):
        with pytest.raises(invitations.AskedAlready):
            invitations.invite(team.desk.pk, username=name, role="viewer", by=team.manager)
    for invitation in invitations_of(team.desk.pk):
        invitations.withdraw_invitation(team.desk.pk, invitation.pk, by=team.manager)
    assert invitations_of(team.desk.pk) == []


def test_nobody_is_on_a_desk_before_they_said_yes_and_only_they_can(team: Team) -> None:
    asked = invitations.invite(
        team.desk.pk, username=team.outsider.username.upper(), role="reviewer", by=team.manager
    )
    assert not Membership.objects.filter(desk=team.desk, user=team.outsider).exists()
    for stranger in (team.manager, team.viewer, make_user("somebody")):
        with pytest.raises(Missing):
            invitations.accept_invitation(asked.pk, by=stranger)
        with pytest.raises(Missing):
            invitations.decline_invitation(asked.pk, by=stranger)

    page = signed_in(team.outsider).get("/account/").content.decode()
    assert team.desk.name in page
    signed_in(team.outsider).post(reverse("accept_invitation", args=[asked.pk]))

    assert Membership.objects.get(desk=team.desk, user=team.outsider).role == "reviewer"
    line = Activity.objects.filter(desk=team.desk).latest("id")
    assert (line.verb, line.actor) == ("joined", team.outsider)
    with pytest.raises(Missing):
        invitations.accept_invitation(asked.pk, by=team.outsider)


def test_an_account_made_after_somebody_was_asked_cannot_answer_for_them(team: Team) -> None:
    """Or the manager of another desk would make the account and walk in."""
    asked = invitations.invite(team.desk.pk, username="nora", role="reviewer", by=team.manager)
    impostor = made_for(make_team(), "nora")

    assert invitations_to(impostor) == []
    with pytest.raises(Missing):
        invitations.accept_invitation(asked.pk, by=impostor)
    assert not Membership.objects.filter(desk=team.desk, user=impostor).exists()


def test_an_invitation_ends_with_its_senders_office_after_a_month_and_when_withdrawn(team: Team) -> None:
    def asks() -> Invitation:
        return invitations.invite(
            team.desk.pk, username=team.outsider.username, role="manager", by=team.manager
        )

    asked = asks()
    manage.change_role(
        team.desk.pk, user_id=team.manager.pk, role="editor", by=team.desk.memberships.earliest("id").user
    )
    assert invitations_to(team.outsider) == []
    Membership.objects.filter(desk=team.desk, user=team.manager).update(role="manager")
    assert invitations_to(team.outsider) == [asked]
    User.objects.filter(pk=team.outsider.pk).update(date_joined=timezone.now() - timedelta(days=90))
    with as_owner():
        Invitation.objects.update(created_at=timezone.now() - timedelta(days=31))
    team.outsider.refresh_from_db()
    assert invitations_to(team.outsider) == invitations_of(team.desk.pk) == []
    again = asks()
    invitations.withdraw_invitation(team.desk.pk, again.pk, by=User.objects.get(pk=team.manager.pk))
    for each in (asked, again):
        with pytest.raises(Missing):
            invitations.accept_invitation(each.pk, by=team.outsider)


def test_a_name_that_is_taken_says_only_that_it_cannot_be_used(team: Team) -> None:
    """Of the own desk, of another, of an administrator, in other letters, or no name at all: one sentence."""
    boss = make_user("boss", is_superuser=True)
    taken = [team.viewer.username, team.outsider.username, boss.username.upper(), "a/b"]
    before, said = User.objects.count(), set()
    for name in taken:
        answer = Api(team.manager).post(
            f"desks/{team.desk.pk}/members/", {"username": name, "role": "editor"}
        )
        said.add((answer.status_code, json.dumps(answer.json()).replace(name, "NAME")))
        with pytest.raises(NameUnusable):
            accounts.create_account(team.desk.pk, username=name, role="editor", by=team.manager)
    assert len(said) == 1
    assert User.objects.count() == before


def test_no_two_accounts_differ_in_capital_letters_only(team: Team) -> None:
    before = User.objects.count()
    with refused_by("user_name_unique_in_any_case"):
        make = User(username=team.editor.username.upper())
        make.save()
    assert User.objects.count() == before


def test_an_invitation_of_one_desk_is_not_there_for_another(team: Team) -> None:
    asked = invitations.invite(team.desk.pk, username="nora", role="viewer", by=team.manager)
    with pytest.raises(Missing):
        invitations.withdraw_invitation(team.desk.pk, asked.pk, by=team.outsider)
    own = Membership.objects.get(user=team.outsider).desk
    with pytest.raises(Missing):
        invitations.withdraw_invitation(own.pk, asked.pk, by=team.outsider)
    asked.refresh_from_db()
    assert asked.state == "asked"


def test_each_step_into_an_account_is_a_line_of_the_log(team: Team) -> None:
    first = Activity.objects.latest("id").pk
    client = signed_in(team.manager)
    shown = client.post(
        reverse("make_account", args=[team.desk.slug]), {"username": "nora", "role": "editor"}
    )
    nora, fresh = User.objects.get(username="nora"), Client()
    form = fresh.get(shown.context["welcome_url"], follow=True).redirect_chain[-1][0]
    fresh.post(form, CHOSEN)
    asked = invitations.invite(team.desk.pk, username="else", role="viewer", by=team.manager)
    invitations.withdraw_invitation(team.desk.pk, asked.pk, by=team.manager)

    lines = Activity.objects.filter(desk=team.desk, pk__gt=first).order_by("pk").values_list("verb", "actor")
    expected = [
        ("made_account", team.manager.pk),
        ("made_link", team.manager.pk),
        ("set_password", nora.pk),
        ("invited", team.manager.pk),
        ("withdrew_invitation", team.manager.pk),
    ]
    assert [line for line in lines if line[0] != "signed_in_on_new_device"] == expected


def test_accounts_made_by_one_of_the_signers_are_named_also_through_others(team: Team) -> None:
    nora = made_for(team)
    Membership.objects.filter(user=nora).update(role="manager")
    second = accounts.create_account(team.desk.pk, username="second", role="reviewer", by=nora).user
    alone = make_user("alone")

    found = accounts_made_by([team.manager.pk, second.pk, alone.pk])

    assert [(made.account, made.maker, made.is_direct) for made in found] == [(second, team.manager, False)]
    direct = accounts_made_by([second.pk, nora.pk])
    assert [(made.account, made.maker, made.is_direct) for made in direct] == [(second, nora, True)]
    assert accounts_made_by([alone.pk, team.reviewer.pk]) == []
    assert accounts_made_by([]) == []


def test_a_review_says_when_one_signer_made_the_account_of_another(team: Team) -> None:
    second = accounts.create_account(
        team.desk.pk, username="tweede", full_name="Tweede Man", role="reviewer", by=team.manager
    ).user
    claim = make_claim(team, by=team.manager)
    make_evidence(team, claim, by=team.manager)
    give_verdict(team, claim, by=team.manager, submit=True)

    page = signed_in(second).get(reverse("claim", args=[claim.pk])).content.decode()
    assert f"{team.manager.display_name} made the account of Tweede Man" in " ".join(page.split())

    review.approve(claim.pk, record=record_of(claim.pk), by=second)
    line = Activity.objects.filter(claim_id=claim.pk, verb="approved").get()
    assert line.details["accounts_made"] == [{"account": "tweede", "made_by": team.manager.username}]
    page = signed_in(team.viewer).get(reverse("claim", args=[claim.pk])).content.decode()
    assert f"{team.manager.display_name} made the account of Tweede Man" in " ".join(page.split())
