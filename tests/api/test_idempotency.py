"""A creation sent twice makes one thing."""

from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError
from django.utils import timezone

from annotations.api.claims import views
from annotations.models import Claim, Document, IdempotencyKey
from annotations.workflow.desks import manage, second_factor
from annotations.workflow.idempotency import begin
from tests.api.conftest import Api
from tests.factories import TEXT, make_document, make_second_factor
from tests.without_rules import as_owner

pytestmark = pytest.mark.django_db

KEY = {"Idempotency_Key": "import-1"}


def test_the_same_request_again_gets_the_same_answer_and_makes_nothing(team, editor):
    body = {"document": make_document(team).pk, "words": "vijftig gewonden"}
    first = editor.post("claims/by-words/", body, **KEY)
    second = editor.post("claims/by-words/", body, **KEY)
    assert (first.status_code, second.status_code) == (201, 201)
    assert second.json() == first.json()
    assert [second[name] for name in ("ETag", "Location")] == [first[name] for name in ("ETag", "Location")]
    assert "Idempotency-Replayed" not in first
    assert second["Idempotency-Replayed"] == "true"
    assert Claim.objects.count() == 1


def test_another_request_with_the_same_key_is_refused_and_makes_nothing(team, editor):
    document = make_document(team)
    editor.post("claims/by-words/", {"document": document.pk, "words": "vijftig gewonden"}, **KEY)
    second = editor.post("claims/by-words/", {"document": document.pk, "words": "door soldaten"}, **KEY)
    assert (second.status_code, second.json()["code"]) == (422, "idempotency_key_reused")
    assert Claim.objects.count() == 1


def test_a_key_is_each_persons_own(team, editor):
    body = {"document": make_document(team).pk, "words": "vijftig gewonden"}
    editor.post("claims/by-words/", body, **KEY)
    Api(team.colleague).post("claims/by-words/", body, **KEY)
    assert Claim.objects.count() == 2


def test_while_the_first_request_runs_the_second_is_told_to_wait(team, editor, monkeypatch):
    body = {"document": make_document(team).pk, "words": "vijftig gewonden"}
    inner = []
    create = views.create_claim_from_words

    def meanwhile(*args, **kwargs):
        inner.append(editor.post("claims/by-words/", body, **KEY))
        return create(*args, **kwargs)

    monkeypatch.setattr(views, "create_claim_from_words", meanwhile)
    assert editor.post("claims/by-words/", body, **KEY).status_code == 201
    assert [(answer.status_code, answer.json()["code"]) for answer in inner] == [
        (409, "idempotency_key_busy")
    ]
    assert Claim.objects.count() == 1


def test_a_refused_request_frees_its_key(team, editor):
    body = {"document": make_document(team).pk, "words": "no such words"}
    assert editor.post("claims/by-words/", body, **KEY).status_code == 422
    assert not IdempotencyKey.objects.exists()
    assert editor.post("claims/by-words/", body | {"words": "gewonden"}, **KEY).status_code == 201


def test_whoever_left_the_desk_is_not_told_again_what_they_made(team, editor):
    body = {"document": make_document(team).pk, "words": "vijftig gewonden"}
    assert editor.post("claims/by-words/", body, **KEY).status_code == 201
    manage.remove_member(team.desk.pk, user_id=team.editor.pk, by=team.manager)
    again = editor.post("claims/by-words/", body, **KEY)
    assert (again.status_code, again.json()["code"]) == (409, "idempotency_answer_forgotten")
    assert "vijftig" not in again.content.decode()
    assert Claim.objects.count() == 1


def test_whoever_may_see_the_desk_no_longer_is_not_told_again_what_they_made(team, editor):
    body = {"document": make_document(team).pk, "words": "vijftig gewonden"}
    assert editor.post("claims/by-words/", body, **KEY).status_code == 201
    make_second_factor(team.manager)
    second_factor.require_two_factor(team.desk.pk, required=True, by=team.manager)
    again = editor.post("claims/by-words/", body, **KEY)
    assert (again.status_code, again.json()["code"]) == (409, "idempotency_answer_forgotten")
    assert "vijftig" not in again.content.decode()
    assert Claim.objects.count() == 1


def test_whoever_loses_their_second_factor_is_not_told_again_either(team, editor):
    make_second_factor(team.editor)
    body = {"document": make_document(team).pk, "words": "vijftig gewonden"}
    assert editor.post("claims/by-words/", body, **KEY).status_code == 201
    second_factor.turn_off_on_the_machine(team.editor)
    again = editor.post("claims/by-words/", body, **KEY)
    assert (again.status_code, again.json()["code"]) == (409, "idempotency_answer_forgotten")


def test_a_key_freed_just_when_it_is_read_serves_the_second_request(team, editor, monkeypatch):
    manager = IdempotencyKey.objects
    reserve = type(manager).get_or_create
    calls = []

    def freed_once(self, *args, **kwargs):
        calls.append(kwargs)
        if len(calls) == 1:
            raise IntegrityError("the key was taken, and is gone")
        return reserve(self, *args, **kwargs)

    monkeypatch.setattr(type(manager), "get_or_create", freed_once)
    body = {"document": make_document(team).pk, "words": "vijftig gewonden"}
    assert editor.post("claims/by-words/", body, **KEY).status_code == 201
    assert len(calls) == 2
    assert Claim.objects.count() == 1


def test_a_request_that_broke_off_is_never_made_twice(team, editor, monkeypatch):
    body = {"document": make_document(team).pk, "words": "vijftig gewonden"}

    def breaks(*args, **kwargs):
        raise RuntimeError("a fault")

    with monkeypatch.context() as patched:
        patched.setattr(views, "create_claim_from_words", breaks)
        with pytest.raises(RuntimeError):
            editor.post("claims/by-words/", body, **KEY)
    answer = editor.post("claims/by-words/", body, **KEY)
    assert (answer.status_code, answer.json()["code"]) == (409, "idempotency_key_busy")
    assert not Claim.objects.exists()


def test_a_file_sent_again_is_the_same_request(team, editor):
    def send(content):
        file = SimpleUploadedFile("a.txt", content, content_type="text/plain")
        return editor.send_form("documents/by-file/", {"desk": team.desk.pk, "file": file}, **KEY)

    first, second, other = send(TEXT.encode()), send(TEXT.encode()), send(b"Something else.")
    assert second.json() == first.json()
    assert other.json()["code"] == "idempotency_key_reused"
    assert Document.objects.count() == 1


def test_a_key_is_forgotten_after_a_day(team):
    begin(team.editor, "old", "0" * 64)
    begin(team.editor, "young", "0" * 64)
    with as_owner():
        IdempotencyKey.objects.filter(key="old").update(created_at=timezone.now() - timedelta(hours=25))
        IdempotencyKey.objects.filter(key="young").update(created_at=timezone.now() - timedelta(hours=23))
    begin(team.colleague, "new", "0" * 64)
    assert set(IdempotencyKey.objects.values_list("key", flat=True)) == {"young", "new"}


@pytest.mark.parametrize("key", ["x" * 201, "naïve"])
def test_a_key_that_is_none_is_refused(team, editor, key):
    response = editor.post("filters/", {"desk": team.desk.pk, "name": "A", "query": ""}, Idempotency_Key=key)
    assert (response.status_code, list(response.json()["fields"])) == (400, ["Idempotency-Key"])
