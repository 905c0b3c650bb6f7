"""Sources on the page of a claim: attached, watched, edited, withdrawn and taken back."""

from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from annotations.domain.background import BackgroundPart
from annotations.domain.fetches.states import FetchState
from annotations.models import Claim, Evidence, FetchJob, Reference, User
from annotations.workflow import heartbeat
from annotations.workflow.claims import leases
from annotations.workflow.evidence.attach import attach_addresses
from annotations.workflow.evidence.edit import withdraw_evidence
from annotations.workflow.verdicts import review
from tests.factories import Team, give_verdict, make_claim, make_claim_in_review, make_evidence, record_of

pytestmark = pytest.mark.django_db

HTMX = {"HX-Request": "true"}


def as_(client: Client, person: User) -> Client:
    client.force_login(person)
    return client


def attached(team: Team, claim: Claim, address: str = "https://example.org/page") -> Evidence:
    return attach_addresses(claim_id=claim.pk, addresses=[address], stance="supports", by=team.editor)[0]


def test_many_addresses_are_attached_at_once(client: Client, team: Team) -> None:
    claim = make_claim(team)
    response = as_(client, team.editor).post(
        f"/claims/{claim.pk}/sources/",
        {"addresses": "https://example.org/a\nhttps://example.org/b", "stance": "refutes", "note": "Both."},
    )
    found = list(Evidence.objects.filter(claim=claim).order_by("pk"))
    assert response["Location"] == f"/claims/{claim.pk}/#source-{found[0].pk}"
    assert [(row.url_given, row.stance, row.note) for row in found] == [
        ("https://example.org/a", "refutes", "Both."),
        ("https://example.org/b", "refutes", "Both."),
    ]
    text = client.get(f"/claims/{claim.pk}/").content.decode()
    assert text.count('class="card source"') == 2
    assert f"/claims/{claim.pk}/sources/waiting/?seen=" in text


def test_a_bad_address_keeps_the_whole_form_and_attaches_nothing(client: Client, team: Team) -> None:
    claim = make_claim(team)
    given = {
        "addresses": "https://example.org/a\nftp://example.org/b",
        "stance": "context",
        "note": "Kept note",
    }
    response = as_(client, team.editor).post(f"/claims/{claim.pk}/sources/", given)
    text = response.content.decode()
    assert response.status_code == 422
    assert "ftp://example.org/b" in text
    assert "Kept note</textarea>" in text
    assert 'value="context" checked' in text
    assert not Evidence.objects.filter(claim=claim).exists()
    assert not Reference.objects.exists()


def test_a_script_gets_the_refused_form_back_alone(client: Client, team: Team) -> None:
    claim = make_claim(team)
    response = as_(client, team.editor).post(
        f"/claims/{claim.pk}/sources/", {"addresses": "", "stance": "supports"}, headers=HTMX
    )
    text = response.content.decode()
    assert response.status_code == 422
    assert "Paste at least one address." in text
    assert "<html" not in text


def test_a_script_gets_the_new_card_a_fresh_form_and_the_poller(client: Client, team: Team) -> None:
    claim = make_claim(team)
    response = as_(client, team.editor).post(
        f"/claims/{claim.pk}/sources/",
        {"addresses": "https://example.org/a", "stance": "supports"},
        headers=HTMX,
    )
    text = response.content.decode()
    evidence = Evidence.objects.get(claim=claim)
    assert f'id="source-{evidence.pk}"' in text
    assert 'hx-swap-oob="beforeend:#sources-list"' in text
    assert "data-poll" in text
    assert "https://example.org/a</textarea>" not in text


def test_a_file_is_attached_instead_of_an_address(client: Client, team: Team) -> None:
    claim = make_claim(team)
    upload = SimpleUploadedFile("statement.txt", b"Fifty people were brought in.\n", "text/plain")
    as_(client, team.editor).post(
        f"/claims/{claim.pk}/sources/",
        {"file": upload, "stance": "supports", "passage": "Fifty people"},
    )
    evidence = Evidence.objects.select_related("reference").get(claim=claim)
    assert evidence.reference.is_file
    assert (evidence.passage_start, evidence.passage_end) == (0, 12)
    text = client.get(f"/claims/{claim.pk}/").content.decode()
    assert "<mark>Fifty people</mark> were brought in." in text


