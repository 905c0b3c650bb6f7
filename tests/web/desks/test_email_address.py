"""A confirmed e-mail address: only of whoever reads its mail, and of one account."""

import re
import socket
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from aiosmtpd.controller import Controller
from django.core import mail, signing
from django.db import connection
from django.test import Client
from django.utils import timezone

from annotations.models import Activity, User
from annotations.workflow.desks import email_address as workflow
from annotations.workflow.verdicts.review import approve
from tests.api.scenario import everything
from tests.factories import Team, make_claim_in_review, record_of
from tests.models.refusing import refused_by
from tests.web.desks.test_second_factor import signed_in

pytestmark = pytest.mark.django_db
ADDRESS = "eva@news.example.org"


@pytest.fixture(autouse=True)
def mail_is_set_up(settings: Any) -> None:
    settings.EMAIL_HOST = "mail.example.org"
    settings.PUBLIC_URL = "https://facts.example.org"


def ask(client: Client, address: str = ADDRESS) -> Any:
    return client.post("/account/e-mail/", {"mail-email": address}, headers={"host": "testserver"})


def link_in_the_mail() -> str:
    found = re.search(r"https://facts\.example\.org(/account/e-mail/\S+/)", str(mail.outbox[-1].body))
    assert found is not None
    return found.group(1)


def confirmed(user: User, address: str = ADDRESS) -> None:
    User.objects.filter(pk=user.pk).update(email=address, email_confirmed_at=timezone.now())


def test_an_address_is_kept_once_its_person_says_so_by_the_link(team: Team) -> None:
    client = signed_in(team.editor)
    assert ask(client)["Location"] == "/account/"
    team.editor.refresh_from_db()
    assert (team.editor.email, mail.outbox[0].to) == ("", [ADDRESS])

    # A mail program that opens the link confirms nothing.
    assert ADDRESS in client.get(link_in_the_mail()).content.decode()
    assert not Activity.objects.filter(verb="confirmed_email").exists()
    client.post(link_in_the_mail())

    team.editor.refresh_from_db()
    assert team.editor.email == ADDRESS
    assert team.editor.email_confirmed_at is not None
    assert Activity.objects.get(verb="confirmed_email").actor == team.editor
    assert ADDRESS in client.get("/account/").content.decode()
    client.post(link_in_the_mail())
    assert Activity.objects.filter(verb="confirmed_email").count() == 1


def test_a_link_confirms_nothing_for_anybody_else_nor_late_nor_changed(team: Team) -> None:
    with time_machine.travel("2030-01-01T12:00:00Z", tick=False) as now:
        ask(signed_in(team.editor))
        link = link_in_the_mail()
        other = signing.dumps({"user": team.editor.pk, "email": ADDRESS}, salt="something else")
        for person, address in (
            (team.colleague, link),
            (team.editor, link[:-2] + "x/"),
            (team.editor, f"/account/e-mail/{other}/"),
        ):
            assert signed_in(person).post(address).status_code == 422
        assert Client().post(link).status_code == 302
        now.shift(timedelta(days=3, seconds=1))
        assert signed_in(team.editor).post(link).status_code == 422
    assert not User.objects.exclude(email="").filter(email_confirmed_at__isnull=False).exists()


@pytest.mark.parametrize("address", ["", "eva", "eva@", "a@b@c.org", "eva@example.org\nBcc: all@example.org"])
def test_what_is_no_address_gets_no_mail(team: Team, address: str) -> None:
    assert ask(signed_in(team.editor), address).status_code == 422
    with pytest.raises(workflow.EmailInvalid):
        workflow.ask_to_confirm(address, by=team.editor, link="{token}")
    assert mail.outbox == []


def test_nobody_is_sent_mail_after_mail(team: Team) -> None:
    with time_machine.travel(timezone.now()) as now:
        client = signed_in(team.editor)
        ask(client)
        again = ask(client, "victim@example.org")
        assert again.status_code == 422
        assert "a moment ago" in again.content.decode()
        assert len(mail.outbox) == 1
        now.shift(timedelta(minutes=2, seconds=1))
        assert ask(client).status_code == 302


def test_one_address_is_confirmed_for_one_account(team: Team) -> None:
    confirmed(team.colleague, ADDRESS.upper())
    client = signed_in(team.editor)
    # Whoever asks is not told; whoever reads the mail is.
    assert ask(client).status_code == 302
    before = everything()
    taken = client.post(link_in_the_mail())
    assert taken.status_code == 409
    assert "confirmed for another account" in taken.content.decode()
    assert everything() == before
    with refused_by("user_email_confirmed_once"), connection.cursor() as cursor:
        cursor.execute(
            "UPDATE annotations_user SET email = %s, email_confirmed_at = now() WHERE id = %s",
            [ADDRESS, team.editor.pk],
        )


