"""Statement, verdict and sources stand still while a claim is not to be worked on, for SQL too."""

from datetime import timedelta
from typing import Any

import pytest
from django.db.models import F
from django.db.models.functions import Now

from annotations.domain.claims.states import ClaimState
from annotations.models import Claim, Evidence, Verdict
from annotations.workflow.evidence.edit import withdraw_evidence
from tests.factories import (
    AS_OF,
    Team,
    give_verdict,
    make_capture,
    make_claim,
    make_document,
    make_evidence,
    make_reference,
    make_team,
)
from tests.models.claim_histories import earlier_verdict, make_claim_in
from tests.models.refusing import refused_by

pytestmark = pytest.mark.django_db

WORKED_ON = [ClaimState.OPEN, ClaimState.RETURNED]
LOCKED = [ClaimState.PROPOSED, ClaimState.IN_REVIEW, ClaimState.VERIFIED, ClaimState.DISMISSED]


def row(model: type[Claim] | type[Evidence], pk: int) -> dict[str, Any]:
    return model._default_manager.values().get(pk=pk)


def test_a_claim_stays_on_its_desk_and_in_its_article(team: Team) -> None:
    claim, elsewhere, article = make_claim(team), make_team().desk, make_document(team)
    before = row(Claim, claim.pk)

    with refused_by("claim_stays"):
        Claim.objects.filter(pk=claim.pk).update(desk=elsewhere)
    with refused_by("claim_stays"):
        Claim.objects.filter(pk=claim.pk).update(document=article)
    with refused_by("claim_stays"):
        Claim.objects.filter(pk=claim.pk).update(id=claim.pk + 1000)

    assert row(Claim, claim.pk) == before


@pytest.mark.parametrize("state", [ClaimState.IN_REVIEW, ClaimState.VERIFIED, ClaimState.DISMISSED])
def test_the_statement_is_locked(team: Team, state: ClaimState) -> None:
    claim = make_claim_in(team, state)

    with refused_by("claim_statement_locked"):
        Claim.objects.filter(pk=claim.pk).update(statement="Something else entirely.")

    assert row(Claim, claim.pk)["statement"] == claim.statement


@pytest.mark.parametrize("state", [ClaimState.PROPOSED, *WORKED_ON])
def test_the_statement_can_be_worded_before_review(team: Team, state: ClaimState) -> None:
    claim = make_claim_in(team, state)

    Claim.objects.filter(pk=claim.pk).update(statement="Something else entirely.")

    assert row(Claim, claim.pk)["statement"] == "Something else entirely."


@pytest.mark.parametrize("state", LOCKED)
def test_an_earlier_verdict_is_not_put_back_in_force(team: Team, state: ClaimState) -> None:
    claim = make_claim_in(team, state)
    earlier = earlier_verdict(claim)

    with refused_by("claim_verdict_locked"):
        Claim.objects.filter(pk=claim.pk).update(verdict=earlier, rating=earlier.rating)

    assert row(Claim, claim.pk)["verdict_id"] == claim.verdict_id


@pytest.mark.parametrize("state", [ClaimState.IN_REVIEW, ClaimState.VERIFIED, ClaimState.DISMISSED])
def test_a_verdict_is_not_exchanged_on_the_way_out_of_a_lock(team: Team, state: ClaimState) -> None:
    claim = make_claim_in(team, state)
    earlier = earlier_verdict(claim)

    with refused_by("claim_verdict_locked"):
        Claim.objects.filter(pk=claim.pk).update(
            state="open", verified_by=None, verified_at=None, verdict=earlier, rating=earlier.rating
        )

    assert row(Claim, claim.pk)["state"] == state


@pytest.mark.parametrize("state", WORKED_ON)
def test_the_verdict_can_be_replaced_while_a_claim_is_to_be_checked(team: Team, state: ClaimState) -> None:
    claim = make_claim_in(team, state)
    earlier = earlier_verdict(claim)

    Claim.objects.filter(pk=claim.pk).update(verdict=earlier, rating=earlier.rating)

    assert row(Claim, claim.pk)["verdict_id"] == earlier.pk


def test_the_verdict_of_another_claim_cannot_be_put_in_force(team: Team) -> None:
    claim, other = make_claim(team), make_claim(team, words="SEBIN")
    verdict = give_verdict(team, other)

    with refused_by("claim_verdict_own"):
        Claim.objects.filter(pk=claim.pk).update(verdict=verdict, rating=verdict.rating)

    assert row(Claim, claim.pk)["verdict_id"] is None


