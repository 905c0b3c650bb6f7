"""The list of a desk's sources: parts, sites, words, what waits, and fetching many again."""

from datetime import timedelta
from typing import Any

import pytest
from django.db.models.functions import Now
from django.test import Client
from django.utils import timezone

from annotations.models import FetchJob, Host, Reference, Watch, WorkerHeartbeat
from tests.factories import Team, make_capture, make_claim, make_evidence, make_reference
from tests.without_rules import as_owner

pytestmark = pytest.mark.django_db


def make(team: Team, name: str, **facts: Any) -> Reference:
    reference = make_reference(team, f"https://{name}.example/page")
    with as_owner():
        Reference.objects.filter(pk=reference.pk).update(**{"host": f"{name}.example", **facts})
    reference.refresh_from_db()
    return reference


def queue(reference: Reference) -> FetchJob:
    Reference.objects.filter(pk=reference.pk).update(fetch_state="queued")
    return FetchJob.objects.create(reference=reference, host=reference.host, state="queued")


def listed(client: Client, query: str = "") -> list[int]:
    return [row.reference.pk for row in client.get(f"/sources/{query}").context["rows"]]


def test_a_source_is_listed_once_with_the_number_of_claims_that_rest_on_it(
    editor: Client, team: Team
) -> None:
    evidence = make_evidence(team, make_claim(team))
    text = editor.get("/sources/").content.decode()
    assert text.count(evidence.reference.url) == 1
    assert "used by 1 claim<" in text


def test_a_certificate_that_was_not_checked_is_marked_in_the_list(editor: Client, team: Team) -> None:
    checked, unchecked = make(team, "checked"), make(team, "unchecked")
    make_capture(checked, "Fifty injured.")
    capture = make_capture(unchecked, "Fifty injured.", tls_unverified=True)
    rows = editor.get("/sources/").content.decode().split("<li ")
    marked = [row.partition('id="source-')[2].partition('"')[0] for row in rows if "Certificate not" in row]
    assert marked == [str(capture.reference_id)]


def test_each_part_holds_what_its_name_says(editor: Client, team: Team) -> None:
    fine, fails, waits = make(team, "fine"), make(team, "fails", fetch_state="failed"), make(team, "waits")
    queue(waits)
    watched = {status: make(team, status.replace("_", "-")) for status in ("changed", "moved", "dead")}
    for status, reference in watched.items():
        Watch.objects.create(reference=reference, page_status=status, next_check_at=Now())

    assert listed(editor, "?part=failing") == [fails.pk]
    assert listed(editor, "?part=waiting") == [waits.pk]
    assert listed(editor, "?part=changed") == [watched["moved"].pk, watched["changed"].pk]
    assert listed(editor, "?part=gone") == [watched["dead"].pk]
    assert len(listed(editor)) == 6
    assert listed(editor, "?part=nonsense") == listed(editor)
    assert fine.pk in listed(editor)
    tabs = {tab.label: tab.count for tab in editor.get("/sources/").context["tabs"]}
    assert {label: str(count) for label, count in tabs.items() if count is not None} == {
        "Failing": "1",
        "Waiting": "1",
        "Changed or moved": "2",
        "Gone or closed": "1",
    }


def test_words_and_site_narrow_the_list(editor: Client, team: Team) -> None:
    hospital = make(team, "hospital", title="Fifty injured", author="Ana Ruiz")
    make(team, "city", title="Fifty trams")

    assert listed(editor, "?words=ruiz+FIFTY") == [hospital.pk]
    assert listed(editor, "?host=hospital.example") == [hospital.pk]
    assert listed(editor, "?words=100%25") == []
    assert "No source matches" in editor.get("/sources/?words=nowhere").content.decode()


def test_the_list_turns_its_pages_by_key(editor: Client, team: Team) -> None:
    for number in range(60):
        make(team, f"site{number}")
    first = editor.get("/sources/")
    rest = listed(editor, first.context["older"].removeprefix("/sources/"))
    assert len(first.context["rows"]) == 50
    assert len(rest) == 10
    assert not set(rest) & {row.reference.pk for row in first.context["rows"]}
    assert editor.get("/sources/?after=x").status_code == 422


