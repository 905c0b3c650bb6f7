"""Two-factor sign-in: without the code nobody is in, and a desk that asks for it shows nothing without it."""

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.conf import settings
from django.core.management import CommandError, call_command
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from annotations.domain.desks.roles import Action
from annotations.domain.errors import Missing, NotAllowed
from annotations.models import Activity, Claim, Desk, RecoveryCode, SecondFactor, User
from annotations.permissions import can, forget_roles
from annotations.visibility import visible_to
from annotations.workflow.desks import second_factor as workflow
from annotations.workflow.desks.second_factor import (
    NOT_PROVED,
    ProofNeeded,
    Proved,
    WrongCode,
    code_at,
)
from tests.api.conftest import Api
from tests.api.scenario import everything
from tests.factories import Team, make_claim, make_second_factor

pytestmark = pytest.mark.django_db
PASSWORD = "correct horse battery"
NOON = "2030-01-01T12:00:00Z"


@pytest.fixture
def eva(team: Team) -> User:
    team.editor.set_password(PASSWORD)
    team.editor.save()
    return team.editor


def with_app(user: User) -> tuple[str, list[str]]:
    """Set up an app; returns its secret and the recovery codes. The code of this half-minute is used."""
    secret = workflow.new_secret()
    code = code_at(secret, timezone.now())
    return secret, workflow.set_up_app(by=user, secret=secret, code=code, keep_session=None).codes


def first_step(user: User, client: Client | None = None) -> Client:
    client = client or Client()
    answer = client.post("/sign-in/", {"username": user.username, "password": PASSWORD, "next": "/claims/"})
    assert answer["Location"] == "/sign-in/code/"
    return client


def is_in(client: Client) -> bool:
    return client.get("/account/").status_code == 200


def test_a_password_alone_opens_nothing_and_the_code_does(eva: User) -> None:
    with time_machine.travel(NOON, tick=False) as now:
        secret, _ = with_app(eva)
        client = first_step(eva)
        assert not is_in(client)
        assert client.get("/api/v1/me/").status_code == 401
        assert settings.DEVICE_COOKIE_NAME not in client.cookies
        now.shift(30)
        answer = client.post("/sign-in/code/", {"code": code_at(secret, timezone.now())})
        assert answer["Location"] == "/claims/"
        assert is_in(client)


def test_a_code_is_used_once_and_not_long_after(eva: User) -> None:
    with time_machine.travel(NOON, tick=False) as now:
        secret, _ = with_app(eva)
        used = code_at(secret, timezone.now())
        with pytest.raises(WrongCode):
            workflow.prove(eva, code=used)
        late = code_at(secret, timezone.now() + timedelta(seconds=30))
        now.shift(120)
        with pytest.raises(WrongCode):
            workflow.prove(eva, code=late)
        for wrong in ("", "000000x", "٠٠٠٠٠٠", "1" * 16):
            with pytest.raises(WrongCode):
                workflow.prove(eva, code=wrong)
        workflow.prove(
            eva, code=f" {code_at(secret, timezone.now())[:3]} {code_at(secret, timezone.now())[3:]}"
        )


def test_a_recovery_code_opens_once_and_stands_on_the_log(eva: User, team: Team) -> None:
    _, codes = with_app(eva)
    client = first_step(eva)
    assert client.post("/sign-in/code/", {"code": codes[0].lower()}).status_code == 302
    assert is_in(client)
    again = first_step(eva)
    assert again.post("/sign-in/code/", {"code": codes[0]}).status_code == 422
    assert not is_in(again)
    assert [line.actor for line in Activity.objects.filter(desk=team.desk, verb="used_recovery_code")] == [
        eva
    ]
    assert len(set(codes)) == 10
    assert not RecoveryCode.objects.filter(code_sha256__in=codes).exists()


def test_codes_of_another_person_open_nothing(eva: User, team: Team) -> None:
    with_app(eva)
    secret, codes = with_app(team.colleague)
    with time_machine.travel(timezone.now() + timedelta(seconds=30)):
        for code in (codes[0], code_at(secret, timezone.now())):
            client = first_step(eva)
            assert client.post("/sign-in/code/", {"code": code}).status_code == 422
            assert not is_in(client)


def test_codes_are_not_guessed_without_end(eva: User) -> None:
    """Wrong codes count as wrong passwords do, also if the password is typed anew each time."""
    _, codes = with_app(eva)
    answers = [
        first_step(eva).post("/sign-in/code/", {"code": "abcdef"}).status_code
        for _ in range(settings.AXES_FAILURE_LIMIT)
    ]
    assert answers == [422] * (settings.AXES_FAILURE_LIMIT - 1) + [429]
    closed = Client().post("/sign-in/", {"username": eva.username, "password": PASSWORD})
    assert closed.status_code == 429
    assert RecoveryCode.objects.filter(user=eva, used_at__isnull=True).count() == len(codes)


