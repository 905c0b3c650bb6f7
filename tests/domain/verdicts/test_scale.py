"""What a claim needs before a second person is asked to judge it."""

import pytest

from annotations.domain.verdicts.scale import VerdictIncomplete, check_ready_for_review


@pytest.mark.parametrize(
    ("has_verdict", "needs_evidence", "evidence_count"), [(True, True, 1), (True, False, 0), (True, False, 1)]
)
def test_a_claim_with_a_verdict_and_the_sources_it_rests_on_is_ready(
    has_verdict: bool, needs_evidence: bool, evidence_count: int
) -> None:
    check_ready_for_review(
        has_verdict=has_verdict, needs_evidence=needs_evidence, evidence_count=evidence_count
    )


@pytest.mark.parametrize(
    ("has_verdict", "needs_evidence", "evidence_count", "says"),
    [
        (False, True, 1, "Give a verdict first"),
        (False, False, 0, "Give a verdict first"),
        (True, True, 0, "attach at least one"),
    ],
)
def test_a_claim_that_lacks_a_verdict_or_a_source_is_not_ready(
    has_verdict: bool, needs_evidence: bool, evidence_count: int, says: str
) -> None:
    with pytest.raises(VerdictIncomplete, match=says):
        check_ready_for_review(
            has_verdict=has_verdict, needs_evidence=needs_evidence, evidence_count=evidence_count
        )
