"""The people of a desk and its name, through the API: the same rules as on its page."""

import pytest

from annotations.models import Activity, Desk, Membership, User
from tests.api.conftest import Api

pytestmark = pytest.mark.django_db


@pytest.fixture
def manager(team):
    return Api(team.manager)


def members(team):
    return dict(Membership.objects.filter(desk=team.desk).values_list("user__username", "role"))


def test_a_new_person_gets_an_account_without_a_password_and_no_link_is_given_away(team, manager):
    body = {"username": "nina", "role": "editor", "full_name": "Nina Vos", "email": "nina@example.org"}
    answer = manager.post(f"desks/{team.desk.pk}/members/", body)
    nina = User.objects.get(username="nina")
    assert answer.status_code == 201
    assert answer["Location"].endswith(f"/api/v1/desks/{team.desk.pk}/members/{nina.pk}/")
    assert answer.json()["person"] == {"id": nina.pk, "username": "nina", "name": "Nina Vos"}
    assert (answer.json()["role"], answer.json()["has_password"]) == ("editor", False)
    assert "welcome" not in answer.content.decode()
    assert not nina.has_usable_password()


def test_someone_with_an_account_is_asked_and_joins_by_themselves(team, manager):
    body = {"username": team.outsider.username, "role": "viewer"}
    asked = manager.post(f"desks/{team.desk.pk}/invitations/", body).json()
    assert team.outsider.username not in members(team)
    theirs = Api(team.outsider)
    assert [one["id"] for one in theirs.get("invitations/").json()["results"]] == [asked["id"]]
    joined = theirs.post(f"invitations/{asked['id']}/accept/", {})
    assert (joined.status_code, joined.json()["id"], joined.json()["role"]) == (200, team.desk.pk, "viewer")
    assert members(team)[team.outsider.username] == "viewer"
    assert manager.get(f"desks/{team.desk.pk}/invitations/").json()["results"] == []


def test_an_invitation_is_declined_or_withdrawn(team, manager):
    def ask():
        body = {"username": team.outsider.username, "role": "viewer"}
        return manager.post(f"desks/{team.desk.pk}/invitations/", body)

    first = ask().json()["id"]
    assert Api(team.outsider).post(f"invitations/{first}/decline/", {}).status_code == 204
    assert (ask().status_code, ask().json()["code"]) == (409, "asked_already")
    assert manager.delete(f"desks/{team.desk.pk}/invitations/{first}/").status_code == 204
    assert manager.delete(f"desks/{team.desk.pk}/invitations/{first}/").status_code == 404
    second = ask().json()["id"]
    assert manager.delete(f"desks/{team.desk.pk}/invitations/{second}/").status_code == 204
    assert Api(team.outsider).post(f"invitations/{second}/accept/", {}).status_code == 404
    assert team.outsider.username not in members(team)


def test_the_same_addition_sent_twice_makes_one_member(team, manager):
    body = {"username": "nina", "role": "editor"}
    first = manager.post(f"desks/{team.desk.pk}/members/", body, Idempotency_Key="add-nina")
    again = manager.post(f"desks/{team.desk.pk}/members/", body, Idempotency_Key="add-nina")
    assert (again.status_code, again["Idempotency-Replayed"]) == (201, "true")
    assert again.json() == first.json()
    assert Activity.objects.filter(verb="made_account", object_id=first.json()["person"]["id"]).count() == 1


def test_nobody_is_added_twice_or_under_a_name_with_spaces(team, manager):
    before, lines = members(team), Activity.objects.count()
    twice = manager.post(
        f"desks/{team.desk.pk}/invitations/", {"username": team.viewer.username, "role": "editor"}
    )
    spaced = manager.post(f"desks/{team.desk.pk}/members/", {"username": "nina vos", "role": "editor"})
    assert (twice.status_code, twice.json()["code"]) == (409, "already_there")
    assert (spaced.status_code, spaced.json()["fields"]) == (
        422,
        {"username": "1 to 150 characters, no spaces."},
    )
    assert (members(team), Activity.objects.count()) == (before, lines)


def test_a_role_is_changed_by_whoever_read_the_desk_as_it_is(team, manager):
    one = f"desks/{team.desk.pk}/members/{team.viewer.pk}/"
    etag = manager.get(one)["ETag"]
    assert manager.patch(one, {"role": "editor"}).status_code == 428
    changed = manager.patch(one, {"role": "editor"}, If_Match=etag)
    late = manager.patch(one, {"role": "reviewer"}, If_Match=etag)
    assert (changed.status_code, changed.json()["role"]) == (200, "editor")
    assert changed["ETag"] != etag
    assert (late.status_code, late.json()["code"]) == (412, "stale_desk")
    assert late.json()["current"] == {
        "role": "editor",
        "version": int(changed["ETag"].strip('"').partition(".")[0]),
    }
    assert members(team)[team.viewer.username] == "editor"


def test_a_desk_keeps_a_manager_through_the_api_too(team, manager):
    Membership.objects.filter(desk=team.desk, role="manager").exclude(user=team.manager).delete()
    one = f"desks/{team.desk.pk}/members/{team.manager.pk}/"
    demoted = manager.patch(one, {"role": "viewer"}, If_Match=manager.get(one)["ETag"])
    removed = manager.delete(one)
    assert [(each.status_code, each.json()["code"]) for each in (demoted, removed)] == [
        (422, "last_manager")
    ] * 2
    assert members(team)[team.manager.username] == "manager"


def test_who_is_taken_off_sees_the_desk_no_more(team, manager, editor):
    one = f"desks/{team.desk.pk}/members/{team.editor.pk}/"
    assert manager.delete(one).status_code == 204
    assert manager.delete(one).status_code == 404
    assert editor.get(f"desks/{team.desk.pk}/").status_code == 404
    assert team.editor.username not in members(team)


def test_a_desk_is_renamed_by_whoever_read_it_as_it_is(team, manager):
    one = f"desks/{team.desk.pk}/"
    etag = manager.get(one)["ETag"]
    assert manager.patch(one, {"name": "Foreign"}).status_code == 428
    assert manager.patch(one, {"name": "Foreign"}, If_Match=etag).json()["name"] == "Foreign"
    late = manager.patch(one, {"name": "Home"}, If_Match=etag)
    assert (late.status_code, late.json()["current"]["name"]) == (412, "Foreign")
    assert Desk.objects.get(pk=team.desk.pk).name == "Foreign"
