"""A page that is read after its source was attached: what the database records, and what it leaves alone."""

import pytest
from django.db import connection
from django.db.models.functions import Now

from annotations.domain.claims.states import ClaimState
from annotations.models import Claim, Evidence, SignedRecord
from tests.factories import (
    Team,
    give_verdict,
    make_capture,
    make_claim,
    make_claim_in_review,
    make_evidence,
    make_verified_claim,
)
from tests.models.claim_histories import make_claim_in
from tests.models.refusing import refused_by

pytestmark = pytest.mark.django_db


def source_of(claim: Claim) -> Evidence:
    return Evidence.objects.get(claim=claim)


def read_late(source: Evidence, **facts: object) -> None:
    Evidence.objects.filter(pk=source.pk).update(capture=make_capture(source.reference, **facts))


def causes(claim: Claim) -> list[str]:
    return list(SignedRecord.objects.filter(claim=claim).order_by("number").values_list("cause", flat=True))


def places_on_disk() -> dict[int, str]:
    """Where each claim's row lies: it moves whenever the row is written, even with the same values."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT id, ctid::text FROM annotations_claim")
        return dict(cursor.fetchall())


def test_a_page_read_during_the_review_makes_a_new_record_of_that_claim_only(team: Team) -> None:
    claim, other, open_one = make_claim_in_review(team), make_claim_in_review(team), make_claim(team)
    before = places_on_disk()

    read_late(source_of(claim))

    assert (causes(claim), causes(other)) == (["submitted", "read"], ["submitted"])
    assert list(claim.records.order_by("number").values_list("number", flat=True)) == [1, 2]
    after = places_on_disk()
    assert [after[beside.pk] for beside in (other, open_one)] == [before[other.pk], before[open_one.pk]]


def test_whose_copy_of_a_page_is_read_during_the_review_has_a_hand_in_it(team: Team) -> None:
    claim = make_claim_in_review(team)
    assert claim.contributor_ids == [team.editor.pk]

    read_late(source_of(claim), uploaded_by=team.manager)

    claim.refresh_from_db()
    assert claim.contributor_ids == sorted([team.editor.pk, team.manager.pk])


@pytest.mark.parametrize("state", [ClaimState.OPEN, ClaimState.RETURNED])
def test_a_page_read_while_a_claim_is_checked_is_put_on_no_record(team: Team, state: ClaimState) -> None:
    claim = make_claim_in(team, state)
    before, records = places_on_disk(), claim.records.count()

    read_late(source_of(claim))

    assert claim.records.count() == records
    assert places_on_disk() == before


def test_a_source_written_anew_with_the_same_words_makes_no_record(team: Team) -> None:
    claim = make_claim_in_review(team)
    source = source_of(claim)

    Evidence.objects.filter(pk=source.pk).update(note=source.note)

    assert causes(claim) == ["submitted"]


def test_a_source_that_was_read_before_the_submission_makes_no_second_record(team: Team) -> None:
    claim = make_claim(team)
    source = make_evidence(team, claim)
    read_late(source)
    give_verdict(team, claim)
    Evidence.objects.filter(pk=source.pk).update(note="Read again.")

    Claim.objects.filter(pk=claim.pk).update(state="in_review", submitted_by=team.editor, submitted_at=Now())

    assert causes(claim) == ["submitted"]


def test_no_capture_is_pinned_under_a_signature(team: Team) -> None:
    claim, _, _ = make_verified_claim(team), make_claim(team), make_claim_in_review(team)
    source = source_of(claim)

    with refused_by("evidence_while_workable"):
        read_late(source)

    source.refresh_from_db()
    assert (source.capture, causes(claim)) == (None, ["submitted"])


@pytest.mark.parametrize("make", [make_claim_in_review, make_verified_claim])
def test_the_capture_that_was_signed_is_not_exchanged_or_taken_away(team: Team, make) -> None:  # type: ignore[no-untyped-def]
    claim = make(team)
    source = source_of(claim)
    with_it = make_capture(source.reference)
    Claim.objects.filter(pk=claim.pk).update(state="open", verified_by=None, verified_at=None)
    Evidence.objects.filter(pk=source.pk).update(capture=with_it)
    Claim.objects.filter(pk=claim.pk).update(state="in_review", submitted_by=team.editor, submitted_at=Now())
    make_claim(team)

    for other in (make_capture(source.reference, "Later."), None):
        with refused_by("evidence_while_workable"):
            Evidence.objects.filter(pk=source.pk).update(capture=other)

    source.refresh_from_db()
    assert source.capture == with_it


@pytest.mark.parametrize("state", [ClaimState.PROPOSED, ClaimState.IN_REVIEW, ClaimState.VERIFIED])
def test_a_claim_that_is_checked_opens_no_other_one_for_sources(team: Team, state: ClaimState) -> None:
    claim = make_claim_in(team, state)
    make_claim(team)

    with refused_by("evidence_while_workable"):
        make_evidence(team, claim, url="https://example.org/late")

    assert claim.evidence.count() == 1


@pytest.mark.parametrize("state", [ClaimState.OPEN, ClaimState.RETURNED])
def test_sources_are_attached_and_changed_while_a_claim_is_checked(team: Team, state: ClaimState) -> None:
    claim = make_claim_in(team, state)

    late = make_evidence(team, claim, url="https://example.org/late")
    Evidence.objects.filter(pk=late.pk).update(note="Changed.")

    late.refresh_from_db()
    assert (claim.evidence.count(), late.note) == (2, "Changed.")
