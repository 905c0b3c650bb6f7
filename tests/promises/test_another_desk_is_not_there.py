"""What another desk has is not there: no page and no operation says a word of it, whatever id is tried.

A manager of one desk tries the id of each kind of thing of another desk, in the path, the query and the
body of every request. Every answer is what it would be if the thing did not exist.
"""

import ast
import dataclasses
import inspect
import re
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
from django.db import models, transaction
from django.test import Client
from django.urls import URLPattern, reverse

from annotations.domain.reports.criteria import Criteria
from annotations.models import Claim, Desk, Document, Evidence, Membership, Reference, Report, User
from annotations.queries.claims.lists import ClaimFilter
from annotations.web.urls import urlpatterns
from annotations.workflow.desks.api_tokens import create_token
from annotations.workflow.desks.invitations import invite
from annotations.workflow.desks.saved_filters import save_filter
from annotations.workflow.reports.freeze import freeze_report
from factcheck.embedded.places import PROJECT
from tests.api.conftest import Api
from tests.api.scenario import make_scenario
from tests.api.test_roles import TABLE as OPERATIONS
from tests.api.test_roles import tried
from tests.factories import (
    Team,
    make_alert,
    make_capture,
    make_claim,
    make_document,
    make_evidence,
    make_team,
    make_verified_claim,
)
from tests.web.test_who_may import FIELDS, LISTS, OWN, PUBLIC
from tests.web.test_who_may import TABLE as PAGES

pytestmark = pytest.mark.django_db

# Each stands in what the other desk has, and nowhere else.
SECRETS = ("Zwijger", "Geheime", "Verborgen", "onvindbaar", "verborgen.example")
SECRET_TEXT = "In het Verborgen archief lagen onvindbaar achttien dossiers. Niemand zag ze terug."
SECRET_WORDS = "onvindbaar achttien dossiers"

# What a parameter of a page names; each is tried with the other desk's.
NAMES_A = {
    "actor": "person",
    "assignee": "person",
    "capture": "capture",
    "claim": "claim",
    "desk": "desk",
    "document": "document",
    "documents": "document",
    "evidence": "evidence",
    "one": "capture",
    "other": "capture",
    "person": "person",
    "rating": "rating",
    "ratings": "rating",
    "reading": "capture",
    "source": "reference",
    "version_id": "version",
}
# Moments, words, numbers of versions, choices from a fixed list, positions in a list or a text.
NAMES_NOTHING = set(
    """
    accept action add add_tags addresses after answer all_matching as_of author back base_number before by
    chosen_because claimant claimant_kind claimant_name claimant_role clear_due default_language
    demonstration code error password required description done due edit email end file full_name get here
    host language lease_token log n name next note order outlet overdue part passage place priority
    published_on q query reason reason_for_change reasoning record remove remove_tags role said_on
    said_where seen show shows_sources sources stance start state statement submit tag tags text theme title
    until url username verdict_number verified_from verified_to version why word words work
    """.split()
)


class Other:
    """A desk with one of each thing, all of it secret, and its ids by kind."""

    def __init__(self) -> None:
        team = self.team = make_team()
        Desk.objects.filter(pk=team.desk.pk).update(name="Geheime redactie", slug="geheime-redactie")
        on_desk = Membership.objects.filter(desk=team.desk).values("user")
        User.objects.filter(pk__in=on_desk).update(first_name="Zwijger", last_name="Zwijger")
        team.desk.refresh_from_db()
        article = make_document(team, SECRET_TEXT, title="Verborgen stuk")
        claim = make_claim(team, document=article, words=SECRET_WORDS)
        evidence = make_evidence(team, claim, url="https://verborgen.example/a")
        capture = make_capture(evidence.reference, SECRET_TEXT)
        Evidence.objects.filter(pk=evidence.pk).update(capture=capture)
        verified = make_verified_claim(team, document=article, words=SECRET_WORDS)
        alert = make_alert(team, verified)
        report = freeze_report(desk=team.desk, by=team.editor, title="Verborgen", criteria=Criteria())
        kept = save_filter(desk_id=team.desk.pk, name="Geheime", query="tag=x", by=team.editor)
        token = create_token(user=team.editor, name="Geheime").token
        asked = invite(team.desk.pk, username="zwijger", role="viewer", by=team.manager)
        self.ids: dict[str, int | str] = {
            "person": team.editor.pk,
            "capture": capture.pk,
            "claim": claim.pk,
            "desk": team.desk.pk,
            "slug": team.desk.slug,
            "document": article.pk,
            "evidence": evidence.pk,
            "rating": team.ratings["true"].pk,
            "reference": evidence.reference_id,
            "report": report.pk,
            "alert": alert.pk,
            "asked": asked.pk,
            "filter": kept.pk,
            "token": token.pk,
            "version": article.current_version_id or 0,
        }

    def rows(self) -> dict[str, list[Any]]:
        """Everything that the desk has, to see that it stays as it is."""
        desk = self.team.desk
        owned: dict[type[models.Model], dict[str, Any]] = {
            Claim: {"desk": desk},
            Desk: {"pk": desk.pk},
            Document: {"desk": desk},
            Evidence: {"claim__desk": desk},
            Membership: {"desk": desk},
            Reference: {"desk": desk},
            Report: {"desk": desk},
        }
        return {
            model.__name__: list(model._default_manager.filter(**which).order_by("pk").values())
            for model, which in owned.items()
        }