def test_waiting_without_a_worker_is_said_on_the_page(editor: Client, team: Team) -> None:
    reference = make(team, "slow")
    assert "No worker answers." not in editor.get("/sources/").content.decode()
    queue(reference)
    assert "No worker answers." in editor.get("/sources/").content.decode()
    WorkerHeartbeat.objects.create(name="w1", beat_at=Now())
    text = editor.get("/sources/").content.decode()
    assert "No worker answers." not in text
    assert "<b>1</b> worker at work" in text


def test_the_page_asks_only_while_something_waits_and_hears_only_of_changes(
    editor: Client, team: Team
) -> None:
    waits, other = make(team, "waits"), make(team, "other")
    queue(waits)
    queue(other)
    seen = editor.get("/sources/").context["waiting"].marks
    assert editor.get(f"/sources/waiting/?seen={seen}").status_code == 204

    Reference.objects.filter(pk=waits.pk).update(fetch_state="failed", fetch_code="http_404")
    answer = editor.get(f"/sources/waiting/?seen={seen}")
    text = answer.content.decode()
    assert f'id="source-{waits.pk}" hx-swap-oob="true"' in text
    assert f'id="source-{other.pk}"' not in text
    assert "The site has no such page (404)." in text
    assert "1 fetch ended" in text

    Reference.objects.filter(pk=other.pk).update(fetch_state="fetched")
    assert "data-poll" not in editor.get(f"/sources/waiting/?seen={seen}").content.decode()


def test_the_question_about_waiting_tells_nothing_of_another_desk(client: Client, team: Team) -> None:
    reference = make(team, "ours")
    queue(reference)
    address = f"/sources/waiting/?seen=w1,{reference.pk}.fetched.0"
    client.force_login(team.editor)
    assert "ours.example" in client.get(address).content.decode()
    client.force_login(team.outsider)
    assert "ours.example" not in client.get(address).content.decode()


def test_ticked_sources_are_fetched_again_and_counted(editor: Client, team: Team) -> None:
    failed = [make(team, f"f{number}", fetch_state="failed", fetch_code="http_404") for number in range(3)]
    fine = make(team, "fine")
    chosen = [failed[0].pk, failed[1].pk, fine.pk]

    answer = editor.post("/sources/fetch-again/?part=failing", {"source": chosen}, follow=True)

    assert "2 pages are fetched again. 1 passed over" in answer.content.decode()
    assert answer.redirect_chain == [("/sources/?part=failing", 302)]
    asked = FetchJob.objects.values_list("reference_id", flat=True)
    assert sorted(asked) == [failed[0].pk, failed[1].pk]


def test_all_that_match_are_fetched_again_and_nothing_else(editor: Client, team: Team) -> None:
    here = [make(team, "here", fetch_state="failed"), make(team, "elsewhere", fetch_state="failed")]
    editor.post("/sources/fetch-again/?part=failing&host=here.example", {"all_matching": "1"})
    assert list(FetchJob.objects.values_list("reference_id", flat=True)) == [here[0].pk]


