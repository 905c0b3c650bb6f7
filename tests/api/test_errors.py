"""Refusals of the API: one shape, whatever went wrong."""

import pytest
from django.conf import settings
from django.core.cache import CacheHandler
from django.test import Client, override_settings

from annotations.api import throttling
from annotations.api.errors import handle, status_of
from annotations.api.throttling import PerHeavyWrite, PerPerson
from annotations.domain.errors import (
    Duplicate,
    Invalid,
    LeaseLost,
    Missing,
    NotAllowed,
    Refused,
    StaleEdit,
    WrongState,
)
from annotations.models import Document
from annotations.workflow.claims.leases import HeldByOther
from factcheck.counters import counters
from tests.factories import make_document

FORM = "application/x-www-form-urlencoded"
pytestmark = pytest.mark.django_db


def sent(editor, method, path, data=b"", media="application/json"):
    return editor.client.generic(method, f"/api/v1/{path}", data, media, headers=editor.headers)


def shape(response):
    assert response["Content-Type"] == "application/problem+json"
    problem = response.json()
    assert set(problem) >= {"type", "title", "status", "detail", "code", "fields"}
    assert problem["status"] == response.status_code
    assert problem["type"] == f"urn:factcheck:problem:{problem['code']}"
    return problem["status"], problem["code"]


@pytest.mark.parametrize(
    ("method", "path", "data", "media", "expected"),
    [
        ("POST", "documents/", b"{", "application/json", (400, "unreadable")),
        ("POST", "documents/", b'{"desk": NaN}', "application/json", (400, "unreadable")),
        ("POST", "documents/", b"\xff", "application/json", (400, "unreadable")),
        ("POST", "documents/", b"[" * 100_000, "application/json", (400, "unreadable")),
        ("POST", "documents/", b"[1]", "application/json", (400, "invalid_request")),
        ("POST", "documents/", b"null", "application/json", (400, "invalid_request")),
        (
            "POST",
            "documents/",
            b"desk=1",
            "application/x-www-form-urlencoded",
            (415, "unsupported_media_type"),
        ),
        ("POST", "documents/by-file/", b"{}", "application/json", (415, "unsupported_media_type")),
        ("DELETE", "documents/", b"", "application/json", (405, "method_not_allowed")),
        ("GET", "documents/999999999999999999999999/", b"", "application/json", (404, "not_found")),
        ("GET", "nowhere/", b"", "application/json", (404, "not_found")),
        ("POST", "claims", b"{}", "application/json", (404, "not_found")),
        ("PURGE", "nowhere/", b"", "application/json", (404, "not_found")),
    ],
)
def test_whatever_cannot_be_done_is_answered_in_one_shape(editor, method, path, data, media, expected):
    assert shape(sent(editor, method, path, data, media)) == expected
    assert not Document.objects.exists()


def test_an_answer_in_another_format_cannot_be_had(editor):
    response = editor.client.get("/api/v1/me/", headers=editor.headers | {"Accept": "text/xml"})
    assert shape(response) == (406, "not_acceptable")


@override_settings(DATA_UPLOAD_MAX_MEMORY_SIZE=1000)
def test_a_body_beyond_the_limit_is_not_read(editor):
    assert shape(sent(editor, "POST", "documents/", b" " * 1001)) == (413, "too_large")


def test_a_form_that_announces_too_much_is_not_read(editor):
    response = editor.client.generic(
        "POST",
        "/api/v1/documents/by-file/",
        b"x",
        "multipart/form-data; boundary=x",
        headers=editor.headers,
        CONTENT_LENGTH=str(30 * 1024 * 1024),
    )
    assert shape(response) == (413, "too_large")


def test_numbers_and_texts_beyond_the_database_are_refused_as_input(team, editor):
    for body in ({"claims": [2**63]}, {"claims": [0]}, {"claims": ["x"]}, {"claims": []}):
        response = editor.post("claims/accept/", body)
        assert (response.status_code, response.json()["code"]) == (400, "invalid_request")
    text = editor.post("claims/by-words/", {"document": 1, "words": "a\x00b"})
    assert (text.status_code, list(text.json()["fields"])) == (400, ["words"])


def test_what_is_wrong_inside_a_list_is_named_by_its_place(editor):
    fields = editor.post("claims/accept/", {"claims": [1, "x"]}).json()["fields"]
    assert fields == {"claims.1": "A valid integer is required."}


def test_too_many_requests_are_told_when_to_come_back(team, editor, monkeypatch):
    monkeypatch.setattr(PerPerson, "THROTTLE_RATES", {"person": "2/min"})
    answers = [editor.client.get("/api/v1/me/", headers=editor.headers) for _ in range(3)]
    assert [answer.status_code for answer in answers] == [200, 200, 429]
    assert shape(answers[2]) == (429, "throttled")
    assert 1 <= int(answers[2]["Retry-After"]) <= 60
    assert [answer["RateLimit-Limit"] for answer in answers] == ["2"] * 3
    assert [answer["RateLimit-Remaining"] for answer in answers] == ["1", "0", "0"]
    assert all(1 <= int(answer["RateLimit-Reset"]) <= 60 for answer in answers)