def test_addresses_and_a_file_together_are_refused_whole(client: Client, team: Team) -> None:
    claim = make_claim(team)
    upload = SimpleUploadedFile("statement.txt", b"Words.", "text/plain")
    response = as_(client, team.editor).post(
        f"/claims/{claim.pk}/sources/",
        {"file": upload, "addresses": "https://example.org/a", "stance": "supports"},
    )
    assert response.status_code == 422
    assert "one after the other" in response.content.decode()
    assert not Evidence.objects.exists()


@pytest.mark.parametrize(("role", "status"), [("viewer", 403), ("outsider", 404)])
def test_who_may_not_attach_changes_nothing(client: Client, team: Team, role: str, status: int) -> None:
    claim = make_claim(team)
    evidence = make_evidence(team, claim)
    as_(client, getattr(team, role))
    given = {"addresses": "https://example.org/b", "stance": "supports", "version": evidence.version}
    assert client.post(f"/claims/{claim.pk}/sources/", given).status_code == status
    for action in ("edit", "withdraw", "restore", "retry", "cancel"):
        assert client.post(f"/evidence/{evidence.pk}/{action}/", given).status_code == status
    assert list(Evidence.objects.values_list("pk", "version", "stance", "withdrawn_at")) == [
        (evidence.pk, 1, "supports", None)
    ]
    assert not FetchJob.objects.exists()


def test_an_outsider_hears_nothing_of_waiting_sources_and_texts(client: Client, team: Team) -> None:
    claim = make_claim(team)
    evidence = make_evidence(team, claim)
    as_(client, team.outsider)
    assert client.get(f"/claims/{claim.pk}/sources/waiting/").status_code == 404
    assert client.get(f"/evidence/{evidence.pk}/text/").status_code == 404


def test_the_page_asks_in_vain_while_nothing_changes(client: Client, team: Team) -> None:
    claim = make_claim(team)
    attached(team, claim)
    heartbeat.beat(name="one", part=BackgroundPart.FETCHER)
    text = as_(client, team.editor).get(f"/claims/{claim.pk}/").content.decode()
    seen = text.split("waiting/?seen=")[1].split('"')[0]
    assert client.get(f"/claims/{claim.pk}/sources/waiting/?seen={seen}").status_code == 204


def test_a_page_that_lands_brings_its_part_and_ends_the_asking(client: Client, team: Team) -> None:
    claim = make_claim(team)
    evidence = attached(team, claim)
    heartbeat.beat(name="one", part=BackgroundPart.FETCHER)
    text = as_(client, team.editor).get(f"/claims/{claim.pk}/").content.decode()
    seen = text.split("waiting/?seen=")[1].split('"')[0]
    Reference.objects.filter(pk=evidence.reference_id).update(
        fetch_state="fetched", title="A hospital speaks"
    )
    answer = client.get(f"/claims/{claim.pk}/sources/waiting/?seen={seen}").content.decode()
    assert f'id="source-{evidence.pk}-fetch" hx-swap-oob="true"' in answer
    assert "Fetch ended: A hospital speaks" in answer
    assert "data-poll" not in answer


def test_asking_costs_the_same_for_few_and_many(client: Client, team: Team) -> None:
    claim = make_claim(team)
    counts = []
    as_(client, team.editor)
    for number in (2, 20):
        for at in range(number):
            attached(team, claim, f"https://example.org/{number}/{at}")
        with CaptureQueriesContext(connection) as queries:
            client.get(f"/claims/{claim.pk}/sources/waiting/?seen=w1")
        counts.append(len(queries))
    assert counts == [5, 5]


def test_without_a_worker_the_page_says_so_and_with_one_it_does_not(client: Client, team: Team) -> None:
    claim = make_claim(team)
    attached(team, claim)
    as_(client, team.editor)
    assert "No worker answers." in client.get(f"/claims/{claim.pk}/").content.decode()
    heartbeat.beat(name="one", part=BackgroundPart.FETCHER)
    assert "No worker answers." not in client.get(f"/claims/{claim.pk}/").content.decode()


def test_a_failed_fetch_says_why_and_when_it_is_tried_again(client: Client, team: Team) -> None:
    claim = make_claim(team)
    evidence = attached(team, claim)
    Reference.objects.filter(pk=evidence.reference_id).update(
        fetch_code="http_503", fetch_next_at=timezone.now() + timedelta(minutes=3, seconds=30)
    )
    text = as_(client, team.editor).get(f"/claims/{claim.pk}/").content.decode()
    assert "The site is out of service for now (503)." in text
    assert "Next try" in text
    assert "in 3 minutes" in text
    assert f'action="/evidence/{evidence.pk}/retry/"' in text


