"""What a reviewer signed stays what they read: its words do not change, and its authors never sign."""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from annotations.domain.reports.criteria import Criteria
from annotations.domain.verdicts.records import read_record
from annotations.models import (
    Activity,
    Anchor,
    Claim,
    Document,
    Evidence,
    Report,
    ReportRow,
    Review,
    SignedRecord,
)
from annotations.permissions import OwnWork
from annotations.workflow.claims.edit import Particulars, confirm_anchor, edit_claim
from annotations.workflow.claims.locking import ClaimLocked
from annotations.workflow.documents.revise import add_version
from annotations.workflow.evidence import edit as evidence
from annotations.workflow.evidence.upload import upload_capture
from annotations.workflow.reports.freeze import freeze_report
from annotations.workflow.verdicts import give, review
from tests.api.conftest import Api
from tests.factories import (
    TEXT,
    Team,
    make_claim,
    make_claim_in_review,
    make_evidence,
    make_verified_claim,
    record_of,
)
from tests.factories import give_verdict as judge

pytestmark = pytest.mark.django_db

OTHER_WORDS = "door soldaten"
LATER = TEXT.replace("vijftig", "zestig")


def words_of(claim: Claim) -> list[tuple[int, str, str]]:
    rows = Anchor.objects.filter(claim=claim).order_by("document_version__number")
    return list(rows.values_list("document_version__number", "exact", "state"))


def other_place() -> dict[str, Any]:
    start = TEXT.index(OTHER_WORDS)
    return {"start": start, "end": start + len(OTHER_WORDS), "exact": OTHER_WORDS}


def report_of(team: Team) -> dict[str, Any]:
    report = freeze_report(desk=team.desk, by=team.editor, title="", criteria=Criteria())
    assert Report.objects.get(pk=report.pk).row_count == 1
    return ReportRow.objects.get(report=report).data


@pytest.mark.parametrize("make", [make_claim_in_review, make_verified_claim])
def test_no_road_ties_what_is_signed_to_other_words(team: Team, make: Any) -> None:
    claim = make(team)
    claim.refresh_from_db()
    before, version = words_of(claim), claim.version

    answer = Api(team.editor).put(f"claims/{claim.pk}/anchor/", other_place())
    assert (answer.status_code, answer.json()["code"]) == (409, "claim_locked")
    browser = Client()
    browser.force_login(team.editor)
    page = browser.post(reverse("place_claim", args=[claim.document_id, claim.pk]), {"words": OTHER_WORDS})
    assert page.status_code == 409
    with pytest.raises(ClaimLocked):
        confirm_anchor(claim.pk, by=team.reviewer, **other_place())

    claim.refresh_from_db()
    assert (words_of(claim), claim.version) == (before, version)
    assert not Activity.objects.filter(claim_id=claim.pk, verb="confirmed_anchor").exists()


def test_the_words_of_a_claim_are_not_exchanged_by_a_later_version_of_the_article(team: Team) -> None:
    claim = make_verified_claim(team)
    signed = report_of(team)

    add_version(claim.document_id, text=LATER, by=team.editor)
    later = report_of(team)

    assert words_of(claim)[-1][2] == "edited"
    assert "zestig" not in later["exact"]
    assert (later["exact"], later["start"], later["document"]) == (
        signed["exact"],
        signed["start"],
        signed["document"],
    )


def test_words_that_moved_along_are_reported_where_they_were_signed(team: Team) -> None:
    claim = make_verified_claim(team)
    signed = report_of(team)

    add_version(claim.document_id, text="Een nieuwe eerste zin.\n\n" + TEXT, by=team.editor)

    assert report_of(team) == signed
    assert words_of(claim)[-1][2] in ("exact", "moved")


def test_a_claim_whose_words_changed_during_the_review_is_not_approved(team: Team) -> None:
    claim = make_claim_in_review(team)
    add_version(claim.document_id, text=LATER, by=team.editor)

    with pytest.raises(review.ArticleChanged):
        review.approve(claim.pk, record=record_of(claim.pk), by=team.reviewer)

    claim.refresh_from_db()
    assert (claim.state, claim.verified_by) == ("in_review", None)
    assert not Review.objects.filter(claim=claim).exists()

    review.return_claim(
        claim.pk, record=record_of(claim.pk), by=team.reviewer, note="The article has other words now."
    )
    start = LATER.index("minstens zestig gewonden")
    words = "minstens zestig gewonden"
    confirm_anchor(claim.pk, start=start, end=start + len(words), exact=words, by=team.editor)
    give.submit_for_review(claim.pk, by=team.editor)
    review.approve(claim.pk, record=record_of(claim.pk), by=team.reviewer)
    assert report_of(team)["exact"] == words


