from pathlib import Path
from typing import Any

import pytest
from django.core.files.storage import default_storage

from annotations.domain.errors import Missing, NotAllowed, Refused
from annotations.domain.evidence.stance import Stance
from annotations.domain.fetches.states import FetchState
from annotations.extraction import MAX_FILE_BYTES
from annotations.models import Activity, Capture, Claim, Evidence, FetchJob, Reference
from annotations.workflow.claims.locking import ClaimLocked
from annotations.workflow.evidence.attach import attach_addresses, attach_file
from annotations.workflow.evidence.edit import (
    EvidenceWithdrawn,
    StaleEvidence,
    edit_evidence,
    restore_evidence,
    withdraw_evidence,
)
from annotations.workflow.evidence.rules import EvidenceAttached, EvidenceRefused
from tests.factories import Team, give_verdict, make_claim, make_claim_in_review

PAGE = (
    b"<html><body><h1>From the hospital</h1>"
    b"<p>At least fifty people were brought in, they said.</p></body></html>"
)


def attach(team: Team, claim: Claim, *addresses: str, **options: Any) -> list[Evidence]:
    settings = {"stance": "supports", "by": team.editor} | options
    return attach_addresses(claim_id=claim.pk, addresses=addresses, **settings)


def rows() -> tuple[int, ...]:
    """What must not change when something is refused."""
    return (
        *(model.objects.count() for model in (Reference, FetchJob, Evidence, Capture)),
        Activity.objects.exclude(object_type="claim").count(),
    )


def test_an_address_becomes_a_reference_evidence_a_job_and_a_line_of_the_log(
    team: Team, claim: Claim
) -> None:
    [evidence] = attach(
        team,
        claim,
        " https://Example.org/a?utm_source=x#top ",
        passage=" fifty ",
        note="Read the second line.",
    )
    reference = evidence.reference
    assert reference.canonical_url == "https://example.org/a"
    assert reference.url == "https://example.org/a?utm_source=x"
    assert evidence.url_given == "https://Example.org/a?utm_source=x#top"
    assert (evidence.stance, evidence.passage, evidence.author_ids) == ("supports", "fifty", [team.editor.pk])
    job = FetchJob.objects.get(reference=reference)
    assert (job.state, job.host, job.requested_by) == (FetchState.QUEUED, "example.org", team.editor)
    line = Activity.objects.get(verb="attached")
    assert (line.claim_id, line.object_id, line.actor) == (claim.pk, evidence.pk, team.editor)


def test_many_addresses_are_attached_in_the_order_given_and_repeats_once(team: Team, claim: Claim) -> None:
    evidence = attach(team, claim, "https://b.example/", "", "https://a.example/", "https://b.example/#x")
    assert [row.reference.host for row in evidence] == ["b.example", "a.example"]
    assert Reference.objects.count() == FetchJob.objects.count() == 2


def test_one_bad_address_refuses_all_and_is_named(team: Team, claim: Claim) -> None:
    before = rows()
    with pytest.raises(EvidenceRefused) as refused:
        attach(team, claim, "https://good.example/", "ftp://bad.example/", "http://127.1/")
    assert "ftp://bad.example/" in refused.value.fields["addresses"]
    assert "http://127.1/" in refused.value.fields["addresses"]
    assert "good.example" not in refused.value.fields["addresses"]
    assert rows() == before


@pytest.mark.parametrize(
    ("addresses", "options", "field"),
    [
        ((), {}, "addresses"),
        (("  ",), {}, "addresses"),
        (tuple(f"https://a.example/{number}" for number in range(51)), {}, "addresses"),
        (("https://a.example/",), {"stance": "maybe"}, "stance"),
        (("https://a.example/",), {"passage": "x" * 5001}, "passage"),
        (("https://a.example/",), {"note": "x" * 5001}, "note"),
    ],
)
def test_what_cannot_be_a_source_is_refused_by_field(
    team: Team, claim: Claim, addresses: tuple[str, ...], options: dict[str, str], field: str
) -> None:
    before = rows()
    with pytest.raises(EvidenceRefused) as refused:
        attach(team, claim, *addresses, **options)
    assert list(refused.value.fields) == [field]
    assert rows() == before


