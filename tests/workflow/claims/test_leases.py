"""Handing out work: exactly one item, the right one, to one person."""

from datetime import timedelta

import pytest
from django.db.models.functions import Now
from django.utils import timezone

from annotations.domain.errors import LeaseLost, Missing, NotAllowed
from annotations.models import Activity, Claim
from annotations.workflow.claims import edit, leases, organise
from annotations.workflow.claims.leases import Work
from annotations.workflow.verdicts import give, review
from tests.factories import (
    Team,
    give_verdict,
    make_claim,
    make_claim_in_review,
    make_document,
    make_evidence,
    make_team,
    record_of,
)

pytestmark = pytest.mark.django_db


def lapse(claim: Claim) -> None:
    """Let the hold on a claim run out."""
    Claim.objects.filter(pk=claim.pk).update(lease_until=Now() - timedelta(seconds=1))


def next_id(team: Team, work: Work = Work.CHECK, by: str = "editor") -> int | None:
    handout = leases.take_next(work=work, by=getattr(team, by))
    return handout.claim_id if handout else None


def two_claims(team: Team) -> tuple[Claim, Claim]:
    document = make_document(team)
    return make_claim(team, document=document), make_claim(team, document=document, words="SEBIN")


def test_next_hands_out_the_most_urgent_claim_first(team: Team) -> None:
    _, later = two_claims(team)
    organise.prioritise_claims([later.pk], by=team.editor, priority=1)

    assert next_id(team) == later.pk


def test_within_a_priority_what_is_due_first_comes_first(team: Team) -> None:
    first, second = two_claims(team)
    organise.prioritise_claims([second.pk], by=team.editor, due_at=timezone.now() + timedelta(hours=2))

    assert next_id(team) == second.pk
    assert next_id(team, by="colleague") == first.pk


def test_what_is_assigned_to_me_comes_before_what_is_nobodys(team: Team) -> None:
    first, second = two_claims(team)
    organise.assign_claims([second.pk], assignee=team.editor, by=team.manager)

    handout = leases.take_next(work=Work.CHECK, by=team.editor)

    assert handout is not None
    assert handout.claim_id == second.pk
    assert handout.reason == "It is assigned to you, priority 3."
    assert next_id(team, by="colleague") == first.pk


def test_what_is_assigned_to_someone_else_is_never_handed_out(team: Team) -> None:
    claim = make_claim(team)
    organise.assign_claims([claim.pk], assignee=team.colleague, by=team.manager)

    assert next_id(team) is None


def test_what_i_hold_is_handed_to_me_again(team: Team) -> None:
    two_claims(team)
    first = leases.take_next(work=Work.CHECK, by=team.editor)
    again = leases.take_next(work=Work.CHECK, by=team.editor)

    assert first is not None
    assert again is not None
    assert (again.claim_id, again.lease_token) == (first.claim_id, first.lease_token)
    assert again.reason == "You already hold it."


def test_a_lapsed_hold_is_handed_to_someone_else_under_a_new_token(team: Team) -> None:
    claim = make_claim(team)
    first = leases.take_next(work=Work.CHECK, by=team.editor)
    lapse(claim)

    second = leases.take_next(work=Work.CHECK, by=team.colleague)

    assert first is not None
    assert second is not None
    assert second.claim_id == claim.pk
    assert second.lease_token == first.lease_token + 1


def test_a_save_under_a_lost_hold_is_refused_and_changes_nothing(team: Team) -> None:
    claim = make_claim(team)
    make_evidence(team, claim)
    mine = leases.take_next(work=Work.CHECK, by=team.editor)
    lapse(claim)
    leases.take_next(work=Work.CHECK, by=team.colleague)
    assert mine is not None
    before = Activity.objects.count()

    with pytest.raises(LeaseLost):
        give.submit_for_review(claim.pk, by=team.editor, lease_token=mine.lease_token)

    claim.refresh_from_db()
    assert claim.state == "open"
    assert claim.lease_holder == team.colleague
    assert Activity.objects.count() == before


def test_a_lapsed_hold_is_renewed_while_nobody_else_took_the_claim(team: Team) -> None:
    claim = make_claim(team)
    mine = leases.take_next(work=Work.CHECK, by=team.editor)
    lapse(claim)
    assert mine is not None

    renewed = leases.renew(claim.pk, lease_token=mine.lease_token, by=team.editor)

    assert renewed.lease_token == mine.lease_token
    assert renewed.lease_until > timezone.now()


def test_a_chosen_claim_in_other_hands_is_not_taken(team: Team) -> None:
    claim = make_claim(team)
    leases.hold(claim.pk, by=team.editor)

    with pytest.raises(leases.HeldByOther, match="Editor"):
        leases.hold(claim.pk, by=team.colleague)

    claim.refresh_from_db()
    assert claim.lease_holder == team.editor


