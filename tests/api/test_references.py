"""References through the API: narrowed, watched, fetched again one by one and many at once."""

from datetime import timedelta

import pytest
from django.utils import timezone

from annotations.models import Alert, FetchJob, Reference, Watch
from tests.api.conftest import Api
from tests.factories import Team, make_alert, make_capture, make_reference, make_verified_claim

pytestmark = pytest.mark.django_db


def make_failed(team: Team, url: str, code: str = "http_500") -> Reference:
    reference = make_reference(team, url)
    Reference.objects.filter(pk=reference.pk).update(
        fetch_state="failed", fetch_code=code, host=url.split("/")[2]
    )
    return reference


@pytest.fixture
def alert(team: Team) -> Alert:
    return make_alert(team, make_verified_claim(team))


def watch(reference: Reference, page_status: str = "changed") -> Watch:
    return Watch.objects.create(
        reference=reference, page_status=page_status, next_check_at=timezone.now() + timedelta(days=1)
    )


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ({}, ["failed", "kept"]),
        ({"state": "failed"}, ["failed"]),
        ({"part": "failing"}, ["failed"]),
        ({"watch": "changed"}, ["kept"]),
        ({"watch": "dead"}, []),
        ({"host": "BROKEN.example.org"}, ["failed"]),
        ({"words": "broken page"}, ["failed"]),
        ({"words": "broken nothing"}, []),
        ({"part": "failing", "watch": "changed"}, []),
    ],
)
def test_a_list_is_narrowed_by_all_that_is_asked(
    team: Team, viewer: Api, asked: dict[str, str], expected: list[str]
) -> None:
    kept = make_reference(team)
    watch(kept)
    names = {make_failed(team, "https://broken.example.org/page").pk: "failed", kept.pk: "kept"}

    rows = viewer.get("references/", {"desk": team.desk.pk, **asked}).json()["results"]

    assert [names[row["id"]] for row in rows] == expected


def test_a_word_the_api_does_not_know_is_no_filter(team: Team, viewer: Api) -> None:
    refused = viewer.get("references/", {"desk": team.desk.pk, "watch": "asleep"})
    assert (refused.status_code, list(refused.json()["fields"])) == (400, ["watch"])


def test_a_reference_shows_its_watch_while_a_verdict_leans_on_it(team: Team, viewer: Api) -> None:
    reference = make_reference(team)
    newest = make_capture(reference, "Fifty people were hurt.")
    watched = watch(reference)
    shown = viewer.get(f"references/{reference.pk}/").json()
    assert (shown["watch"]["page_status"], shown["latest_capture"]["id"]) == ("changed", newest.pk)

    Watch.objects.filter(pk=watched.pk).update(next_check_at=None)
    assert viewer.get(f"references/{reference.pk}/").json()["watch"] is None


def test_each_look_is_listed_with_what_it_kept(viewer: Api, alert: Alert) -> None:
    [look] = viewer.get(f"references/{alert.reference_id}/looks/").json()["results"]
    assert (look["page_status"], look["code"], look["capture"]) == ("changed", "ok", alert.after_id)


def test_sites_tell_what_fails_there_and_page_by_name(team: Team, viewer: Api) -> None:
    make_failed(team, "https://b.example.org/page")
    make_failed(team, "https://a.example.org/1")
    make_failed(team, "https://a.example.org/2")

    first = viewer.get("references/sites/", {"desk": team.desk.pk, "page_size": 1}).json()
    second = viewer.get(first["next"]).json()

    assert [(row["host"], row["references"], row["failing"]) for row in first["results"]] == [
        ("a.example.org", 2, 2)
    ]
    assert [row["host"] for row in second["results"]] == ["b.example.org"]
    assert second["next"] is None


def test_many_are_fetched_again_at_once_and_the_rest_is_counted(team: Team, editor: Api) -> None:
    one, other = make_failed(team, "https://a.example.org/1"), make_failed(team, "https://b.example.org/1")
    kept = make_reference(team)

    named = editor.post("references/retry/", {"desk": team.desk.pk, "references": [one.pk, kept.pk]})
    assert (named.status_code, named.json()) == (202, {"count": 1, "passed_over": 1})
    assert list(FetchJob.objects.values_list("reference", "state")) == [(one.pk, "queued")]

    rest = editor.post("references/retry/", {"desk": team.desk.pk, "host": "b.example.org"})
    assert rest.json() == {"count": 1, "passed_over": 0}
    assert FetchJob.objects.filter(reference=other, state="queued").count() == 1


def test_what_stands_on_another_desk_is_not_fetched_again(team: Team, editor: Api, stranger: Api) -> None:
    failed = make_failed(team, "https://a.example.org/1")

    refused = stranger.post("references/retry/", {"desk": team.desk.pk, "references": [failed.pk]})

    assert refused.status_code == 404
    assert not FetchJob.objects.exists()


def test_a_certificate_is_overlooked_only_where_it_was_in_the_way(team: Team, editor: Api) -> None:
    unsafe, broken = (
        make_failed(team, "https://a.example.org/", "tls_expired"),
        make_failed(team, "https://b.example.org/"),
    )
    assert editor.get(f"references/{unsafe.pk}/").json()["fetch"]["overlookable"] is True

    done = editor.post(f"references/{unsafe.pk}/fetch-unverified/")
    assert (done.status_code, done.json()["fetch"]["state"]) == (202, "queued")
    assert list(FetchJob.objects.values_list("reference", "verify_tls")) == [(unsafe.pk, False)]

    refused = editor.post(f"references/{broken.pk}/fetch-unverified/")
    assert (refused.status_code, refused.json()["code"]) == (409, "no_certificate_trouble")
    assert not FetchJob.objects.filter(reference=broken).exists()
