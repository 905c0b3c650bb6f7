"""Nobody guesses a password at an open screen, and no mailbox vouches for two accounts."""

import re
from typing import Any

import pytest
from django.core import mail
from django.test import Client, override_settings
from django.urls import reverse

from annotations.models import User
from annotations.workflow.desks import email_address, second_factor
from annotations.workflow.desks.email_address import EmailInvalid, EmailTaken
from annotations.workflow.desks.second_factor import WrongCode
from tests.factories import Team, make_second_factor

pytestmark = pytest.mark.django_db

PASSWORD = "correct horse battery"
NEW = {"new_password1": "another horse battery", "new_password2": "another horse battery"}


@pytest.fixture
def signed_in(team: Team) -> Client:
    team.editor.set_password(PASSWORD)
    team.editor.save()
    client = Client()
    client.force_login(team.editor, backend="django.contrib.auth.backends.ModelBackend")
    return client


def test_the_old_password_is_not_guessed_at_an_open_screen(signed_in: Client, team: Team) -> None:
    wrong = NEW | {"old_password": "a guess"}
    answers = [signed_in.post(reverse("account"), wrong).status_code for _ in range(30)]
    assert answers[0] == 422
    assert answers[-1] in (403, 429)
    signed_in.post(reverse("account"), NEW | {"old_password": PASSWORD})
    assert User.objects.get(pk=team.editor.pk).check_password(PASSWORD)


def test_the_password_is_not_guessed_where_a_first_second_factor_is_set_up(signed_in: Client) -> None:
    address = reverse("set_up_app")
    signed_in.get(address)
    answers = [signed_in.post(address, {"password": "a guess", "code": "1"}).status_code for _ in range(30)]
    assert answers[0] == 422
    assert answers[-1] in (403, 429)


def confirm(person: User, typed: str) -> str:
    User.objects.filter(pk=person.pk).update(email_asked_at=None)
    email_address.ask_to_confirm(typed, by=person, link="https://desk.example/{token}")
    found = re.search(r"https://desk\.example/(\S+)", str(mail.outbox[-1].body))
    assert found
    return email_address.confirm(found[1], by=person)


@pytest.mark.parametrize(
    "spelling",
    [
        "NORA@example.org",
        "nora@ｅxample.org",
        "nora@exam\u00adple.org",
        "nora@ⓔxample.org",
        " nora@example.org ",
    ],
)
@override_settings(EMAIL_HOST="mail.example.org")
def test_one_mailbox_vouches_for_one_account_however_it_is_spelled(team: Team, spelling: str) -> None:
    assert confirm(team.editor, "nora@example.org") == "nora@example.org"
    with pytest.raises(EmailTaken):
        confirm(team.reviewer, spelling)
    assert mail.outbox[-1].to == ["nora@example.org"]
    assert User.objects.get(pk=team.reviewer.pk).email_confirmed_at is None


@override_settings(EMAIL_HOST="mail.example.org")
def test_a_domain_in_other_letters_is_the_one_that_mail_is_sent_to(team: Team) -> None:
    assert confirm(team.editor, "nora@bücher.example") == "nora@xn--bcher-kva.example"
    with pytest.raises(EmailTaken):
        confirm(team.reviewer, "nora@xn--bcher-kva.example")


@pytest.mark.parametrize(
    "typed", ['"nora"@example.org', "nora", "@example.org", "nora@", "nora@-.org", "a b@c.de"]
)
@override_settings(EMAIL_HOST="mail.example.org")
def test_what_is_no_plain_address_gets_no_mail(team: Team, typed: str) -> None:
    with pytest.raises(EmailInvalid):
        confirm(team.editor, typed)
    assert mail.outbox == []


def test_a_changed_secret_key_is_said_and_counts_as_a_wrong_code(team: Team, settings: Any) -> None:
    make_second_factor(team.editor)
    settings.SECRET_KEY = "another key of at least forty characters, made up"
    with pytest.raises(WrongCode, match="secret key of this workbench was changed"):
        second_factor.prove(team.editor, code="123456", answer=None)