def test_more_than_a_thousand_are_fetched_again_in_turns(
    editor: Client, team: Team, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in ("annotations.web.references.lists", "annotations.queries.references.lists"):
        monkeypatch.setattr(f"{module}.COUNT_CAP", 2)
    for number in range(3):
        make(team, f"f{number}", fetch_state="failed")
    told = [
        editor.post("/sources/fetch-again/?part=failing", {"all_matching": "1"}, follow=True).content.decode()
        for _ in range(2)
    ]
    assert "2 pages are fetched again. These were the newest thousand" in told[0]
    assert "1 page is fetched again." in told[1]
    assert "These were the newest" not in told[1]
    assert FetchJob.objects.filter(state="queued").count() == 3


def test_nothing_ticked_is_refused_with_a_sentence(editor: Client, team: Team) -> None:
    make(team, "f", fetch_state="failed")
    answer = editor.post("/sources/fetch-again/")
    assert answer.status_code == 422
    assert "Tick the sources" in answer.content.decode()
    assert FetchJob.objects.count() == 0


def test_a_viewer_is_offered_no_bulk_retry_and_gets_none(client: Client, team: Team) -> None:
    failed = make(team, "f", fetch_state="failed")
    client.force_login(team.viewer)
    assert "Fetch again" not in client.get("/sources/?part=failing").content.decode()
    assert client.post("/sources/fetch-again/", {"source": [failed.pk]}).status_code == 403
    assert FetchJob.objects.count() == 0


def test_sources_of_another_desk_are_passed_over_by_a_bulk_retry(client: Client, team: Team) -> None:
    failed = make(team, "f", fetch_state="failed")
    client.force_login(team.outsider)
    client.post("/sources/fetch-again/", {"source": [failed.pk]})
    assert FetchJob.objects.count() == 0


def test_sites_show_counts_and_until_when_they_are_left_in_peace(editor: Client, team: Team) -> None:
    make(team, "a", fetch_state="failed")
    make(team, "b")
    Reference.objects.create(
        desk=team.desk, url="f", canonical_url="file:1", is_file=True, created_by=team.editor
    )
    Host.objects.create(
        name="a.example", failures=6, last_code="connect_timeout",
        open_until=timezone.now() + timedelta(hours=1),
    )  # fmt: skip
    make(team, "a2", host="a.example", url="https://a.example/2", canonical_url="https://a.example/2")

    answer = editor.get("/sources/sites/")

    told = [
        (row.host, row.sources.number, row.failing.number, row.waiting.number)
        for row in answer.context["rows"]
    ]
    assert told == [("a.example", 2, 1, 0), ("b.example", 1, 0, 0)]
    text = answer.content.decode()
    assert "6 fetches failed in a row" in text
    assert "The site did not answer in time." in text


def test_sites_turn_their_pages_by_name(editor: Client, team: Team) -> None:
    for number in range(55):
        make(team, f"site{number:02}")
    first = editor.get("/sources/sites/")
    assert [row.host for row in first.context["rows"]][-1] == "site49.example"
    rest = editor.get(first.context["older"]).context["rows"]
    assert [row.host for row in rest] == [f"site{number}.example" for number in range(50, 55)]


def test_a_site_is_asked_again_from_the_table_of_sites(editor: Client, team: Team) -> None:
    failed = make(team, "a", fetch_state="failed")
    answer = editor.post(
        "/sources/fetch-again/?part=failing&host=a.example", {"all_matching": "1", "back": "sites"}
    )
    assert answer.headers["Location"] == "/sources/sites/"
    assert FetchJob.objects.get().reference_id == failed.pk


def test_sources_of_another_desk_are_not_there(client: Client, team: Team) -> None:
    reference = make_reference(team)
    client.force_login(team.outsider)
    assert reference.url not in client.get("/sources/").content.decode()
    assert client.get(f"/sources/{reference.pk}/").status_code == 404


def test_a_look_that_the_watch_had_planned_becomes_the_persons_own_fetch(editor: Client, team: Team) -> None:
    failed, fresh = make(team, "watched", fetch_state="failed"), make(team, "fresh", fetch_state="failed")
    planned = FetchJob.objects.create(
        reference=failed,
        host=failed.host,
        kind="watch",
        state="queued",
        next_attempt_at=timezone.now() + timedelta(hours=6),
    )

    editor.post("/sources/fetch-again/", {"source": [failed.pk, fresh.pk]})

    planned.refresh_from_db()
    assert (planned.kind, planned.requested_by) == ("asked", team.editor)
    assert planned.next_attempt_at is not None
    assert planned.next_attempt_at <= timezone.now()
    assert FetchJob.objects.filter(reference=fresh).count() == 1
    states = Reference.objects.filter(pk__in=[failed.pk, fresh.pk]).values_list("fetch_state", flat=True)
    assert list(states) == ["queued", "queued"]