def test_only_a_manager_takes_a_claim_out_of_other_hands(team: Team) -> None:
    claim = make_claim(team)
    held = leases.hold(claim.pk, by=team.editor)

    with pytest.raises(NotAllowed):
        leases.take_over(claim.pk, by=team.reviewer)
    taken = leases.take_over(claim.pk, by=team.manager)

    claim.refresh_from_db()
    assert claim.lease_holder == team.manager
    assert taken.lease_token == held.lease_token + 1


def test_letting_go_gives_the_claim_to_the_next_person(team: Team) -> None:
    claim = make_claim(team)
    leases.hold(claim.pk, by=team.editor)

    leases.release(claim.pk, by=team.editor)

    assert next_id(team, by="colleague") == claim.pk


def test_nobody_is_handed_their_own_work_for_review(team: Team) -> None:
    claim = make_claim(team)
    make_evidence(team, claim, by=team.reviewer)
    give_verdict(team, claim, submit=True)

    assert next_id(team, Work.REVIEW, by="reviewer") is None
    assert next_id(team, Work.REVIEW, by="manager") == claim.pk


def test_an_editor_is_not_handed_reviews(team: Team) -> None:
    make_claim_in_review(team)

    with pytest.raises(NotAllowed):
        leases.take_next(work=Work.REVIEW, by=team.editor)


def test_a_returned_claim_waits_for_whoever_submitted_it(team: Team) -> None:
    claim = make_claim_in_review(team)
    review.return_claim(claim.pk, record=record_of(claim.pk), by=team.reviewer, note="Which hospital?")

    assert next_id(team, by="colleague") is None
    handout = leases.take_next(work=Work.CHECK, by=team.editor)
    assert handout is not None
    assert handout.reason == "It is assigned to you, a reviewer returned it, priority 3."


def test_proposed_and_dismissed_claims_are_not_handed_out(team: Team) -> None:
    claim = make_claim(team)
    edit.dismiss_claims([claim.pk], by=team.editor)

    assert next_id(team) is None


def test_a_skipped_claim_is_offered_to_others_only(team: Team) -> None:
    claim = make_claim(team)
    leases.take_next(work=Work.CHECK, by=team.editor)

    organise.skip(claim.pk, by=team.editor, reason="I know the spokesperson.")

    assert next_id(team) is None
    assert next_id(team, by="colleague") == claim.pk


def test_a_parked_claim_sleeps_for_everyone_until_it_wakes(team: Team) -> None:
    claim = make_claim(team)
    organise.park(
        claim.pk,
        by=team.editor,
        reason="The ministry answers on Friday.",
        until=timezone.now() + timedelta(days=2),
    )

    assert next_id(team) is None
    Claim.objects.filter(pk=claim.pk).update(parked_until=Now() - timedelta(seconds=1))
    assert next_id(team) == claim.pk


def test_parking_needs_a_reason_and_a_later_moment(team: Team) -> None:
    claim = make_claim(team)
    later = timezone.now() + timedelta(days=1)

    with pytest.raises(organise.QueueingRefused):
        organise.park(claim.pk, by=team.editor, reason=" ", until=later)
    with pytest.raises(organise.QueueingRefused):
        organise.park(
            claim.pk, by=team.editor, reason="Waiting.", until=timezone.now() - timedelta(seconds=1)
        )

    claim.refresh_from_db()
    assert claim.parked_until is None
    assert claim.version == 1


def test_a_parked_claim_is_woken_by_hand(team: Team) -> None:
    claim = make_claim(team)
    organise.park(claim.pk, by=team.editor, reason="Waiting.", until=timezone.now() + timedelta(days=1))

    organise.unpark(claim.pk, by=team.colleague)

    assert next_id(team) == claim.pk


def test_next_serves_only_desks_the_person_works_on(team: Team) -> None:
    elsewhere = make_team()
    make_claim(elsewhere)

    assert next_id(team) is None


def test_a_review_is_not_assigned_to_someone_who_wrote_part_of_it(team: Team) -> None:
    claim = make_claim(team, by=team.reviewer)
    make_evidence(team, claim)
    give_verdict(team, claim, submit=True)

    with pytest.raises(organise.QueueingRefused, match="worked on it"):
        organise.assign_claims([claim.pk], assignee=team.reviewer, by=team.manager)

    claim.refresh_from_db()
    assert claim.assignee is None


def test_work_is_not_assigned_to_people_of_other_desks(team: Team) -> None:
    claim = make_claim(team)

    with pytest.raises(organise.QueueingRefused, match="not a member"):
        organise.assign_claims([claim.pk], assignee=team.outsider, by=team.manager)


