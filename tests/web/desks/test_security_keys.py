"""Security keys: a key opens one account, at one address, for what was asked there and then."""

import json
from typing import Any

import pytest
import time_machine
from django.conf import settings
from django.test import Client
from django.utils import timezone
from fido2.webauthn import AuthenticatorData

from annotations.models import Activity, SecondFactor, SecurityKey, User
from annotations.workflow.desks.second_factor import MOST_KEYS, code_at
from tests.api.scenario import everything
from tests.factories import Team
from tests.fakes.security_key import FLAG, FakeKey
from tests.web.desks.test_second_factor import PASSWORD, first_step, is_in, signed_in, with_app

pytestmark = pytest.mark.django_db
HERE = "http://localhost"
PAGE = "/account/two-factor/"


@pytest.fixture
def eva(team: Team) -> User:
    team.editor.set_password(PASSWORD)
    team.editor.save()
    return team.editor


def at(client: Client) -> Client:
    client.defaults["SERVER_NAME"] = "localhost"
    return client


def add(client: Client, key: FakeKey, *, name: str = "Blue key", origin: str = HERE, **fields: str) -> Any:
    options = client.get(PAGE).context["creation"]
    given = {"key-name": name, "key-answer": key.make(options, origin), "key-password": PASSWORD, **fields}
    return client.post(f"{PAGE}keys/", given)


def with_key(user: User, *, counts: bool = True) -> tuple[FakeKey, list[str]]:
    """Set up a key; returns it and the recovery codes."""
    key = FakeKey(counts=counts)
    return key, add(at(signed_in(user)), key).context["codes"]


def asked(user: User) -> tuple[Client, str]:
    """A browser after the password, and what it is asked to let a key prove."""
    client = first_step(user, at(Client()))
    return client, client.get("/sign-in/code/").context["question"]


def test_a_key_is_set_up_with_the_password_and_opens_the_account(eva: User) -> None:
    here, there = at(signed_in(eva)), signed_in(eva)
    key = FakeKey()
    assert add(here, key, **{"key-password": "no"}).status_code == 422
    assert not SecondFactor.objects.exists()

    shown = add(here, key)

    assert len(shown.context["codes"]) == 10
    assert [is_in(client) for client in (here, there)] == [True, False]
    assert not SecondFactor.objects.get(user=eva).has_app
    verbs = list(Activity.objects.filter(actor=eva).order_by("id").values_list("verb", "details"))
    assert verbs[-2:] == [("set_up_second_factor", {}), ("added_security_key", {"name": "Blue key"})]
    client, question = asked(eva)
    assert not is_in(client)
    answer = client.post("/sign-in/code/", {"answer": key.ask(question, HERE)})
    assert answer["Location"] == "/claims/"
    assert is_in(client)
    assert SecurityKey.objects.get().last_used_at is not None
    # Whoever came in with it has just shown it.
    assert "Turn it off" in client.get(PAGE).content.decode()


def wrong_answers(key: FakeKey, question: str) -> dict[str, str]:
    other = FakeKey()
    other.id = key.id
    asked = json.loads(question)
    right = json.loads(key.ask(question, HERE))
    return {
        "another key under its id": other.ask(question, HERE),
        "an unknown key": FakeKey().ask(question, HERE),
        "a page that looks like this one": key.ask(question, "http://localhost.example"),
        "another port": key.ask(question, f"{HERE}:8001"),
        "another site": key.ask(json.dumps({**asked, "rpId": "example.org"}), HERE),
        "an older question": key.ask(json.dumps({**asked, "challenge": "A" * 43}), HERE),
        "an answer of another kind": key.ask(question, HERE, kind="webauthn.create"),
        "nobody touched it": key.ask(question, HERE, flags=AuthenticatorData.FLAG(0)),
        "another signature": json.dumps({**right, "response": {**right["response"], "signature": "AAAA"}}),
        "no answer": json.dumps({**right, "response": {}}),
        "no JSON": "{",
        "no object": "[]",
        "a number": "7",
        "nested without end": "[" * 20_000,
        "too long": json.dumps({**json.loads(key.ask(question, HERE)), "more": "x" * 32_001}),
        "hostile": json.dumps({"id": 7, "rawId": None, "response": "x", "type": {}}),
    }


