"""Reports: what is asked for, and the line that it leaves."""

import pytest

from annotations.domain.activity import Verb
from annotations.domain.reports.criteria import Criteria
from annotations.workflow.reports import freeze
from annotations.workflow.verdicts import review
from tests.factories import (
    Team,
    make_verified_claim,
)
from tests.workflow.acts.line import Act, one


def froze_report(team: Team) -> Act:
    make_verified_claim(team)
    return one(
        lambda: freeze.freeze_report(desk=team.desk, by=team.manager, title="R", criteria=Criteria()),
        Verb.FROZE_REPORT, team.manager, number=1, rows=1, move=("", "ready"),
    )  # fmt: skip


def asked_for_report(team: Team, monkeypatch: pytest.MonkeyPatch) -> Act:
    make_verified_claim(team)
    monkeypatch.setattr(freeze, "INLINE_LIMIT", 0)
    return one(
        lambda: freeze.freeze_report(desk=team.desk, by=team.manager, title="R", criteria=Criteria()),
        Verb.ASKED_FOR_REPORT, team.manager, number=1, move=("", "queued"),
    )  # fmt: skip


def could_not_freeze_report(team: Team, monkeypatch: pytest.MonkeyPatch) -> Act:
    claim = make_verified_claim(team)
    monkeypatch.setattr(freeze, "INLINE_LIMIT", 0)
    report = freeze.freeze_report(desk=team.desk, by=team.manager, title="R", criteria=Criteria())
    review.reopen(claim.pk, by=team.reviewer, reason="A newer count.")
    return one(
        lambda: freeze.build_report(report.pk),
        Verb.COULD_NOT_FREEZE_REPORT, team.manager, report, number=1, move=("", "failed"),
    )  # fmt: skip
