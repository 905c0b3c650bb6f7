"""Fixtures of the tests of forged and rewritten rows."""

from pathlib import Path
from typing import Any

import pytest

from annotations.domain.reports.criteria import Criteria
from annotations.models import Claim
from annotations.workflow.proof.manifest_files import sweep
from annotations.workflow.reports.freeze import freeze_report
from tests.factories import Team, keep_words, make_claim_with_changed_words


@pytest.fixture
def own_key(settings: Any, tmp_path: Path) -> None:
    """Sign with a key of this test's own, and keep it beside the files."""
    settings.DATA_DIR = tmp_path


@pytest.fixture
def recorded(own_key: None, team: Team) -> Claim:
    """Return a verified claim that was kept as signed, with a report made of it: an entry of every kind."""
    claim = make_claim_with_changed_words(team)
    keep_words(claim, by=team.manager)
    freeze_report(desk=team.desk, by=team.editor, title="", criteria=Criteria())
    sweep()
    return claim
