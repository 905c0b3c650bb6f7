"""Every address and method of the API, tried by everyone: one table."""

import json
import re
from dataclasses import dataclass, field
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction

from annotations.api.description import schema
from annotations.domain.desks.roles import Role
from tests.api.conftest import Api
from tests.api.scenario import Scenario, everything, make_scenario
from tests.factories import TEXT

pytestmark = pytest.mark.django_db

ANYONE, VIEWER, EDITOR, REVIEWER, MANAGER = "anyone", *Role
PEOPLE = ("anonymous", "stranger", *Role)
EXACT = "minstens vijftig gewonden"


@dataclass
class Row:
    """One operation: from which role on it succeeds, and how. `odd` are answers of single roles."""

    method: str
    path: str
    role: str
    status: int = 200
    body: Any = None
    version: bool = False
    form: bool = False
    odd: dict[str, int] = field(default_factory=dict)

    def expected(self, person: str) -> int:
        if person in self.odd:
            return self.odd[person]
        if person == "anonymous":
            return 401
        if self.role == ANYONE:
            return self.status
        if person == "stranger":
            return 404
        order = list(Role)
        return self.status if order.index(Role(person)) >= order.index(Role(self.role)) else 403


CLAIM = {
    "document": "{document}",
    "start": TEXT.index(EXACT),
    "end": TEXT.index(EXACT) + len(EXACT),
    "exact": EXACT,
}
WORDS = {"rating": "false", "reasoning": "Why.", "as_of": "2019-05-01", "reason_for_change": "New."}
TABLE = [
    Row("get", "me/", ANYONE),
    Row("get", "roles/", ANYONE),
    Row("get", "tokens/", ANYONE),
    Row("delete", "tokens/{token}/", ANYONE, 204),
    Row("get", "invitations/", ANYONE),
    Row("post", "invitations/{mine}/accept/", ANYONE, 200, {}),
    Row("post", "invitations/{mine}/decline/", ANYONE, 204, {}),
    Row("get", "filters/?desk={desk}", VIEWER),
    Row("post", "filters/", VIEWER, 201, {"desk": "{desk}", "name": "New", "query": ""}),
    Row("delete", "filters/{filter}/", ANYONE, 204),
    Row("get", "desks/", ANYONE),
    Row("get", "desks/{desk}/", VIEWER),
    Row("patch", "desks/{desk}/", MANAGER, 200, {"name": "Renamed"}, version=True),
    Row("get", "desks/{desk}/members/", VIEWER),
    Row("post", "desks/{desk}/members/", MANAGER, 201, {"username": "nina", "role": "editor"}),
    Row("get", "desks/{desk}/invitations/", MANAGER),
    Row("post", "desks/{desk}/invitations/", MANAGER, 201, {"username": "nina", "role": "editor"}),
    Row("delete", "desks/{desk}/invitations/{asked}/", MANAGER, 204),
    Row("get", "desks/{desk}/members/{editor}/", VIEWER),
    Row("patch", "desks/{desk}/members/{editor}/", MANAGER, 200, {"role": "viewer"}, version=True),
    Row("delete", "desks/{desk}/members/{editor}/", MANAGER, 204),
    Row("get", "desks/{desk}/rating-scale/", VIEWER),
    Row("get", "desks/{desk}/activity/", VIEWER),
    Row("get", "documents/?desk={desk}", VIEWER),
    Row("post", "documents/", EDITOR, 201, {"desk": "{desk}", "text": TEXT}),
    Row("post", "documents/by-address/", EDITOR, 202, {"desk": "{desk}", "url": "https://example.com/a"}),
    Row("post", "documents/by-file/", EDITOR, 201, {"desk": "{desk}"}, form=True),
    Row("get", "documents/{document}/", VIEWER),
    Row("patch", "documents/{document}/", EDITOR, 200, {"outlet": "De Krant"}, version=True),
    Row("get", "documents/{document}/versions/", VIEWER),
    Row("post", "documents/{document}/versions/", EDITOR, 201, {"text": TEXT + "\n\nMeer."}),
    Row("post", "documents/{failed}/retry/", EDITOR, 202),
    Row("get", "documents/{document}/activity/", VIEWER),
    Row("get", "claims/?desk={desk}", VIEWER),
    Row("post", "claims/", EDITOR, 201, CLAIM),
    Row("post", "claims/by-words/", EDITOR, 201, {"document": "{document}", "words": EXACT}),
    Row("get", "claims/{open}/", VIEWER),
    Row("patch", "claims/{held}/", EDITOR, 200, {"said_where": "Caracas"}, version=True),
    Row("put", "claims/{open}/anchor/", EDITOR, 200, {key: CLAIM[key] for key in ("start", "end", "exact")}),
    Row("get", "claims/{open}/activity/", VIEWER),
    Row("post", "claims/accept/", EDITOR, 200, {"claims": ["{proposed}"]}),
    Row("post", "claims/dismiss/", EDITOR, 200, {"claims": ["{open}", "{proposed}"]}),
    Row("post", "claims/restore/", EDITOR, 200, {"claims": ["{dismissed}"]}),
    Row("post", "claims/assign/", EDITOR, 200, {"claims": ["{open}"], "assignee": "{editor}"}),
    Row("post", "claims/prioritise/", EDITOR, 200, {"claims": ["{open}"], "priority": 1}),
    Row("post", "claims/tag/", EDITOR, 200, {"claims": ["{open}"], "add": ["new"]}),
    Row("post", "claims/{proposed}/accept/", EDITOR),
    Row("post", "claims/{open}/dismiss/", EDITOR, 200, {"reason": "Opinion."}),
    Row("post", "claims/{dismissed}/restore/", EDITOR),
    Row("post", "claims/{open}/skip/", EDITOR, 200, {"reason": "Not mine."}),
    Row("post", "claims/{open}/park/", EDITOR, 200, {"reason": "Wait.", "until": "2099-01-01T00:00:00Z"}),
    Row("post", "claims/{parked}/wake/", EDITOR),
    Row("get", "queue/?desk={desk}", VIEWER),
    Row("post", "queue/next/", EDITOR, 200, {"work": "check", "desks": ["{desk}"]}),
    Row("post", "claims/{open}/hold/", EDITOR),
    Row("post", "claims/{held}/renew/", EDITOR, 200, {"lease_token": "{lease}"}),
    Row("post", "claims/{held}/release/", VIEWER, 204, {"lease_token": "{lease}"}),
    Row("post", "claims/{held}/take-over/", MANAGER),
    Row("get", "claims/{open}/evidence/", VIEWER),
    Row(
        "post",
        "claims/{open}/evidence/",
        EDITOR,
        201,
        {"addresses": ["https://example.com/new"], "stance": "refutes"},
    ),
    Row("post", "claims/{open}/evidence/by-file/", EDITOR, 201, {"stance": "supports"}, form=True),
    Row("get", "evidence/{evidence}/", VIEWER),
    Row("patch", "evidence/{evidence}/", EDITOR, 200, {"stance": "refutes"}, version=True),
    Row("post", "evidence/{evidence}/withdraw/", EDITOR),
    Row("post", "evidence/{withdrawn}/restore/", EDITOR),
    Row(
        "put",
        "evidence/{evidence}/passage/",
        EDITOR,
        200,
        {"capture": "{capture}", "words": "Fifty people"},
        version=True,
    ),
    Row("get", "evidence/{evidence}/places/", VIEWER),
    Row("get", "references/?desk={desk}", VIEWER),
    Row("post", "references/retry/", EDITOR, 202, {"desk": "{desk}"}),
    Row("get", "references/sites/?desk={desk}", VIEWER),
    Row("get", "references/{reference}/", VIEWER),
    Row("get", "references/{reference}/captures/", VIEWER),
    Row("post", "references/{reference}/upload/", EDITOR, 201, {}, form=True),
    Row("get", "references/{reference}/differences/", VIEWER),
    Row("get", "references/{reference}/looks/", VIEWER),
    Row("post", "references/{unsafe}/fetch-unverified/", EDITOR, 202),
    Row("post", "references/{reference}/retry/", EDITOR, 202),
    Row("post", "references/{queued}/cancel/", EDITOR),
    Row("get", "captures/{capture}/", VIEWER),
    Row("get", "captures/{capture}/text/", VIEWER),
    Row("get", "captures/{capture}/proof/", VIEWER),
    Row("get", "captures/{capture}/payload/", VIEWER),
    Row("get", "captures/{capture}/wacz/", VIEWER),
    Row("get", "desks/{desk}/signing-keys/", VIEWER),
    Row("get", "alerts/?desk={desk}", VIEWER),
    Row("get", "alerts/{alert}/", VIEWER),
    Row("post", "alerts/{alert}/confirm/", EDITOR, 200, {}, version=True),
    Row("post", "alerts/{alert}/amend/", EDITOR, 200, {"note": "New count."}, version=True),
    Row("post", "alerts/{alert}/dismiss/", EDITOR, 200, {"note": "A menu."}, version=True),
    Row("get", "claims/{open}/verdicts/", VIEWER),
    Row("post", "claims/{open}/verdicts/", EDITOR, 201, {"base_number": 1, **WORDS}),
    Row("get", "claims/{open}/draft/", VIEWER),
    Row("put", "claims/{open}/draft/", EDITOR, 200, {"base_number": 1, **WORDS}),
    Row("delete", "claims/{open}/draft/", VIEWER, 204),
    Row("post", "claims/{open}/submit/", EDITOR),
    Row("get", "claims/{verified}/record/", VIEWER),
    Row("get", "claims/{verified}/reviews/", VIEWER),
    Row("post", "claims/{in_review}/approve/", REVIEWER, 200, {"record": "{record}"}),
    Row("post", "claims/{in_review}/return/", REVIEWER, 200, {"record": "{record}", "note": "No."}),
    Row("post", "claims/{in_review}/withdraw/", EDITOR),
    Row("post", "claims/{verified}/reopen/", REVIEWER, 200, {"reason": "New count."}),
    Row("get", "changed-words/?desk={desk}", VIEWER),
    Row("get", "claims/{changed}/changed-words/", VIEWER),
    Row(
        "post",
        "claims/{changed}/keep-as-signed/",
        REVIEWER,
        200,
        {"record": "{changed_record}", "version": 2, "reason": "We checked the first count."},
    ),
    Row("get", "reports/?desk={desk}", VIEWER),
    Row("post", "reports/", EDITOR, 201, {"desk": "{desk}"}),
    Row("get", "reports/{report}/", VIEWER),
    Row("get", "reports/{report}/rows/", VIEWER),
    Row("get", "reports/{report}/download/csv/", VIEWER),
]