def test_the_first_step_ends_after_ten_minutes_and_with_another_password(eva: User) -> None:
    with time_machine.travel(NOON, tick=False) as now:
        _, codes = with_app(eva)
        waited = first_step(eva)
        now.shift(601)
        assert waited.post("/sign-in/code/", {"code": codes[0]})["Location"] == "/sign-in/"
        before = first_step(eva)
        User.objects.filter(pk=eva.pk).update(password="md5$x$" + "1" * 32)
        assert before.post("/sign-in/code/", {"code": codes[0]})["Location"] == "/sign-in/"
        assert not is_in(waited)
        assert not is_in(before)
    assert Client().get("/sign-in/code/")["Location"] == "/sign-in/"


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client


def test_setting_up_takes_the_password_and_a_code_of_the_app(eva: User) -> None:
    here, there = signed_in(eva), signed_in(eva)
    page = here.get("/account/two-factor/app/")
    secret = page.context["secret"].replace(" ", "")
    code = code_at(secret, timezone.now())
    assert page["Cache-Control"] == "no-store"
    for fields in (
        {"code": code, "password": "no"},
        {"code": "000000", "password": PASSWORD},
        {"code": code},
    ):
        assert here.post("/account/two-factor/app/", fields).status_code == 422
    assert not SecondFactor.objects.exists()

    shown = here.post("/account/two-factor/app/", {"code": code, "password": PASSWORD})

    assert len(shown.context["codes"]) == 10
    assert shown.context["codes"][0] in shown.content.decode()
    assert shown.context["codes"][0] not in here.get("/account/two-factor/").content.decode()
    assert secret not in SecondFactor.objects.get(user=eva).sealed_secret
    assert [is_in(client) for client in (here, there)] == [True, False]
    assert Activity.objects.filter(verb="set_up_second_factor", actor=eva).count() == 1
    with pytest.raises(ProofNeeded):
        with_app(eva)


def test_a_new_telephone_takes_the_place_of_the_old_one(eva: User) -> None:
    with time_machine.travel(NOON, tick=False) as now:
        old, codes = with_app(eva)
        client = signed_in(eva)
        assert client.get("/account/two-factor/app/")["Location"] == "/account/two-factor/"
        client.post("/account/two-factor/", {"code": codes[0]})
        new = client.get("/account/two-factor/app/").context["secret"].replace(" ", "")
        client.post("/account/two-factor/app/", {"code": code_at(new, timezone.now())})
        now.shift(30)
        with pytest.raises(WrongCode):
            workflow.prove(eva, code=code_at(old, timezone.now()))
        workflow.prove(eva, code=code_at(new, timezone.now()))
    assert RecoveryCode.objects.filter(user=eva, used_at__isnull=True).count() == len(codes) - 1


CHANGES = ("off/", "codes/", "app/", "app/remove/", "keys/")


def test_nothing_about_it_changes_before_the_second_factor_was_shown(eva: User) -> None:
    _, codes = with_app(eva)
    client = signed_in(eva)
    before = everything()

    for address in CHANGES:
        answer = client.post(f"/account/two-factor/{address}", {"code": codes[0], "key-name": "x"})
        assert answer["Location"] == "/account/two-factor/", address
    assert "Turn it off" not in client.get("/account/two-factor/").content.decode()

    changed = {table for table, rows in everything().items() if rows != before[table]}
    assert changed <= {"annotations_session"}
    for change in (workflow.turn_off, workflow.renew_recovery_codes, workflow.remove_app):
        for proved in (NOT_PROVED, Proved(eva.pk, 0), Proved(eva.pk + 1, int(timezone.now().timestamp()))):
            with pytest.raises(ProofNeeded):
                change(by=eva, proved=proved)
    assert SecondFactor.objects.filter(user=eva).exists()


def test_who_showed_it_changes_it_for_ten_minutes(eva: User) -> None:
    with time_machine.travel(NOON, tick=False) as now:
        _, codes = with_app(eva)
        client = signed_in(eva)
        assert client.post("/account/two-factor/", {"code": "no"}).status_code == 422
        assert client.post("/account/two-factor/", {"code": codes[0]})["Location"] == "/account/two-factor/"
        renewed = client.post("/account/two-factor/codes/").context["codes"]
        now.shift(601)
        assert "Turn it off" not in client.get("/account/two-factor/").content.decode()
        assert client.post("/account/two-factor/", {"code": codes[1]}).status_code == 422
        client.post("/account/two-factor/", {"code": renewed[0]})
        client.post("/account/two-factor/off/")
    assert not SecondFactor.objects.filter(user=eva).exists()
    assert not RecoveryCode.objects.filter(user=eva).exists()
    assert Activity.objects.filter(verb="turned_off_second_factor", actor=eva).count() == 1


def test_codes_are_not_guessed_from_an_open_session_either(eva: User) -> None:
    with_app(eva)
    client = signed_in(eva)
    answers = [
        client.post("/account/two-factor/", {"code": "abcdef"}).status_code
        for _ in range(settings.AXES_FAILURE_LIMIT + 1)
    ]
    assert answers[-1] == 429


