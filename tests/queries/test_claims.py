"""Lists of claims: who sees what, filtered, in order, page by page, in a fixed number of queries."""

from datetime import timedelta

import pytest
from django.utils import timezone

from annotations.models import Claim, Origin
from annotations.queries.claims.lists import ClaimFilter, claims_page
from annotations.queries.claims.queue import queue_of
from annotations.queries.paging import BadCursor
from annotations.workflow.claims import leases, organise
from tests.factories import (
    Team,
    give_verdict,
    make_claim,
    make_claim_in_review,
    make_document,
    make_evidence,
    make_team,
)

pytestmark = pytest.mark.django_db


def shown(team: Team, **parts: str) -> list[str]:
    return [claim.statement for claim in claims_page(team.editor, ClaimFilter(**parts)).rows]


def test_claims_of_other_desks_are_not_in_the_list(team: Team) -> None:
    make_claim(make_team())
    mine = make_claim(team)

    assert shown(team) == [mine.statement]
    assert shown(team, desk=str(make_team().desk.pk)) == []


def test_each_part_of_the_filter_narrows(team: Team) -> None:
    document = make_document(team)
    wounded = make_claim(team, document=document)
    sebin = make_claim(team, document=document, words="President Maduro verving het hoofd")
    give_verdict(team, sebin, rating="false")
    organise.assign_claims([wounded.pk], assignee=team.editor, by=team.manager)
    organise.tag_claims([wounded.pk], add=["caracas"], by=team.editor)
    organise.prioritise_claims([sebin.pk], by=team.editor, due_at=timezone.now() - timedelta(hours=1))
    Claim.objects.filter(pk=sebin.pk).update(language="es")

    only_wounded, only_sebin = [wounded.statement], [sebin.statement]
    assert shown(team, rating="false") == only_sebin
    assert shown(team, rating="true") == []
    assert shown(team, person="me") == only_wounded
    assert shown(team, person=str(team.editor.pk)) == only_wounded
    assert shown(team, person="nobody") == only_sebin
    assert shown(team, tag="Caracas") == only_wounded
    assert shown(team, language="es") == only_sebin
    assert shown(team, overdue="1") == only_sebin
    assert shown(team, text="maduro hoofd") == only_sebin
    assert shown(team, state="open,returned", document=str(document.pk)) == [
        sebin.statement,
        wounded.statement,
    ]
    assert shown(team, state="verified") == []
    assert shown(team, document="not a number") == []


def test_accents_do_not_matter_to_the_search(team: Team) -> None:
    claim = make_claim(team, words="Leopoldo López zei dat hij door soldaten was bevrijd")

    assert shown(team, text="lopez") == [claim.statement]


def test_a_filter_survives_its_way_through_an_address() -> None:
    chosen = ClaimFilter.of({"state": "open", "text": "vijftig gewonden", "page": "3", "tag": " x "})

    assert chosen == ClaimFilter(state="open", text="vijftig gewonden", tag="x")
    assert chosen.query_string() == "state=open&tag=x&text=vijftig+gewonden"
    assert chosen.without("tag").parts() == [("state", "open"), ("text", "vijftig gewonden")]
    assert ClaimFilter().is_empty


def many_claims(team: Team, number: int) -> list[int]:
    document = make_document(team)
    claims = Claim.objects.bulk_create(
        Claim(
            desk=team.desk,
            document=document,
            state="open",
            origin=Origin.PROPOSED,
            statement=f"Claim {index}",
            priority=1 + index % 3,
            assignee=team.editor if index % 2 else None,
        )
        for index in range(number)
    )
    return [claim.pk for claim in sorted(claims, key=lambda claim: (claim.priority, claim.pk))]


def test_pages_follow_each_other_without_a_gap_or_a_repeat(team: Team) -> None:
    expected = many_claims(team, 23)

    seen: list[int] = []
    after = ""
    for _ in range(5):
        page = claims_page(team.editor, ClaimFilter(), after=after, size=5)
        seen += [claim.pk for claim in page.rows]
        after = page.after

    assert seen == expected
    assert after == ""