def test_the_same_page_is_attached_once_to_a_claim(team: Team, claim: Claim) -> None:
    attach(team, claim, "https://a.example/")
    before = rows()
    with pytest.raises(EvidenceAttached):
        attach(team, claim, "https://b.example/", "https://a.example/?utm_source=y")
    assert rows() == before


def test_two_claims_share_one_reference_and_one_fetch(team: Team, claim: Claim) -> None:
    other = make_claim(team, words="Leopoldo López", document=claim.document)
    [one] = attach(team, claim, "https://a.example/")
    [two] = attach(team, other, "https://a.example/")
    assert one.reference == two.reference
    assert FetchJob.objects.count() == 1


@pytest.mark.parametrize(("person", "error"), [("viewer", NotAllowed), ("outsider", Missing)])
def test_who_may_not_attach_changes_nothing(
    team: Team, claim: Claim, person: str, error: type[Refused]
) -> None:
    before = rows()
    with pytest.raises(error):
        attach(team, claim, "https://a.example/", by=getattr(team, person))
    with pytest.raises(error):
        attach_file(
            claim_id=claim.pk, filename="a.html", content=PAGE, stance="supports", by=getattr(team, person)
        )
    assert rows() == before


def test_sources_are_locked_while_a_claim_is_in_review(team: Team) -> None:
    claim = make_claim_in_review(team)
    [evidence] = Evidence.objects.filter(claim=claim)
    before = rows()
    for act in (
        lambda: attach(team, claim, "https://a.example/"),
        lambda: attach_file(
            claim_id=claim.pk, filename="a.html", content=PAGE, stance="supports", by=team.editor
        ),
        lambda: edit_evidence(evidence.pk, version=1, stance="context", passage="", note="", by=team.editor),
        lambda: withdraw_evidence(evidence.pk, by=team.editor),
    ):
        with pytest.raises(ClaimLocked):
            act()
    assert rows() == before


def test_an_uploaded_page_is_kept_read_and_its_passage_found(team: Team, claim: Claim) -> None:
    evidence = attach_file(
        claim_id=claim.pk,
        filename="C:\\files\\page.html",
        content=PAGE,
        stance="supports",
        passage="at least fifty people",
        by=team.editor,
    )
    capture = evidence.capture
    assert capture is not None
    assert "At least fifty people were brought in" in capture.text
    assert (capture.filename, capture.media_type) == ("page.html", "text/html")
    assert (capture.uploaded_by, capture.outcome_code) == (team.editor, "ok")
    with default_storage.open(capture.body_key) as kept:
        assert kept.read() == PAGE
    assert capture.body_key == f"captures/{capture.body_sha256[:2]}/{capture.body_sha256}"
    reference = evidence.reference
    assert (reference.is_file, reference.title) == (True, "From the hospital")
    assert (reference.fetch_state, reference.latest_capture) == (FetchState.FETCHED, capture)
    assert evidence.passage_start is None  # the page begins the sentence with a capital
    found = edit_evidence(
        evidence.pk,
        version=1,
        stance="supports",
        passage="At least fifty  people",
        note="",
        by=team.editor,
    )
    assert capture.text[found.passage_start : found.passage_end] == "At least fifty people"


def test_the_same_file_twice_is_one_reference_with_its_first_capture(
    team: Team, claim: Claim, settings: Any
) -> None:
    other = make_claim(team, words="Leopoldo López", document=claim.document)
    one = attach_file(claim_id=claim.pk, filename="a.html", content=PAGE, stance="supports", by=team.editor)
    two = attach_file(claim_id=other.pk, filename="b.html", content=PAGE, stance="refutes", by=team.editor)
    assert (two.reference, two.capture) == (one.reference, one.capture)
    kept = [path.relative_to(settings.MEDIA_ROOT) for path in Path(settings.MEDIA_ROOT).rglob("*/*/*")]
    assert sorted(path.parts[0] for path in kept) == ["captures", "texts"]


def test_an_image_is_kept_although_it_has_no_text(team: Team, claim: Claim) -> None:
    image = b"\x89PNG\r\n\x1a\n" + b"\x00" * 60
    evidence = attach_file(
        claim_id=claim.pk, filename="shot.png", content=image, stance="context", by=team.editor
    )
    assert evidence.capture is not None
    assert (evidence.capture.media_type, evidence.capture.text) == ("image/png", "")
    assert evidence.reference.title == "shot.png"