def filled(body: Any, numbers: dict[str, Any]) -> Any:
    if isinstance(body, str) and re.fullmatch(r"\{\w+\}", body):
        return numbers[body[1:-1]]
    if isinstance(body, dict):
        return {name: filled(value, numbers) for name, value in body.items()}
    return [filled(value, numbers) for value in body] if isinstance(body, list) else body


def person_of(scenario: Scenario, person: str) -> Any:
    team = scenario.team
    if person == "anonymous":
        return None
    return team.outsider if person == "stranger" else team.in_role(Role(person))


def tried(api: Api, row: Row, numbers: dict[str, Any]) -> Any:
    path = row.path.format(**numbers)
    body = filled(row.body, numbers)
    headers = {"If_Match": f'"{_version(api, path)}"'} if row.version else {}
    if row.form:
        file = SimpleUploadedFile("article.txt", TEXT.encode(), content_type="text/plain")
        return api.send_form(path, {**body, "file": file})
    address, _, query = path.partition("?")
    if row.method == "get":
        return api.get(address, dict([query.split("=")]) if query else None)
    if row.method == "delete":
        return api.delete(address)
    return getattr(api, row.method)(address, body, **headers)


def _version(api: Api, path: str) -> str:
    """The version an allowed reader would read of the thing; whoever may not read sends the first."""
    response = api.get(re.sub(r"(?<=\d/)[a-z-]+/$", "", path))
    return json.loads(response.headers["ETag"]) if response.status_code == 200 else "1"


