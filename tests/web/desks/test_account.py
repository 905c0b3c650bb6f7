"""Signing in, the account page, and what happens when a page refuses."""

import pytest
from django.conf import settings
from django.test import Client

from annotations.models import ApiToken, Claim, User
from annotations.workflow.desks.api_tokens import create_token, key_hash
from tests.factories import Team, make_claim, make_user

pytestmark = pytest.mark.django_db
PASSWORD = "correct horse battery"


@pytest.fixture
def person(db: None) -> User:
    user = make_user("eva")
    user.set_password(PASSWORD)
    user.save()
    return user


def sign_in(client: Client, user: User, password: str = PASSWORD, **more: str) -> int:
    fields = {"username": user.username, "password": password, **more}
    return client.post("/sign-in/", fields, REMOTE_ADDR="10.0.0.1").status_code


def test_a_right_password_leads_to_where_the_person_wanted_to_go(client: Client, person: User) -> None:
    response = client.post(
        "/sign-in/", {"username": person.username, "password": PASSWORD, "next": "/account/"}
    )
    assert response["Location"] == "/account/"


def test_signing_in_never_leads_to_another_site(client: Client, person: User) -> None:
    response = client.post(
        "/sign-in/", {"username": person.username, "password": PASSWORD, "next": "https://evil.example/"}
    )
    assert response["Location"] == "/"


def test_a_wrong_password_is_told_beside_what_was_typed(client: Client, person: User) -> None:
    text = client.post("/sign-in/", {"username": person.username, "password": "no"}).content.decode()
    assert "Name and password do not match." in text
    assert f'value="{person.username}"' in text


def test_too_many_wrong_passwords_close_the_door_for_a_while(client: Client, person: User) -> None:
    codes = [sign_in(client, person, "wrong") for _ in range(settings.AXES_FAILURE_LIMIT)]
    assert codes[-1] == 429
    response = client.post(
        "/sign-in/", {"username": person.username, "password": PASSWORD}, REMOTE_ADDR="10.0.0.1"
    )
    assert response.status_code == 429
    assert "Too many wrong passwords" in response.content.decode()


def test_signing_out_is_never_a_link(client: Client, person: User) -> None:
    client.force_login(person)
    assert client.get("/sign-out/").status_code == 405
    assert client.post("/sign-out/").status_code == 302
    assert client.get("/account/").status_code == 302


def test_a_token_is_shown_once_and_kept_as_a_fingerprint_only(client: Client, person: User) -> None:
    client.force_login(person)
    response = client.post("/account/tokens/", {"name": "morning import"})
    key = response.context["new_key"]
    assert key in response.content.decode()
    assert response["Cache-Control"] == "no-store"
    token = ApiToken.objects.get()
    assert (token.key_sha256, token.name) == (key_hash(key), "morning import")
    assert key not in client.get("/account/").content.decode()


def test_a_nameless_token_is_refused_beside_the_field(client: Client, person: User) -> None:
    client.force_login(person)
    response = client.post("/account/tokens/", {"name": " "})
    assert response.status_code == 422
    assert not ApiToken.objects.exists()


def test_a_revoked_token_leaves_the_page_and_nobody_else_can_revoke_it(client: Client, person: User) -> None:
    made = create_token(user=person, name="x").token
    client.force_login(make_user("thief"))
    assert client.post(f"/account/tokens/{made.pk}/revoke/").status_code == 404
    made.refresh_from_db()
    assert made.revoked_at is None
    client.force_login(person)
    client.post(f"/account/tokens/{made.pk}/revoke/")
    assert made.hint not in client.get("/account/").content.decode()


def test_a_changed_password_keeps_this_device_signed_in(client: Client, person: User) -> None:
    client.force_login(person)
    new = "another good one"
    fields = {"old_password": PASSWORD, "new_password1": new, "new_password2": new}
    assert client.post("/account/", fields)["Location"] == "/account/"
    assert client.get("/account/").status_code == 200
    person.refresh_from_db()
    assert person.check_password("another good one")


def test_a_password_is_not_changed_without_the_old_one(client: Client, person: User) -> None:
    client.force_login(person)
    fields = {"old_password": "no", "new_password1": "another good one", "new_password2": "another good one"}
    assert client.post("/account/", fields).status_code == 422
    person.refresh_from_db()
    assert person.check_password(PASSWORD)


@pytest.mark.parametrize("theme", ["system", "light", "dark"])
def test_the_chosen_colours_are_in_the_first_byte_of_the_next_page(client: Client, theme: str) -> None:
    client.post("/theme/", {"theme": theme})
    assert f'data-theme="{theme}"' in client.get("/sign-in/").content.decode()


def test_an_unknown_theme_changes_nothing(client: Client) -> None:
    assert client.post("/theme/", {"theme": '"><script>'}).status_code == 404
    assert 'data-theme="system"' in client.get("/sign-in/").content.decode()


def test_a_theme_cookie_from_elsewhere_is_not_believed(client: Client) -> None:
    client.cookies["theme"] = '"onload=x'
    assert 'data-theme="system"' in client.get("/sign-in/").content.decode()


def test_pages_carry_no_inline_script_or_style(client: Client, team: Team) -> None:
    client.force_login(team.manager)
    for address in ("/", "/claims/", "/account/", "/sign-in/", f"/desks/{team.desk.slug}/"):
        text = client.get(address, follow=True).content.decode()
        assert "<style" not in text
        assert " style=" not in text
        assert "<script>" not in text
        assert " onclick=" not in text


def test_a_refused_form_gives_back_what_was_typed_but_never_a_password(client: Client, team: Team) -> None:
    claim = make_claim(team)
    client.force_login(team.editor)
    words = "A long explanation that took a quarter of an hour to write. " * 3
    response = client.post(
        f"/claims/{claim.pk}/park/", {"reason": words, "until": "soon", "password": "s3cret-pass"}
    )
    text = response.content.decode()
    assert response.status_code == 422
    assert words.strip() in text
    assert "s3cret-pass" not in text
    assert ">soon</textarea>" in text


def test_what_may_not_be_seen_is_404_and_what_may_not_be_done_is_403(client: Client, team: Team) -> None:
    claim = make_claim(team)
    client.force_login(team.outsider)
    assert client.post(f"/claims/{claim.pk}/wake/").status_code == 404
    client.force_login(team.viewer)
    assert client.post(f"/claims/{claim.pk}/wake/").status_code == 403
    assert Claim.objects.get(pk=claim.pk).parked_until is None


def test_an_address_that_is_nowhere_says_so_in_the_look_of_the_house(client: Client, person: User) -> None:
    client.force_login(person)
    response = client.get("/nowhere/")
    assert response.status_code == 404
    assert "There is nothing at this address" in response.content.decode()
