"""The pages of a desk's sources."""

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from annotations.models import Reference
from tests.factories import Team, make_claim, make_evidence, make_reference

pytestmark = pytest.mark.django_db


def test_a_source_is_listed_once_with_the_number_of_claims_that_rest_on_it(
    client: Client, team: Team
) -> None:
    claim = make_claim(team)
    evidence = make_evidence(team, claim)
    client.force_login(team.viewer)
    text = client.get("/sources/").content.decode()
    assert text.count(evidence.reference.url) == 1
    assert "used by 1 claim<" in text


def test_the_list_narrows_to_a_state_of_fetching(client: Client, team: Team) -> None:
    make_reference(team, "https://example.org/fine")
    waiting = make_reference(team, "https://example.org/waits")
    Reference.objects.filter(pk=waiting.pk).update(fetch_state="queued")
    client.force_login(team.viewer)
    rows = client.get("/sources/?state=queued").context["rows"]
    assert [row.reference.pk for row in rows] == [waiting.pk]


def test_waiting_without_a_worker_is_said_on_the_page(client: Client, team: Team) -> None:
    client.force_login(team.viewer)
    reference = make_reference(team)
    assert "No worker is running." not in client.get("/sources/").content.decode()
    Reference.objects.filter(pk=reference.pk).update(fetch_state="queued")
    assert "No worker is running." in client.get("/sources/").content.decode()


def test_a_source_shows_the_claims_that_rest_on_it(client: Client, team: Team) -> None:
    claim = make_claim(team)
    evidence = make_evidence(team, claim)
    client.force_login(team.viewer)
    text = client.get(f"/sources/{evidence.reference_id}/").content.decode()
    assert claim.statement in text
    assert f'href="{evidence.reference.url}" rel="noopener noreferrer nofollow"' in text


def test_sources_of_another_desk_are_not_there(client: Client, team: Team) -> None:
    reference = make_reference(team)
    client.force_login(team.outsider)
    assert reference.url not in client.get("/sources/").content.decode()
    assert client.get(f"/sources/{reference.pk}/").status_code == 404


def test_the_list_asks_as_often_for_2_sources_as_for_60(client: Client, team: Team) -> None:
    client.force_login(team.viewer)
    asked = []
    for number in (2, 60):
        for at in range(number):
            make_reference(team, f"https://example.org/{number}/{at}")
        with CaptureQueriesContext(connection) as queries:
            client.get("/sources/")
        asked.append(len(queries))
    assert asked[0] == asked[1]