def test_a_claim_whose_words_left_the_article_before_its_submission_can_be_approved(team: Team) -> None:
    claim = make_claim(team)
    quoted = words_of(claim)[0][1]
    make_evidence(team, claim)
    add_version(claim.document_id, text="Er gebeurde niets bijzonders op die dag.", by=team.editor)
    assert words_of(claim)[-1] == (2, "", "orphaned")
    judge(team, claim, submit=True)

    review.approve(claim.pk, record=record_of(claim.pk), by=team.reviewer)

    row = report_of(team)
    assert (row["exact"], row["document"]["version"]) == (quoted, 1)


@pytest.mark.parametrize(
    "changed",
    [
        {"claimant_name": "Een woordvoerder"},
        {"claimant_kind": "person"},
        {"claimant_role": "burgemeester"},
        {"said_on": date(2019, 4, 30)},
        {"said_where": "Caracas"},
        {"chosen_because": "Staat in alle kranten."},
    ],
    ids=lambda changed: next(iter(changed)),
)
def test_nobody_signs_off_a_claim_of_which_they_wrote_a_detail(team: Team, changed: dict[str, Any]) -> None:
    claim = make_claim(team)
    particulars = replace(Particulars(statement=claim.statement, language=claim.language), **changed)
    edit_claim(claim.pk, version=claim.version, particulars=particulars, by=team.reviewer)
    make_evidence(team, claim)
    judge(team, claim, submit=True)

    with pytest.raises(OwnWork):
        review.approve(claim.pk, record=record_of(claim.pk), by=team.reviewer)

    claim.refresh_from_db()
    assert claim.state == "in_review"


def test_nobody_signs_off_a_claim_whose_words_they_chose(team: Team) -> None:
    claim = make_claim(team)
    confirm_anchor(claim.pk, by=team.reviewer, **other_place())
    make_evidence(team, claim)
    judge(team, claim, submit=True)

    with pytest.raises(OwnWork):
        review.approve(claim.pk, record=record_of(claim.pk), by=team.reviewer)

    claim.refresh_from_db()
    assert claim.state == "in_review"


def test_whoever_only_tags_a_claim_may_review_it(team: Team) -> None:
    claim = make_claim(team)
    particulars = Particulars(statement=claim.statement, language=claim.language, tags=("caracas",))
    edit_claim(claim.pk, version=claim.version, particulars=particulars, by=team.reviewer)
    make_evidence(team, claim)
    judge(team, claim, submit=True)

    review.approve(claim.pk, record=record_of(claim.pk), by=team.reviewer)

    claim.refresh_from_db()
    assert (claim.state, claim.tags) == ("verified", ["caracas"])


def resubmit_without_a_new_verdict(team: Team, claim: Claim, change: str) -> None:
    """Take a claim back, change one thing, and submit the same verdict again."""
    review.withdraw_from_review(claim.pk, by=team.editor)
    claim.refresh_from_db()
    source = Evidence.objects.get(claim=claim)
    if change == "statement":
        particulars = Particulars(statement="Vijfhonderd gewonden.", language=claim.language)
        edit_claim(claim.pk, version=claim.version, particulars=particulars, by=team.editor)
    elif change == "words":
        confirm_anchor(claim.pk, by=team.editor, **other_place())
    elif change == "stance":
        evidence.edit_evidence(
            source.pk, version=1, stance="refutes", passage=source.passage, note="", by=team.editor
        )
    else:
        make_evidence(team, claim, url="https://example.org/another")
        evidence.withdraw_evidence(source.pk, by=team.editor)
    give.submit_for_review(claim.pk, by=team.editor)


