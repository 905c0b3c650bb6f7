"""What the tests of pages share: an editor who is signed in, and the words of a page."""

import pytest
from django.test import Client

from tests.factories import Team


@pytest.fixture
def editor(client: Client, team: Team) -> Client:
    """The editor of the team, signed in."""
    client.force_login(team.editor)
    return client


def words(client: Client, path: str) -> str:
    """The page at `path` as it answers, each run of white space as one blank."""
    answer = client.get(path)
    assert answer.status_code == 200
    return " ".join(answer.content.decode().split())
