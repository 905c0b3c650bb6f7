"""A form that is too long is refused by the length it declares, before anyone reads it."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from annotations.models import Document, Reference
from tests.factories import Team, make_claim

pytestmark = pytest.mark.django_db

GIGABYTE = 1024**3
MULTIPART = "multipart/form-data; boundary=limit"


class Unread:
    """A body that nobody may read."""

    def read(self, *_: object) -> bytes:
        raise AssertionError("the body was read")

    readline = read


def send(client: Client, address: str, length: int, **headers: str) -> tuple[int, str]:
    """Send a form that declares `length` bytes and cannot be read."""
    # CSRF is checked as for a real browser, so that nothing is refused later than it would be there.
    client.handler.enforce_csrf_checks = True
    response = client.generic(
        "POST",
        address,
        b"",
        content_type=MULTIPART,
        headers=headers,
        **{"wsgi.input": Unread(), "CONTENT_LENGTH": str(length)},
    )
    return response.status_code, response.content.decode()


@pytest.mark.parametrize("name", ["sign_in", "new_document", "theme"])
def test_a_strangers_long_form_is_refused_unread(name: str) -> None:
    status, page = send(Client(), reverse(name), GIGABYTE)
    assert (status, "At most 64 KB can be sent here; this was 1,024 MB." in page) == (413, True)


def test_a_session_that_is_none_makes_nobody_of_the_desk() -> None:
    client = Client()
    client.cookies["sessionid"] = "x" * 32
    assert send(client, reverse("new_document"), 65 * 1024)[0] == 413


@pytest.mark.parametrize(
    ("takes_files", "length"), [(True, 30 * 1024 * 1024), (False, 10 * 1024 * 1024), (True, GIGABYTE)]
)
def test_a_members_form_is_as_long_as_its_page_takes(team: Team, takes_files: bool, length: int) -> None:
    claim = make_claim(team)
    client = Client()
    client.force_login(team.editor)
    address = (
        reverse("attach_source", args=[claim.pk]) if takes_files else reverse("give_verdict", args=[claim.pk])
    )
    assert send(client, address, length)[0] == 413
    status, panel = send(client, address, length, HX_Request="true")
    assert status == 413
    assert "<html" not in panel
    assert not Reference.objects.exists()


def test_a_large_file_still_arrives(team: Team, client: Client) -> None:
    client.force_login(team.editor)
    text = SimpleUploadedFile("bericht.txt", b"Er waren vijftig gewonden. " * 40_000, "text/plain")
    fields = {"desk": team.desk.pk, "title": "Bericht", "file": text}
    assert client.post(reverse("new_document") + "?by=file", fields).status_code == 302
    assert Document.objects.get().current_version is not None