@pytest.mark.parametrize("name", wrong_answers(FakeKey(), '{"rpId": "localhost", "challenge": "AAAA"}'))
def test_no_other_answer_opens_it(eva: User, name: str) -> None:
    key, _ = with_key(eva)
    client, question = asked(eva)
    before = SecurityKey.objects.values().get()

    assert client.post("/sign-in/code/", {"answer": wrong_answers(key, question)[name]}).status_code == 422

    assert not is_in(client)
    assert SecurityKey.objects.values().get() == before


def test_a_question_takes_one_answer_for_ten_minutes(eva: User) -> None:
    key, _ = with_key(eva, counts=False)
    with time_machine.travel("2030-01-01T12:00:00Z", tick=False) as now:
        late, question = asked(eva)
        now.shift(599)
        assert late.post("/sign-in/code/", {"answer": key.ask(question, HERE)}).status_code == 302
        again, question = asked(eva)
        answer = key.ask(question, HERE)
        again.post("/sign-in/code/", {"answer": "{}"})
        assert again.post("/sign-in/code/", {"answer": answer}).status_code == 422
        elsewhere, _ = asked(eva)
        assert elsewhere.post("/sign-in/code/", {"answer": answer}).status_code == 422
        unasked = first_step(eva, at(Client()))
        assert unasked.post("/sign-in/code/", {"answer": answer}).status_code == 422
        confirming = at(signed_in(eva))
        question = confirming.get(PAGE).context["question"]
        now.shift(601)
        assert confirming.post(PAGE, {"answer": key.ask(question, HERE)}).status_code == 422


def test_a_copied_key_is_noticed_by_its_count(eva: User) -> None:
    key, _ = with_key(eva)
    client, question = asked(eva)
    client.post("/sign-in/code/", {"answer": key.ask(question, HERE)})
    key.uses -= 1
    copied, question = asked(eva)
    assert copied.post("/sign-in/code/", {"answer": key.ask(question, HERE)}).status_code == 422
    assert not is_in(copied)


def test_a_key_of_another_person_opens_nothing_and_is_added_once(eva: User, team: Team) -> None:
    key, _ = with_key(eva)
    team.colleague.set_password(PASSWORD)
    team.colleague.save()
    client = at(signed_in(team.colleague))
    before = everything()

    taken = add(client, key)

    assert taken.status_code == 422
    assert "set up already" in taken.content.decode()
    assert {t for t, rows in everything().items() if rows != before[t]} <= {"annotations_session"}
    with_key(team.colleague)
    client, question = asked(team.colleague)
    assert client.post("/sign-in/code/", {"answer": key.ask(question, HERE)}).status_code == 422


@pytest.mark.parametrize("flags", [FLAG.AT, FLAG.UP])
def test_a_key_that_nobody_touched_or_that_is_none_is_not_added(eva: User, flags: Any) -> None:
    client, key = at(signed_in(eva)), FakeKey()
    options = client.get(PAGE).context["creation"]
    given = {"key-name": "x", "key-password": PASSWORD, "key-answer": key.make(options, HERE, flags=flags)}
    assert client.post(f"{PAGE}keys/", given).status_code == 422
    assert not SecondFactor.objects.exists()