def test_a_fetch_is_called_off_and_asked_for_again_by_hand(client: Client, team: Team) -> None:
    claim = make_claim(team)
    evidence = attached(team, claim)
    as_(client, team.editor)
    assert client.post(f"/evidence/{evidence.pk}/cancel/").status_code == 302
    assert FetchJob.objects.get().state == FetchState.CANCELLED
    answer = client.post(f"/evidence/{evidence.pk}/retry/", headers=HTMX).content.decode()
    assert "Queued" in answer
    assert set(FetchJob.objects.values_list("state", flat=True)) == {"cancelled", "queued"}


def test_a_bad_certificate_can_be_overlooked_once_and_only_then(client: Client, team: Team) -> None:
    claim = make_claim(team)
    evidence = attached(team, claim)
    address = f"/evidence/{evidence.pk}/overlook-certificate/"
    as_(client, team.editor)
    assert address not in client.get(f"/claims/{claim.pk}/").content.decode()
    assert client.post(address).status_code == 409
    Reference.objects.update(fetch_code="tls_expired")
    assert f'action="{address}"' in client.get(f"/claims/{claim.pk}/").content.decode()
    assert client.post(address).status_code == 302
    assert FetchJob.objects.get().verify_tls is False


def test_an_edit_changes_the_card_and_a_stale_one_shows_both(client: Client, team: Team) -> None:
    claim = make_claim(team)
    evidence = make_evidence(team, claim)
    as_(client, team.colleague)
    given = {"stance": "refutes", "note": "Mine", "passage": "", "version": evidence.version}
    card = client.post(f"/evidence/{evidence.pk}/edit/", given, headers=HTMX).content.decode()
    assert "Refutes" in card
    stale = client.post(f"/evidence/{evidence.pk}/edit/", given | {"note": "Later"}, headers=HTMX)
    assert stale.status_code == 409
    assert "Mine" in stale.content.decode()
    assert "Later" in stale.content.decode()
    assert f'id="version-{evidence.pk}" name="version" value="2" hx-swap-oob="true"' in stale.content.decode()
    evidence.refresh_from_db()
    assert (evidence.stance, evidence.note, evidence.version) == ("refutes", "Mine", 2)


def test_a_withdrawn_source_stays_in_place_and_comes_back(client: Client, team: Team) -> None:
    claim = make_claim(team)
    evidence = make_evidence(team, claim)
    as_(client, team.editor)
    card = client.post(f"/evidence/{evidence.pk}/withdraw/", headers=HTMX).content.decode()
    assert "Restore" in card
    assert '<span class="count" id="sources-count" hx-swap-oob="true">0</span>' in card
    assert "withdrawn by" in client.get(f"/claims/{claim.pk}/").content.decode()
    client.post(f"/evidence/{evidence.pk}/restore/")
    evidence.refresh_from_db()
    assert evidence.withdrawn_at is None


def test_sources_of_a_claim_in_review_are_locked(client: Client, team: Team) -> None:
    claim = make_claim_in_review(team)
    evidence = claim.evidence.get()
    as_(client, team.editor)
    text = client.get(f"/claims/{claim.pk}/").content.decode()
    assert f'action="/evidence/{evidence.pk}/withdraw/"' not in text
    assert client.post(f"/evidence/{evidence.pk}/withdraw/").status_code == 409
    evidence.refresh_from_db()
    assert evidence.withdrawn_at is None


def test_a_source_cannot_be_attached_by_a_page_whose_hold_was_lost(client: Client, team: Team) -> None:
    claim = make_claim(team)
    old = leases.hold(claim.pk, by=team.editor)
    leases.take_over(claim.pk, by=team.manager)
    given = {"addresses": "https://example.org/kept", "stance": "supports", "lease_token": old.lease_token}
    response = as_(client, team.editor).post(f"/claims/{claim.pk}/sources/", given, headers=HTMX)
    text = response.content.decode()
    assert response.status_code == 409
    assert "https://example.org/kept</textarea>" in text
    assert not Evidence.objects.exists()


def test_a_withdrawn_source_does_not_make_its_author_a_contributor(client: Client, team: Team) -> None:
    claim = make_claim(team)
    withdrawn = make_evidence(team, claim, by=team.reviewer, url="https://example.org/w")
    withdraw_evidence(withdrawn.pk, by=team.editor)
    make_evidence(team, claim)
    give_verdict(team, claim, submit=True)
    assert "Your decision" in as_(client, team.reviewer).get(f"/claims/{claim.pk}/").content.decode()
    review.approve(claim.pk, record=record_of(claim.pk), by=team.reviewer)
    claim.refresh_from_db()
    assert claim.state == "verified"
