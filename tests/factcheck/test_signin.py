"""Signing in is rate-limited for one name from one address."""

from typing import Any

import pytest
from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.test import Client, RequestFactory, override_settings

import factcheck.settings
from annotations.models import User
from factcheck.signin import client_address

pytestmark = pytest.mark.django_db

SIGN_IN = "/sign-in/"


@pytest.fixture
def eva() -> User:
    return User.objects.create_user("eva", password="correct horse battery")


def _try(client: Client, name: str, password: str, address: str = "192.0.2.7") -> Any:
    return client.post(SIGN_IN, {"username": name, "password": password}, REMOTE_ADDR=address)


def test_too_many_wrong_passwords_close_the_door_for_a_while(client: Client, eva: User) -> None:
    statuses = [_try(client, "eva", "wrong").status_code for _ in range(settings.AXES_FAILURE_LIMIT)]
    assert statuses == [200] * (settings.AXES_FAILURE_LIMIT - 1) + [429]
    closed = _try(client, "eva", "correct horse battery")
    assert closed.status_code == 429
    assert closed["Retry-After"] == "900"
    assert "Too many wrong passwords" in closed.content.decode()
    assert "_auth_user_id" not in client.session


def test_others_behind_the_same_address_and_the_person_elsewhere_still_get_in(
    client: Client, eva: User
) -> None:
    User.objects.create_user("ruben", password="another long password")
    for _ in range(settings.AXES_FAILURE_LIMIT):
        _try(client, "eva", "wrong")
    assert _try(Client(), "ruben", "another long password").status_code == 302
    assert _try(Client(), "eva", "correct horse battery", "198.51.100.9").status_code == 302


def test_the_page_does_not_say_whether_the_name_exists(client: Client, eva: User) -> None:
    known = [_try(client, "eva", "wrong").status_code for _ in range(settings.AXES_FAILURE_LIMIT)]
    unknown = [_try(Client(), "nobody", "wrong").status_code for _ in range(settings.AXES_FAILURE_LIMIT)]
    assert known == unknown


def test_passwords_are_kept_by_argon2() -> None:
    with override_settings(PASSWORD_HASHERS=factcheck.settings.PASSWORD_HASHERS):
        assert make_password("correct horse battery").startswith("argon2$argon2id$")


@pytest.mark.parametrize(
    ("behind_proxy", "forwarded", "address"),
    [
        (False, "203.0.113.5", "10.0.0.1"),
        (True, "203.0.113.5", "203.0.113.5"),
        (True, "1.1.1.1, 203.0.113.5", "203.0.113.5"),
        (True, "", "10.0.0.1"),
    ],
)
def test_a_forwarded_address_counts_only_from_our_own_proxy(
    settings: Any, behind_proxy: bool, forwarded: str, address: str
) -> None:
    settings.BEHIND_TLS_PROXY = behind_proxy
    request = RequestFactory().get("/", REMOTE_ADDR="10.0.0.1", HTTP_X_FORWARDED_FOR=forwarded)
    assert client_address(request) == address