def test_keys_and_app_stand_in_for_one_another_but_the_last_stays(eva: User) -> None:
    key, codes = with_key(eva)
    client = at(signed_in(eva))
    client.post(PAGE, {"answer": key.ask(client.get(PAGE).context["question"], HERE)})
    only = client.post(f"{PAGE}keys/{SecurityKey.objects.get().pk}/remove/", follow=True)
    assert "your only second factor" in only.content.decode()
    assert SecurityKey.objects.count() == 1
    second = FakeKey()
    assert add(client, second, name="").status_code == 422
    assert add(client, second, name=" Second  key ").status_code == 302
    assert list(SecurityKey.objects.order_by("id").values_list("name", flat=True)) == [
        "Blue key",
        "Second key",
    ]
    client.post(f"{PAGE}keys/{SecurityKey.objects.earliest('id').pk}/remove/")
    assert SecurityKey.objects.get().name == "Second key"
    assert Activity.objects.get(verb="removed_security_key").details == {"name": "Blue key"}
    door, question = asked(eva)
    assert door.post("/sign-in/code/", {"answer": key.ask(question, HERE)}).status_code == 422
    # Recovery codes are those of the first key; nobody made new ones.
    assert door.post("/sign-in/code/", {"code": codes[0]}).status_code == 302


def test_an_app_joins_a_key_and_goes_again(eva: User) -> None:
    key, _ = with_key(eva)
    client = at(signed_in(eva))
    assert client.get(f"{PAGE}app/")["Location"] == PAGE
    client.post(PAGE, {"answer": key.ask(client.get(PAGE).context["question"], HERE)})
    secret = client.get(f"{PAGE}app/").context["secret"].replace(" ", "")
    client.post(f"{PAGE}app/", {"code": code_at(secret, timezone.now())})
    assert SecondFactor.objects.get().has_app
    client.post(f"{PAGE}app/remove/")
    assert not SecondFactor.objects.get().has_app
    assert Activity.objects.filter(verb="removed_app", actor=eva).count() == 1
    door, _ = asked(eva)
    assert door.post("/sign-in/code/", {"code": code_at(secret, timezone.now())}).status_code == 422


def test_the_key_of_somebody_else_is_not_removed(eva: User, team: Team) -> None:
    with_key(eva)
    _, codes = with_app(team.colleague)
    client = at(signed_in(team.colleague))
    client.post(PAGE, {"code": codes[0]})
    assert client.post(f"{PAGE}keys/{SecurityKey.objects.get().pk}/remove/").status_code == 404
    assert SecurityKey.objects.count() == 1


def test_ten_keys_are_the_most(eva: User) -> None:
    key, _ = with_key(eva)
    client = at(signed_in(eva))
    client.post(PAGE, {"answer": key.ask(client.get(PAGE).context["question"], HERE)})
    for _ in range(MOST_KEYS - 1):
        assert add(client, FakeKey()).status_code == 302
    assert add(client, FakeKey()).status_code == 422
    assert SecurityKey.objects.count() == MOST_KEYS


def test_wrong_keys_count_as_wrong_passwords_do(eva: User) -> None:
    with_key(eva)
    answers = []
    for _ in range(settings.AXES_FAILURE_LIMIT):
        client, question = asked(eva)
        answers.append(client.post("/sign-in/code/", {"answer": FakeKey().ask(question, HERE)}).status_code)
    assert answers[-1] == 429


@pytest.mark.parametrize(
    ("address", "takes"),
    [
        ("http://localhost:8000", True),
        ("https://facts.example.org", True),
        ("http://facts.example.org", False),
        ("http://127.0.0.1:8000", False),
        ("https://127.0.0.1", False),
        ("https://[::1]:8000", False),
    ],
)
def test_keys_are_offered_only_where_a_browser_uses_them(
    eva: User, settings: Any, address: str, takes: bool
) -> None:
    settings.ALLOWED_HOSTS = ["*"]
    scheme, _, host = address.partition("://")
    client = signed_in(eva)
    page = client.get(PAGE, headers={"host": host}, secure=scheme == "https")
    assert bool(page.context["creation"]) == takes
    assert ("Add a security key" in page.content.decode()) == takes
    assert ("only where the workbench is opened by its name" in page.content.decode()) != takes
