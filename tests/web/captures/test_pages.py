"""What people see of a capture, of its proof, and of two captures side by side."""

from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from annotations.domain.documents.text import text_sha256
from annotations.models import Capture, Reference, Stamp, StampBatch, StampLeaf
from annotations.web.captures.sanitised_copy import LARGEST
from annotations.workflow.proof.chain import sign_capture
from tests.factories import Team, make_capture, make_claim, make_evidence, make_reference
from tests.web.conftest import words
from tests.without_rules import save_whole

pytestmark = pytest.mark.django_db


def captured(team: Team, text: str, url: str = "https://example.org/hospital", **facts: Any) -> Capture:
    """A capture of the page at `url`, which a site at a known address sent."""
    reference = Reference.objects.filter(url=url).first() or make_reference(team, url)
    hops = [{"url": url, "status": 200, "address": "203.0.113.7", "tls_version": "TLSv1.3"}]
    return make_capture(reference, text, **({"final_url": url, "hops": hops} | facts))


def test_a_capture_is_shown_with_the_passage_relied_on_and_the_way_to_it(editor: Client, team: Team) -> None:
    evidence = make_evidence(team, make_claim(team))
    capture = captured(team, "At least fifty injured were brought in. Nobody died.", evidence.reference.url)
    evidence.capture, evidence.passage_start, evidence.passage_end = capture, 9, 22
    save_whole(evidence)

    shown = words(editor, f"/sources/captures/{capture.pk}/")

    assert "<mark>fifty injured<a" in shown
    assert f"/claims/{evidence.claim_id}/#source-{evidence.pk}" in shown
    assert "203.0.113.7" in shown
    assert "TLSv1.3" in shown


def test_the_proof_is_told_in_words_as_far_as_it_goes(editor: Client, team: Team) -> None:
    capture = captured(team, "Fifty injured.")
    path = f"/sources/captures/{capture.pk}/"
    assert "Not signed in this desk’s chain yet" in words(editor, path)

    sign_capture(capture)
    assert "Signed as link 1 of this desk’s chain" in words(editor, path)
    assert "No authority vouches for the time" in words(editor, path)

    manifest = capture.manifests.get()
    batch = StampBatch.objects.create(root_sha256=manifest.sha256, leaf_count=1)
    StampLeaf.objects.create(batch=batch, manifest=manifest, position=0)
    Stamp.objects.create(batch=batch, authority="https://tsa.one.example/")
    Stamp.objects.create(
        batch=batch,
        authority="https://tsa.two.example/",
        state="held",
        token=b"t",
        stamped_at=timezone.now(),
    )
    shown = words(editor, path)
    assert "tsa.two.example vouches that all of this existed at" in shown
    assert "tsa.one.example is asked for a time stamp" in shown
    assert capture.body_sha256 in shown
    assert manifest.sha256 in shown


def test_what_is_doubtful_about_a_capture_is_said_on_it(editor: Client, team: Team) -> None:
    doubtful = captured(team, "Text.", tls_unverified=True, warnings=["charset_guessed"])
    uploaded = captured(team, "Seen.", uploaded_by=team.colleague, filename="seen.html", hops=[])
    missing = captured(team, "", outcome_code="http_404", status=404)

    assert "Certificate not checked" in words(editor, f"/sources/captures/{doubtful.pk}/")
    assert "this was guessed" in words(editor, f"/sources/captures/{doubtful.pk}/")
    shown = words(editor, f"/sources/captures/{uploaded.pk}/")
    assert f"Uploaded by {team.colleague.display_name}, not fetched" in shown
    assert "How we got there" not in shown
    shown = words(editor, f"/sources/captures/{missing.pk}/")
    assert "The site has no such page (404)." in shown
    assert "No text could be read from it" in shown


