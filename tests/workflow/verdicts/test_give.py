"""Verdicts: drafted, given, never overwritten, and nobody's text is lost."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest
from django.utils import timezone

from annotations.domain.claims.states import MoveRefused
from annotations.domain.errors import LeaseLost, Missing, NotAllowed, Refused
from annotations.domain.verdicts.scale import VerdictIncomplete
from annotations.models import Activity, Claim, Verdict, VerdictDraft
from annotations.workflow.claims import leases
from annotations.workflow.claims.locking import ClaimLocked
from annotations.workflow.evidence.edit import withdraw_evidence
from annotations.workflow.verdicts import give
from annotations.workflow.verdicts.give import Draft, StaleVerdict, VerdictRefused
from tests.api.scenario import everything
from tests.factories import (
    AS_OF,
    Team,
    give_verdict,
    make_claim,
    make_claim_in_review,
    make_evidence,
    make_team,
)

pytestmark = pytest.mark.django_db


def draft_of(team: Team, rating: str = "true", **changes: object) -> Draft:
    whole = Draft(rating_id=team.ratings[rating].pk, reasoning="Two sources say so.", as_of=AS_OF)
    return replace(whole, **changes)  # type: ignore[arg-type]


def test_a_verdict_comes_into_force_with_its_line_in_the_log(team: Team) -> None:
    claim = make_claim(team)

    verdict = give.give_verdict(claim.pk, draft=draft_of(team, "false"), base_number=0, by=team.editor)

    claim.refresh_from_db()
    assert (claim.verdict, claim.rating, claim.version) == (verdict, team.ratings["false"], 2)
    line = Activity.objects.filter(claim_id=claim.pk).latest("id")
    assert (line.verb, line.actor, line.details) == (
        "gave_verdict",
        team.editor,
        {"number": 1, "rating": "False", "verdict": verdict.pk},
    )


def test_a_new_verdict_replaces_the_old_one_which_stays_readable(team: Team) -> None:
    claim = make_claim(team)
    first = give_verdict(team, claim, rating="true")

    second = give_verdict(team, claim, rating="misleading", by=team.colleague)

    claim.refresh_from_db()
    assert claim.verdict == second
    assert list(claim.verdicts.order_by("number")) == [first, second]
    assert second.reason_for_change == "A newer source."


def test_a_replacing_verdict_has_to_say_why(team: Team) -> None:
    claim = make_claim(team)
    give_verdict(team, claim)

    with pytest.raises(VerdictRefused) as refusal:
        give.give_verdict(claim.pk, draft=draft_of(team, "false"), base_number=1, by=team.editor)

    assert set(refusal.value.fields) == {"reason_for_change"}
    assert claim.verdicts.count() == 1


def test_the_later_of_two_writers_is_told_and_shown_the_other_text(team: Team) -> None:
    claim = make_claim(team)
    give.save_draft(claim.pk, draft=draft_of(team, "false"), base_number=0, by=team.colleague)
    give_verdict(team, claim)

    with pytest.raises(StaleVerdict) as refusal:
        give.give_verdict(claim.pk, draft=draft_of(team, "false"), base_number=0, by=team.colleague)

    assert refusal.value.current == {
        "number": 1,
        "rating": "True",
        "reasoning": "Two sources say so.",
        "as_of": "2019-05-01",
        "by": team.editor.display_name,
    }
    assert VerdictDraft.objects.get(claim=claim, user=team.colleague).rating == team.ratings["false"]
    assert Verdict.objects.filter(claim=claim).count() == 1


def _overtaken(team: Team, claim: Claim) -> int | None:
    give_verdict(team, claim)
    return None


def _sent_to_review(team: Team, claim: Claim) -> int | None:
    make_evidence(team, claim)
    give_verdict(team, claim, submit=True)
    return None


def _taken_over(team: Team, claim: Claim) -> int | None:
    held = leases.hold(claim.pk, by=team.colleague)
    leases.take_over(claim.pk, by=team.manager)
    return held.lease_token


FASTER = [(_overtaken, StaleVerdict), (_sent_to_review, ClaimLocked), (_taken_over, LeaseLost)]


@pytest.mark.parametrize(("somebody", "refusal"), FASTER)
def test_a_verdict_refused_because_somebody_was_faster_is_kept_as_a_draft_and_changes_nothing_else(
    team: Team, somebody: Callable[[Team, Claim], int | None], refusal: type[Refused]
) -> None:
    claim = make_claim(team)
    give.save_draft(claim.pk, draft=Draft(reasoning="An earlier start"), base_number=0, by=team.colleague)
    token = somebody(team, claim)
    before = everything()

    with pytest.raises(refusal):
        give.give_verdict(
            claim.pk, draft=draft_of(team, "false"), base_number=0, by=team.colleague, lease_token=token
        )

    kept = VerdictDraft.objects.get(claim=claim, user=team.colleague)
    assert (kept.rating, kept.reasoning, kept.as_of) == (
        team.ratings["false"],
        "Two sources say so.",
        AS_OF,
    )
    changed = {table for table, rows in everything().items() if rows != before[table]}
    assert changed == {"annotations_verdictdraft"}


@pytest.mark.parametrize(("length", "kept"), [(200_000, 200_000), (200_001, None)])
def test_a_text_too_long_for_a_verdict_is_kept_and_one_too_long_for_a_draft_hides_no_reason(
    team: Team, length: int, kept: int | None
) -> None:
    claim = make_claim(team)
    give_verdict(team, claim)

    with pytest.raises(StaleVerdict):
        give.give_verdict(
            claim.pk, draft=draft_of(team, reasoning="x" * length), base_number=0, by=team.colleague
        )

    draft = VerdictDraft.objects.first()
    assert (len(draft.reasoning) if draft else None) == kept


@pytest.mark.parametrize("changes", [{"rating_id": None}, {"as_of": None}, {"reasoning": "x" * 20_001}])
def test_a_verdict_that_lacks_something_is_kept_where_there_is_no_draft(
    team: Team, changes: dict[str, object]
) -> None:
    claim = make_claim(team)
    typed = draft_of(team, **changes)

    with pytest.raises(VerdictRefused):
        give.give_verdict(claim.pk, draft=typed, base_number=0, by=team.editor)

    kept = VerdictDraft.objects.get(claim=claim, user=team.editor)
    assert (kept.rating_id, kept.reasoning, kept.as_of) == (typed.rating_id, typed.reasoning, typed.as_of)


def test_a_refused_verdict_without_a_word_takes_nobodys_draft_away(team: Team) -> None:
    claim = make_claim(team)
    give_verdict(team, claim)
    give.save_draft(claim.pk, draft=Draft(reasoning="So far"), base_number=1, by=team.colleague)

    with pytest.raises(StaleVerdict):
        give.give_verdict(claim.pk, draft=draft_of(team, reasoning=" "), base_number=0, by=team.colleague)

    assert VerdictDraft.objects.get(claim=claim).reasoning == "So far"


def test_a_draft_keeps_its_words_although_its_rating_has_left_the_scale(team: Team) -> None:
    claim = make_claim(team)
    foreign = make_team().ratings["true"].pk

    give.save_draft(
        claim.pk, draft=Draft(rating_id=foreign, reasoning="So far"), base_number=0, by=team.editor
    )

    kept = VerdictDraft.objects.get(claim=claim)
    assert (kept.rating, kept.reasoning) == (None, "So far")


@pytest.mark.parametrize("changes", [{"rating_id": None}, {"as_of": None}])
def test_a_verdict_that_lacks_something_leaves_the_draft_as_it_is(
    team: Team, changes: dict[str, object]
) -> None:
    claim = make_claim(team)
    give.save_draft(claim.pk, draft=Draft(reasoning="So far"), base_number=0, by=team.editor)

    with pytest.raises(VerdictRefused):
        give.give_verdict(claim.pk, draft=draft_of(team, **changes), base_number=0, by=team.editor)

    assert VerdictDraft.objects.get(claim=claim).reasoning == "So far"


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"rating_id": None}, "rating"),
        ({"reasoning": "  "}, "reasoning"),
        ({"reasoning": "x" * 20_001}, "reasoning"),
        ({"as_of": None}, "as_of"),
        ({"as_of": timezone.localdate() + timedelta(days=2)}, "as_of"),
    ],
)
def test_an_incomplete_verdict_is_refused_by_the_field_that_lacks(
    team: Team, changes: dict[str, object], field: str
) -> None:
    claim = make_claim(team)

    with pytest.raises(VerdictRefused) as refusal:
        give.give_verdict(claim.pk, draft=draft_of(team, **changes), base_number=0, by=team.editor)

    assert set(refusal.value.fields) == {field}
    assert not claim.verdicts.exists()


def test_a_rating_of_another_desk_is_not_a_rating_here(team: Team) -> None:
    claim = make_claim(team)
    foreign = make_team().ratings["true"].pk

    with pytest.raises(VerdictRefused):
        give.give_verdict(claim.pk, draft=draft_of(team, rating_id=foreign), base_number=0, by=team.editor)

    assert not claim.verdicts.exists()


def test_submitting_without_a_source_is_refused_and_gives_no_verdict_either(team: Team) -> None:
    claim = make_claim(team)

    with pytest.raises(VerdictIncomplete):
        give.give_verdict(claim.pk, draft=draft_of(team), base_number=0, by=team.editor, submit=True)

    claim.refresh_from_db()
    assert (claim.state, claim.verdict) == ("open", None)


def test_a_claim_whose_only_source_was_withdrawn_is_not_submitted(team: Team) -> None:
    claim = make_claim(team)
    source = make_evidence(team, claim)
    give_verdict(team, claim)
    withdraw_evidence(source.pk, by=team.editor)
    before = everything()

    with pytest.raises(VerdictIncomplete):
        give.submit_for_review(claim.pk, by=team.editor)

    assert everything() == before


def test_not_checkable_needs_no_source(team: Team) -> None:
    claim = make_claim(team)

    give.give_verdict(
        claim.pk, draft=draft_of(team, "not_checkable"), base_number=0, by=team.editor, submit=True
    )

    claim.refresh_from_db()
    assert claim.state == "in_review"


def test_submitting_lets_go_of_the_claim_and_makes_it_nobodys_turn(team: Team) -> None:
    claim = make_claim(team)
    make_evidence(team, claim)
    give_verdict(team, claim)
    Claim.objects.filter(pk=claim.pk).update(assignee=team.editor)

    give.submit_for_review(claim.pk, by=team.editor)

    claim.refresh_from_db()
    assert (claim.state, claim.assignee, claim.lease_holder) == ("in_review", None, None)
    assert claim.submitted_by == team.editor
    assert claim.contributor_ids == [team.editor.pk]


def test_no_verdict_is_given_while_a_claim_is_in_review(team: Team) -> None:
    claim = make_claim_in_review(team)

    with pytest.raises(ClaimLocked, match="Take it back"):
        give.give_verdict(claim.pk, draft=draft_of(team, "false"), base_number=1, by=team.colleague)

    assert claim.verdicts.count() == 1


def test_a_claim_is_not_submitted_twice(team: Team) -> None:
    claim = make_claim_in_review(team)

    with pytest.raises(MoveRefused):
        give.submit_for_review(claim.pk, by=team.editor)


def test_a_viewer_gives_no_verdict_and_a_stranger_sees_no_claim(team: Team) -> None:
    claim = make_claim(team)

    with pytest.raises(NotAllowed):
        give.give_verdict(claim.pk, draft=draft_of(team), base_number=0, by=team.viewer)
    with pytest.raises(Missing):
        give.give_verdict(claim.pk, draft=draft_of(team), base_number=0, by=team.outsider)

    assert not claim.verdicts.exists()
    assert not VerdictDraft.objects.exists()


def test_a_draft_keeps_what_was_typed_and_is_gone_once_the_verdict_is_given(team: Team) -> None:
    claim = make_claim(team)
    give.save_draft(claim.pk, draft=Draft(reasoning="First words"), base_number=0, by=team.editor)
    give.save_draft(claim.pk, draft=Draft(reasoning="First words, and more"), base_number=0, by=team.editor)

    assert VerdictDraft.objects.get(claim=claim).reasoning == "First words, and more"

    give_verdict(team, claim)
    assert not VerdictDraft.objects.filter(claim=claim).exists()


def test_a_draft_is_kept_even_when_the_claim_was_locked_meanwhile(team: Team) -> None:
    claim = make_claim_in_review(team)

    give.save_draft(claim.pk, draft=Draft(reasoning="Too late, but mine"), base_number=1, by=team.colleague)

    assert VerdictDraft.objects.get(claim=claim, user=team.colleague).reasoning == "Too late, but mine"
