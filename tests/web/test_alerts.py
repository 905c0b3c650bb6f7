"""The page of a changed source, its place in the queue, and deciding on it."""

import pytest
from django.test import Client

from annotations.domain.alerts import AlertLevel
from annotations.models import Alert, Claim, Evidence, User
from tests.factories import Team, give_verdict, make_alert, make_document, make_verified_claim
from tests.fakes.site import Site
from tests.watched import END, LEDE, PASSAGE, REST, WatchedPage, story, watched_page

pytestmark = pytest.mark.django_db


def as_(client: Client, person: User) -> Client:
    client.force_login(person, backend="django.contrib.auth.backends.ModelBackend")
    return client


def shown(client: Client, address: str, *, status: int = 200) -> str:
    response = client.get(address)
    assert response.status_code == status
    return response.content.decode()


@pytest.fixture
def alert(team: Team) -> Alert:
    return make_alert(team, make_verified_claim(team))


@pytest.fixture
def watched(team: Team, site: Site) -> WatchedPage:
    watched = watched_page(team, site)
    watched.shows(story(LEDE, PASSAGE.replace("fifty", "fifteen"), REST, END, title="Fifteen injured"))
    watched.look()
    return watched


@pytest.mark.parametrize(
    ("who", "called"),
    [
        ("editor", True),
        ("reviewer", True),
        ("manager", True),
        ("colleague", False),
        ("viewer", False),
        ("outsider", False),
    ],
)
def test_an_alert_is_in_the_queue_of_those_whose_verdict_it_is_and_of_the_manager(
    client: Client, team: Team, alert: Alert, who: str, called: bool
) -> None:
    text = shown(as_(client, getattr(team, who)), "/")
    assert ("Sources that changed" in text) is called
    assert (f'href="/alerts/{alert.pk}/"' in text) is called


def test_an_alert_is_in_the_queue_of_whom_the_claim_is_assigned_to(
    client: Client, team: Team, alert: Alert
) -> None:
    Claim.objects.filter(pk=alert.claim_id).update(assignee=team.colleague)
    assert f'href="/alerts/{alert.pk}/"' in shown(as_(client, team.colleague), "/")


def test_what_matters_more_comes_first(client: Client, team: Team) -> None:
    document = make_document(team)
    levels = [AlertLevel.TEXT, AlertLevel.DETAILS, AlertLevel.PAGE, AlertLevel.PASSAGE]
    claims = [make_verified_claim(team, document=document) for _ in levels]
    made = [make_alert(team, claim, level=level) for claim, level in zip(claims, levels, strict=True)]
    text = shown(as_(client, team.editor), "/")
    places = [text.index(f"/alerts/{alert.pk}/") for alert in made]
    assert places == sorted(places, reverse=True)


def test_withdrawn_evidence_and_a_dismissed_claim_call_nobody_any_more(
    client: Client, team: Team, alert: Alert
) -> None:
    as_(client, team.editor)
    Claim.objects.filter(pk=alert.claim_id).update(state="open", verified_by=None, verified_at=None)
    Evidence.objects.filter(pk=alert.evidence_id).update(
        withdrawn_at="2019-05-01T12:00Z", withdrawn_by=team.editor
    )
    assert "Sources that changed" not in shown(client, "/")
    assert f"/alerts/{alert.pk}/" not in shown(client, "/alerts/")


def test_the_page_shows_both_sides_with_what_differs_marked(client: Client, watched: WatchedPage) -> None:
    text = shown(as_(client, watched.team.editor), f"/alerts/{watched.alert.pk}/")
    assert "<h1>The passage relied on reads differently now</h1>" in text
    assert "<mark>The hospital counted <del>fifty</del> injured people on Tuesday.</mark>" in text
    assert "<mark>The hospital counted <ins>fifteen</ins> injured people on Tuesday.</mark>" in text
    assert "<del>Fifty injured in a day of unrest</del>" in text
    assert "<ins>Fifteen injured</ins>" in text
    assert "It is in the queue of Editor, Reviewer." in text
    assert f'<a href="{watched.reference.url}" rel="noreferrer noopener external" target="_blank">' in text
    for capture in watched.captures:
        assert f'href="/sources/captures/{capture.pk}/"' in text


def test_a_source_cannot_put_markup_on_the_page(client: Client, team: Team, site: Site) -> None:
    watched = watched_page(team, site)
    bad = "&lt;script&gt;alert(1)&lt;/script&gt;"
    watched.shows(story(LEDE, PASSAGE.replace("fifty", f"fifteen {bad}"), REST, END, title=bad, author=bad))
    watched.look()
    text = shown(as_(client, team.editor), f"/alerts/{watched.alert.pk}/")
    assert "<script>alert" not in text
    assert "&lt;script&gt;alert(1)" in text


def test_a_page_that_is_gone_says_how_it_answers_and_what_was_relied_on(
    client: Client, team: Team, alert: Alert
) -> None:
    Alert.objects.filter(pk=alert.pk).update(
        level="page", after=None, findings={"page": {"page_status": "dead", "code": "http_404"}}
    )
    text = shown(as_(client, team.editor), f"/alerts/{alert.pk}/")
    assert "<h1>The page is gone</h1>" in text
    assert "The site has no such page (404)." in text


