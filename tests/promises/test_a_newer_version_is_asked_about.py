"""A newer version of an article is asked about whenever the words under a signature changed in it.

Newer is what was not yet the current version at the submission, whatever moments its rows bear.
"""

import pytest
from django.db import connection
from django.urls import reverse

from annotations.models import Anchor, KeptWords, SignedRecord
from annotations.workflow.claims.edit import confirm_anchor
from annotations.workflow.documents.revise import add_version
from annotations.workflow.verdicts import give, review
from tests.factories import (
    TEXT,
    Team,
    make_capture,
    make_claim,
    make_claim_in_review,
    make_claim_with_changed_words,
    make_evidence,
    make_verified_claim,
)
from tests.factories import give_verdict as judge
from tests.models.refusing import refused_by
from tests.promises.test_signed_words_the_article_changed import (
    SEVENTY,
    SIXTY,
    as_,
    keep,
    make_current,
    version_by_sql,
    waits,
)

pytestmark = pytest.mark.django_db


def test_words_that_went_and_came_back_as_others_are_asked_about_again(team: Team) -> None:
    claim = make_verified_claim(team)
    add_version(claim.document_id, text=TEXT.replace("minstens vijftig gewonden", "Niemand"), by=team.editor)
    keep(claim, team.manager)
    assert not waits(claim)
    add_version(claim.document_id, text=SIXTY, by=team.editor)
    assert waits(claim)
    keep(claim, team.manager, version=3)
    add_version(claim.document_id, text=SEVENTY, by=team.editor)
    assert waits(claim)


def test_what_was_kept_for_one_record_is_not_kept_for_the_next(team: Team) -> None:
    claim = make_claim_with_changed_words(team)
    keep(claim, team.manager)
    earlier = KeptWords.objects.get()
    assert not waits(claim)
    review.reopen(claim.pk, by=team.reviewer, reason="A newer count.")
    anchor = claim.anchors.order_by("-document_version__number")[0]
    confirm_anchor(claim.pk, start=anchor.start, end=anchor.end, exact=anchor.exact, by=team.editor)
    give.submit_for_review(claim.pk, by=team.editor)
    add_version(claim.document_id, text=SEVENTY, by=team.editor)
    assert waits(claim)
    in_force = SignedRecord.objects.in_force(claim.pk)
    assert in_force is not None
    assert earlier.record_id != in_force.pk


def test_a_version_begun_before_the_submission_and_current_after_it_is_asked_about(team: Team) -> None:
    claim = make_claim_in_review(team)
    version_id = version_by_sql(claim, SIXTY)
    with connection.cursor() as cursor:
        # The transaction began before the submission, and a version may bear that moment.
        cursor.execute(
            "SELECT created_at < %s FROM annotations_documentversion WHERE id = %s",
            [claim.submitted_at, version_id],
        )
        assert cursor.fetchone() == (True,)
    start = SIXTY.index("minstens zestig")
    Anchor.objects.create(
        claim=claim, document_version_id=version_id, start=start, end=start + 24,
        exact="minstens zestig gewonden", state="edited",
    )  # fmt: skip
    make_current(claim, version_id)
    assert waits(claim)
    # A page that is read now makes a new record, which leaves the question open.
    source = claim.evidence.get()
    claim.evidence.filter(pk=source.pk).update(capture=make_capture(source.reference))
    assert claim.records.count() == 2
    assert waits(claim)


def test_no_anchor_by_sql_says_that_its_words_changed_before_the_submission(team: Team) -> None:
    claim = make_verified_claim(team)
    first = claim.document.current_version_id
    start = SIXTY.index("minstens zestig")
    version_id = version_by_sql(claim, SIXTY)
    with refused_by("anchor_of_record"):
        Anchor.objects.create(
            claim=claim, document_version_id=version_id, start=start, end=start + 24,
            exact="minstens zestig gewonden", state="edited", changed_in_id=first,
        )  # fmt: skip
    assert claim.anchors.count() == 1


def test_the_reviewer_is_told_that_the_article_dropped_the_words(team: Team) -> None:
    claim = make_claim(team)
    make_evidence(team, claim)
    judge(team, claim)
    add_version(claim.document_id, text="Er gebeurde niets bijzonders op die dag.", by=team.editor)
    give.submit_for_review(claim.pk, by=team.editor)
    page = as_(team.reviewer).get(reverse("claim", args=[claim.pk])).content.decode()
    assert "no longer has these words" in " ".join(page.split())
    assert not waits(claim)
