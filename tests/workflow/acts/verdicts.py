"""Verdicts, reviews and alerts: what is decided, and the line that it leaves."""

from annotations.domain.activity import Verb
from annotations.models import Alert
from annotations.workflow.alerts import decide
from annotations.workflow.verdicts import changed_words, give, review
from tests.factories import (
    Team,
    give_verdict,
    make_alert,
    make_claim,
    make_claim_in_review,
    make_claim_with_changed_words,
    make_evidence,
    make_verified_claim,
    record_of,
)
from tests.fakes.site import Site
from tests.watched import story, watched_page
from tests.workflow.acts.line import Act, Line, one


def gave_verdict(team: Team) -> Act:
    claim = make_claim(team)
    return one(
        lambda: give_verdict(team, claim), Verb.GAVE_VERDICT, team.editor, claim, number=1, rating="True"
    )


def submitted(team: Team) -> Act:
    claim = make_claim(team)
    make_evidence(team, claim)
    give_verdict(team, claim)
    return one(
        lambda: give.submit_for_review(claim.pk, by=team.editor),
        Verb.SUBMITTED, team.editor, claim, move=("open", "in_review"),
    )  # fmt: skip


def withdrew(team: Team) -> Act:
    claim = make_claim_in_review(team)
    return one(
        lambda: review.withdraw_from_review(claim.pk, by=team.editor),
        Verb.WITHDREW, team.editor, claim, move=("in_review", "open"),
    )  # fmt: skip


def approved(team: Team) -> Act:
    claim = make_claim_in_review(team)
    return one(
        lambda: review.approve(claim.pk, record=record_of(claim.pk), by=team.reviewer, note="Clear."),
        Verb.APPROVED, team.reviewer, claim, note="Clear.", move=("in_review", "verified"),
    )  # fmt: skip


def returned(team: Team) -> Act:
    claim = make_claim_in_review(team)
    return one(
        lambda: review.return_claim(claim.pk, record=record_of(claim.pk), by=team.reviewer, note="Why?"),
        Verb.RETURNED, team.reviewer, claim, note="Why?", move=("in_review", "returned"),
    )  # fmt: skip


def reopened(team: Team) -> Act:
    claim = make_verified_claim(team)
    return one(
        lambda: review.reopen(claim.pk, by=team.reviewer, reason="A newer count."),
        Verb.REOPENED, team.reviewer, claim, reason="A newer count.", move=("verified", "open"),
    )  # fmt: skip


def kept_as_signed(team: Team) -> Act:
    claim = make_claim_with_changed_words(team)
    return one(
        lambda: changed_words.keep_as_signed(
            claim.pk, record=record_of(claim.pk), version=2, by=team.reviewer, reason="It was said so."
        ),
        Verb.KEPT_AS_SIGNED, team.reviewer, claim, reason="It was said so.", version=2,
    )  # fmt: skip


def source_changed(team: Team) -> Act:
    site = Site(listen="0.0.0.0")
    site.__enter__()
    watched = watched_page(team, site)
    watched.shows(story("Nobody was hurt on Tuesday, says the hospital."))

    def do() -> None:
        try:
            watched.look()
        finally:
            site.__exit__(None, None, None)

    return one(do, Verb.SOURCE_CHANGED, None, watched.claim)


def _alert(team: Team) -> Alert:
    return make_alert(team, make_verified_claim(team))


def confirmed_source(team: Team) -> Act:
    alert = _alert(team)
    return one(
        lambda: decide.confirm_alert(alert.pk, version=alert.version, by=team.manager, note="Same."),
        Verb.CONFIRMED_SOURCE, team.manager, alert.claim, note="Same.",
    )  # fmt: skip


def amended_for_source(team: Team) -> Act:
    alert = _alert(team)
    return Act(
        lambda: decide.amend_alert(alert.pk, version=alert.version, by=team.manager, note="Count anew."),
        ("claim", alert.claim_id),
        [
            Line(Verb.REOPENED, team.manager, {"reason": "Count anew."}, ("verified", "open")),
            Line(Verb.AMENDED_FOR_SOURCE, team.manager, {"note": "Count anew."}),
        ],
    )


def dismissed_source_change(team: Team) -> Act:
    alert = _alert(team)
    return one(
        lambda: decide.dismiss_alert(alert.pk, version=alert.version, by=team.manager, note="An advert."),
        Verb.DISMISSED_SOURCE_CHANGE, team.manager, alert.claim, note="An advert.",
    )  # fmt: skip
