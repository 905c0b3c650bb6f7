"""The description: complete, and true of its own examples."""

import pytest
from django.urls import URLPattern

from annotations.api import urls
from annotations.api.description import schema
from tests.api.conftest import check_against

METHODS = ("get", "post", "put", "patch", "delete")
OPERATIONS = [
    pytest.param(operation, id=operation["operationId"])
    for path in schema()["paths"].values()
    for method, operation in path.items()
    if method in METHODS
]


def examples_of(media):
    return [example["value"] for example in media.get("examples", {}).values()]


@pytest.mark.parametrize("operation", OPERATIONS)
def test_every_operation_has_an_example_that_is_true(operation):
    contents = [answer.get("content", {}) for answer in operation["responses"].values()]
    contents.append(operation.get("requestBody", {}).get("content", {}))
    for content in contents:
        for media in content.values():
            examples = examples_of(media)
            assert examples
            for example in examples:
                check_against(media["schema"], example)
    assert operation["summary"]
    assert operation["description"]
    assert len(operation["tags"]) == 1
    assert "401" in operation["responses"]


def test_a_field_that_is_not_described_is_no_part_of_an_example():
    person = {"$ref": "#/components/schemas/Person"}
    noor = {"id": 7, "username": "noor", "name": "Noor de Wit"}
    check_against(person, noor)
    for wrong in (noor | {"age": 40}, {"id": 7, "username": "noor"}):
        with pytest.raises(AssertionError):
            check_against(person, wrong)


@pytest.mark.parametrize("operation", OPERATIONS)
def test_every_operation_answers_with_one_success_and_problem_details(operation):
    good = [status for status in operation["responses"] if status.startswith("2")]
    assert len(good) == 1
    for status, answer in operation["responses"].items():
        if status not in [*good, "304"]:
            assert list(answer["content"]) == ["application/problem+json"]


def test_every_address_is_described():
    undescribed = {"schema/", "docs/"}
    patterns = [pattern for pattern in urls.urlpatterns if isinstance(pattern, URLPattern)]
    paths = {str(pattern.pattern) for pattern in patterns[:-1]} - undescribed
    assert len(schema()["paths"]) == len(paths)


def test_operation_ids_are_unique():
    names = [param.values[0]["operationId"] for param in OPERATIONS]
    assert len(names) == len(set(names))


def test_the_description_is_open_to_everyone(client):
    response = client.get("/api/v1/schema/")
    assert response.status_code == 200
    assert response["Content-Type"] == "application/vnd.oai.openapi+json; version=3.1"
    assert response.json()["openapi"] == "3.1.0"


@pytest.mark.django_db
def test_the_page_shows_every_operation_to_everyone(client):
    page = client.get("/api/v1/docs/").content.decode()
    for param in OPERATIONS:
        assert f'id="{param.values[0]["operationId"]}"' in page
    assert "`" not in page


@pytest.mark.django_db
def test_the_page_needs_nothing_the_policy_forbids(client):
    response = client.get("/api/v1/docs/")
    page = response.content.decode()
    assert "unsafe" not in response["Content-Security-Policy"]
    assert "style=" not in page
    assert "<style" not in page
    assert "onclick" not in page
