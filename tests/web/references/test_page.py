"""The page of one source: is it still what it was, is it proved, what came of it, and what can be asked."""

from datetime import timedelta
from hashlib import sha256
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone

from annotations.models import Capture, Evidence, FetchJob, Reference, Stamp, StampBatch, StampLeaf
from annotations.queries.captures.time_line import CaptureEntry, CheckEntry, time_line
from annotations.workflow.evidence.attach import attach_file
from tests.factories import Team, make_capture, make_claim, make_evidence, make_reference
from tests.fakes.site import Site
from tests.watched import END, LEDE, PASSAGE, REST, WatchedPage, story, watched_page
from tests.web.conftest import words
from tests.without_rules import save_whole

pytestmark = pytest.mark.django_db
PAGE = b"<html><title>Seen by me</title><body><p>Fifty people were injured on Tuesday.</p></body></html>"


@pytest.fixture
def watched(team: Team, site: Site) -> WatchedPage:
    return watched_page(team, site)


def failed(team: Team, code: str) -> Reference:
    reference = make_reference(team, "https://closed.example/page")
    reference.fetch_state, reference.fetch_code = "failed", code
    save_whole(reference)
    return reference


def upload(client: Client, reference: Reference, content: bytes = PAGE, **fields: str) -> Any:
    file = SimpleUploadedFile("seen.html", content)
    return client.post(f"/sources/{reference.pk}/upload/", {"file": file, **fields})


def test_a_source_shows_the_claims_that_rest_on_it(editor: Client, team: Team) -> None:
    claim = make_claim(team)
    evidence = make_evidence(team, claim)
    text = words(editor, f"/sources/{evidence.reference_id}/")
    assert claim.statement in text
    assert "no verdict yet" in text
    assert f'href="{evidence.reference.url}" rel="noopener noreferrer nofollow"' in text


def test_a_page_that_stands_is_said_to_be_what_it_was_and_to_be_signed(
    editor: Client, watched: WatchedPage
) -> None:
    text = words(editor, f"/sources/{watched.reference.pk}/")
    assert "Still what it was" in text
    assert "Signed, without a time stamp" in text
    assert "A verdict leans on it" in text
    assert "from what it tells social networks" in text
    assert watched.captures[0].body_sha256 in text


def test_a_changed_passage_is_said_first_with_the_way_to_the_difference(
    editor: Client, watched: WatchedPage
) -> None:
    watched.shows(story(LEDE, PASSAGE.replace("fifty", "fifteen"), REST, END))
    watched.look()

    text = words(editor, f"/sources/{watched.reference.pk}/")

    first, last = (capture.pk for capture in watched.captures)
    assert "A passage relied on reads differently" in text
    assert f"/sources/{watched.reference.pk}/compare/?one={first}&amp;other={last}" in text
    assert "What changed, and what was decided" in text


def test_an_authority_is_named_once_it_vouches_for_all_that_verdicts_lean_on(
    editor: Client, watched: WatchedPage
) -> None:
    manifest = watched.captures[0].manifests.get(kind="capture")
    batch = StampBatch.objects.create(root_sha256=manifest.sha256, leaf_count=1)
    StampLeaf.objects.create(batch=batch, manifest=manifest, position=0)
    stamp = Stamp.objects.create(batch=batch, authority="https://tsa.example/")
    path = f"/sources/{watched.reference.pk}/"
    assert "Signed, without a time stamp" in words(editor, path)

    Stamp.objects.filter(pk=stamp.pk).update(state="held", token=b"t", stamped_at=timezone.now())

    text = words(editor, path)
    assert "Signed and time-stamped" in text
    assert "tsa.example vouched for the time" in text
    assert "time-stamped by tsa.example" in text


def test_two_authorities_of_one_host_are_told_apart(editor: Client, watched: WatchedPage) -> None:
    manifest = watched.captures[0].manifests.get(kind="capture")
    batch = StampBatch.objects.create(root_sha256=manifest.sha256, leaf_count=1)
    StampLeaf.objects.create(batch=batch, manifest=manifest, position=0)
    for authority in (
        "http://me:pass@tsa.example:81/one?key=k",
        "http://tsa.example/two",
        "https://b.example/",
    ):
        Stamp.objects.create(
            batch=batch, authority=authority, state="held", token=b"t", stamped_at=timezone.now()
        )
    text = words(editor, f"/sources/{watched.reference.pk}/")
    assert "b.example and tsa.example/two and tsa.example:81/one vouched for the time" in text
    assert "pass" not in text.split("vouched")[0].rpartition("chain.")[2]
    assert "key=k" not in text


