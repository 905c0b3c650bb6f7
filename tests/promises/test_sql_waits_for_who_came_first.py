"""What is typed as SQL while somebody else changes the claim waits, and is judged by what the claim then is.

Two real connections: one has changed the claim and not committed, the other writes what hangs on it.
"""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import nullcontext
from threading import Event
from typing import Any

import pytest
from django.db import connection, transaction
from django.db.models.functions import Now

from annotations.domain.desks.roles import Action
from annotations.models import (
    Anchor,
    Claim,
    ClaimSkip,
    Evidence,
    KeptWords,
    Report,
    ReportRow,
    Review,
    SignedRecord,
    Verdict,
)
from annotations.workflow.claims import locking
from tests.factories import (
    Team,
    give_verdict,
    make_capture,
    make_claim,
    make_claim_in_review,
    make_claim_with_changed_words,
    make_evidence,
    make_reference,
    make_verified_claim,
)
from tests.models.claim_histories import write_review
from tests.models.refusing import refused_by
from tests.promises.test_two_at_once import on_a_connection_of_its_own, waiting_for_a_lock
from tests.waiting import until
from tests.without_rules import as_owner

pytestmark = pytest.mark.django_db(transaction=True)


def one_after_the_other(first: Callable[[], Any], then: Callable[[], Any], *, by: str | None = None) -> None:
    """Write `then` while `first` is not committed yet; it is refused by the rule `by` if one is named."""
    changed, go_on = Event(), Event()

    def come_first() -> None:
        try:
            with transaction.atomic():
                first()
                changed.set()
                assert go_on.wait(20)
        finally:
            changed.set()

    def come_second() -> None:
        with as_owner(), refused_by(by) if by else nullcontext():
            then()

    with ThreadPoolExecutor(2) as pool:
        earlier = on_a_connection_of_its_own(pool, come_first)
        assert changed.wait(20)
        later = on_a_connection_of_its_own(pool, come_second)
        until(lambda: later.done() or waiting_for_a_lock())
        go_on.set()
        earlier.result(20)
        later.result(20)


def judged_claim(team: Team) -> Claim:
    claim = make_claim(team)
    make_evidence(team, claim)
    give_verdict(team, claim)
    claim.refresh_from_db()
    return claim


def move(claim: Claim, **changed: Any) -> Callable[[], Any]:
    return lambda: Claim.objects.filter(pk=claim.pk).update(**changed)


def submit(claim: Claim, team: Team) -> Callable[[], Any]:
    return move(claim, state="in_review", submitted_by=team.editor, submitted_at=Now())


def reopen(claim: Claim) -> Callable[[], Any]:
    return move(claim, state="open", verified_by=None, verified_at=None)


def test_no_source_is_slipped_in_while_a_claim_is_sent_to_review(team: Team) -> None:
    claim, page = judged_claim(team), make_reference(team)

    one_after_the_other(
        submit(claim, team),
        lambda: Evidence.objects.create(
            claim=claim,
            reference=page,
            stance="refutes",
            author_ids=[team.colleague.pk],
            created_by=team.colleague,
        ),
        by="evidence_while_workable",
    )

    assert claim.evidence.count() == 1


def test_what_is_read_while_a_claim_is_sent_to_review_makes_a_newer_record(team: Team) -> None:
    claim = judged_claim(team)
    source = claim.evidence.get()
    capture = make_capture(source.reference)

    one_after_the_other(
        submit(claim, team), lambda: Evidence.objects.filter(pk=source.pk).update(capture=capture)
    )

    assert list(claim.records.order_by("number").values_list("cause", flat=True)) == ["submitted", "read"]


def test_no_verdict_is_slipped_in_while_a_claim_is_sent_to_review(team: Team) -> None:
    claim = judged_claim(team)
    assert claim.verdict is not None
    as_of = claim.verdict.as_of

    one_after_the_other(
        submit(claim, team),
        lambda: Verdict.objects.create(
            claim=claim, number=2, rating=team.ratings["false"], reasoning="x", reason_for_change="x",
            as_of=as_of, created_by=team.colleague,
        ),
        by="verdict_while_workable",
    )  # fmt: skip

    assert claim.verdicts.count() == 1


def test_no_words_are_exchanged_while_a_claim_is_sent_to_review(team: Team) -> None:
    claim = judged_claim(team)
    anchor = Anchor.objects.get(claim=claim)

    one_after_the_other(
        submit(claim, team),
        lambda: Anchor.objects.filter(pk=anchor.pk).update(end=anchor.end - 1, exact=anchor.exact[:-1]),
        by="anchor_signed",
    )

    assert Anchor.objects.get(claim=claim).exact == anchor.exact


def test_nobody_decides_on_a_claim_while_it_is_taken_out_of_review(team: Team) -> None:
    claim = make_claim_in_review(team)

    one_after_the_other(reopen(claim), lambda: write_review(claim, team.reviewer), by="review_of_submission")

    assert not Review.objects.exists()


def test_no_record_is_made_of_a_claim_while_it_is_taken_out_of_review(team: Team) -> None:
    claim = make_claim_in_review(team)

    one_after_the_other(
        reopen(claim),
        lambda: SignedRecord.objects.create(claim=claim, cause="read"),
        by="signed_record_in_review",
    )

    assert claim.records.count() == 1


def test_words_are_not_kept_for_a_claim_while_it_is_reopened(team: Team) -> None:
    claim = make_claim_with_changed_words(team)
    record = SignedRecord.objects.in_force(claim.pk)
    claim.document.refresh_from_db()

    one_after_the_other(
        reopen(claim),
        lambda: KeptWords.objects.create(
            claim=claim, record=record, document_version=claim.document.current_version,
            kept_by=team.manager, reason="x",
        ),
        by="kept_words_of_record",
    )  # fmt: skip

    assert not KeptWords.objects.exists()


def test_no_row_is_slipped_into_a_report_while_it_is_frozen(team: Team) -> None:
    first, second = make_verified_claim(team), make_verified_claim(team)
    report = Report.objects.create(
        desk=team.desk, number=1, title="R", criteria={}, state="queued", created_by=team.manager
    )
    ReportRow.objects.create(report=report, position=1, claim=first, data={})

    one_after_the_other(
        lambda: Report.objects.filter(pk=report.pk).update(
            state="ready", row_count=1, content_hash="0" * 64, frozen_at=Now()
        ),
        lambda: ReportRow.objects.create(report=report, position=2, claim=second, data={}),
        by="report_rows_closed",
    )

    assert report.rows.count() == 1


@pytest.mark.parametrize("lock", ["lock_claim", "lock_claims"])
def test_a_claim_that_somebody_works_on_holds_up_nobody_who_only_names_it(team: Team, lock: str) -> None:
    claim = make_claim(team)
    ids: Any = claim.pk if lock == "lock_claim" else [claim.pk]
    locked, go_on = Event(), Event()

    def work() -> None:
        try:
            with transaction.atomic():
                getattr(locking, lock)(ids, by=team.editor, action=Action.READ)
                locked.set()
                assert go_on.wait(20)
        finally:
            locked.set()

    def name_it() -> None:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SET LOCAL lock_timeout = '2s'")
            ClaimSkip.objects.create(claim=claim, user=team.colleague, until=Now(), reason="x")

    with ThreadPoolExecutor(2) as pool:
        working = on_a_connection_of_its_own(pool, work)
        assert locked.wait(20)
        try:
            on_a_connection_of_its_own(pool, name_it).result(20)
        finally:
            go_on.set()
        working.result(20)

    assert ClaimSkip.objects.filter(claim=claim).exists()
