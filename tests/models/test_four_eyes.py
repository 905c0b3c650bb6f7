"""What the database refuses, whoever asks and by whatever road, SQL included."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import connection
from django.db.models.functions import Now

from annotations.domain.claims.states import ClaimState
from annotations.models import Anchor, Claim, Evidence, Review
from annotations.workflow.verdicts import give, review
from annotations.workflow.verdicts import review as verdict_review
from tests.factories import (
    Team,
    give_verdict,
    make_claim,
    make_claim_in_review,
    make_document,
    make_evidence,
    make_verified_claim,
)
from tests.models.claim_histories import earlier_verdict, make_claim_in, set_verified, write_review
from tests.models.refusing import refused_by
from tests.without_rules import rules_off

pytestmark = pytest.mark.django_db


def test_the_author_of_the_verdict_cannot_be_its_reviewer(team: Team) -> None:
    claim = make_claim(team, by=team.colleague)
    make_evidence(team, claim, by=team.colleague)
    give_verdict(team, claim, by=team.reviewer)
    claim.refresh_from_db()

    give.submit_for_review(claim.pk, by=team.colleague)
    claim.refresh_from_db()

    with refused_by("review_four_eyes"):
        write_review(claim, team.reviewer)

    assert not Review.objects.filter(claim=claim).exists()


def test_the_author_of_a_source_cannot_be_the_reviewer(team: Team) -> None:
    claim = make_claim(team)
    make_evidence(team, claim, by=team.reviewer)
    give_verdict(team, claim, submit=True)
    claim.refresh_from_db()

    with refused_by("review_four_eyes"):
        write_review(claim, team.reviewer)


def test_the_author_of_the_statement_cannot_be_the_reviewer(team: Team) -> None:
    claim = make_claim(team, by=team.reviewer)
    make_evidence(team, claim)
    give_verdict(team, claim, submit=True)
    claim.refresh_from_db()

    with refused_by("review_four_eyes"):
        write_review(claim, team.reviewer)


def test_who_submitted_a_claim_cannot_be_its_reviewer(team: Team) -> None:
    claim = make_claim(team)
    make_evidence(team, claim)
    give_verdict(team, claim)

    give.submit_for_review(claim.pk, by=team.reviewer)
    claim.refresh_from_db()

    with refused_by("review_four_eyes"):
        write_review(claim, team.reviewer)


def test_whoever_withdrew_a_source_cannot_be_the_reviewer(team: Team) -> None:
    claim = make_claim(team)
    make_evidence(team, claim)
    withdrawn = make_evidence(team, claim, url="https://example.org/b")
    Evidence.objects.filter(pk=withdrawn.pk).update(withdrawn_at=Now(), withdrawn_by=team.reviewer)
    give_verdict(team, claim, submit=True)
    claim.refresh_from_db()

    with refused_by("review_four_eyes"):
        write_review(claim, team.reviewer)


def test_the_author_of_a_source_that_someone_else_withdrew_may_review(team: Team) -> None:
    claim = make_claim(team)
    make_evidence(team, claim)
    withdrawn = make_evidence(team, claim, by=team.reviewer, url="https://example.org/b")
    Evidence.objects.filter(pk=withdrawn.pk).update(withdrawn_at=Now(), withdrawn_by=team.editor)
    give_verdict(team, claim, submit=True)
    claim.refresh_from_db()

    write_review(claim, team.reviewer)

    assert Review.objects.get(claim=claim).reviewer == team.reviewer


def test_a_claim_is_not_verified_without_a_review(team: Team) -> None:
    claim = make_claim_in_review(team)

    with refused_by("claim_four_eyes"):
        set_verified(claim, team.reviewer)

    claim.refresh_from_db()
    assert claim.state == "in_review"


def test_a_claim_is_not_verified_in_the_name_of_someone_else(team: Team) -> None:
    claim = make_claim_in_review(team)
    write_review(claim, team.reviewer)

    with refused_by("claim_four_eyes"):
        set_verified(claim, team.manager)


def test_an_approval_of_an_earlier_submission_does_not_verify_a_later_one(team: Team) -> None:
    claim = make_claim_in_review(team)
    write_review(claim, team.reviewer)
    review.withdraw_from_review(claim.pk, by=team.editor)
    give.submit_for_review(claim.pk, by=team.editor)

    with refused_by("claim_four_eyes"):
        set_verified(claim, team.reviewer)


def test_a_review_that_returns_a_claim_does_not_verify_it(team: Team) -> None:
    claim = make_claim_in_review(team)
    write_review(claim, team.reviewer, decision="returned", note="Not yet.")

    with refused_by("claim_four_eyes"):
        set_verified(claim, team.reviewer)

    claim.refresh_from_db()
    assert claim.state == "in_review"


def test_an_approval_of_another_verdict_does_not_verify_a_claim(team: Team) -> None:
    claim = make_claim_in_review(team)
    write_review(claim, team.reviewer)
    verdict_review.withdraw_from_review(claim.pk, by=team.editor)
    give_verdict(team, claim, rating="false", submit=True)

    # As if the new verdict had been submitted at the very moment of the old one.
    with refused_by("claim_submission_kept"):
        Claim.objects.filter(pk=claim.pk).update(submitted_at=claim.submitted_at)
    with refused_by("claim_four_eyes"):
        set_verified(claim, team.reviewer)

    claim.refresh_from_db()
    assert claim.state == "in_review"


def test_who_adds_to_the_statement_after_approving_it_cannot_verify_it(team: Team) -> None:
    claim = make_claim_in_review(team)
    write_review(claim, team.reviewer)

    with refused_by("claim_statement_locked"):
        set_verified(
            claim, team.reviewer, statement_author_ids=[*claim.statement_author_ids, team.reviewer.pk]
        )

    claim.refresh_from_db()
    assert claim.state == "in_review"


def test_a_review_is_of_a_claim_in_review(team: Team) -> None:
    claim = make_claim_in(team, ClaimState.OPEN)

    with refused_by("review_of_submission"):
        write_review(claim, team.reviewer)

    assert claim.reviews.count() == 1


def test_a_review_is_of_the_verdict_in_force(team: Team) -> None:
    claim = make_claim_in(team, ClaimState.IN_REVIEW)

    with refused_by("review_of_submission"):
        write_review(claim, team.reviewer, verdict_id=earlier_verdict(claim).pk)

    assert claim.reviews.count() == 1


def test_a_review_is_of_the_present_submission(team: Team) -> None:
    claim = make_claim_in(team, ClaimState.IN_REVIEW)
    assert claim.submitted_at is not None

    with refused_by("review_of_submission"):
        write_review(claim, team.reviewer, submitted_at=claim.submitted_at + timedelta(seconds=1))

    assert claim.reviews.count() == 1


def insert_copy(claim: Claim, **changed: str) -> None:
    """Insert a row as the claim's in all but its key and what is `changed`, given as SQL."""
    columns = [field.column for field in Claim._meta.concrete_fields if not field.generated]
    columns.remove("id")
    values = [changed.get(column, column) for column in columns]
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO annotations_claim ({', '.join(columns)})"
            f" SELECT {', '.join(values)} FROM annotations_claim WHERE id = %s",
            [claim.pk],
        )