def test_an_answer_that_is_not_the_page_is_marked_as_such(editor: Client, watched: WatchedPage) -> None:
    watched.shows(b"<h1>Forbidden</h1>", status="403 Forbidden")
    watched.look()
    text = words(editor, f"/sources/{watched.reference.pk}/")
    assert "The site does not let us look" in text
    assert "The site does not let us see the page (403)." in text


def test_looks_that_changed_nothing_are_one_line(watched: WatchedPage) -> None:
    for _ in range(3):
        watched.look()
    watched.shows(b"<h1>Not here</h1>", status="404 Not Found")
    watched.look(after=timedelta(days=1))
    watched.look(after=timedelta(days=1))

    entries = time_line(watched.reference.pk).entries

    told = [
        (entry.words, entry.count) if isinstance(entry, CheckEntry) else entry.is_page for entry in entries
    ]
    assert told == [("The site has no such page (404).", 1), False, ("unchanged", 3), True]


def test_a_long_time_line_turns_its_pages_and_leaves_nothing_out(team: Team) -> None:
    reference = make_reference(team)
    made = [
        Capture.objects.create(
            reference=reference,
            outcome_code="ok",
            body_sha256=sha256(str(number).encode()).hexdigest(),
            body_size=1,
        ).pk
        for number in range(60)
    ]
    found: list[int] = []
    cursor = ""
    while not found or cursor:
        part = time_line(reference.pk, before=cursor)
        found += [entry.capture.pk for entry in part.entries if isinstance(entry, CaptureEntry)]
        cursor = part.older
    assert found == made[::-1]


def test_a_damaged_cursor_is_refused(editor: Client, team: Team) -> None:
    assert editor.get(f"/sources/{make_reference(team).pk}/?before=x").status_code == 422


def test_a_fetch_is_asked_for_and_called_off(editor: Client, team: Team) -> None:
    reference = failed(team, "http_404")
    assert "The page is fetched again." in " ".join(
        editor.post(f"/sources/{reference.pk}/fetch/", follow=True).content.decode().split()
    )
    assert FetchJob.objects.get().state == "queued"
    editor.post(f"/sources/{reference.pk}/cancel/")
    assert FetchJob.objects.get().state == "cancelled"


def test_a_script_hears_only_what_changed(editor: Client, team: Team) -> None:
    reference = failed(team, "http_404")
    answer = editor.post(f"/sources/{reference.pk}/fetch/", headers={"HX-Request": "true"})
    text = answer.content.decode()
    assert 'id="fetch" hx-swap-oob="true"' in text
    assert "data-poll" in text
    seen = editor.get(f"/sources/{reference.pk}/").context["page"].mark
    assert editor.get(f"/sources/{reference.pk}/waiting/?seen={seen}").status_code == 204
    Reference.objects.filter(pk=reference.pk).update(fetch_state="failed", fetch_code="http_410")
    text = editor.get(f"/sources/{reference.pk}/waiting/?seen={seen}").content.decode()
    assert "The site has removed the page for good (410)." in text
    assert "data-poll" not in text
    assert "Fetch ended: Failed" in text


def test_the_certificate_is_overlooked_once_after_being_told_what_it_means(
    editor: Client, team: Team
) -> None:
    reference = failed(team, "tls_expired")
    text = words(editor, f"/sources/{reference.pk}/")
    assert "anyone on the way could answer in the place of the site" in text
    editor.post(f"/sources/{reference.pk}/overlook-certificate/")
    assert FetchJob.objects.get().verify_tls is False


def test_the_certificate_is_not_to_be_overlooked_where_it_was_not_in_the_way(
    editor: Client, team: Team
) -> None:
    reference = failed(team, "http_404")
    assert "in spite of the certificate" not in words(editor, f"/sources/{reference.pk}/")
    assert editor.post(f"/sources/{reference.pk}/overlook-certificate/").status_code == 409
    assert FetchJob.objects.count() == 0