@pytest.mark.parametrize("cursor", ["x", "1", "1_2_3", "1_x"])
def test_a_damaged_cursor_is_refused(team: Team, cursor: str) -> None:
    with pytest.raises(BadCursor):
        claims_page(team.editor, ClaimFilter(), after=cursor)


@pytest.mark.parametrize("number", [2, 200])
def test_a_page_of_claims_takes_one_query_at_any_size(
    team: Team, number: int, django_assert_num_queries
) -> None:  # type: ignore[no-untyped-def]
    many_claims(team, number)

    with django_assert_num_queries(1):
        page = claims_page(team.editor, ClaimFilter(), size=200)
        for claim in page.rows:
            assert claim.document.title
            assert claim.evidence_count == 0
            assert claim.assignee is None or claim.assignee.display_name

    assert len(page.rows) == number


@pytest.mark.parametrize(("number", "asked"), [(2, 6), (200, 7)])
def test_the_queue_counts_only_the_section_with_more_than_it_shows(
    team: Team,
    number: int,
    asked: int,
    django_assert_num_queries,  # type: ignore[no-untyped-def]
) -> None:
    many_claims(team, number)
    queue_of(team.reviewer)

    with django_assert_num_queries(asked):
        queue = queue_of(team.reviewer)

    assert queue.to_check.count.number == number // 2


def test_the_queue_shows_what_waits_for_this_person(team: Team) -> None:
    document = make_document(team)
    in_review = make_claim_in_review(team, document=document)
    to_check = make_claim(team, document=document, words="SEBIN")
    held = make_claim(team, document=document, words="Leopoldo López")
    leases.hold(held.pk, by=team.reviewer)
    late = make_claim(team, document=document, words="soldaten")
    organise.prioritise_claims([late.pk], by=team.editor, due_at=timezone.now() - timedelta(days=1))
    parked = make_claim(team, document=document, words="ziekenhuis")
    organise.park(parked.pk, by=team.editor, reason="Waiting.", until=timezone.now() + timedelta(days=1))

    queue = queue_of(team.reviewer)

    assert {claim.pk for claim in queue.to_check.rows} == {to_check.pk, late.pk}
    assert [claim.pk for claim in queue.to_review.rows] == [in_review.pk]
    assert [claim.pk for claim in queue.held.rows] == [held.pk]
    assert [claim.pk for claim in queue.overdue.rows] == [late.pk]
    assert [claim.pk for claim in queue.parked.rows] == [parked.pk]
    assert (queue.can_check, queue.can_review) == (True, True)


def test_what_others_hold_or_my_own_work_does_not_wait_for_me(team: Team) -> None:
    document = make_document(team)
    held = make_claim(team, document=document)
    leases.hold(held.pk, by=team.colleague)
    own = make_claim(team, document=document, words="SEBIN", by=team.reviewer)
    make_evidence(team, own)
    give_verdict(team, own, submit=True)

    queue = queue_of(team.reviewer)

    assert queue.to_check.rows == []
    assert queue.to_review.rows == []


def test_a_filter_takes_out_what_the_database_cannot_hold() -> None:
    assert ClaimFilter.of({"text": "fif\x00ty", "tag": "\x00"}) == ClaimFilter(text="fifty")


def test_what_i_skipped_waits_for_others_alone(team: Team) -> None:
    skipped = make_claim(team)
    organise.skip(skipped.pk, by=team.reviewer, reason="No Dutch.")

    assert queue_of(team.reviewer).to_check.rows == []
    assert [claim.pk for claim in queue_of(team.editor).to_check.rows] == [skipped.pk]


def test_a_viewer_has_nothing_waiting(team: Team) -> None:
    make_claim(team)

    queue = queue_of(team.viewer)

    assert (queue.to_check.rows, queue.can_check, queue.can_review) == ([], False, False)
