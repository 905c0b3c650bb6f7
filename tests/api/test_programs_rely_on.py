"""What a program that was written against the description relies on."""

import re
from typing import Any
from unittest.mock import Mock

import openapi_pydantic
import pytest
from django.db import OperationalError
from django.test import Client, override_settings
from django.utils import timezone
from openapi_spec_validator import OpenAPIV31SpecValidator

from annotations.api.description import schema
from annotations.api.documents import views as documents
from annotations.workflow.documents.revise import add_version
from tests.api.test_errors import shape
from tests.factories import TEXT, Team, make_claim, make_document, make_evidence

pytestmark = pytest.mark.django_db

OPERATIONS = [
    pytest.param(method.upper(), path, id=operation["operationId"])
    for path, operations in schema()["paths"].items()
    for method, operation in operations.items()
]


def schemas_of_requests() -> dict[str, dict[str, Any]]:
    return {
        name: described
        for name, described in schema()["components"]["schemas"].items()
        if name.endswith("Request") and described.get("type") == "object"
    }


def test_two_independent_readers_of_the_standard_accept_the_description() -> None:
    assert not list(OpenAPIV31SpecValidator(schema()).iter_errors())
    assert openapi_pydantic.OpenAPI.model_validate(schema()).paths


def test_nothing_is_sent_that_the_caller_did_not_give() -> None:
    """A generated client fills in defaults: a change of one field would empty the others."""
    assert schemas_of_requests()
    for name, described in schemas_of_requests().items():
        assert described["additionalProperties"] is False, name
        assert [field for field, of in described["properties"].items() if "default" in str(of)] == [], name
    for operations in schema()["paths"].values():
        for operation in operations.values():
            for parameter in operation.get("parameters", ()):
                assert "default" not in parameter["schema"], parameter


def test_every_operation_says_what_may_stand_in_its_way() -> None:
    for operations in schema()["paths"].values():
        for operation in operations.values():
            assert {"400", "401", "429", "503"} <= set(operation["responses"])
            assert "413" in operation["responses"] or "requestBody" not in operation


@pytest.mark.parametrize(("method", "path"), OPERATIONS)
def test_a_parameter_that_an_operation_does_not_have_is_refused_by_name(
    manager: Any, method: str, path: str
) -> None:
    address = re.sub(r"\{\w+\}", "1", path)
    answer = manager.client.generic(method, f"{address}?colour=red", headers=manager.headers)
    assert shape(answer) == (400, "invalid_request")
    assert answer.json()["fields"] == {"colour": "There is no such parameter here."}


def test_an_address_that_is_not_there_is_not_there_with_any_parameter(editor: Any) -> None:
    answer = editor.client.get("/api/v1/nowhere/?colour=red", headers=editor.headers)
    assert shape(answer) == (404, "not_found")


def test_who_is_not_signed_in_is_told_so_first() -> None:
    assert shape(Client().get("/api/v1/me/?colour=red")) == (401, "not_authenticated")


@pytest.mark.parametrize("by_tls", [True, False])
@pytest.mark.parametrize("host", ["evil.example", "bad_host.example:99999999"])
def test_a_wrong_host_name_is_a_problem_like_any_other(by_tls: bool, host: str) -> None:
    client = Client(raise_request_exception=False)
    with override_settings(SECURE_SSL_REDIRECT=True, ALLOWED_HOSTS=["desk.example"]):
        program = client.get("/api/v1/me/", HTTP_HOST=host, secure=by_tls)
        person = client.get("/", HTTP_HOST=host, secure=by_tls)
    assert shape(program) == (400, "bad_request")
    assert program["X-Request-ID"]
    assert person.status_code == 400
    assert "That request made no sense" in person.content.decode()


@pytest.mark.parametrize("address", ["/api/", "/api/v1/desks/%0Ax", "/api/v2/desks/"])
def test_an_address_that_no_part_of_the_api_knows_is_a_problem_too(address: str) -> None:
    assert shape(Client().get(address)) == (404, "not_found")


@pytest.mark.parametrize("address", ["/api/v1/schema/", "/api/v1/docs/"])
def test_a_method_that_the_description_does_not_take_is_a_problem_that_names_the_others(address: str) -> None:
    answer = Client().post(address)
    assert shape(answer) == (405, "method_not_allowed")
    assert answer["Allow"] == "GET, HEAD"


def test_a_crash_is_a_problem_and_tells_nothing_of_the_inside(
    editor: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(documents, "documents_page", Mock(side_effect=RuntimeError("at 10.0.0.7")))
    client = Client(raise_request_exception=False)
    answer = client.get("/api/v1/documents/", headers=editor.headers)
    assert shape(answer) == (500, "server_error")
    assert answer["X-Request-ID"]
    assert "10.0.0.7" not in answer.content.decode()


def test_a_database_that_is_away_is_no_crash_and_says_when_to_come_back(
    editor: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(documents, "documents_page", Mock(side_effect=OperationalError("at 10.0.0.7")))
    answer = editor.get("documents/")
    assert shape(answer) == (503, "unavailable")
    assert answer["Retry-After"] == "5"
    assert "10.0.0.7" not in answer.content.decode()


def test_whoever_has_it_already_is_told_so_without_a_body_until_it_changes(team: Team, editor: Any) -> None:
    claim = make_claim(team)
    evidence = make_evidence(team, claim)
    addresses = {
        f"claims/{claim.pk}/": lambda: make_evidence(team, claim, url="https://example.org/other"),
        f"evidence/{evidence.pk}/": lambda: editor.patch(
            f"evidence/{evidence.pk}/", {"note": "Read twice."}, If_Match='"1"'
        ),
        f"documents/{claim.document_id}/": lambda: add_version(
            claim.document_id, text=TEXT + "!", by=team.editor
        ),
        f"desks/{team.desk.pk}/": lambda: type(team.desk).objects.update(name="Another name"),
    }
    for address, change in addresses.items():
        tag = editor.get(address)["ETag"]
        for given in (tag, f"W/{tag}", f'"1.000000000000", {tag}', "*"):
            same = editor.get(address, If_None_Match=given)
            assert (same.status_code, same.content, same["ETag"]) == (304, b"", tag), address
            assert same["Cache-Control"] == "private, no-cache"
        assert editor.get(address, If_None_Match='"1.000000000000"').status_code == 200
        change()
        newer = editor.get(address, If_None_Match=tag)
        assert newer.status_code == 200, address
        assert newer["ETag"] != tag


def test_moments_are_in_utc_whatever_the_time_of_the_newsroom(team: Team, editor: Any) -> None:
    claim = make_claim(team)
    with timezone.override("Europe/Amsterdam"):
        shown = editor.get(f"claims/{claim.pk}/").json()
    moments = [value for name, value in shown.items() if name.endswith("_at") and value]
    assert moments
    assert all(moment.endswith("Z") for moment in moments)


def test_the_text_of_an_earlier_version_is_what_is_asked_for(team: Team, editor: Any) -> None:
    document = make_document(team)
    add_version(document.pk, text="A newer text.", by=team.editor)
    address = f"documents/{document.pk}/"

    assert editor.get(address).json()["asked"] is None
    old, new = (editor.get(address, {"version": number}).json() for number in (1, 2))
    assert (old["asked"]["number"], old["asked"]["text"]) == (1, TEXT)
    assert old["current"]["text"] == new["current"]["text"] == new["asked"]["text"] == "A newer text."
    assert shape(editor.get(address, {"version": 3})) == (404, "not_found")
    assert shape(editor.get(address, {"version": "first"})) == (400, "invalid_request")