@pytest.mark.parametrize("make", [make_verified_claim, make_claim_in_review])
def test_sql_cannot_make_a_claim_signed_or_submitted_from_the_start(
    team: Team, make: Callable[[Team], Claim]
) -> None:
    claim = make(team)
    before = Claim.objects.count()

    with refused_by("claim_starts_open"):
        insert_copy(claim)

    assert Claim.objects.count() == before


def test_sql_cannot_make_a_claim_with_a_verdict_or_contributors_from_the_start(team: Team) -> None:
    judged = make_claim(team)
    give_verdict(team, judged)
    fresh = make_claim(team, words="SEBIN")

    with refused_by("claim_starts_open"):
        insert_copy(judged)
    with refused_by("claim_starts_open"):
        insert_copy(fresh, contributor_ids=f"ARRAY[{team.editor.pk}]")

    insert_copy(fresh)
    assert Claim.objects.filter(statement=fresh.statement).count() == 2


def test_sql_cannot_forget_who_wrote_something(team: Team) -> None:
    claim = make_claim_in_review(team)

    Claim.objects.filter(pk=claim.pk).update(contributor_ids=[])
    claim.refresh_from_db()
    assert claim.contributor_ids == [team.editor.pk]

    with refused_by("claim_statement_locked"):
        Claim.objects.filter(pk=claim.pk).update(statement_author_ids=[])
    verdict_review.withdraw_from_review(claim.pk, by=team.editor)
    with refused_by("claim_authors_kept"):
        Claim.objects.filter(pk=claim.pk).update(statement_author_ids=[])
    claim.refresh_from_db()
    assert claim.statement_author_ids == [team.editor.pk]