def test_a_verdict_of_the_same_rating_is_not_borrowed_from_another_claim(team: Team) -> None:
    claim, other = make_claim_in(team, ClaimState.OPEN), make_claim(team, words="SEBIN")
    borrowed = give_verdict(team, other, rating="true")
    assert claim.rating == borrowed.rating

    with refused_by("claim_verdict_own"):
        Claim.objects.filter(pk=claim.pk).update(verdict=borrowed)

    assert row(Claim, claim.pk)["verdict_id"] == claim.verdict_id


def test_an_earlier_verdict_is_not_put_in_force_with_the_rating_of_the_later_one(team: Team) -> None:
    claim = make_claim_in(team, ClaimState.OPEN)
    earlier = earlier_verdict(claim)
    assert earlier.rating != claim.rating

    with refused_by("claim_verdict_own"):
        Claim.objects.filter(pk=claim.pk).update(verdict=earlier)

    assert row(Claim, claim.pk)["verdict_id"] == claim.verdict_id


def test_a_first_verdict_is_not_put_in_force_once_a_claim_is_set_aside(team: Team) -> None:
    claim = make_claim(team)
    verdict = Verdict.objects.create(
        claim=claim, number=1, rating=team.ratings["true"], reasoning="x", as_of=AS_OF, created_by=team.editor
    )
    Claim.objects.filter(pk=claim.pk).update(state="dismissed")

    with refused_by("claim_verdict_locked"):
        Claim.objects.filter(pk=claim.pk).update(verdict=verdict, rating=verdict.rating)

    assert row(Claim, claim.pk)["verdict_id"] is None


def test_a_verdict_is_not_put_in_force_with_another_rating(team: Team) -> None:
    claim = make_claim_in(team, ClaimState.OPEN)

    with refused_by("claim_verdict_own"):
        Claim.objects.filter(pk=claim.pk).update(
            verdict=earlier_verdict(claim), rating=team.ratings["misleading"]
        )

    assert row(Claim, claim.pk)["verdict_id"] == claim.verdict_id


def test_a_verdict_is_not_taken_out_of_force_without_another(team: Team) -> None:
    claim = make_claim_in(team, ClaimState.OPEN)

    with refused_by("claim_verdict_own"):
        Claim.objects.filter(pk=claim.pk).update(verdict=None, rating=None)

    assert row(Claim, claim.pk)["verdict_id"] == claim.verdict_id


@pytest.mark.parametrize("state", ClaimState)
def test_the_rating_of_a_claim_is_that_of_its_verdict(team: Team, state: ClaimState) -> None:
    claim = make_claim_in(team, state)

    with refused_by("claim_verdict_own"):
        Claim.objects.filter(pk=claim.pk).update(rating=team.ratings["misleading"])

    assert row(Claim, claim.pk)["rating_id"] == claim.rating_id


@pytest.mark.parametrize("state", LOCKED)
def test_no_verdict_is_given(team: Team, state: ClaimState) -> None:
    make_claim(team, words="SEBIN")
    claim = make_claim_in(team, state)

    with refused_by("verdict_while_workable"):
        Verdict.objects.create(
            claim=claim,
            number=3,
            rating=team.ratings["false"],
            reasoning="x",
            as_of=AS_OF,
            reason_for_change="y",
            created_by=team.editor,
        )

    assert claim.verdicts.count() == 2


@pytest.mark.parametrize("state", WORKED_ON)
def test_a_verdict_is_given_while_a_claim_is_to_be_checked(team: Team, state: ClaimState) -> None:
    claim = make_claim_in(team, state)

    give_verdict(team, claim, rating="false")

    assert claim.verdicts.count() == 3


@pytest.mark.parametrize("state", LOCKED)
def test_no_source_is_attached_or_changed(team: Team, state: ClaimState) -> None:
    claim = make_claim_in(team, state)
    evidence = Evidence.objects.get(claim=claim)

    with refused_by("evidence_while_workable"):
        make_evidence(team, claim, url="https://example.org/late")
    with refused_by("evidence_while_workable"):
        Evidence.objects.filter(pk=evidence.pk).update(note="changed")

    assert list(Evidence.objects.filter(claim=claim)) == [evidence]
    assert row(Evidence, evidence.pk)["note"] == ""


@pytest.mark.parametrize(
    "changed",
    [
        {"stance": "refutes"},
        {"passage": "other words"},
        {"note": "changed"},
        {"url_given": "https://example.org/other"},
        {"version": 7},
        {"author_ids": "one more"},
        {"withdrawn_at": Now(), "withdrawn_by": "the editor"},
    ],
    ids=lambda changed: next(iter(changed)),
)
def test_a_late_capture_changes_nothing_else_of_a_source(team: Team, changed: dict[str, Any]) -> None:
    claim = make_claim_in(team, ClaimState.IN_REVIEW)
    evidence = Evidence.objects.get(claim=claim)
    before = row(Evidence, evidence.pk)
    values = {"author_ids": [*evidence.author_ids, team.colleague.pk], "withdrawn_by": team.editor}
    given = {name: values.get(name, value) for name, value in changed.items()}

    with refused_by("evidence_while_workable"):
        Evidence.objects.filter(pk=evidence.pk).update(capture=make_capture(evidence.reference), **given)

    assert row(Evidence, evidence.pk) == before


