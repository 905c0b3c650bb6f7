"""Signing in is rate-limited by name, by address and by both, and no stranger locks a person out."""

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.test import Client, RequestFactory, override_settings

import factcheck.settings
from annotations.models import User
from factcheck.signin import ADDRESS_CLOSED, NAME_CLOSED, NAME_UNDER_ATTACK, client_address

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
    ("hops", "forwarded", "address"),
    [
        (0, "203.0.113.5", "10.0.0.1"),
        (1, "203.0.113.5", "203.0.113.5"),
        (1, "1.1.1.1, 203.0.113.5", "203.0.113.5"),
        (1, "1.1.1.1,203.0.113.5:4711", "203.0.113.5"),
        (1, "", "10.0.0.1"),
        (1, "203.0.113.5, nonsense", "10.0.0.1"),
        (2, "1.1.1.1, 203.0.113.5, 10.0.0.2", "203.0.113.5"),
        (2, "203.0.113.5", "203.0.113.5"),
        (3, "1.1.1.1, 203.0.113.5, 10.0.0.3, 10.0.0.2", "203.0.113.5"),
        (1, "2001:db8:1:2:3:4:5:6", "2001:db8:1:2::"),
        (1, "[2001:db8:1:2:ffff::1]:443", "2001:db8:1:2::"),
        (1, "::ffff:203.0.113.5", "203.0.113.5"),
    ],
)
def test_a_visitor_is_known_by_what_the_outermost_of_our_proxies_saw(
    settings: Any, hops: int, forwarded: str, address: str
) -> None:
    settings.TRUSTED_PROXIES = hops
    request = RequestFactory().get("/", REMOTE_ADDR="10.0.0.1", HTTP_X_FORWARDED_FOR=forwarded)
    assert client_address(request) == address


def _everyone_tries(name: str, tries: int) -> list[int]:
    """Wrong passwords for one name, each address sending two."""
    return [
        _try(Client(), name, "wrong", f"198.51.100.{number // 2 + 1}").status_code for number in range(tries)
    ]


def test_no_stranger_locks_a_person_out_of_a_device_they_have_used(eva: User) -> None:
    """From a hundred addresses, and from the person's own."""
    device = Client()
    assert _try(device, "eva", "correct horse battery").status_code == 302
    device.post("/sign-out/")

    _everyone_tries("eva", NAME_CLOSED + 10)
    for _ in range(settings.AXES_FAILURE_LIMIT + 1):
        _try(Client(), "eva", "wrong")

    assert _try(Client(), "eva", "correct horse battery", "203.0.113.9").status_code == 429
    assert _try(device, "eva", "correct horse battery").status_code == 302


def test_a_name_is_not_guessed_from_many_addresses(eva: User) -> None:
    """After many wrong passwords for a name an address has two tries, and at last a stranger has none."""
    _everyone_tries("eva", NAME_UNDER_ATTACK)
    fresh = [_try(Client(), "eva", "wrong", "203.0.113.1").status_code for _ in range(3)]
    assert fresh == [200, 429, 429]
    assert _try(Client(), "eva", "correct horse battery", "203.0.113.2").status_code == 302

    _everyone_tries("eva", 2 * NAME_CLOSED)
    assert _try(Client(), "eva", "wrong", "203.0.113.3").status_code == 429


def test_one_network_of_ipv6_is_one_address(eva: User) -> None:
    answers = [
        _try(Client(), "eva", "wrong", f"2001:db8:0:1::{number + 1:x}").status_code
        for number in range(settings.AXES_FAILURE_LIMIT)
    ]
    assert answers[-1] == 429
    assert _try(Client(), "eva", "correct horse battery", "2001:db8:0:1:ffff::9").status_code == 429
    assert _try(Client(), "eva", "correct horse battery", "2001:db8:0:2::1").status_code == 302


def test_one_address_does_not_go_through_all_names(eva: User) -> None:
    for number in range(ADDRESS_CLOSED):
        _try(Client(), f"name{number}", "wrong")
    assert _try(Client(), "eva", "correct horse battery").status_code == 429
    assert _try(Client(), "eva", "correct horse battery", "203.0.113.2").status_code == 302


def test_a_known_device_is_no_way_to_guess_without_end_nor_into_another_name(eva: User) -> None:
    User.objects.create_user("ruben", password="another long password")
    device = Client()
    _try(device, "eva", "correct horse battery")
    device.post("/sign-out/")
    guesses = [_try(device, "eva", "wrong").status_code for _ in range(settings.AXES_FAILURE_LIMIT)]
    assert guesses[-1] == 429
    others = [_try(device, "ruben", "wrong").status_code for _ in range(settings.AXES_FAILURE_LIMIT)]
    assert others[-1] == 429


def test_a_device_cookie_that_no_sign_in_gave_is_no_device(eva: User) -> None:
    planted = Client()
    planted.cookies[settings.DEVICE_COOKIE_NAME] = "known-to-a-stranger"
    _try(planted, "eva", "correct horse battery")
    assert planted.cookies[settings.DEVICE_COOKIE_NAME].value != "known-to-a-stranger"
    for _ in range(settings.AXES_FAILURE_LIMIT):
        _try(Client(), "eva", "wrong")
    thief = Client()
    thief.cookies[settings.DEVICE_COOKIE_NAME] = "known-to-a-stranger"
    assert _try(thief, "eva", "correct horse battery").status_code == 429


def test_trying_on_while_locked_out_keeps_nobody_out_longer(eva: User) -> None:
    with time_machine.travel("2030-01-01T12:00Z", tick=False) as now:
        for _ in range(settings.AXES_FAILURE_LIMIT):
            _try(Client(), "eva", "wrong")
        now.shift(settings.AXES_COOLOFF_TIME / 2)
        assert _try(Client(), "eva", "wrong").status_code == 429
        now.shift(settings.AXES_COOLOFF_TIME / 2 + timedelta(seconds=1))
        assert _try(Client(), "eva", "correct horse battery").status_code == 302


def test_the_admin_site_has_no_door_of_its_own(client: Client, eva: User) -> None:
    fields = {"username": "eva", "password": "correct horse battery"}
    answer = client.post("/admin/login/?next=/admin/", fields)
    assert answer["Location"] == "/sign-in/?next=/admin/"
    assert "_auth_user_id" not in client.session
