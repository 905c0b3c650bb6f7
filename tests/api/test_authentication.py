"""Who asks: tokens, sessions, and nobody."""

from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.test import Client
from django.utils import timezone

from annotations.models import ApiToken, SavedFilter
from annotations.workflow.desks.api_tokens import key_hash
from tests.api.conftest import Api

pytestmark = pytest.mark.django_db


def test_a_token_asks_in_its_persons_name(team, editor):
    me = editor.get("me/").json()
    assert (me["id"], me["username"]) == (team.editor.pk, team.editor.username)
    assert [(desk["id"], desk["role"]) for desk in me["desks"]] == [(team.desk.pk, "editor")]


@pytest.mark.parametrize("header", ["Bearer fcw_wrong", "Bearer", "Bearer x", "Bearer fcw_\x00"])
def test_an_unknown_token_is_refused_with_the_way_to_sign_in(team, header):
    response = Client().get("/api/v1/me/", headers={"Authorization": header})
    assert response.status_code == 401
    assert response["WWW-Authenticate"] == 'Bearer realm="api"'
    assert response["Content-Type"] == "application/problem+json"
    assert response.json()["code"] == "not_authenticated"


def test_a_request_without_a_token_is_told_where_to_get_one(team):
    response = Api(None).get("me/")
    assert (response.status_code, response["WWW-Authenticate"]) == (401, 'Bearer realm="api"')
    assert response["Content-Type"] == "application/problem+json"
    assert response.json()["detail"] == (
        "This needs a token: make one on your account page or with `manage.py create_token USERNAME`, "
        "and send it as `Authorization: Bearer fcw_…`."
    )


def test_a_revoked_token_is_refused_from_then_on(editor):
    token = editor.get("tokens/").json()["results"][0]
    assert token["name"] == "test"
    assert editor.delete(f"tokens/{token['id']}/").status_code == 204
    assert editor.get("me/").status_code == 401


def test_the_token_of_a_closed_account_is_refused(team, editor):
    team.editor.is_active = False
    team.editor.save(update_fields=["is_active"])
    assert editor.get("me/").status_code == 401


def test_nobody_revokes_or_sees_the_tokens_of_others(editor, viewer):
    theirs = viewer.get("tokens/").json()["results"][0]["id"]
    assert theirs not in [token["id"] for token in editor.get("tokens/").json()["results"]]
    assert editor.delete(f"tokens/{theirs}/").status_code == 404
    assert viewer.get("me/").status_code == 200


def test_the_last_use_is_noted_at_most_once_a_minute(team, editor):
    token = ApiToken.objects.get(user=team.editor)
    editor.get("me/")
    token.refresh_from_db()
    first = token.last_used_at
    assert first is not None
    editor.get("me/")
    token.refresh_from_db()
    assert token.last_used_at == first
    earlier = timezone.now() - timedelta(minutes=2)
    ApiToken.objects.filter(pk=token.pk).update(last_used_at=earlier)
    editor.get("me/")
    token.refresh_from_db()
    assert token.last_used_at > earlier + timedelta(minutes=1)


def test_a_session_reads_without_more_and_writes_with_its_csrf_token(team):
    client = Client(enforce_csrf_checks=True)
    client.force_login(team.editor)
    assert client.get("/api/v1/me/").status_code == 200
    body = {"desk": team.desk.pk, "name": "Mine", "query": ""}
    response = client.post("/api/v1/filters/", body, content_type="application/json")
    assert (response.status_code, response.json()["code"]) == (403, "permission_denied")
    assert not SavedFilter.objects.exists()
    client.get("/api/v1/docs/")
    token = client.cookies[next(name for name in client.cookies if "csrf" in name)].value
    response = client.post(
        "/api/v1/filters/", body, content_type="application/json", headers={"X-CSRFToken": token}
    )
    assert response.status_code == 201


def test_create_token_prints_a_key_that_works(team):
    out, err = StringIO(), StringIO()
    call_command("create_token", team.editor.username, name="morning import", stdout=out, stderr=err)
    key = out.getvalue().strip()
    assert ApiToken.objects.get(key_sha256=key_hash(key)).name == "morning import"
    response = Client().get("/api/v1/me/", headers={"Authorization": f"Bearer {key}"})
    assert response.json()["id"] == team.editor.pk
    assert key not in err.getvalue()


@pytest.mark.parametrize("closed", [True, False])
def test_create_token_refuses_who_is_not_there_or_closed(team, closed):
    team.editor.is_active = not closed
    team.editor.save(update_fields=["is_active"])
    with pytest.raises(CommandError):
        call_command("create_token", team.editor.username if closed else "nobody")
    assert not ApiToken.objects.exists()
