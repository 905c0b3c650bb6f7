"""Claims, sources and articles that somebody else has in hand."""

from django.db.models.functions import Now

from annotations.models import (
    Document,
    FetchJob,
    Reference,
)
from annotations.workflow.claims import edit, organise
from annotations.workflow.documents import load, revise
from annotations.workflow.evidence.edit import withdraw_evidence
from annotations.workflow.evidence.upload import upload_capture
from tests.factories import (
    TEXT,
    Team,
    give_verdict,
    make_claim,
    make_document,
    make_evidence,
)
from tests.watched import story
from tests.workflow.meetings.meeting import Meeting, of


def editing_a_claim(team: Team) -> Meeting:
    claim = make_claim(team)
    other = edit.Particulars("Another statement.")
    return Meeting(
        of(claim),
        lambda: edit.edit_claim(claim.pk, version=claim.version, particulars=other, by=team.editor),
    )


def giving_a_verdict(team: Team) -> Meeting:
    claim = make_claim(team)
    return Meeting(of(claim), lambda: give_verdict(team, claim))


def tagging_claims(team: Team) -> Meeting:
    claim = make_claim(team)
    return Meeting(of(claim), lambda: organise.tag_claims([claim.pk], add=["x"], by=team.editor))


def withdrawing_a_source(team: Team) -> Meeting:
    evidence = make_evidence(team, make_claim(team))
    return Meeting(of(evidence), lambda: withdraw_evidence(evidence.pk, by=team.editor))


def making_a_claim(team: Team) -> Meeting:
    document = make_document(team)
    return Meeting(
        of(document),
        lambda: edit.create_claim_from_words(document.pk, words="onrustige dag", by=team.editor),
    )


def adding_a_version(team: Team) -> Meeting:
    document = make_document(team)
    return Meeting(of(document), lambda: revise.add_version(document.pk, text=TEXT + "!", by=team.editor))


def _loading(team: Team, code: str = "") -> Document:
    document = load.load_address(desk=team.desk, by=team.editor, url="https://192.0.2.1/story")
    if code:
        FetchJob.objects.filter(document=document).update(
            state="failed", error_code=code, finished_at=Now(), next_attempt_at=None
        )
    return document


def failing_to_load(team: Team) -> Meeting:
    document = _loading(team, "http_404")
    return Meeting(of(document), lambda: load.complete_loading(document.pk))


def loading_again(team: Team) -> Meeting:
    document = _loading(team, "http_404")
    load.complete_loading(document.pk)
    return Meeting(of(document), lambda: load.retry_loading(document.pk, by=team.editor))


def loading_the_page(team: Team) -> Meeting:
    document = load.load_address(desk=team.desk, by=team.editor, url="https://192.0.2.1/story")
    reference = Reference.objects.get(jobs__document=document)
    upload_capture(reference.pk, filename="a.html", content=story(), by=team.editor)
    FetchJob.objects.filter(document=document).update(
        state="fetched", finished_at=Now(), next_attempt_at=None
    )
    return Meeting(of(document), lambda: load.complete_loading(document.pk))