def test_an_anchor_must_cover_the_words_it_names(team: Team) -> None:
    claim = make_claim(team)

    with refused_by("anchor_exact"):
        Anchor.objects.filter(claim=claim).update(exact="maximaal vijftig gewonden")

    assert Anchor.objects.get(claim=claim).exact == "minstens vijftig gewonden"


def test_an_anchor_cannot_stand_in_another_article(team: Team) -> None:
    claim = make_claim(team)
    elsewhere = make_document(team, "minstens vijftig gewonden")

    with refused_by("anchor_exact"):
        Anchor.objects.create(
            claim=claim,
            document_version=elsewhere.current_version,
            start=0,
            end=25,
            exact="minstens vijftig gewonden",
        )


def test_who_signed_off_cannot_be_written_over(team: Team) -> None:
    claim = make_verified_claim(team)
    signed = claim.verified_by_id

    with refused_by("claim_signature_kept"):
        Claim.objects.filter(pk=claim.pk).update(verified_by=team.editor)

    claim.refresh_from_db()
    assert claim.verified_by_id == signed


def test_an_approval_by_an_author_that_got_past_the_rule_on_reviews_verifies_nothing(team: Team) -> None:
    claim = make_claim_in_review(team)
    with rules_off("annotations_review"):
        write_review(claim, team.editor)

    with refused_by("claim_four_eyes"):
        set_verified(claim, team.editor)

    claim.refresh_from_db()
    assert claim.state == "in_review"


def test_nobody_is_made_the_sender_of_a_claim_that_was_not_sent(team: Team) -> None:
    claim = make_claim(team)

    with refused_by("claim_submission_kept"):
        Claim.objects.filter(pk=claim.pk).update(submitted_by=team.colleague, submitted_at=Now())

    claim.refresh_from_db()
    assert (claim.submitted_by, claim.submitted_at) == (None, None)


def test_nobody_is_made_the_signer_of_a_claim_that_is_not_signed(team: Team) -> None:
    claim = make_claim(team)

    with refused_by("claim_signature_kept"):
        Claim.objects.filter(pk=claim.pk).update(verified_by=team.reviewer, verified_at=Now())

    claim.refresh_from_db()
    assert (claim.verified_by, claim.verified_at) == (None, None)


def test_the_sources_of_another_claim_do_not_count_as_those_of_this_one(team: Team) -> None:
    claim, other = make_claim(team), make_claim(team, words="SEBIN")
    make_evidence(team, other)
    give_verdict(team, claim)

    with refused_by("claim_submission_whole"):
        Claim.objects.filter(pk=claim.pk).update(
            state="in_review", submitted_by=team.editor, submitted_at=Now()
        )

    claim.refresh_from_db()
    assert claim.state == "open"


def test_a_judged_claim_without_a_source_can_be_set_aside(team: Team) -> None:
    claim = make_claim(team)
    give_verdict(team, claim)

    Claim.objects.filter(pk=claim.pk).update(state="dismissed")

    claim.refresh_from_db()
    assert claim.state == "dismissed"


def test_a_claim_that_a_program_proposed_needs_no_author(team: Team) -> None:
    claim = Claim.objects.create(
        desk=team.desk, document=make_document(team), state="proposed", origin="proposed", statement="Fifty."
    )

    assert claim.statement_author_ids == []
