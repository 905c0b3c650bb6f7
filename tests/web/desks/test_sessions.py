"""Where a person is signed in: seen and ended on the account page, and new devices on the log."""

import pytest
from django.conf import settings
from django.test import Client

from annotations.models import Activity, Device, Membership, Session, User
from annotations.queries.desks.devices import session_handle
from annotations.workflow.desks.api_tokens import create_token, revoke_token
from tests.factories import Team, make_team

pytestmark = pytest.mark.django_db
PASSWORD = "correct horse battery"
FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
SAFARI = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) Version/18.0 Mobile/15E148 Safari/604.1"


@pytest.fixture
def eva(team: Team) -> User:
    team.editor.set_password(PASSWORD)
    team.editor.save()
    return team.editor


def signed_in(person: User, agent: str = FIREFOX, client: Client | None = None) -> Client:
    client = client or Client()
    client.defaults["HTTP_USER_AGENT"] = agent
    assert client.post("/sign-in/", {"username": person.username, "password": PASSWORD}).status_code == 302
    return client


def is_in(client: Client) -> bool:
    return client.get("/account/").status_code == 200


def test_the_account_page_names_each_place_and_gives_no_session_away(eva: User) -> None:
    here, there = signed_in(eva), signed_in(eva, SAFARI)
    page = here.get("/account/")
    shown = page.context["sessions"]
    assert [(one.device, one.is_this) for one in shown] == [
        ("Safari on iPhone", False),
        ("Firefox on Linux", True),
    ]
    assert all(one.signed_in_at for one in shown)
    for client in (here, there):
        assert str(client.session.session_key) not in page.content.decode()


def test_one_place_is_ended_and_the_others_stay(eva: User) -> None:
    here, there, third = signed_in(eva), signed_in(eva, SAFARI), signed_in(eva)
    handle = session_handle(str(there.session.session_key))
    assert here.post(f"/account/sessions/{handle}/end/").status_code == 302
    assert [is_in(client) for client in (here, there, third)] == [True, False, True]
    assert here.post(f"/account/sessions/{handle}/end/").status_code == 404


def test_this_place_and_all_others_are_ended(eva: User) -> None:
    here, there, third = signed_in(eva), signed_in(eva), signed_in(eva)
    here.post("/account/sessions/end-others/")
    assert [is_in(client) for client in (here, there, third)] == [True, False, False]
    here.post(f"/account/sessions/{session_handle(str(here.session.session_key))}/end/")
    assert not is_in(here)
    assert not Session.objects.filter(user=eva).exists()


def test_nobody_ends_the_session_of_another_person(eva: User, team: Team) -> None:
    theirs, stranger = signed_in(eva), Client()
    stranger.force_login(team.colleague, backend="django.contrib.auth.backends.ModelBackend")
    handle = session_handle(str(theirs.session.session_key))
    assert stranger.post(f"/account/sessions/{handle}/end/").status_code == 404
    stranger.post("/account/sessions/end-others/")
    assert is_in(theirs)


def test_a_changed_password_ends_every_other_session_at_once(eva: User) -> None:
    here, there = signed_in(eva), signed_in(eva, SAFARI)
    key, new = there.session.session_key, "another good password"
    fields = {"old_password": PASSWORD, "new_password1": new, "new_password2": new}
    assert here.post("/account/", fields).status_code == 302
    assert not Session.objects.filter(session_key=key).exists()
    assert [is_in(client) for client in (here, there)] == [True, False]
    assert [one.is_this for one in here.get("/account/").context["sessions"]] == [True]


def lines(verb: str) -> list[tuple[int, int | None, object]]:
    rows = Activity.objects.filter(verb=verb).order_by("pk")
    return [(row.desk_id, row.actor_id, row.details) for row in rows]


def test_the_first_sign_in_on_a_device_is_a_line_on_each_desk_of_the_person(eva: User, team: Team) -> None:
    elsewhere = make_team().desk
    Membership.objects.create(desk=elsewhere, user=eva, role="viewer")
    device = signed_in(eva)
    device.post("/sign-out/")
    signed_in(eva, client=device)
    assert lines("signed_in_on_new_device") == [
        (desk.pk, eva.pk, {"device": "Firefox on Linux"}) for desk in (team.desk, elsewhere)
    ]
    signed_in(eva, SAFARI)
    assert len(lines("signed_in_on_new_device")) == 4
    assert Device.objects.filter(user=eva).count() == 2


def test_a_device_cookie_is_kept_from_scripts_and_only_as_a_hash(eva: User) -> None:
    cookie = signed_in(eva).cookies[settings.DEVICE_COOKIE_NAME]
    assert cookie["httponly"]
    assert Device.objects.get(user=eva).key_sha256 not in cookie.value
    assert not Device.objects.filter(key_sha256=cookie.value).exists()


def test_a_wrong_password_makes_no_device_and_no_line(eva: User) -> None:
    client = Client()
    client.post("/sign-in/", {"username": eva.username, "password": "wrong"})
    assert settings.DEVICE_COOKIE_NAME not in client.cookies
    assert not Device.objects.exists()
    assert lines("signed_in_on_new_device") == []


def test_tokens_made_and_revoked_and_passwords_changed_are_lines(eva: User, team: Team) -> None:
    token = create_token(user=eva, name="import").token
    revoke_token(token.pk, by=eva)
    revoke_token(token.pk, by=eva)
    here, new = signed_in(eva), "another good password"
    here.post("/account/", {"old_password": PASSWORD, "new_password1": new, "new_password2": new})
    assert lines("made_token") == lines("revoked_token") == [(team.desk.pk, eva.pk, {"name": "import"})]
    assert lines("set_password") == [(team.desk.pk, eva.pk, {})]
