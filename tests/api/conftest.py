"""A client that holds every answer against the API's own description."""

import json
import re
from copy import deepcopy
from functools import cache
from typing import Any

import pytest
from django.core.cache import caches
from django.test import Client
from jsonschema import Draft202012Validator, FormatChecker

from annotations.api import throttling
from annotations.api.description import schema
from annotations.models import User
from annotations.workflow.desks.api_tokens import create_token

ROOT = "/api/v1/"


@cache
def closed_components() -> dict[str, Any]:
    """The description's components, in which an object has no fields but those that are described."""
    components: dict[str, Any] = deepcopy(schema()["components"])
    for described in components["schemas"].values():
        if "properties" in described:
            described["additionalProperties"] = False
    return components


def check_against(described: dict[str, Any], value: Any) -> None:
    """Fail unless `value` is what a schema of the description says, and holds nothing else."""
    whole = {**described, "components": closed_components()}
    problems = list(Draft202012Validator(whole, format_checker=FormatChecker()).iter_errors(value))
    assert not problems, [f"{list(problem.absolute_path)}: {problem.message}" for problem in problems]


def described(method: str, path: str) -> dict[str, Any]:
    """Return the description of the operation behind an address; exact paths go first."""
    for template in sorted(schema()["paths"], key=lambda known: known.count("{")):
        pattern = re.sub(r"\{\w+\}", "[^/]+", template)
        operation = schema()["paths"][template].get(method)
        if re.fullmatch(pattern, path) and operation:
            return dict(operation)
    raise AssertionError(f"{method} {path} is not described")


class Api:
    """The API as one person's program sees it."""

    def __init__(self, user: User | None) -> None:
        self.user = user
        self.client = Client()
        self.headers: dict[str, str] = {}
        if user is not None:
            self.headers["Authorization"] = f"Bearer {create_token(user=user, name='test').key}"

    def get(self, path: str, query: dict[str, Any] | None = None, **headers: str) -> Any:
        return self._asked("get", path, query, headers)

    def post(self, path: str, body: Any = None, **headers: str) -> Any:
        return self._asked("post", path, body, headers)

    def put(self, path: str, body: Any = None, **headers: str) -> Any:
        return self._asked("put", path, body, headers)

    def patch(self, path: str, body: Any = None, **headers: str) -> Any:
        return self._asked("patch", path, body, headers)

    def delete(self, path: str, **headers: str) -> Any:
        return self._asked("delete", path, None, headers)

    def send_form(self, path: str, body: dict[str, Any], **headers: str) -> Any:
        address = ROOT + path
        given = self.headers | _named(headers)
        return self._checked("post", address, self.client.post(address, body, headers=given))

    def _asked(self, method: str, path: str, body: Any, headers: dict[str, str]) -> Any:
        address = path.removeprefix("http://testserver") if path.startswith("http") else ROOT + path
        given = self.headers | _named(headers)
        if method == "get":
            return self._checked(method, address, self.client.get(address, body, headers=given))
        data, media = (b"", "") if body is None else (json.dumps(body).encode(), "application/json")
        response = self.client.generic(method.upper(), address, data, media, headers=given)
        return self._checked(method, address, response)

    def _checked(self, method: str, address: str, response: Any) -> Any:
        operation = described(method, address.partition("?")[0])
        answer = operation["responses"].get(str(response.status_code))
        assert answer is not None, (method, address, response.status_code, response.content)
        media = response.get("Content-Type", "").partition(";")[0]
        if not response.streaming and media.endswith("json") and media in answer.get("content", {}):
            check_against(answer["content"][media]["schema"], response.json())
        return response


def _named(headers: dict[str, str]) -> dict[str, str]:
    return {name.replace("_", "-"): value for name, value in headers.items()}


def fresh_limits() -> None:
    """Forget what was counted; the broker beside it keeps its queues."""
    throttling._Away.until = 0.0
    limits = caches["limits"]
    client = limits._cache.get_client(None, write=True)  # type: ignore[attr-defined]
    for key in client.scan_iter("factcheck-limits:*"):
        client.delete(key)


@pytest.fixture(autouse=True)
def _fresh_throttles() -> None:
    fresh_limits()


@pytest.fixture
def editor(team: Any) -> Api:
    return Api(team.editor)


@pytest.fixture
def viewer(team: Any) -> Api:
    return Api(team.viewer)


@pytest.fixture
def reviewer(team: Any) -> Api:
    return Api(team.reviewer)


@pytest.fixture
def manager(team: Any) -> Api:
    return Api(team.manager)


@pytest.fixture
def stranger(team: Any) -> Api:
    return Api(team.outsider)