@pytest.fixture
def other(db: None) -> Other:
    return Other()


def words_of(response: Any) -> str:
    body = b"".join(response.streaming_content) if response.streaming else response.content
    return body.decode(errors="replace") + str(response.headers)


def secrets_in(response: Any) -> list[str]:
    text = words_of(response)
    return [secret for secret in SECRETS if secret in text]


def signed_in(person: User) -> Client:
    client = Client(raise_request_exception=True)
    client.force_login(person, backend="django.contrib.auth.backends.ModelBackend")
    return client


def asked(client: Client, name: str, things: dict[str, object], fields: dict[str, Any]) -> Iterator[Any]:
    """Ask a page in both ways, with the fields in the query and in the form."""
    address = reverse(name, kwargs=things)
    yield client.get(address, fields, follow=True)
    yield client.post(address, {**FIELDS, **fields}, follow=True)


_KIND_OF_PATH = {
    "claim_id": "claim",
    "document_id": "document",
    "evidence_id": "evidence",
    "reference_id": "reference",
    "capture_id": "capture",
    "report_id": "report",
    "alert_id": "alert",
    "filter_id": "filter",
    "token_id": "token",
    "user_id": "person",
    "slug": "slug",
    "invitation_id": "asked",
}


@pytest.mark.parametrize("name", sorted(set(PAGES)))
def test_a_page_at_another_desks_address_is_not_there(name: str, team: Team, other: Other) -> None:
    client, before = signed_in(team.manager), other.rows()
    own = PAGES[name].thing(team)
    tried_one = False
    for part in own:
        if part not in _KIND_OF_PATH:
            continue
        tried_one = True
        address = reverse(name, kwargs=own | {part: other.ids[_KIND_OF_PATH[part]]})
        fields = {**FIELDS, **PAGES[name].fields}
        response = client.get(address) if PAGES[name].method == "GET" else client.post(address, fields)
        assert response.status_code == 404, part
        assert secrets_in(response) == [], part
    assert tried_one
    assert other.rows() == before


@pytest.mark.parametrize("name", sorted((set(PAGES) | LISTS | OWN) - PUBLIC - {"sign_in", "welcome"}))
def test_a_page_given_another_desks_id_says_nothing_of_it(name: str, team: Team, other: Other) -> None:
    before = other.rows()
    own = PAGES[name].thing(team) if name in PAGES else _own_things(name, team)
    read = _parameters_of(name)
    for parameter, kind in NAMES_A.items():
        if parameter not in read:
            continue
        for value in {str(other.ids[kind]), str(other.ids["slug"])} if kind == "desk" else {other.ids[kind]}:
            point = transaction.savepoint()
            fields = dict(PAGES[name].fields) if name in PAGES else {}
            for response in asked(signed_in(team.manager), name, own, fields | {parameter: value}):
                assert response.status_code < 500, (parameter, response.status_code)
                assert secrets_in(response) == [], (parameter, response.request["PATH_INFO"])
            assert other.rows() == before, parameter
            transaction.savepoint_rollback(point)


def _parameters_of(page: str) -> set[str]:
    """What the view of a page, or a module of the pages that it imports, may read from a query or a form."""
    views = {pattern.name: pattern.callback for pattern in urlpatterns if isinstance(pattern, URLPattern)}
    names, seen, modules = set(), set(), [inspect.unwrap(views[page]).__module__]
    while modules:
        module = modules.pop()
        if module in seen or not module.startswith("annotations.web"):
            continue
        seen.add(module)
        path = Path(import_module(module).__file__ or "")
        names |= _parameters_in(path)
        modules += [
            node.module
            for node in ast.walk(ast.parse(path.read_text()))
            if isinstance(node, ast.ImportFrom) and node.module
        ]
    return names


