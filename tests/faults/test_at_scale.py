"""Many pages under many faults at once: all are fetched, and nothing is done twice."""

import pytest

from factcheck.bench.faults import break_everything
from factcheck.bench.stack import Stack

pytestmark = pytest.mark.endtoend


def test_everything_asked_for_is_done_once_while_everything_is_killed_and_restarted(stack: Stack) -> None:
    outcome = break_everything(stack, hosts=75, pages=2, patience=240.0, hurry=True)
    assert outcome.holds, str(outcome)
    assert outcome.site["most_at_once"] == 1
    assert len(outcome.faults) >= 6, str(outcome)
    assert max(outcome.clicks) < 5.0