def test_an_uploaded_file_that_cannot_be_read_says_so(team: Team, claim: Claim) -> None:
    broken = b"%PDF-1.4 broken" + b"\x00\xff" * 60
    evidence = attach_file(
        claim_id=claim.pk, filename="minutes.pdf", content=broken, stance="context", by=team.editor
    )
    assert evidence.capture is not None
    assert (evidence.capture.text, evidence.capture.warnings) == ("", ["read_failed"])


@pytest.mark.parametrize("content", [b"", b"MZ\x90\x00" + b"\x00" * 60, b"x" * (MAX_FILE_BYTES + 1)])
def test_a_file_that_is_no_source_is_refused_and_not_kept(
    team: Team, claim: Claim, settings: Any, content: bytes
) -> None:
    before = rows()
    with pytest.raises(EvidenceRefused) as refused:
        attach_file(claim_id=claim.pk, filename="a.exe", content=content, stance="context", by=team.editor)
    assert list(refused.value.fields) == ["file"]
    assert rows() == before
    assert not Path(settings.MEDIA_ROOT).exists()


def test_whoever_edits_a_source_becomes_one_of_its_authors(team: Team, claim: Claim) -> None:
    [evidence] = attach(team, claim, "https://a.example/")
    edited = edit_evidence(
        evidence.pk, version=1, stance="refutes", passage="words", note="It says so.", by=team.colleague
    )
    assert edited.author_ids == [team.editor.pk, team.colleague.pk]
    assert (edited.stance, edited.passage, edited.note, edited.version) == (
        "refutes",
        "words",
        "It says so.",
        2,
    )
    line = Activity.objects.get(verb="edited_evidence")
    assert line.details["before"] == {"stance": "supports", "passage": "", "note": ""}


def test_a_stale_edit_is_refused_and_shows_what_is_there(team: Team, claim: Claim) -> None:
    [evidence] = attach(team, claim, "https://a.example/", note="First.")
    edit_evidence(evidence.pk, version=1, stance="context", passage="", note="Second.", by=team.colleague)
    with pytest.raises(StaleEvidence) as refused:
        edit_evidence(evidence.pk, version=1, stance="refutes", passage="", note="Third.", by=team.editor)
    assert refused.value.current == {"stance": "context", "passage": "", "note": "Second.", "version": 2}
    evidence.refresh_from_db()
    assert (evidence.note, evidence.stance, evidence.version) == ("Second.", "context", 2)


def test_a_withdrawn_source_is_kept_and_can_be_restored(team: Team, claim: Claim) -> None:
    [evidence] = attach(team, claim, "https://a.example/")
    withdrawn = withdraw_evidence(evidence.pk, by=team.colleague)
    assert withdrawn.withdrawn_at is not None
    assert withdrawn.withdrawn_by == team.colleague
    with pytest.raises(EvidenceWithdrawn):
        edit_evidence(evidence.pk, version=2, stance="context", passage="", note="", by=team.editor)
    restored = restore_evidence(evidence.pk, by=team.editor)
    assert (restored.withdrawn_at, restored.withdrawn_by, restored.version) == (None, None, 3)


def test_a_source_attached_anew_is_not_restored_beside_itself(team: Team, claim: Claim) -> None:
    [evidence] = attach(team, claim, "https://a.example/")
    withdraw_evidence(evidence.pk, by=team.editor)
    attach(team, claim, "https://a.example/")
    with pytest.raises(EvidenceAttached):
        restore_evidence(evidence.pk, by=team.editor)
    evidence.refresh_from_db()
    assert evidence.withdrawn_at is not None


def test_who_attached_a_source_cannot_be_the_second_person(team: Team, claim: Claim) -> None:
    attach(team, claim, "https://a.example/", by=team.reviewer)
    give_verdict(team, claim, submit=True)
    claim.refresh_from_db()
    assert team.reviewer.pk in claim.contributor_ids


def test_every_stance_can_be_given(team: Team, claim: Claim) -> None:
    for number, stance in enumerate(Stance):
        [evidence] = attach(team, claim, f"https://a.example/{number}", stance=stance.value)
        assert evidence.stance == stance