@pytest.mark.parametrize("state", ["verified", "dismissed"])
def test_a_claim_that_waits_for_nobody_is_not_assigned(team: Team, state: str) -> None:
    open_claim = make_claim(team)
    done = make_claim_in_review(team) if state == "verified" else make_claim(team)
    if state == "verified":
        review.approve(done.pk, record=record_of(done.pk), by=team.reviewer)
    else:
        edit.dismiss_claims([done.pk], by=team.editor)

    with pytest.raises(organise.QueueingRefused):
        organise.assign_claims([open_claim.pk, done.pk], assignee=team.editor, by=team.manager)

    assert set(Claim.objects.values_list("assignee_id", flat=True)) == {None}
    assert not Activity.objects.filter(verb="assigned").exists()


def test_tags_are_folded_sorted_and_counted_once(team: Team) -> None:
    claim = make_claim(team)

    assert organise.tag_claims([claim.pk], by=team.editor, add=["Venezuela ", "CARACAS", "caracas"]) == 1
    assert organise.tag_claims([claim.pk], by=team.editor, add=["caracas"]) == 0
    claim.refresh_from_db()
    assert claim.tags == ["caracas", "venezuela"]

    organise.tag_claims([claim.pk], by=team.editor, remove=["Caracas"])
    claim.refresh_from_db()
    assert claim.tags == ["venezuela"]


def test_bulk_actions_on_another_desks_claim_change_nothing(team: Team) -> None:
    mine, theirs = make_claim(team), make_claim(make_team())

    with pytest.raises(Missing):
        organise.prioritise_claims([mine.pk, theirs.pk], by=team.editor, priority=1)

    assert set(Claim.objects.filter(pk__in=[mine.pk, theirs.pk]).values_list("priority", flat=True)) == {3}


def test_a_viewer_organises_no_claims_and_a_stranger_sees_none(team: Team) -> None:
    first, second = two_claims(team)
    before = list(Claim.objects.order_by("pk").values())
    both = [first.pk, second.pk]

    for person, refusal in ((team.viewer, NotAllowed), (team.outsider, Missing)):
        with pytest.raises(refusal):
            organise.tag_claims(both, add=["x"], by=person)
        with pytest.raises(refusal):
            organise.prioritise_claims(both, by=person, priority=1)
        with pytest.raises(refusal):
            edit.dismiss_claims(both, by=person, reason="Opinion.")

    assert list(Claim.objects.order_by("pk").values()) == before


def test_opening_a_claim_again_after_a_lapsed_hold_shuts_the_earlier_page_out(team: Team) -> None:
    claim = make_claim(team)
    earlier = leases.hold(claim.pk, by=team.editor)
    lapse(claim)

    later = leases.hold(claim.pk, by=team.editor)

    assert later.lease_token == earlier.lease_token + 1
    with pytest.raises(LeaseLost):
        leases.renew(claim.pk, lease_token=earlier.lease_token, by=team.editor)
    assert (
        leases.renew(claim.pk, lease_token=later.lease_token, by=team.editor).lease_until >= later.lease_until
    )


def test_opening_a_claim_twice_keeps_both_pages_in_hand(team: Team) -> None:
    claim = make_claim(team)
    first = leases.hold(claim.pk, by=team.editor)

    second = leases.hold(claim.pk, by=team.editor)

    assert second.lease_token == first.lease_token
    assert leases.renew(claim.pk, lease_token=first.lease_token, by=team.editor).claim_id == claim.pk


def test_taking_a_claim_over_shuts_out_also_the_pages_of_whoever_takes_it(team: Team) -> None:
    claim = make_claim(team)
    earlier = leases.hold(claim.pk, by=team.manager)

    later = leases.take_over(claim.pk, by=team.manager)

    assert later.lease_token == earlier.lease_token + 1
    with pytest.raises(LeaseLost):
        leases.renew(claim.pk, lease_token=earlier.lease_token, by=team.manager)


def test_nobody_lets_go_of_what_another_holds_nor_an_old_page_of_what_is_held_anew(team: Team) -> None:
    claim = make_claim(team)
    earlier = leases.hold(claim.pk, by=team.editor)
    lapse(claim)
    later = leases.hold(claim.pk, by=team.editor)

    leases.release(claim.pk, by=team.colleague)
    leases.release(claim.pk, by=team.colleague, lease_token=later.lease_token)
    leases.release(claim.pk, by=team.editor, lease_token=earlier.lease_token)
    claim.refresh_from_db()
    assert claim.lease_holder == team.editor

    leases.release(claim.pk, by=team.editor, lease_token=later.lease_token)
    claim.refresh_from_db()
    assert (claim.lease_holder, claim.lease_until) == (None, None)