def test_whoever_changes_an_address_does_not_confirm_it(team: Team) -> None:
    confirmed(team.editor)
    User.objects.filter(pk=team.editor.pk).update(first_name="Eva")
    team.editor.refresh_from_db()
    assert team.editor.email_confirmed_at is not None
    User.objects.filter(pk=team.editor.pk).update(email="other@example.org")
    team.editor.refresh_from_db()
    assert team.editor.email_confirmed_at is None


def test_an_address_is_removed_by_its_person(team: Team) -> None:
    confirmed(team.editor)
    client = signed_in(team.editor)
    client.post("/account/e-mail/remove/")
    client.post("/account/e-mail/remove/")
    team.editor.refresh_from_db()
    assert (team.editor.email, team.editor.email_confirmed_at) == ("", None)
    assert Activity.objects.get(verb="removed_email").actor == team.editor


def test_who_signs_without_a_confirmed_address_is_named(team: Team) -> None:
    claim = make_claim_in_review(team)
    for person in (team.editor, team.reviewer):
        confirmed(person, f"{person.username}@example.org")
    reviewing = signed_in(team.reviewer)
    page = f"/claims/{claim.pk}/"
    assert "No confirmed e-mail address" not in reviewing.get(page).content.decode()
    User.objects.filter(pk=team.editor.pk).update(email="")
    shown = " ".join(reviewing.get(page).content.decode().split())
    assert f"No confirmed e-mail address: {team.editor.display_name}" in shown

    approve(claim.pk, record=record_of(claim.pk), by=team.reviewer)

    line = Activity.objects.get(verb="approved")
    assert line.details["without_confirmed_email"] == [team.editor.username]
    assert "No confirmed e-mail address" in signed_in(team.viewer).get(page).content.decode()


def test_managers_see_the_addresses_of_their_members_and_nobody_else_does(team: Team) -> None:
    confirmed(team.editor)
    people = f"/desks/{team.desk.slug}/"
    shown = signed_in(team.manager).get(people).content.decode()
    assert ADDRESS in shown
    assert "no confirmed e-mail address" in shown
    for person in (team.editor, team.reviewer, team.viewer):
        assert ADDRESS not in signed_in(person).get(people).content.decode()


def test_without_a_mail_server_nothing_of_it_is_offered(team: Team, settings: Any) -> None:
    settings.EMAIL_HOST = ""
    client = signed_in(team.editor)
    assert "e-mail" not in client.get("/account/").content.decode().lower()
    assert "e-mail address" not in signed_in(team.manager).get(f"/desks/{team.desk.slug}/").content.decode()
    assert ask(client).status_code == 404
    assert mail.outbox == []


class Refusing:
    """A mail server's rule that takes no mail."""

    async def handle_RCPT(self, *_: object) -> str:  # noqa: N802
        return "550 no such person"


class Taking:
    def __init__(self) -> None:
        self.taken: list[tuple[str, list[str]]] = []

    async def handle_DATA(self, _server: object, _session: object, envelope: Any) -> str:  # noqa: N802
        self.taken.append((envelope.mail_from, envelope.rcpt_tos))
        return "250 kept"


def through(settings: Any, handler: Any) -> Controller:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    server = Controller(handler, hostname="127.0.0.1", port=port)
    server.start()
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_USE_TLS = "127.0.0.1", False
    settings.EMAIL_PORT = port
    return server


def test_a_real_mail_server_takes_the_mail(team: Team, settings: Any) -> None:
    taking = Taking()
    server = through(settings, taking)
    try:
        assert ask(signed_in(team.editor)).status_code == 302
    finally:
        server.stop()
    assert taking.taken == [(settings.DEFAULT_FROM_EMAIL, [ADDRESS])]


def test_a_mail_server_that_refuses_or_is_away_is_said_in_words(team: Team, settings: Any) -> None:
    server = through(settings, Refusing())
    try:
        refused = ask(signed_in(team.editor))
    finally:
        server.stop()
    away = ask(signed_in(team.colleague))
    for answer in (refused, away):
        assert answer.status_code == 422
        assert "The mail could not be sent" in answer.content.decode()
        assert ADDRESS in answer.content.decode()
