"""Claims: what is done to them, and the line that it leaves."""

from datetime import timedelta
from typing import Any

from django.utils import timezone

from annotations.domain.activity import Verb
from annotations.workflow.claims import edit, leases, organise
from annotations.workflow.claims.edit import Particulars
from annotations.workflow.documents import load, revise
from tests.factories import (
    TEXT,
    Team,
    make_claim,
)
from tests.workflow.acts.line import Act, Line, one


def edited(team: Team) -> Act:
    claim = make_claim(team)
    return one(
        lambda: edit.edit_claim(
            claim.pk, version=claim.version, particulars=Particulars("Fifty were hurt."), by=team.editor
        ),
        Verb.EDITED, team.editor, claim,
    )  # fmt: skip


def _proposed(team: Team) -> Any:
    document = load.load_text(desk=team.desk, by=team.editor, text=TEXT)
    return document.claims.earliest("id")


def accepted(team: Team) -> Act:
    claim = _proposed(team)
    return one(
        lambda: edit.accept_claims([claim.pk], by=team.editor),
        Verb.ACCEPTED, team.editor, claim, move=("proposed", "open"),
    )  # fmt: skip


def dismissed(team: Team) -> Act:
    claim = _proposed(team)
    return one(
        lambda: edit.dismiss_claims([claim.pk], by=team.editor, reason="Weather."),
        Verb.DISMISSED, team.editor, claim, reason="Weather.", move=("proposed", "dismissed"),
    )  # fmt: skip


def restored(team: Team) -> Act:
    claim = _proposed(team)
    edit.dismiss_claims([claim.pk], by=team.editor)
    return one(
        lambda: edit.restore_claims([claim.pk], by=team.editor),
        Verb.RESTORED, team.editor, claim, move=("dismissed", "open"),
    )  # fmt: skip


def anchor_changed(team: Team) -> Act:
    claim = make_claim(team)
    return Act(
        lambda: revise.add_version(
            claim.document_id, text=TEXT.replace("vijftig", "zestig"), by=team.colleague
        ),
        None,
        [Line(Verb.ANCHOR_CHANGED, None, {"anchor": "edited"}), Line(Verb.ADDED_VERSION, team.colleague)],
    )


def confirmed_anchor(team: Team) -> Act:
    claim = make_claim(team)
    revise.add_version(claim.document_id, text=TEXT.replace("vijftig", "zestig"), by=team.editor)
    start = TEXT.index("minstens vijftig")
    return one(
        lambda: edit.confirm_anchor(
            claim.pk, start=start, end=start + 15, exact="minstens zestig", by=team.colleague
        ),
        Verb.CONFIRMED_ANCHOR, team.colleague, claim, start=start, end=start + 15,
    )  # fmt: skip


def assigned(team: Team) -> Act:
    claim = make_claim(team)
    return one(
        lambda: organise.assign_claims([claim.pk], assignee=team.colleague, by=team.manager),
        Verb.ASSIGNED, team.manager, claim,
    )  # fmt: skip


def prioritised(team: Team) -> Act:
    claim = make_claim(team)
    return one(
        lambda: organise.prioritise_claims([claim.pk], priority=1, by=team.manager),
        Verb.PRIORITISED, team.manager, claim, priority=1,
    )  # fmt: skip


def tagged(team: Team) -> Act:
    claim = make_claim(team)
    return one(
        lambda: organise.tag_claims([claim.pk], add=["unrest"], by=team.editor),
        Verb.TAGGED, team.editor, claim, **{"from": [], "to": ["unrest"]},
    )  # fmt: skip


def skipped(team: Team) -> Act:
    claim = make_claim(team)
    leases.hold(claim.pk, by=team.editor)
    return one(
        lambda: organise.skip(claim.pk, by=team.editor, reason="Not mine."),
        Verb.SKIPPED, team.editor, claim, reason="Not mine.",
    )  # fmt: skip


def parked(team: Team) -> Act:
    claim, until = make_claim(team), timezone.now() + timedelta(days=2)
    return one(
        lambda: organise.park(claim.pk, by=team.editor, reason="Waits.", until=until),
        Verb.PARKED, team.editor, claim, reason="Waits.", until=until.isoformat(),
    )  # fmt: skip


def woke(team: Team) -> Act:
    claim = make_claim(team)
    organise.park(claim.pk, by=team.editor, reason="Waits.", until=timezone.now() + timedelta(days=2))
    return one(lambda: organise.unpark(claim.pk, by=team.editor), Verb.WOKE, team.editor, claim)


def took_over(team: Team) -> Act:
    claim = make_claim(team)
    leases.hold(claim.pk, by=team.editor)
    return one(
        lambda: leases.take_over(claim.pk, by=team.manager),
        Verb.TOOK_OVER, team.manager, claim, **{"from": team.editor.pk, "person": team.editor.display_name},
    )  # fmt: skip