def test_a_late_capture_is_pinned_to_a_source_once(team: Team) -> None:
    claim = make_claim_in(team, ClaimState.IN_REVIEW)
    evidence = Evidence.objects.get(claim=claim)
    first, second = make_capture(evidence.reference), make_capture(evidence.reference, "Later.")

    Evidence.objects.filter(pk=evidence.pk).update(capture=first, passage_start=0, passage_end=8)
    with refused_by("evidence_while_workable"):
        Evidence.objects.filter(pk=evidence.pk).update(capture=second)
    with refused_by("evidence_while_workable"):
        Evidence.objects.filter(pk=evidence.pk).update(passage_end=9)

    assert row(Evidence, evidence.pk)["capture_id"] == first.pk
    assert row(Evidence, evidence.pk)["passage_end"] == 8


def test_a_source_stays_with_its_claim_its_page_and_its_authors(team: Team) -> None:
    claim, other = make_claim(team), make_claim(team, words="SEBIN")
    evidence = make_evidence(team, claim)
    before = row(Evidence, evidence.pk)

    with refused_by("evidence_stays"):
        Evidence.objects.filter(pk=evidence.pk).update(claim=other)
    with refused_by("evidence_stays"):
        Evidence.objects.filter(pk=evidence.pk).update(
            reference=make_reference(team, "https://example.org/b")
        )
    with refused_by("evidence_stays"):
        Evidence.objects.filter(pk=evidence.pk).update(author_ids=[team.colleague.pk])

    assert row(Evidence, evidence.pk) == before


def test_the_moment_at_which_a_source_was_withdrawn_stays(team: Team) -> None:
    evidence = make_evidence(team, make_claim(team))
    withdraw_evidence(evidence.pk, by=team.editor)
    before = row(Evidence, evidence.pk)

    with refused_by("evidence_stays"):
        Evidence.objects.filter(pk=evidence.pk).update(withdrawn_at=F("withdrawn_at") - timedelta(days=1))
    with refused_by("evidence_stays"):
        Evidence.objects.filter(pk=evidence.pk).update(withdrawn_by=team.colleague)

    assert row(Evidence, evidence.pk) == before


def test_a_source_has_an_author(team: Team) -> None:
    claim = make_claim(team)

    with refused_by("evidence_authored"):
        Evidence.objects.create(
            claim=claim,
            reference=make_reference(team),
            stance="supports",
            author_ids=[],
            created_by=team.editor,
        )

    assert not Evidence.objects.exists()


def test_who_wrote_what_is_in_force_is_filled_in_by_the_database(team: Team) -> None:
    claim = make_claim(team, by=team.editor)
    make_evidence(team, claim, by=team.colleague)
    give_verdict(team, claim, by=team.reviewer)
    forged = [team.viewer.pk]
    everyone = sorted(person.pk for person in (team.editor, team.colleague, team.reviewer, team.manager))

    Claim.objects.filter(pk=claim.pk).update(
        state="in_review", submitted_by=team.manager, submitted_at=Now(), contributor_ids=forged
    )
    assert row(Claim, claim.pk)["contributor_ids"] == everyone

    Claim.objects.filter(pk=claim.pk).update(contributor_ids=forged)
    assert row(Claim, claim.pk)["contributor_ids"] == everyone

    Claim.objects.filter(pk=claim.pk).update(state="open", contributor_ids=forged)
    assert row(Claim, claim.pk)["contributor_ids"] == []


def test_nobody_is_named_as_author_of_an_open_claim_and_still_are_under_a_signature(team: Team) -> None:
    claim, verified = make_claim(team), make_claim_in(team, ClaimState.VERIFIED)

    Claim.objects.filter(pk__in=[claim.pk, verified.pk]).update(priority=1)

    assert row(Claim, claim.pk)["contributor_ids"] == []
    assert row(Claim, verified.pk)["contributor_ids"] == [team.editor.pk]


def test_organising_a_claim_in_review_makes_no_new_record(team: Team) -> None:
    claim = make_claim_in(team, ClaimState.IN_REVIEW)
    before = claim.records.count()

    Claim.objects.filter(pk=claim.pk).update(priority=1)

    assert claim.records.count() == before