def test_lost_app_and_codes_are_taken_off_on_the_machine(eva: User, team: Team) -> None:
    with_app(eva)
    client = Client()
    client.force_login(eva, backend="django.contrib.auth.backends.ModelBackend")
    call_command("turn_off_second_factor", eva.username)
    assert not is_in(client)
    line = Activity.objects.get(verb="turned_off_second_factor")
    assert (line.desk, line.actor, line.details) == (team.desk, None, {"person": eva.display_name})
    with pytest.raises(CommandError):
        call_command("turn_off_second_factor", eva.username)


def ask_for_it(team: Team) -> None:
    with_app(team.manager)
    workflow.require_two_factor(team.desk.pk, required=True, by=team.manager)


def everywhere(team: Team, user: User, claim: Claim) -> list[Any]:
    """What a person is shown of a desk: by page, by API token, by the rules."""
    client = Client()
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    api = Api(user)
    forget_roles(user)
    document = claim.document_id
    return [
        client.get(f"/desks/{team.desk.slug}/").status_code,
        client.get("/").status_code,
        client.get(f"/claims/{claim.pk}/").status_code,
        client.get(f"/documents/{document}/").status_code,
        client.get(reverse("claim_entry", args=[document, claim.pk])).status_code,
        api.get(f"claims/{claim.pk}/").status_code,
        api.get(f"desks/{team.desk.pk}/").status_code,
        api.get("claims/", {"desk": team.desk.pk}).status_code,
        len(api.get("desks/").json()["results"]),
        visible_to(Claim.objects.all(), user).count(),
        can(user, Action.READ, team.desk.pk),
    ]


def test_a_desk_that_asks_for_it_shows_nothing_to_members_without_it(team: Team) -> None:
    claim = make_claim(team)
    open_to = [200, 200, 200, 200, 200, 200, 200, 200, 1, 1, True]
    shut = [403, 403, 404, 404, 404, 404, 404, 404, 0, 0, False]
    assert everywhere(team, team.editor, claim) == open_to

    ask_for_it(team)

    assert everywhere(team, team.editor, claim) == shut
    assert everywhere(team, team.manager, claim) == open_to
    with_app(team.editor)
    assert everywhere(team, team.editor, claim) == open_to
    workflow.require_two_factor(team.desk.pk, required=False, by=team.manager)
    assert everywhere(team, team.viewer, claim) == open_to
    verbs = Activity.objects.filter(desk=team.desk, actor=team.manager).values_list("verb", flat=True)
    assert {"required_two_factor", "stopped_requiring_two_factor"} <= set(verbs)


def test_who_lacks_it_is_led_to_set_it_up(eva: User, team: Team) -> None:
    ask_for_it(team)
    client = Client()
    answer = client.post("/sign-in/", {"username": eva.username, "password": PASSWORD})
    assert answer["Location"] == "/account/two-factor/"
    assert team.desk.name in client.get("/account/two-factor/").content.decode()
    assert team.desk.name in client.get("/account/").content.decode()


def test_only_a_manager_with_a_second_factor_asks_a_desk_for_it(team: Team) -> None:
    with pytest.raises(workflow.OwnFactorFirst):
        workflow.require_two_factor(team.desk.pk, required=True, by=team.manager)
    with_app(team.reviewer)
    with pytest.raises(NotAllowed):
        workflow.require_two_factor(team.desk.pk, required=True, by=team.reviewer)
    assert not Desk.objects.get(pk=team.desk.pk).requires_two_factor
    client = Client()
    client.force_login(team.manager, backend="django.contrib.auth.backends.ModelBackend")
    assert client.post(f"/desks/{team.desk.slug}/two-factor/", {"required": "yes"}).status_code == 403
    with_app(team.manager)
    assert client.get("/account/").status_code == 302
    client.force_login(team.manager, backend="django.contrib.auth.backends.ModelBackend")
    assert client.post(f"/desks/{team.desk.slug}/two-factor/", {"required": "yes"}).status_code == 302
    assert Desk.objects.get(pk=team.desk.pk).requires_two_factor


def test_the_admin_site_asks_for_it_as_soon_as_a_desk_does(team: Team) -> None:
    boss = User.objects.create_superuser("boss", password=PASSWORD)
    client = Client()
    client.force_login(boss, backend="django.contrib.auth.backends.ModelBackend")
    assert client.get("/admin/").status_code == 200
    ask_for_it(team)
    assert client.get("/admin/", follow=True).status_code == 403
    with_app(boss)
    client.force_login(boss, backend="django.contrib.auth.backends.ModelBackend")
    assert client.get("/admin/").status_code == 200


def test_an_old_tab_neither_makes_codes_nor_turns_off_what_is_off(team: Team) -> None:
    proved = make_second_factor(team.editor).proved
    workflow.turn_off(by=team.editor, proved=proved)
    with pytest.raises(Missing):
        workflow.renew_recovery_codes(by=team.editor, proved=proved)
    workflow.turn_off(by=team.editor, proved=proved)
    assert not RecoveryCode.objects.exists()
    lines = Activity.objects.filter(desk=team.desk, verb="turned_off_second_factor")
    assert lines.count() == 1
    assert not Activity.objects.filter(verb="renewed_recovery_codes").exists()