@pytest.mark.parametrize("person", PEOPLE)
def test_every_address_answers_each_role_as_the_table_says_and_refusals_change_nothing(person):
    scenario = make_scenario()
    user = person_of(scenario, person)
    numbers = scenario.for_person(user)
    api = Api(user)
    wrong = {}
    before = everything()
    for row in TABLE:
        point = transaction.savepoint()
        response = tried(api, row, numbers)
        if response.streaming:
            assert b"".join(response.streaming_content), row.path
        name = f"{row.method} {row.path}"
        if response.status_code != row.expected(person):
            wrong[name] = (
                response.status_code,
                row.expected(person),
                getattr(response, "content", b"")[:300],
            )
        elif response.status_code >= 400 and everything() != before:
            wrong[name] = "a refusal changed something"
        elif row.method == "get" and everything() != before:
            wrong[name] = "reading changed something"
        transaction.savepoint_rollback(point)
    assert wrong == {}


def test_the_table_holds_every_operation():
    described = {
        (method, re.sub(r"\{\w+\}", "{}", path.removeprefix("/api/v1/")))
        for path, operations in schema()["paths"].items()
        for method in operations
        if method in ("get", "post", "put", "patch", "delete")
    }
    tabled = set()
    for row in TABLE:
        path = re.sub(r"\{\w+\}", "{}", row.path.partition("?")[0]).replace("/csv/", "/{}/")
        tabled.add((row.method, path))
    assert tabled == described


def test_what_is_not_there_is_answered_like_what_is_another_desks():
    scenario = make_scenario()
    api = Api(scenario.team.outsider)
    numbers = scenario.numbers | {"lease": 1}
    rows = [row for row in TABLE if row.role != ANYONE]
    assert len(rows) > 80
    for row in rows:
        theirs = tried(api, row, numbers)
        kept = {name: numbers[name] for name in ("record", "changed_record")}
        nowhere = tried(api, row, dict.fromkeys(numbers, 2**62) | kept)
        assert (theirs.status_code, theirs.json()) == (404, nowhere.json()), row.path


def test_a_number_beyond_any_row_is_refused_in_path_and_body():
    scenario = make_scenario()
    api = Api(scenario.team.manager)
    for row in TABLE:
        if row.role != ANYONE and row.path != "claims/{held}/release/" and row.path != "claims/{held}/renew/":
            response = tried(api, row, dict.fromkeys(scenario.numbers, 10**40))
            assert response.status_code in (400, 404), row.path
    held = scenario.numbers["held"]
    assert api.post(f"claims/{held}/renew/", {"lease_token": 10**40}).status_code == 409
    assert api.post(f"claims/{held}/release/", {"lease_token": 10**40}).status_code == 204