@pytest.mark.parametrize("change", ["statement", "words", "stance", "all the evidence"])
@pytest.mark.parametrize("road", ["page", "api", "workflow"])
def test_an_old_tab_does_not_approve_what_was_submitted_again(team: Team, change: str, road: str) -> None:
    claim = make_claim_in_review(team)
    read = record_of(claim.pk)
    resubmit_without_a_new_verdict(team, claim, change)

    if road == "page":
        browser = Client()
        browser.force_login(team.reviewer)
        page = browser.post(reverse("approve_claim", args=[claim.pk]), {"record": read, "note": "Fine."})
        assert page.status_code == 409
        text = page.content.decode()
        assert "This is not what you read" in text
        assert 'aria-label="What is different now"' in text
        assert ">Fine.</textarea>" in text
        assert f'value="{record_of(claim.pk)}"' in text
    elif road == "api":
        answer = Api(team.reviewer).post(f"claims/{claim.pk}/approve/", {"record": read})
        assert (answer.status_code, answer.json()["code"]) == (412, "stale_review")
        assert answer.json()["current"]["record"] == record_of(claim.pk)
        assert answer.json()["current"]["changes"]
    else:
        with pytest.raises(review.StaleReview) as refused:
            review.approve(claim.pk, record=read, by=team.reviewer)
        assert refused.value.changes

    claim.refresh_from_db()
    assert claim.state == "in_review"
    assert not Review.objects.filter(claim=claim).exists()


def test_the_reviewer_sees_the_record_and_nothing_of_the_live_rows(team: Team) -> None:
    claim = make_claim_in_review(team)
    Document.objects.filter(pk=claim.document_id).update(title="Een andere titel", outlet="Een ander blad")
    browser = Client()
    browser.force_login(team.reviewer)

    main = browser.get(reverse("claim", args=[claim.pk])).content.decode().partition('class="check__grid"')[2]

    assert "Onrust in Caracas" in main
    assert "Een ander blad" not in main
    assert record_of(claim.pk)[:16] in main


def test_a_page_read_during_the_review_makes_a_new_record_that_has_to_be_read(team: Team) -> None:
    claim = make_claim_in_review(team)
    source = Evidence.objects.get(claim=claim)
    read = record_of(claim.pk)
    assert read_record(SignedRecord.objects.get(sha256=read).body)["evidence"][0]["read"] == "never read"

    upload_capture(source.reference_id, filename="seen.txt", content=b"Minstens vijftig.", by=team.manager)

    with pytest.raises(review.StaleReview):
        review.approve(claim.pk, record=read, by=team.reviewer)
    newer = SignedRecord.objects.in_force(claim.pk)
    assert newer is not None
    assert (newer.number, newer.cause, team.manager.pk in newer.hand_ids) == (2, "read", True)
    with pytest.raises(OwnWork):
        review.approve(claim.pk, record=newer.sha256, by=team.manager)
    review.approve(claim.pk, record=newer.sha256, by=team.reviewer)


def test_a_page_read_after_the_signature_changes_nothing_until_the_claim_is_reopened(team: Team) -> None:
    claim = make_verified_claim(team)
    source = Evidence.objects.get(claim=claim)
    signed = record_of(claim.pk)

    capture = upload_capture(
        source.reference_id, filename="seen.txt", content=b"Minstens vijftig.", by=team.manager
    )

    source.refresh_from_db()
    assert (source.capture, record_of(claim.pk)) == (None, signed)
    review.reopen(claim.pk, by=team.reviewer, reason="A copy of the page is there now.")
    source.refresh_from_db()
    assert source.capture == capture


@pytest.mark.parametrize("deed", ["withdraw", "restore"])
def test_nobody_signs_off_a_claim_whose_sources_they_chose(team: Team, deed: str) -> None:
    claim = make_claim(team)
    make_evidence(team, claim)
    against = make_evidence(team, claim, url="https://example.org/against")
    if deed == "withdraw":
        evidence.withdraw_evidence(against.pk, by=team.reviewer)
    else:
        evidence.withdraw_evidence(against.pk, by=team.editor)
        evidence.restore_evidence(against.pk, by=team.reviewer)
    judge(team, claim, submit=True)

    with pytest.raises(OwnWork):
        review.approve(claim.pk, record=record_of(claim.pk), by=team.reviewer)

    claim.refresh_from_db()
    assert claim.state == "in_review"
