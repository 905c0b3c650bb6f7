"""What people make of a source that changed, who may, and what a second look does to it."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest
from django.db import connection

from annotations.domain.errors import Missing, NotAllowed
from annotations.models import Activity, Alert, Claim, User
from annotations.workflow.alerts.decide import (
    AlertDecided,
    StaleAlert,
    amend_alert,
    confirm_alert,
    dismiss_alert,
)
from annotations.workflow.fetches.watch_schedule import keep_watch
from annotations.workflow.verdicts.review import NoteNeeded
from tests.factories import Team, give_verdict, make_team
from tests.fakes.site import Site
from tests.watched import END, LEDE, PASSAGE, REST, WatchedPage, attach, story, watched_page

pytestmark = pytest.mark.usefixtures("open_loopback")

NOTE = "The number was corrected."
DECISIONS: list[Callable[..., Alert]] = [confirm_alert, amend_alert, dismiss_alert]


def changed(team: Team, site: Site, **kind: Any) -> WatchedPage:
    watched = watched_page(team, site, **kind)
    watched.shows(story(LEDE, PASSAGE.replace("fifty", "fifteen"), REST, END))
    watched.look()
    return watched


@pytest.fixture
def watched(team: Team, site: Site) -> WatchedPage:
    return changed(team, site)


def standing(watched: WatchedPage) -> tuple[object, ...]:
    alert = Alert.objects.get(evidence=watched.evidence)
    claim = Claim.objects.get(pk=watched.claim.pk)
    return alert.state, alert.version, alert.note, claim.state, claim.version, Activity.objects.count()


def test_the_log_says_that_the_source_changed(watched: WatchedPage) -> None:
    line = Activity.objects.get(verb="source_changed")
    assert (line.claim_id, line.actor, line.details["what"]) == (
        watched.claim.pk,
        None,
        "The passage relied on",
    )


def test_confirming_leaves_the_verdict_as_it_is(watched: WatchedPage) -> None:
    alert = confirm_alert(watched.alert.pk, version=1, by=watched.team.editor, note=NOTE)
    alert.refresh_from_db()
    assert (alert.state, alert.decided_by, alert.note) == ("confirmed", watched.team.editor, NOTE)
    assert alert.decided_at is not None
    watched.claim.refresh_from_db()
    assert watched.claim.state == "verified"
    line = Activity.objects.get(verb="confirmed_source")
    assert (line.actor, line.claim_id, line.details["note"]) == (watched.team.editor, watched.claim.pk, NOTE)


def test_once_all_have_looked_a_changed_page_is_live_again(watched: WatchedPage) -> None:
    assert watched.watch.page_status == "changed"
    confirm_alert(watched.alert.pk, version=1, by=watched.team.editor)
    assert watched.watch.page_status == "live"


def test_a_page_stays_changed_until_everyone_concerned_has_looked(team: Team, site: Site) -> None:
    watched = watched_page(team, site, verify=False)
    other = Claim.objects.create(
        desk=team.desk, document=watched.claim.document, state="open", origin="proposed", statement="Other"
    )
    attach(team, other, site.url("/story"))
    give_verdict(team, other)
    watched.shows(story(LEDE, PASSAGE.replace("fifty", "fifteen"), REST, END))
    watched.look()
    first, second = Alert.objects.order_by("pk")
    confirm_alert(first.pk, version=1, by=team.editor)
    assert watched.watch.page_status == "changed"
    dismiss_alert(second.pk, version=1, by=team.editor, note=NOTE)
    assert watched.watch.page_status == "live"


def test_dismissing_needs_a_reason(watched: WatchedPage) -> None:
    before = standing(watched)
    with pytest.raises(NoteNeeded):
        dismiss_alert(watched.alert.pk, version=1, by=watched.team.editor, note=" ")
    assert standing(watched) == before
    assert dismiss_alert(watched.alert.pk, version=1, by=watched.team.editor, note=NOTE).state == "dismissed"


def test_amending_reopens_a_verified_claim_with_the_note_as_its_reason(watched: WatchedPage) -> None:
    amend_alert(watched.alert.pk, version=1, by=watched.team.reviewer, note=NOTE)
    watched.claim.refresh_from_db()
    assert (watched.claim.state, watched.claim.verified_by) == ("open", None)
    line = Activity.objects.get(verb="reopened")
    assert (line.details["reason"], line.from_state, line.to_state) == (NOTE, "verified", "open")


def test_amending_a_verified_claim_takes_the_right_to_reopen(watched: WatchedPage) -> None:
    before = standing(watched)
    with pytest.raises(NotAllowed):
        amend_alert(watched.alert.pk, version=1, by=watched.team.editor, note=NOTE)
    assert standing(watched) == before


def test_amending_takes_a_claim_back_from_review(team: Team, site: Site) -> None:
    watched = watched_page(team, site, verify=False)
    give_verdict(team, watched.claim, submit=True)
    watched.shows(story(title="Another"))
    watched.look()
    amend_alert(watched.alert.pk, version=1, by=team.colleague, note=NOTE)
    watched.claim.refresh_from_db()
    assert (watched.claim.state, watched.claim.assignee) == ("open", team.colleague)


def test_amending_a_claim_that_is_being_worked_on_leaves_it_where_it_is(team: Team, site: Site) -> None:
    watched = changed(team, site, verify=False)
    alert = amend_alert(watched.alert.pk, version=1, by=team.editor, note=NOTE)
    watched.claim.refresh_from_db()
    assert (alert.state, watched.claim.state) == ("amended", "open")


def test_amending_says_what_has_to_change(watched: WatchedPage) -> None:
    before = standing(watched)
    with pytest.raises(NoteNeeded):
        amend_alert(watched.alert.pk, version=1, by=watched.team.reviewer, note="")
    assert standing(watched) == before


@pytest.mark.parametrize("decide", DECISIONS)
def test_nobody_decides_on_what_has_changed_since_they_read_it(
    watched: WatchedPage, decide: Callable[..., Alert]
) -> None:
    watched.shows(story(LEDE, PASSAGE.replace("fifty", "eleven"), REST, END))
    watched.look()
    before = standing(watched)
    with pytest.raises(StaleAlert) as caught:
        decide(watched.alert.pk, version=1, by=watched.team.reviewer, note=NOTE)
    assert caught.value.current["version"] == 2
    assert standing(watched) == before


@pytest.mark.parametrize("decide", DECISIONS)
def test_nobody_decides_twice(watched: WatchedPage, decide: Callable[..., Alert]) -> None:
    alert = confirm_alert(watched.alert.pk, version=1, by=watched.team.editor)
    before = standing(watched)
    with pytest.raises(AlertDecided):
        decide(alert.pk, version=2, by=watched.team.reviewer, note=NOTE)
    assert standing(watched) == before


@pytest.mark.parametrize("decide", DECISIONS)
def test_a_viewer_decides_nothing_and_a_stranger_finds_nothing(
    watched: WatchedPage, decide: Callable[..., Alert]
) -> None:
    before = standing(watched)
    for person, refusal in ((watched.team.viewer, NotAllowed), (watched.team.outsider, Missing)):
        with pytest.raises(refusal):
            decide(watched.alert.pk, version=1, by=person, note=NOTE)
    with pytest.raises(Missing):
        decide(0, version=1, by=watched.team.editor, note=NOTE)
    assert standing(watched) == before


def test_a_change_after_a_decision_opens_a_new_alert_and_the_old_one_stays(watched: WatchedPage) -> None:
    first = confirm_alert(watched.alert.pk, version=1, by=watched.team.editor)
    watched.look()
    assert not Alert.objects.filter(state="open").exists()
    watched.shows(story(LEDE, PASSAGE.replace("fifty", "eleven"), REST, END))
    watched.look()
    first.refresh_from_db()
    assert (first.state, watched.alert.level) == ("confirmed", "passage")
    assert watched.alert.before == watched.captures[0]


@pytest.mark.django_db(transaction=True)
def test_of_several_who_decide_at_one_moment_one_does(transactional_db: None, site: Site) -> None:
    watched = changed(make_team(), site)
    alert, team = watched.alert, watched.team
    together = Barrier(4)

    def decide(which: Callable[..., Alert], by: User) -> str:
        try:
            together.wait(10)
            return which(alert.pk, version=1, by=by, note=NOTE).state
        except AlertDecided as refused:
            return refused.code
        finally:
            connection.close()

    wishes = [(confirm_alert, team.editor), (dismiss_alert, team.colleague)] * 2
    with ThreadPoolExecutor(4) as pool:
        said = sorted(pool.map(lambda wish: decide(*wish), wishes))
    assert said[:3] == ["alert_decided"] * 3
    assert said[3] == Alert.objects.get().state
    assert Activity.objects.filter(verb__in=["confirmed_source", "dismissed_source_change"]).count() == 1


def test_withdrawn_evidence_and_dismissed_claims_call_nobody(team: Team, site: Site) -> None:
    watched = watched_page(team, site, verify=False)
    Claim.objects.filter(pk=watched.claim.pk).update(state="dismissed")
    keep_watch()
    assert watched.watch.next_check_at is None
