"""Words that are kept as signed: when, for which record, and by whom, whatever the row that is typed says."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from annotations.models import Claim, KeptWords, SignedRecord
from tests.factories import Team, make_claim_with_changed_words
from tests.models.refusing import refused_by

pytestmark = pytest.mark.django_db


def keep(claim: Claim, **changed: Any) -> KeptWords:
    claim.document.refresh_from_db()
    usual = {
        "record": SignedRecord.objects.in_force(claim.pk),
        "document_version": claim.document.current_version,
        "reason": "The first count was checked.",
    }
    return KeptWords.objects.create(claim=claim, **(usual | changed))


@pytest.mark.parametrize("away", [timedelta(days=-1), timedelta(days=1)], ids=["earlier", "later"])
def test_words_are_kept_at_the_moment_they_are_kept(team: Team, away: timedelta) -> None:
    claim = make_claim_with_changed_words(team)

    kept = keep(claim, kept_by=team.manager, created_at=timezone.now() + away)

    kept.refresh_from_db()
    assert abs(timezone.now() - kept.created_at) < timedelta(minutes=1)


def test_nobody_keeps_words_in_which_they_have_a_hand(team: Team) -> None:
    claim = make_claim_with_changed_words(team)

    with refused_by("kept_words_four_eyes"):
        keep(claim, kept_by=team.editor)

    assert not KeptWords.objects.exists()


def test_words_are_not_kept_for_the_record_of_another_claim(team: Team) -> None:
    claim, other = make_claim_with_changed_words(team), make_claim_with_changed_words(team)

    with refused_by("kept_words_of_record"):
        keep(claim, kept_by=team.manager, record=SignedRecord.objects.in_force(other.pk))

    assert not KeptWords.objects.exists()


def test_words_are_not_kept_in_view_of_another_article(team: Team) -> None:
    claim, other = make_claim_with_changed_words(team), make_claim_with_changed_words(team)
    other.document.refresh_from_db()

    with refused_by("kept_words_current"):
        keep(claim, kept_by=team.manager, document_version=other.document.current_version)

    assert not KeptWords.objects.exists()
