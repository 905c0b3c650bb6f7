"""Sign-in by the newsroom's own provider, against a real OpenID Connect provider on loopback."""

import json
import socket
import subprocess
import sys
from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import jwt
import pytest
from django.core.exceptions import SuspiciousOperation
from django.test import Client

from annotations.models import Activity, Membership, OutsideIdentity, User
from annotations.web.desks.outside import Backend
from tests.factories import Team
from tests.waiting import until_up
from tests.web.desks.test_second_factor import with_app

pytestmark = pytest.mark.django_db
PASSWORD = "correct horse battery"
CLIENT = "factcheck"
PEOPLE = (
    {"sub": "s-1", "preferred_username": "nora", "name": "Nora Ek", "email": "nora@example.org"},
    {"sub": "s-2", "preferred_username": "Nora", "name": "Another Nora"},
    {"sub": "s-3", "name": "Nobody"},
)


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Run a provider that knows three people, in a process of its own; gives its address."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    log = tmp_path_factory.mktemp("provider") / "provider.log"
    command = [sys.executable, "-m", "oidc_provider_mock", f"--port={port}", "--require-nonce"]
    people = [f"--user-claims={json.dumps(person)}" for person in PEOPLE]
    with log.open("wb") as out:
        process = subprocess.Popen(command + people, stdout=out, stderr=out)
    try:
        until_up(process, log, lambda: _answers(port))
        yield f"http://127.0.0.1:{port}"
    finally:
        process.kill()
        process.wait()


def _answers(port: int) -> bool:
    with socket.socket() as asking:
        return asking.connect_ex(("127.0.0.1", port)) == 0


@pytest.fixture
def provider(running: str, settings: Any) -> str:
    """Name the provider in the settings."""
    found = httpx.get(f"{running}/.well-known/openid-configuration").json()
    settings.OIDC_RP_CLIENT_ID, settings.OIDC_RP_CLIENT_SECRET = CLIENT, "secret"
    settings.OIDC_ISSUER = found["issuer"]
    settings.OIDC_OP_AUTHORIZATION_ENDPOINT = found["authorization_endpoint"]
    settings.OIDC_OP_TOKEN_ENDPOINT = found["token_endpoint"]
    settings.OIDC_OP_USER_ENDPOINT = found["userinfo_endpoint"]
    settings.OIDC_OP_JWKS_ENDPOINT = found["jwks_uri"]
    settings.AUTHENTICATION_BACKENDS = [
        *settings.AUTHENTICATION_BACKENDS,
        "annotations.web.desks.outside.Backend",
    ]
    return running


def answer_of(client: Client, subject: str, **asked: str) -> str:
    """Go to the provider as a browser does, sign in there, and return the address it sends back to."""
    sent = client.get("/sign-in/newsroom/", asked)
    assert sent.status_code == 302
    question = parse_qs(urlsplit(sent["Location"]).query)
    assert question["code_challenge_method"] == ["S256"]
    assert question["redirect_uri"] == ["http://testserver/sign-in/newsroom/answer/"]
    back = httpx.post(sent["Location"], data={"sub": subject})
    assert back.status_code == 302
    return back.headers["Location"].removeprefix("http://testserver")


def arrive(client: Client, subject: str, **asked: str) -> Any:
    return client.get(answer_of(client, subject, **asked))


def is_in(client: Client) -> bool:
    return client.get("/account/").status_code == 200


def test_the_first_time_makes_an_account_on_no_desk_and_later_opens_it(provider: str) -> None:
    client = Client()
    assert arrive(client, "s-1", next="/account/")["Location"] == "/account/"
    nora = User.objects.get(username="nora")
    assert (nora.display_name, nora.made_by, nora.has_usable_password()) == ("Nora Ek", None, False)
    assert not Membership.objects.filter(user=nora).exists()
    assert is_in(client)
    again = Client()
    arrive(again, "s-1")
    assert again.session["_auth_user_id"] == str(nora.pk)
    assert User.objects.filter(username__iexact="nora").count() == 1


def test_an_account_is_never_opened_for_its_name_or_e_mail(provider: str, team: Team) -> None:
    User.objects.filter(pk=team.editor.pk).update(username="nora", email="nora@example.org")
    before = User.objects.count()
    for subject in ("s-1", "s-2"):
        client = Client()
        refused = arrive(client, subject)
        assert refused.status_code == 409
        assert "not connected to the newsroom" in refused.content.decode()
        assert not is_in(client)
    assert User.objects.count() == before
    assert not OutsideIdentity.objects.exists()


def test_who_has_no_usable_name_there_gets_no_account(provider: str) -> None:
    before = User.objects.count()
    assert arrive(Client(), "s-3").status_code == 422
    assert User.objects.count() == before


