"""Pages behind verdicts in force are checked again: what matters is kept and reported, the rest is logged."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from django.db.models.functions import Now

from annotations.extraction import Extracted, extract_page
from annotations.fetching import FetchFailed
from annotations.models import (
    Alert,
    Claim,
    Extraction,
    FetchJob,
    Host,
    KeptFile,
    Manifest,
    PassagePlace,
    Watch,
    WatchCheck,
)
from annotations.workflow.captures import reextract
from annotations.workflow.claims.edit import dismiss_claims
from annotations.workflow.evidence.attach import attach_file
from annotations.workflow.evidence.edit import restore_evidence, withdraw_evidence
from annotations.workflow.evidence.upload import upload_capture
from annotations.workflow.fetches import run
from annotations.workflow.fetches.finish import finish_job
from annotations.workflow.fetches.request import retry_fetch
from annotations.workflow.fetches.run import run_fetch
from annotations.workflow.fetches.sweep import sweep
from annotations.workflow.fetches.watch_schedule import Watched, keep_watch
from tests.factories import Team, give_verdict, make_claim
from tests.fakes.site import Site, response
from tests.watched import END, LEDE, PASSAGE, REST, WatchedPage, attach, story, watched_page
from tests.workflow.fetches.steps import lapse, leased, make_due

pytestmark = pytest.mark.usefixtures("open_loopback")

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)


@pytest.fixture
def watched(team: Team, site: Site) -> WatchedPage:
    return watched_page(team, site, 'ETag: "one"')


def test_a_page_is_watched_from_the_first_verdict_on_and_first_after_six_hours(
    team: Team, site: Site
) -> None:
    site.pages["/story"] = response(story())
    claim = make_claim(team)
    attach(team, claim, site.url("/story"))
    assert keep_watch() == Watched(begun=0, ended=0, ordered=0)
    give_verdict(team, claim)
    assert keep_watch() == Watched(begun=1, ended=0, ordered=0)
    assert keep_watch() == Watched(begun=0, ended=0, ordered=0)
    soon = Watch.objects.filter(
        next_check_at__range=(Now() + timedelta(hours=5.3), Now() + timedelta(hours=6.7))
    )
    assert soon.exists()


def test_a_page_is_no_longer_watched_once_no_verdict_leans_on_it(watched: WatchedPage) -> None:
    claim = watched.claim
    Claim.objects.filter(pk=claim.pk).update(state="open", verified_by=None, verified_at=None)
    withdraw_evidence(watched.evidence.pk, by=watched.team.editor)
    assert keep_watch() == Watched(begun=0, ended=1, ordered=0)
    assert watched.watch.next_check_at is None
    restore_evidence(watched.evidence.pk, by=watched.team.editor)
    assert keep_watch().begun == 1
    dismiss_claims([claim.pk], by=watched.team.editor)
    assert keep_watch().ended == 1


def test_an_uploaded_file_and_a_page_never_fetched_are_not_watched(team: Team) -> None:
    claim = make_claim(team)
    claim_file = attach_file(
        claim_id=claim.pk, filename="a.txt", content=b"Fifty.", stance="supports", by=team.editor
    )
    attach(team, claim, "https://192.0.2.1/never")
    give_verdict(team, claim)
    assert keep_watch() == Watched(begun=0, ended=0, ordered=0)
    assert claim_file.reference.is_file


def test_an_unchanged_page_stores_nothing(watched: WatchedPage) -> None:
    before = (KeptFile.objects.count(), Manifest.objects.count(), PassagePlace.objects.count())
    check = watched.look()
    assert (check.page_status, check.code, check.capture, check.findings) == ("live", "ok", None, {})
    assert (KeptFile.objects.count(), Manifest.objects.count(), PassagePlace.objects.count()) == before
    assert len(watched.captures) == 1
    assert not Alert.objects.exists()
    assert b'If-None-Match: "one"' in watched.site.requests[-1]


def test_a_page_that_says_it_is_unchanged_is_believed(watched: WatchedPage) -> None:
    watched.site.pages["/story"] = b'HTTP/1.1 304 Not Modified\r\nETag: "one"\r\n\r\n'
    check = watched.look()
    assert (check.page_status, check.code, check.status, check.capture) == ("live", "not_modified", 304, None)
    assert len(watched.captures) == 1


def test_validators_are_sent_only_for_the_page_itself(team: Team, site: Site) -> None:
    site.pages["/old"] = response(b"", "Location: /story", status="302 Found")
    site.pages["/story"] = response(story(), 'ETag: "one"')
    claim = make_claim(team)
    watched = WatchedPage(team, site, claim, attach(team, claim, site.url("/old")))
    give_verdict(team, claim)
    keep_watch()
    watched.look()
    assert len(site.requests) == 4
    assert not any(b"If-None-Match" in request for request in site.requests)


def test_a_cosmetic_change_is_only_logged(watched: WatchedPage) -> None:
    before = KeptFile.objects.count()
    watched.shows(story(LEDE, PASSAGE, REST, END, "Updated 3 hours ago"))
    check = watched.look()
    assert (check.page_status, check.capture, check.findings.get("cosmetic")) == ("live", None, True)
    assert (len(watched.captures), KeptFile.objects.count()) == (1, before)
    assert not Alert.objects.exists()


def test_a_changed_figure_in_the_passage_is_kept_and_told(watched: WatchedPage) -> None:
    watched.shows(story(LEDE, PASSAGE.replace("fifty", "fifteen"), REST, END))
    check = watched.look()
    first, second = watched.captures
    assert (check.page_status, check.capture) == ("changed", second)
    place = PassagePlace.objects.get()
    assert (place.evidence, place.capture, place.state) == (watched.evidence, second, "changed")
    assert place.words == "The hospital counted fifteen injured people on Tuesday."
    assert second.text[place.start : place.end] == place.words
    alert = watched.alert
    assert (alert.level, alert.before, alert.after) == ("passage", first, second)
    assert (alert.claim, alert.seen_in, alert.version) == (watched.claim, check, 1)
    assert alert.findings["passage"] == "changed"
    assert watched.reference.latest_capture == second
    assert Manifest.objects.filter(capture=second).exists()
    assert second.wire_key


def test_the_same_change_is_told_once(watched: WatchedPage) -> None:
    watched.shows(story(LEDE, PASSAGE.replace("fifty", "fifteen"), REST, END))
    watched.look()
    assert watched.look().findings == {}
    assert (len(watched.captures), watched.alert.version) == (2, 1)
    assert watched.watch.page_status == "changed"


def test_a_passage_that_is_gone_is_told_as_gone(watched: WatchedPage) -> None:
    watched.shows(story(LEDE, "Trains ran again from noon.", REST, END))
    watched.look()
    assert (watched.alert.level, watched.alert.findings["passage"]) == ("passage", "gone")
    assert (PassagePlace.objects.get().start, PassagePlace.objects.get().words) == (None, "")


def test_a_later_change_joins_the_open_alert(watched: WatchedPage) -> None:
    watched.shows(story(title="Riots in the capital"))
    watched.look()
    assert (watched.alert.level, watched.alert.version) == ("details", 1)
    watched.shows(story(LEDE, PASSAGE.replace("fifty", "ten"), REST, END, title="Riots in the capital again"))
    watched.look()
    alert = watched.alert
    assert (alert.level, alert.version, alert.after) == ("passage", 2, watched.captures[-1])
    assert alert.findings["details"]["title"] == [
        "Fifty injured in a day of unrest",
        "Riots in the capital again",
    ]


def test_words_that_come_back_are_told_where_an_alert_is_open(watched: WatchedPage) -> None:
    watched.shows(story(LEDE, PASSAGE.replace("fifty", "ten"), REST, END))
    watched.look()
    watched.shows(story())
    watched.look()
    assert (watched.alert.findings["passage"], watched.alert.version) == ("found", 2)


@pytest.mark.parametrize(
    ("changed", "name"),
    [
        ({"title": "Five hundred injured in a day of unrest"}, "title"),
        ({"author": "Jan Bos"}, "author"),
        ({"day": date(2019, 5, 2)}, "published_on"),
    ],
)
def test_headline_author_and_date_are_told(watched: WatchedPage, changed: dict[str, str], name: str) -> None:
    watched.shows(story(**changed))  # type: ignore[arg-type]
    watched.look()
    assert watched.alert.level == "details"
    assert name in watched.alert.findings["details"]


def test_much_other_text_is_told(watched: WatchedPage) -> None:
    watched.shows(
        story(LEDE, PASSAGE, "A fire broke out in the old harbour before midnight, and four boats sank.")
    )
    watched.look()
    assert watched.alert.level == "text"
    assert watched.alert.findings["text"]["removed"] > 20


def test_another_picture_at_the_same_address_is_told(team: Team, site: Site) -> None:
    def picture(colour: bytes) -> bytes:
        return response(b"\x89PNG\r\n\x1a\n" + colour * 60, media_type="image/png")

    site.pages["/chart.png"] = picture(b"a")
    claim = make_claim(team)
    evidence = attach(team, claim, site.url("/chart.png"), passage="")
    give_verdict(team, claim)
    keep_watch()
    watched = WatchedPage(team, site, claim, evidence, "/chart.png")
    assert watched.look().page_status == "live"
    site.pages["/chart.png"] = picture(b"b")
    assert watched.look().page_status == "changed"
    assert (watched.alert.level, watched.alert.findings) == ("text", {"text": {"file": True}})


def test_a_change_starts_the_schedule_anew(watched: WatchedPage) -> None:
    watched.look(after=60 * DAY)
    assert Watch.objects.filter(next_check_at__gt=Now() + 6 * DAY).exists()
    watched.shows(story(title="Another"))
    watched.look()
    assert Watch.objects.filter(next_check_at__lt=Now() + 7 * HOUR).exists()


def test_a_page_is_dead_after_three_looks_over_three_days_and_its_absence_is_kept_once(
    watched: WatchedPage,
) -> None:
    watched.shows(b"<h1>Not here</h1>", status="404 Not Found")
    statuses = [watched.look(after=after).page_status for after in (0 * DAY, DAY, DAY, DAY)]
    assert statuses == ["live", "live", "live", "dead"]
    assert [capture.outcome_code for capture in watched.captures] == ["ok", "http_404"]
    alert = watched.alert
    assert (alert.level, alert.findings["page"]) == ("page", {"page_status": "dead", "code": "http_404"})
    reference = watched.reference
    assert (reference.fetch_state, reference.latest_capture) == ("fetched", watched.captures[0])
    assert watched.watch.gone_count == 4
    watched.look(after=DAY)
    assert watched.alert.version == 1


def test_while_a_page_is_not_there_it_is_looked_at_within_a_day(watched: WatchedPage) -> None:
    watched.look(after=60 * DAY)
    watched.shows(b"", status="410 Gone")
    watched.look()
    assert Watch.objects.filter(next_check_at__lt=Now() + 27 * HOUR, gone_count=1).exists()


def test_a_friendly_not_found_calls_its_people_and_takes_no_pages_place(watched: WatchedPage) -> None:
    watched.shows(story("The page you are looking for does not exist.", title="Page not found"))
    assert [watched.look().page_status, watched.look().page_status] == ["soft_404", "soft_404"]
    assert (watched.alert.level, watched.alert.version) == ("page", 1)
    assert watched.alert.findings["page"] == {"page_status": "soft_404", "code": "ok"}
    first, second = watched.captures
    assert (watched.alert.after, watched.reference.latest_capture) == (second, first)
    assert not PassagePlace.objects.exists()
    watched.shows(story())
    assert watched.look().page_status == "live"


def test_what_a_person_uploads_places_the_passages_and_is_no_measure_for_the_next_look(
    watched: WatchedPage,
) -> None:
    upload_capture(
        watched.reference.pk, filename="seen.txt", content=f"Seen. {PASSAGE}".encode(), by=watched.team.editor
    )
    assert [place.state for place in PassagePlace.objects.all()] == ["moved"]
    check = watched.look()
    assert (check.page_status, check.capture) == ("live", watched.captures[-1])
    assert check.findings == {"passages": {str(watched.evidence.pk): "found"}}
    assert not Alert.objects.exists()
    assert watched.look().capture is None


def test_a_bot_wall_is_never_dead_and_calls_nobody(watched: WatchedPage) -> None:
    watched.shows(b"<title>Just a moment...</title>", "cf-mitigated: challenge", status="403 Forbidden")
    for _ in range(5):
        check = watched.look(after=DAY)
    assert (check.page_status, check.code) == ("blocked", "bot_block")
    assert not Alert.objects.exists()
    assert (watched.reference.fetch_state, len(watched.captures)) == ("fetched", 1)


def test_trouble_on_the_way_is_tried_again_and_says_nothing(watched: WatchedPage) -> None:
    watched.shows(b"", status="503 Service Unavailable")
    Watch.objects.update(next_check_at=Now())
    keep_watch()
    job = FetchJob.objects.get(kind="watch")
    for _ in range(3):
        FetchJob.objects.filter(pk=job.pk).update(next_attempt_at=Now())
        Host.objects.update(free_at=Now(), open_until=None)
        assert not WatchCheck.objects.exists()
        assert run_fetch(job.pk, worker="w1")
    check = WatchCheck.objects.get()
    assert (check.page_status, check.code, check.attempt) == ("live", "http_503", 3)
    assert (watched.reference.fetch_state, watched.reference.fetch_code) == ("fetched", "")


def test_a_page_moved_for_good_says_where_to(watched: WatchedPage) -> None:
    watched.site.pages["/story"] = response(b"", "Location: /new", status="301 Moved Permanently")
    watched.site.pages["/new"] = response(story())
    assert watched.look().page_status == "moved"
    assert watched.watch.moved_to == watched.site.url("/new")
    assert not Alert.objects.exists()
    watched.site.pages["/story"] = response(b"", "Location: /new", status="302 Found")
    assert watched.look().page_status == "live"


def test_a_fetch_that_someone_asks_for_is_a_look_too(watched: WatchedPage) -> None:
    watched.shows(story(LEDE, PASSAGE.replace("fifty", "ninety"), REST, END))
    job = retry_fetch(watched.reference.pk, by=watched.team.editor)
    assert run_fetch(job.pk, worker="w1")
    assert (watched.alert.level, len(watched.captures), len(watched.checks)) == ("passage", 2, 1)


def test_a_page_that_no_verdict_leans_on_places_passages_and_calls_nobody(team: Team, site: Site) -> None:
    site.pages["/story"] = response(story())
    claim = make_claim(team)
    evidence = attach(team, claim, site.url("/story"))
    site.pages["/story"] = response(story(LEDE, PASSAGE.replace("fifty", "ninety"), REST, END))
    job = retry_fetch(evidence.reference_id, by=team.editor)
    run_fetch(job.pk, worker="w1")
    assert PassagePlace.objects.get().state == "changed"
    assert not WatchCheck.objects.exists()
    assert not Alert.objects.exists()


def test_the_look_of_a_worker_that_was_taken_for_lost_counts_for_nothing(watched: WatchedPage) -> None:
    Watch.objects.update(next_check_at=Now())
    keep_watch()
    job = FetchJob.objects.get(kind="watch")
    late = leased(job)
    lapse(job)
    sweep()
    make_due(job)
    assert run_fetch(job.pk, worker="w2")
    before = (WatchCheck.objects.get(), watched.watch.last_checked_at)
    assert not finish_job(late, FetchFailed("http_404", ""))
    assert (WatchCheck.objects.get(), watched.watch.last_checked_at) == before
    assert watched.watch.gone_count == 0


def test_a_new_extractor_is_not_taken_for_a_new_page(
    watched: WatchedPage, monkeypatch: pytest.MonkeyPatch
) -> None:
    def today(*given: Any, **more: Any) -> Extracted:
        read = extract_page(*given, **more)
        return replace(read, extractor="tomorrow", title=read.title.upper() + "!", text=LEDE)

    monkeypatch.setattr(run, "extract_page", today)
    monkeypatch.setattr(reextract, "extract_page", today)
    watched.shows(story(aside="<p>12 comments</p>"))
    check = watched.look()
    assert (check.capture, check.findings, check.page_status) == (None, {}, "live")
    assert Extraction.objects.get().capture == watched.captures[0]
    assert not Alert.objects.exists()


def test_a_page_that_our_extractor_fails_at_is_not_taken_for_an_empty_one(
    watched: WatchedPage, monkeypatch: pytest.MonkeyPatch
) -> None:
    def failing(*given: Any, **more: Any) -> Extracted:
        return Extracted(text="", warnings=("read_timeout",))

    monkeypatch.setattr(run, "extract_page", failing)
    watched.shows(story(title="Another"))
    check = watched.look()
    assert (check.capture, check.findings, check.page_status) == (None, {"unread": "read_timeout"}, "live")
    job = retry_fetch(watched.reference.pk, by=watched.team.editor)
    run_fetch(job.pk, worker="w1")
    assert watched.checks[-1].findings == {"unread": "read_timeout"}
    monkeypatch.undo()
    assert watched.look().findings == {}
    assert not PassagePlace.objects.exists()
    assert not Alert.objects.exists()


def test_a_look_that_was_called_off_comes_again_by_itself(watched: WatchedPage) -> None:
    Watch.objects.update(next_check_at=Now())
    keep_watch()
    FetchJob.objects.filter(kind="watch").update(state="cancelled", finished_at=Now())
    assert Watch.objects.filter(next_check_at__range=(Now() + 5 * HOUR, Now() + 7 * HOUR)).exists()
