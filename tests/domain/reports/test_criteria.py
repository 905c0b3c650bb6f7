"""What a report chooses: said in words, kept as JSON, and refused where no claim could ever be meant."""

from datetime import date
from typing import Any

import pytest

from annotations.domain.reports.criteria import MAX_CHOICES, Criteria, CriteriaUnusable

APRIL, MAY = date(2019, 4, 30), date(2019, 5, 1)
EVERYTHING = Criteria(
    documents=(1, 2),
    verified_from=APRIL,
    verified_to=MAY,
    ratings=("true", "false"),
    claimant="Maria",
    tags=("caracas",),
    language="nl",
)


@pytest.mark.parametrize(
    ("chosen", "says"),
    [
        ({}, "All verified claims of the desk."),
        ({"claimant": "Maria"}, "Verified claims by “Maria”."),
        ({"tags": ("a",)}, "Verified claims tagged “a”."),
        ({"tags": ("a", "b")}, "Verified claims tagged “a” or “b”."),
        ({"tags": ("a", "b", "c")}, "Verified claims tagged “a”, “b” or “c”."),
        ({"language": "nl"}, "Verified claims in the language “nl”."),
        ({"verified_from": APRIL}, "Verified claims verified from 30 April 2019."),
        ({"verified_to": MAY}, "Verified claims verified until 1 May 2019."),
        ({"verified_from": APRIL, "verified_to": APRIL}, "Verified claims verified on 30 April 2019."),
    ],
)
def test_criteria_are_one_sentence(chosen: dict[str, Any], says: str) -> None:
    assert Criteria(**chosen).in_words([], []) == says


def test_documents_and_ratings_are_named_by_title_and_label() -> None:
    assert EVERYTHING.in_words(["Onrust", "Rust"], ["True", "False"]) == (
        "Verified claims of “Onrust” and “Rust” rated “True” or “False” by “Maria” tagged “caracas”"
        " in the language “nl” verified from 30 April 2019 until 1 May 2019."
    )


@pytest.mark.parametrize("criteria", [Criteria(), EVERYTHING])
def test_criteria_come_back_as_they_were_stored(criteria: Criteria) -> None:
    assert Criteria.read(criteria.stored()) == criteria


def test_what_older_reports_did_not_store_requires_nothing() -> None:
    assert Criteria.read({}) == Criteria()
    assert Criteria.read({"tags": "no list", "documents": None}) == Criteria()


@pytest.mark.parametrize(
    "criteria",
    [
        Criteria(),
        EVERYTHING,
        Criteria(verified_from=MAY, verified_to=MAY),
        Criteria(verified_from=date(1900, 1, 1), verified_to=date(2999, 12, 31)),
        Criteria(tags=("a",) * MAX_CHOICES),
    ],
)
def test_criteria_that_a_claim_can_meet_are_taken(criteria: Criteria) -> None:
    criteria.check()


@pytest.mark.parametrize(
    ("criteria", "field"),
    [
        (Criteria(verified_from=MAY, verified_to=APRIL), "verified_to"),
        (Criteria(verified_from=date(1899, 12, 31)), "verified_from"),
        (Criteria(verified_to=date(3000, 1, 1)), "verified_to"),
        (Criteria(documents=tuple(range(MAX_CHOICES + 1))), "documents"),
        (Criteria(ratings=("a",) * (MAX_CHOICES + 1)), "ratings"),
        (Criteria(tags=("a",) * (MAX_CHOICES + 1)), "tags"),
    ],
)
def test_criteria_that_no_claim_can_meet_are_refused_by_field(criteria: Criteria, field: str) -> None:
    with pytest.raises(CriteriaUnusable) as refusal:
        criteria.check()
    assert list(refusal.value.fields) == [field]
