"""How a refusal becomes a page, and what it keeps."""

from typing import Any

import pytest
from django.contrib.auth.models import AnonymousUser
from django.http import HttpResponse
from django.test import Client, RequestFactory
from django_htmx.middleware import HtmxDetails

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
from annotations.web.refusals import RefusedMiddleware, refusal_page


def refused(refusal: Refused, fields: dict[str, Any] | None = None, **headers: str) -> HttpResponse:
    request = RequestFactory().post("/claims/1/edit/", fields or {}, headers=headers)
    request.user = AnonymousUser()
    request._messages = []  # type: ignore[attr-defined]
    request.htmx = HtmxDetails(request)  # type: ignore[attr-defined]
    return refusal_page(request, refusal)


@pytest.mark.parametrize(
    ("kind", "status"),
    [
        (Missing, 404),
        (NotAllowed, 403),
        (WrongState, 409),
        (LeaseLost, 409),
        (Duplicate, 409),
        (StaleEdit, 409),
        (Invalid, 422),
        (Refused, 422),
    ],
)
def test_each_kind_of_refusal_has_its_status_and_says_its_sentence(kind: type[Refused], status: int) -> None:
    response = refused(kind("Do it otherwise."))
    assert response.status_code == status
    assert "Do it otherwise." in response.content.decode()
    assert response["Cache-Control"] == "no-store"


def test_both_texts_are_shown_and_the_next_try_rests_on_the_newer_one() -> None:
    stale = StaleEdit(
        "Rosa was faster.", current={"version": 8, "statement": "Hers.", "by": "Rosa Marín", "tags": ""}
    )
    text = refused(stale, {"version": "7", "statement": "Mine.", "language": "nl"}).content.decode()
    assert ">Mine.</textarea>" in text
    assert "Hers." in text
    assert "Rosa Marín" in text
    assert 'name="version" value="8"' in text
    assert 'name="language" value="nl"' in text
    assert "Send mine again" in text


def test_a_text_that_is_the_same_on_both_sides_is_not_shown_twice() -> None:
    stale = StaleEdit("Rosa was faster.", current={"statement": "Same."})
    assert "as it stands now" not in refused(stale, {"statement": "Same."}).content.decode()


def test_a_script_gets_a_panel_and_the_form_stays() -> None:
    response = refused(StaleEdit("Faster.", current={"a": "Hers"}), {"a": "Mine"}, **{"HX-Request": "true"})
    text = response.content.decode()
    assert response["HX-Retarget"] == "#refusal"
    assert response["HX-Reswap"] == "innerHTML"
    assert "<html" not in text
    assert "Mine" in text
    assert "Hers" in text


@pytest.mark.parametrize(
    "name", ["password", "old_password", "token", "client_secret", "csrfmiddlewaretoken"]
)
def test_a_secret_is_never_shown_again(name: str) -> None:
    assert "hunter2" not in refused(Invalid("No."), {name: "hunter2"}).content.decode()


def test_what_was_typed_is_text_and_never_markup() -> None:
    text = refused(Invalid("No."), {"note": "<script>alert(1)</script>" * 3}).content.decode()
    assert "<script>alert" not in text
    assert "&lt;script&gt;alert(1)" in text


@pytest.mark.parametrize(
    ("referer", "back"),
    [
        ("http://testserver/claims/?tag=x", "http://testserver/claims/?tag=x"),
        ("https://evil.example/", "/"),
        ("", "/"),
    ],
)
def test_the_way_back_leads_to_this_site_only(referer: str, back: str) -> None:
    text = refused(NotAllowed("No."), {"x": "y"}, Referer=referer).content.decode()
    assert f'<a class="button" href="{back}">Back to where you were</a>' in text
    assert "evil.example" not in text


def test_what_is_not_a_refusal_travels_on() -> None:
    middleware = RefusedMiddleware(lambda request: HttpResponse())
    assert middleware.process_exception(RequestFactory().get("/"), ValueError("a fault")) is None


def test_under_a_lost_hold_the_text_is_kept_but_not_sent_again() -> None:
    words = "What took an hour to write. " * 3
    text = refused(LeaseLost("Taken over."), {"reasoning": words, "lease_token": "4"}).content.decode()
    assert words in text
    assert 'name="lease_token" value="4"' in text
    assert "Send mine again" not in text


def test_a_request_for_a_host_that_is_not_ours_gets_a_page_not_a_crash(client: Client) -> None:
    response = client.get("/", HTTP_HOST="elsewhere.example")

    assert response.status_code == 400
    assert "<h1" in response.content.decode()
