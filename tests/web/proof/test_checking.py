"""What anyone gets to check for themselves: an explanation, the program, and for the desk its public keys."""

import pytest
from django.test import Client

from annotations.archiving.standalone import standalone_script
from annotations.models import Manifest
from annotations.workflow.evidence.attach import attach_file
from tests.factories import Team, make_claim

pytestmark = pytest.mark.django_db


def test_the_explanation_is_for_everybody_and_names_nobody(client: Client, team: Team) -> None:
    text = client.get("/sources/checking/").content.decode()
    assert "python verify.py the-file-you-have.wacz" in text
    assert team.desk.name not in text
    assert "/sources/keys/" not in text


def test_the_program_is_the_one_that_comes_with_each_download(client: Client) -> None:
    answer = client.get("/sources/verify.py")
    assert answer.content.decode() == standalone_script()
    assert answer.headers["Content-Disposition"] == 'attachment; filename="verify.py"'
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert client.post("/sources/verify.py").status_code == 405


def test_the_public_keys_of_the_desk_are_listed_whole(client: Client, team: Team) -> None:
    client.force_login(team.viewer)
    assert "Nothing was signed yet" in client.get("/sources/keys/").content.decode()
    attach_file(
        claim_id=make_claim(team).pk, filename="a.txt", content=b"Words", stance="supports", by=team.editor
    )
    key = Manifest.objects.values_list("public_key", flat=True).first()
    assert str(key) in client.get("/sources/keys/").content.decode()


def test_the_keys_of_another_desk_are_not_told(client: Client, team: Team) -> None:
    attach_file(
        claim_id=make_claim(team).pk, filename="a.txt", content=b"Words", stance="supports", by=team.editor
    )
    client.force_login(team.outsider)
    assert "Nothing was signed yet" in client.get("/sources/keys/").content.decode()