def test_what_a_newer_reader_made_of_the_same_bytes_stands_beside_the_first_reading(
    editor: Client, team: Team
) -> None:
    capture = captured(team, "Fifty injured were brought in.", author="Ana")
    text = "At least fifty injured were brought in."
    facts = {"title": capture.title, "text_sha256": text_sha256(text), "text": text}
    capture.extractions.create(extractor="factcheck-reading/8", author="Ana Ruiz", **facts)
    shown = words(editor, f"/sources/captures/{capture.pk}/")
    assert "Reads differently" in shown
    assert "<ins>Ana Ruiz</ins>" in shown
    assert "<ins>At least fifty</ins>" in shown
    assert "Reads the same" not in shown

    same = {"title": capture.title, "author": "Ana", "text": capture.text, "text_sha256": capture.text_sha256}
    capture.extractions.create(extractor="factcheck-reading/9", **same)
    shown = words(editor, f"/sources/captures/{capture.pk}/")
    assert shown.index("Reads the same") < shown.index("Reads differently")
    assert "Read again" not in words(editor, f"/sources/captures/{captured(team, 'Once.').pk}/")


def test_the_copy_stands_in_a_frame_in_which_nothing_runs(editor: Client, team: Team) -> None:
    capture = captured(team, "Text.", media_type="text/html")

    answer = editor.get(f"/sources/captures/{capture.pk}/")

    assert 'sandbox=""' in answer.content.decode()
    policy = answer.headers["Content-Security-Policy"]
    assert "frame-src 'self'" in policy
    assert "script-src 'self'" in policy
    assert "unsafe" not in policy


@pytest.mark.parametrize(
    "facts", [{"media_type": "application/pdf"}, {"media_type": "text/html", "body_size": LARGEST + 1}]
)
def test_what_no_browser_may_show_gets_words_instead_of_an_empty_frame(
    editor: Client, team: Team, facts: dict[str, Any]
) -> None:
    capture = captured(team, "Text.", **facts)

    answer = editor.get(f"/sources/captures/{capture.pk}/")

    assert "<iframe" not in answer.content.decode()
    assert "This kind of file is not shown here, or it is too large for that." in answer.content.decode()
    assert editor.get(f"/sources/captures/{capture.pk}/copy").status_code == 409


def test_two_captures_are_compared_by_their_words(editor: Client, team: Team) -> None:
    before = captured(team, "Calm in the city.\n\nAt least fifty injured were brought in.", author="Ana")
    after = captured(team, "Calm in the city.\n\nAt least sixty injured were brought in.", author="Luis")

    for path in (f"?one={before.pk}&other={after.pk}", f"?one={after.pk}&other={before.pk}", ""):
        shown = words(editor, f"/sources/{before.reference_id}/compare/{path}")
        assert "<del>fifty</del>" in shown
        assert "<ins>sixty</ins>" in shown
        assert "<del>Ana</del>" in shown
        assert "1 paragraph unchanged" in shown


def test_captures_that_do_not_differ_are_said_not_to(editor: Client, team: Team) -> None:
    one = captured(team, "The same.")
    captured(team, "The same.")
    assert "Not a byte differs" in words(editor, f"/sources/{one.reference_id}/compare/")

    captured(team, "The same.", body_sha256="00" * 32)
    assert "The text is the same" in words(editor, f"/sources/{one.reference_id}/compare/")


def test_one_capture_alone_is_not_compared(editor: Client, team: Team) -> None:
    only = captured(team, "Alone.")

    assert "There is only one capture" in words(editor, f"/sources/{only.reference_id}/compare/")


def test_a_capture_of_another_page_is_not_compared(editor: Client, team: Team) -> None:
    mine = captured(team, "One.")
    other = captured(team, "Two.", "https://example.org/other")

    answer = editor.get(f"/sources/{mine.reference_id}/compare/?one={mine.pk}&other={other.pk}")

    assert answer.status_code == 404


def test_very_long_texts_that_share_nothing_are_compared_without_delay(editor: Client, team: Team) -> None:
    before = captured(team, "\n\n".join(f"paragraph {n} one" * 20 for n in range(6000)))
    captured(team, "\n\n".join(f"line {n} two" * 20 for n in range(6000)))

    assert "than can be shown here" in words(editor, f"/sources/{before.reference_id}/compare/")