def _own_things(name: str, team: Team) -> dict[str, object]:
    if name == "revoke_token":
        return {"token_id": create_token(user=team.manager, name="own").token.pk}
    if name == "confirm_email":
        return {"token": "none"}
    if name == "remove_security_key":
        return {"key_id": 1}
    if name == "end_session":
        return {"handle": "0"}
    if name in ("accept_invitation", "decline_invitation"):
        elsewhere = make_team()
        asked = invite(elsewhere.desk.pk, username=team.manager.username, role="viewer", by=elsewhere.manager)
        return {"invitation_id": asked.pk}
    if name == "forget_filter":
        kept = save_filter(desk_id=team.desk.pk, name="Own", query="", by=team.manager)
        return {"filter_id": kept.pk}
    return {}


@pytest.mark.parametrize(
    ("page", "kind"),
    [
        ("revoke_token", "token"),
        ("forget_filter", "filter"),
        ("accept_invitation", "asked"),
        ("decline_invitation", "asked"),
    ],
)
def test_what_another_person_keeps_is_not_there(page: str, kind: str, team: Team, other: Other) -> None:
    address = reverse(page, args=[other.ids[kind]])
    response = signed_in(team.manager).post(address)
    assert response.status_code == 404
    assert secrets_in(response) == []


@pytest.mark.parametrize("bulk", [False, True])
def test_a_person_of_another_desk_is_not_named_when_claims_are_assigned(
    bulk: bool, team: Team, other: Other
) -> None:
    claim = make_claim(team)
    client = signed_in(team.editor)
    if bulk:
        fields = {"claim": claim.pk, "action": "assign", "assignee": other.ids["person"]}
        response = client.post(reverse("bulk_claims"), fields)
    else:
        response = client.post(reverse("assign_claim", args=[claim.pk]), {"assignee": other.ids["person"]})
    assert response.status_code == 404
    assert "There is no such person on your desks." in words_of(response)
    assert secrets_in(response) == []
    claim.refresh_from_db()
    assert claim.assignee_id is None


def test_every_parameter_of_a_page_is_known_to_name_a_thing_or_not() -> None:
    read = set()
    for path in sorted((PROJECT / "annotations" / "web").rglob("*.py")):
        read |= _parameters_in(path)
    assert len(read) > 60
    assert read - set(NAMES_A) - NAMES_NOTHING == set()


def _parameters_in(path: Path) -> set[str]:
    source = path.read_text()
    names = set(re.findall(r"\b(?:GET|POST|asked)(?:\.get|\.getlist)?[(\[]\"(\w+)\"", source))
    # A whole query is a filter of claims.
    names |= {field.name for field in dataclasses.fields(ClaimFilter)} if "GET.dict()" in source else set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.ClassDef) and node.name.endswith("Form"):
            for line in node.body:
                if (
                    isinstance(line, ast.Assign)
                    and isinstance(line.value, ast.Call)
                    and isinstance(line.targets[0], ast.Name)
                ):
                    names.add(line.targets[0].id)
    return names


def test_no_operation_of_the_api_says_a_word_of_another_desk() -> None:
    own, theirs = make_scenario(), Other()
    numbers = own.for_person(own.team.manager)
    api = Api(own.team.manager)
    secret = _numbers_of(theirs)
    before, wrong, asked_for = theirs.rows(), {}, 0
    for row in OPERATIONS:
        for name in re.findall(r"\{(\w+)\}", f"{row.path} {row.body}"):
            if name not in secret:
                continue
            asked_for += 1
            point = transaction.savepoint()
            response = tried(api, row, numbers | {name: secret[name]})
            found = secrets_in(response)
            if response.status_code != 404 or found:
                wrong[f"{row.method} {row.path} {{{name}}}"] = (response.status_code, found)
            elif theirs.rows() != before:
                wrong[f"{row.method} {row.path} {{{name}}}"] = "something changed"
            transaction.savepoint_rollback(point)
    assert asked_for > 90
    assert wrong == {}


def _numbers_of(other: Other) -> dict[str, int]:
    """The other desk's things under the names that the table of operations uses."""
    same = {
        "asked": "asked mine",
        "claim": "open held proposed dismissed parked in_review verified",
        "evidence": "evidence withdrawn",
        "reference": "reference queued unsafe",
        "document": "document failed",
        "person": "editor",
    }
    names = {name: kind for kind, many in same.items() for name in many.split()}
    names |= {kind: kind for kind in ("desk", "capture", "alert", "report", "token", "filter")}
    return {name: int(other.ids[kind]) for name, kind in names.items()}


def test_every_page_of_the_workbench_is_tried() -> None:
    names = {str(pattern.name) for pattern in urlpatterns if isinstance(pattern, URLPattern)}
    assert names == set(PAGES) | LISTS | OWN | PUBLIC