def test_all_processes_count_together(team, editor, monkeypatch):
    monkeypatch.setattr(PerPerson, "THROTTLE_RATES", {"person": "2/min"})
    for _ in range(2):
        # What another process knows of this one stands in the broker alone.
        monkeypatch.setattr(throttling, "caches", CacheHandler(settings.CACHES))
        assert editor.client.get("/api/v1/me/", headers=editor.headers).status_code == 200
    monkeypatch.setattr(throttling, "caches", CacheHandler(settings.CACHES))
    assert editor.client.get("/api/v1/me/", headers=editor.headers).status_code == 429


def test_the_tightest_limit_is_said_and_reading_does_not_count_as_loading(team, editor, monkeypatch):
    monkeypatch.setattr(PerHeavyWrite, "THROTTLE_RATES", {"loading": "1/min"})
    for _ in range(3):
        assert editor.get("documents/").status_code == 200
    loaded = [editor.post("documents/", {"desk": team.desk.pk, "text": "Vijftig."}) for _ in range(2)]
    assert [answer.status_code for answer in loaded] == [201, 429]
    assert loaded[0]["RateLimit-Limit"] == "1"
    assert editor.get("documents/")["RateLimit-Limit"] == "1200"


def test_nobody_is_refused_while_nothing_can_be_counted(team, editor, monkeypatch):
    monkeypatch.setattr(PerPerson, "THROTTLE_RATES", {"person": "1/min"})
    away = counters("redis://127.0.0.1:1/0")
    monkeypatch.setattr(throttling, "caches", CacheHandler({"default": away, "limits": away}))
    answers = [editor.client.get("/api/v1/me/", headers=editor.headers) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [200, 200]
    assert "RateLimit-Limit" not in answers[0]


@pytest.mark.parametrize(
    ("broker", "place"),
    [
        ("redis://host:6379/3", "redis://host:6379/3"),
        ("rediss://user:word@host/0", "rediss://user:word@host/0"),
        ("redis+socket:///run/valkey.sock", "unix:///run/valkey.sock?db=0"),
        ("redis+socket:///run/valkey.sock?virtual_host=2", "unix:///run/valkey.sock?db=2"),
        ("memory://", "limits"),
    ],
)
def test_requests_are_counted_in_the_broker_of_the_copy(broker, place):
    assert counters(broker)["LOCATION"] == place


def test_an_unexpected_error_is_not_dressed_up():
    assert handle(RuntimeError("a fault"), {}) is None


@pytest.mark.parametrize(
    ("kind", "status"),
    [
        (Invalid, 422),
        (NotAllowed, 403),
        (Missing, 404),
        (WrongState, 409),
        (Duplicate, 409),
        (LeaseLost, 409),
        (HeldByOther, 409),
        (StaleEdit, 412),
        (Refused, 422),
    ],
)
def test_each_kind_of_refusal_has_its_status(kind, status):
    assert status_of(kind("A sentence.")) == status


def test_answers_stay_out_of_shared_caches(team, editor):
    document = make_document(team)
    response = editor.get(f"documents/{document.pk}/")
    assert response["Cache-Control"] == "private, no-cache"
    assert "Authorization" in response["Vary"]


def test_a_page_for_people_is_not_confused_with_the_api(client):
    assert Client().get("/nowhere/")["Content-Type"].startswith("text/html")


@pytest.mark.parametrize("body", [b'{"\\ud800": 1}', b'{"desk": 1, "name": "\\udfff", "query": ""}'])
def test_half_a_character_is_refused_as_what_no_text_can_hold(editor, body):
    response = editor.client.generic(
        "POST", "/api/v1/filters/", body, "application/json", headers=editor.headers
    )
    assert response.status_code == 400
    assert response.json()["code"] == "unreadable"


def test_a_whole_character_may_be_sent_in_halves(team, editor):
    body = b'{"desk": %d, "name": "\\ud83d\\ude00", "query": ""}' % team.desk.pk
    response = editor.client.generic(
        "POST", "/api/v1/filters/", body, "application/json", headers=editor.headers
    )
    assert (response.status_code, response.json()["name"]) == (201, "\N{GRINNING FACE}")


def test_a_day_at_the_end_of_the_calendar_is_refused_for_a_report(team, editor):
    criteria = {"verified_to": "9999-12-31"}
    assert editor.post("reports/", {"desk": team.desk.pk, "criteria": criteria}).status_code == 422


def test_a_damaged_cursor_of_sites_is_refused(team, editor):
    assert editor.get("references/sites/", {"desk": team.desk.pk, "cursor": "AAAA"}).status_code == 422