def test_a_person_connects_and_disconnects_their_own_account(provider: str, team: Team) -> None:
    team.editor.set_password(PASSWORD)
    team.editor.save()
    client = Client()
    client.force_login(team.editor, backend="django.contrib.auth.backends.ModelBackend")
    assert arrive(client, "s-1")["Location"] == "/account/"
    fresh = Client()
    arrive(fresh, "s-1")
    assert fresh.session["_auth_user_id"] == str(team.editor.pk)

    other = Client()
    other.force_login(team.colleague, backend="django.contrib.auth.backends.ModelBackend")
    assert arrive(other, "s-1").status_code == 409
    assert arrive(client, "s-2").status_code == 409
    assert OutsideIdentity.objects.get().user == team.editor

    assert client.post("/account/newsroom/disconnect/").status_code == 302
    assert client.post("/account/newsroom/disconnect/").status_code == 404
    assert not OutsideIdentity.objects.exists()
    verbs = Activity.objects.filter(desk=team.desk, actor=team.editor).values_list("verb", flat=True)
    assert {"connected_outside_sign_in", "disconnected_outside_sign_in"} <= set(verbs)


def test_the_only_way_in_is_not_taken_away(provider: str) -> None:
    client = Client()
    arrive(client, "s-1")
    assert client.post("/account/newsroom/disconnect/").status_code == 403
    assert OutsideIdentity.objects.count() == 1


def test_the_second_factor_is_asked_after_the_newsrooms_sign_in_too(provider: str) -> None:
    arrive(Client(), "s-1")
    _, codes = with_app(User.objects.get(username="nora"))
    client = Client()
    assert arrive(client, "s-1")["Location"] == "/sign-in/code/"
    assert not is_in(client)
    assert client.post("/sign-in/code/", {"code": codes[0]}).status_code == 302
    assert is_in(client)


def test_an_answer_counts_once_and_only_where_it_was_asked(provider: str) -> None:
    asked, stranger = Client(), Client()
    answer = answer_of(asked, "s-1")
    assert stranger.get(answer).status_code == 409
    answer_of(stranger, "s-1")
    assert stranger.get(answer).status_code == 409
    assert asked.get(answer).status_code == 302
    assert asked.get(answer).status_code == 409
    assert not is_in(stranger)


def test_a_closed_account_stays_closed(provider: str) -> None:
    arrive(Client(), "s-1")
    User.objects.filter(username="nora").update(is_active=False)
    client = Client()
    assert arrive(client, "s-1").status_code == 409
    assert not is_in(client)


def test_a_provider_that_is_down_or_refuses_lets_nobody_in(provider: str, settings: Any) -> None:
    client = Client()
    answer = answer_of(client, "s-1")
    settings.OIDC_OP_TOKEN_ENDPOINT = "http://127.0.0.1:9/token"
    assert client.get(answer).status_code == 409
    assert client.get("/sign-in/newsroom/answer/?error=access_denied").status_code == 409
    assert not User.objects.filter(username="nora").exists()


SAID = {"iss": "https://id.example", "aud": CLIENT, "sub": "s-1", "iat": 1_900_000_000, "exp": 4_000_000_000}


@pytest.mark.parametrize(
    ("what", "lacks"),
    [
        ({"aud": "another program"}, ""),
        ({"iss": "https://evil.example"}, ""),
        ({"exp": 1_500_000_000}, ""),
        ({}, "aud"),
        ({}, "exp"),
        ({}, "sub"),
    ],
)
def test_a_token_for_another_program_or_of_another_provider_is_not_believed(
    what: dict[str, object], lacks: str, settings: Any
) -> None:
    settings.OIDC_RP_CLIENT_ID, settings.OIDC_ISSUER = CLIENT, "https://id.example"
    settings.OIDC_RP_SIGN_ALGO = "HS256"
    key = "k" * 32
    backend = Backend()
    said = {name: value for name, value in (SAID | {"iat": 1_400_000_000}).items() if name != lacks} | what
    good = jwt.encode(SAID | {"iat": 1_400_000_000}, key, algorithm="HS256")
    assert backend.get_payload_data(good, key)["sub"] == "s-1"
    with pytest.raises(SuspiciousOperation):
        backend.get_payload_data(jwt.encode(said, key, algorithm="HS256"), key)
    with pytest.raises(SuspiciousOperation):
        backend.get_payload_data(jwt.encode(SAID, "", algorithm="none"), key)


def test_without_settings_there_is_no_such_door(client: Client, team: Team) -> None:
    assert client.get("/sign-in/newsroom/").status_code == 404
    assert client.get("/sign-in/newsroom/answer/?code=x&state=y").status_code == 404
    assert "newsroom" not in client.get("/sign-in/").content.decode()


def test_the_sign_in_page_offers_it_where_there_is_one(provider: str, client: Client) -> None:
    assert "/sign-in/newsroom/" in client.get("/sign-in/").content.decode()