def test_only_who_may_reopen_is_offered_to_amend_a_verified_claim(
    client: Client, team: Team, alert: Alert
) -> None:
    address = f"/alerts/{alert.pk}/"
    assert "Amend the verdict" in shown(as_(client, team.reviewer), address)
    for_editor = shown(as_(client, team.editor), address)
    assert "Amend the verdict" not in for_editor
    assert "Only a reviewer or manager can amend it" in for_editor
    for_viewer = shown(as_(client, team.viewer), address)
    assert "The verdict stands" not in for_viewer
    assert "An editor of this desk decides on it." in for_viewer


def test_confirming_says_so_and_leads_on(client: Client, team: Team, alert: Alert) -> None:
    other = make_alert(team, make_verified_claim(team, document=alert.claim.document, words="SEBIN"))
    response = as_(client, team.editor).post(
        f"/alerts/{alert.pk}/confirm/", {"version": "1", "note": "Counted again."}, follow=True
    )
    text = response.content.decode()
    assert response.redirect_chain == [(f"/alerts/{alert.pk}/", 302)]
    assert "The verdict stands. Your note is in the log." in text
    assert "Counted again." in text
    assert f'href="/alerts/{other.pk}/"' in text
    alert.refresh_from_db()
    assert (alert.state, alert.decided_by) == ("confirmed", team.editor)


def test_amending_opens_the_claim_and_leads_to_its_source(client: Client, team: Team, alert: Alert) -> None:
    response = as_(client, team.reviewer).post(
        f"/alerts/{alert.pk}/amend/", {"version": "1", "note": "The number is another."}
    )
    assert response["Location"] == f"/claims/{alert.claim_id}/#source-{alert.evidence_id}"
    assert Claim.objects.get(pk=alert.claim_id).state == "open"


@pytest.mark.parametrize("act", ["amend", "dismiss"])
def test_a_note_that_is_missing_is_asked_for_on_the_same_page(
    client: Client, team: Team, alert: Alert, act: str
) -> None:
    response = as_(client, team.reviewer).post(f"/alerts/{alert.pk}/{act}/", {"version": "1", "note": " "})
    assert response.status_code == 422
    assert 'id="alert-note-error"' in response.content.decode()
    alert.refresh_from_db()
    assert alert.state == "open"


def test_a_source_that_changed_again_is_shown_anew_and_the_note_is_kept(
    client: Client, team: Team, alert: Alert
) -> None:
    Alert.objects.filter(pk=alert.pk).update(version=2)
    response = as_(client, team.reviewer).post(
        f"/alerts/{alert.pk}/confirm/", {"version": "1", "note": "My long reasons."}
    )
    text = response.content.decode()
    assert response.status_code == 409
    assert "The source changed again since you read this." in text
    assert ">My long reasons.</textarea>" in text
    assert '<input type="hidden" name="version" value="2">' in text
    alert.refresh_from_db()
    assert alert.state == "open"


def test_what_someone_else_decided_is_shown_with_their_name(client: Client, team: Team, alert: Alert) -> None:
    as_(client, team.reviewer).post(f"/alerts/{alert.pk}/dismiss/", {"version": "1", "note": "Other town."})
    response = as_(client, team.editor).post(f"/alerts/{alert.pk}/confirm/", {"version": "1"})
    text = response.content.decode()
    assert response.status_code == 409
    assert "Reviewer decided" in text
    assert "Other town." in text


def test_the_list_has_mine_all_and_the_decided(client: Client, team: Team, alert: Alert) -> None:
    here = f"/alerts/{alert.pk}/"
    as_(client, team.colleague)
    assert here in shown(client, "/alerts/")
    assert here not in shown(client, "/alerts/?show=mine")
    assert here not in shown(client, "/alerts/?show=decided")
    as_(client, team.editor).post(f"{here}confirm/", {"version": "1"})
    assert here not in shown(client, "/alerts/")
    assert here in shown(client, "/alerts/?show=decided")


def test_the_claim_marks_the_source_until_another_verdict_answers_it(
    client: Client, team: Team, alert: Alert
) -> None:
    here, mark = f"/claims/{alert.claim_id}/", f'href="/alerts/{alert.pk}/"'
    assert mark in shown(as_(client, team.reviewer), here)
    client.post(f"/alerts/{alert.pk}/amend/", {"version": "1", "note": "The number is another."})
    assert mark in shown(client, here)
    give_verdict(team, alert.claim, by=team.colleague, rating="false")
    assert mark not in shown(client, here)


def test_a_confirmed_change_is_marked_no_longer(client: Client, team: Team, alert: Alert) -> None:
    as_(client, team.editor).post(f"/alerts/{alert.pk}/confirm/", {"version": "1"})
    assert f'href="/alerts/{alert.pk}/"' not in shown(client, f"/claims/{alert.claim_id}/")