def test_what_a_person_sees_behind_a_wall_is_kept_with_their_name(editor: Client, team: Team) -> None:
    reference = failed(team, "paywall_block")
    assert '<details open><summary data-key="u"' in words(editor, f"/sources/{reference.pk}/")

    assert upload(editor, reference).status_code == 302

    text = words(editor, f"/sources/{reference.pk}/")
    assert f"Uploaded by {team.editor.display_name}, not fetched" in text
    assert Capture.objects.get().uploaded_by == team.editor


def test_an_upload_after_a_refused_answer_is_nowhere_called_fetched(editor: Client, team: Team) -> None:
    evidence = make_evidence(team, make_claim(team))
    reference = evidence.reference
    Capture.objects.create(
        reference=reference, outcome_code="http_403", status=403, body_sha256="0" * 64, body_size=1
    )
    Reference.objects.filter(pk=reference.pk).update(fetch_state="failed", fetch_code="http_403")
    name = team.editor.display_name

    assert upload(editor, reference).status_code == 302

    for path in (f"/sources/{reference.pk}/", "/sources/", f"/claims/{evidence.claim_id}/"):
        text = words(editor, path)
        assert f'<span class="badge tone-info" title="Uploaded by {name}, not fetched">' in text
        assert "</svg>Uploaded</span>" in text
        assert "</svg>Fetched</span>" not in text
    assert f"The first capture, uploaded by {name}." in words(editor, f"/sources/{reference.pk}/")


def test_a_page_that_is_fetched_after_an_upload_is_called_fetched_again(editor: Client, team: Team) -> None:
    reference = failed(team, "http_403")
    upload(editor, reference)
    make_capture(reference, "The page itself.")
    text = words(editor, f"/sources/{reference.pk}/")
    assert "</svg>Fetched</span>" in text
    assert "</svg>Uploaded</span>" not in text


def test_whoever_came_from_a_claim_goes_back_to_it_after_uploading(editor: Client, team: Team) -> None:
    evidence = make_evidence(team, make_claim(team))
    Reference.objects.filter(pk=evidence.reference_id).update(fetch_state="failed", fetch_code="login_wall")
    claim = words(editor, f"/claims/{evidence.claim_id}/")
    assert f"/sources/{evidence.reference_id}/?evidence={evidence.pk}#upload" in claim

    answer = upload(editor, evidence.reference, evidence=str(evidence.pk))

    assert answer.headers["Location"] == f"/claims/{evidence.claim_id}/#source-{evidence.pk}"
    assert "Uploaded, not fetched" in words(editor, f"/claims/{evidence.claim_id}/")


def test_a_way_back_that_belongs_to_another_source_is_not_taken(editor: Client, team: Team) -> None:
    other = make_evidence(team, make_claim(team))
    reference = failed(team, "login_wall")
    answer = upload(editor, reference, evidence=str(other.pk))
    assert answer.headers["Location"] == f"/sources/{reference.pk}/"


@pytest.mark.parametrize("content", [b"", b"MZ\x90\x00\x03" + b"\x00" * 60])
def test_a_file_that_cannot_be_kept_is_refused_beside_its_field(
    editor: Client, team: Team, content: bytes
) -> None:
    reference = failed(team, "login_wall")
    answer = upload(editor, reference, content)
    assert answer.status_code == 422
    assert 'class="field__error"' in answer.content.decode()
    assert Capture.objects.count() == 0


def test_no_file_is_refused_with_what_to_do(editor: Client, team: Team) -> None:
    answer = editor.post(f"/sources/{failed(team, 'login_wall').pk}/upload/")
    assert answer.status_code == 422
    assert "Choose the file that you saved." in answer.content.decode()


def test_a_viewer_sees_all_and_is_offered_nothing(client: Client, team: Team) -> None:
    reference = failed(team, "tls_expired")
    client.force_login(team.viewer)
    text = words(client, f"/sources/{reference.pk}/")
    assert "The certificate of the site has expired." in text
    for offered in ("Fetch it again", "Upload what you see", "in spite of the certificate"):
        assert offered not in text


def test_an_uploaded_file_is_neither_fetched_nor_looked_at(editor: Client, team: Team) -> None:
    evidence: Evidence = attach_file(
        claim_id=make_claim(team).pk, filename="a.html", content=PAGE, stance="supports", by=team.editor
    )
    text = words(editor, f"/sources/{evidence.reference_id}/")
    assert "A file, kept as it was uploaded" in text
    assert "Fetch it again" not in text
    assert "Upload what you see" not in text
