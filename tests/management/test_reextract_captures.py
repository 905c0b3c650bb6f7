"""`reextract_captures` keeps what today's extractor makes of a page beside what was read before."""

from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command

from annotations.extraction import Extracted
from annotations.models import Capture, Extraction
from annotations.workflow.captures import reextract
from annotations.workflow.captures.reextract import reextract_capture
from annotations.workflow.evidence.attach import attach_file
from tests.factories import Team, make_claim, make_team

PAGE = b"<html><title>The bridge</title><body><p>The bridge cost 41 million euros.</p></body></html>"


@pytest.fixture
def capture(team: Team) -> Capture:
    return kept(team)


def kept(team: Team) -> Capture:
    evidence = attach_file(
        claim_id=make_claim(team).pk, filename="a.html", content=PAGE, stance="supports", by=team.editor
    )
    assert evidence.capture is not None
    return evidence.capture


@pytest.fixture
def better_extractor(monkeypatch: pytest.MonkeyPatch) -> None:
    def read(*_: Any, **__: Any) -> Extracted:
        return Extracted(
            text="The bridge cost 41 million euros.\n\nMore.", title="Bridge", extractor="extractor/99"
        )

    monkeypatch.setattr(reextract, "extract_page", read)


def told(*arguments: str) -> str:
    out = StringIO()
    call_command("reextract_captures", *arguments, stdout=out, stderr=out)
    return out.getvalue()


def test_the_same_extractor_extracts_the_same_and_writes_nothing(capture: Capture) -> None:
    assert "1 captures were read again; 0 new extractions were kept." in told()
    assert not Extraction.objects.exists()


@pytest.mark.usefixtures("better_extractor")
def test_another_extractor_is_kept_beside_what_was_read_before(capture: Capture) -> None:
    before = Capture.objects.filter(pk=capture.pk).values().get()
    assert "1 new extractions were kept." in told()
    extraction = Extraction.objects.get()
    assert (extraction.capture, extraction.extractor, extraction.title) == (capture, "extractor/99", "Bridge")
    assert extraction.text.endswith("More.")
    assert Capture.objects.filter(pk=capture.pk).values().get() == before


@pytest.mark.usefixtures("better_extractor")
def test_extracting_again_twice_keeps_one_extraction(capture: Capture) -> None:
    assert reextract_capture(capture.pk) is not None
    assert reextract_capture(capture.pk) is None
    assert Extraction.objects.count() == 1


def test_a_reader_that_fails_writes_nothing(capture: Capture, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        reextract,
        "extract_page",
        lambda *_, **__: Extracted(text="", warnings=("read_timeout",), extractor="extractor/99"),
    )
    assert reextract_capture(capture.pk) is None
    assert not Extraction.objects.exists()


@pytest.mark.usefixtures("better_extractor")
def test_one_desk_is_read_again_without_the_others(capture: Capture) -> None:
    other = make_team()
    elsewhere = kept(other)
    told("--desk", other.desk.slug)
    assert Extraction.objects.get().capture == elsewhere


def test_a_file_that_is_gone_is_named_and_the_others_are_read(
    capture: Capture, settings: Any, better_extractor: None
) -> None:
    other = make_team()
    page = PAGE.replace(b"41", b"42")
    attach_file(
        claim_id=make_claim(other).pk, filename="b.html", content=page, stance="supports", by=other.editor
    )
    (Path(settings.MEDIA_ROOT) / capture.body_key).unlink()
    with pytest.raises(SystemExit):
        told()
    assert Extraction.objects.get().capture != capture
