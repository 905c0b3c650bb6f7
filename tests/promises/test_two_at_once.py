"""What two people do at the same moment, on two real connections, ends as if one had been first."""

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from threading import Event
from typing import Any

import pytest
from django.db import connection

from annotations.domain.verdicts.records import read_record
from annotations.models import SignedRecord, changed_words
from annotations.workflow.documents import revise
from annotations.workflow.verdicts import give
from tests.factories import TEXT, Team, give_verdict, make_claim, make_evidence
from tests.waiting import until

pytestmark = pytest.mark.django_db(transaction=True)


def waiting_for_a_lock() -> bool:
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT count(*) > 0 FROM pg_stat_activity
            WHERE datname = current_database() AND cardinality(pg_blocking_pids(pid)) > 0"""
        )
        row = cursor.fetchone()
        return bool(row and row[0])


def on_a_connection_of_its_own(pool: ThreadPoolExecutor, do: Callable[[], Any]) -> Future[Any]:
    def run() -> Any:
        try:
            return do()
        finally:
            connection.close()

    return pool.submit(run)


def test_a_claim_sent_in_while_the_article_changes_is_signed_in_view_of_the_new_words(
    team: Team, monkeypatch: pytest.MonkeyPatch
) -> None:
    claim = make_claim(team)
    make_evidence(team, claim)
    give_verdict(team, claim)
    reached, go_on, log = Event(), Event(), revise._log

    def log_late(*given: Any) -> None:
        reached.set()
        assert go_on.wait(20)
        log(*given)

    monkeypatch.setattr(revise, "_log", log_late)
    with ThreadPoolExecutor(2) as pool:
        adding = on_a_connection_of_its_own(
            pool,
            lambda: revise.add_version(
                claim.document_id, text=TEXT.replace("vijftig", "zestig"), by=team.editor
            ),
        )
        assert reached.wait(20)
        sending = on_a_connection_of_its_own(pool, lambda: give.submit_for_review(claim.pk, by=team.editor))
        until(waiting_for_a_lock)
        go_on.set()
        adding.result(20)
        sending.result(20)

    record = SignedRecord.objects.in_force(claim.pk)
    assert record is not None
    words = read_record(record.body)["words"]
    assert words is not None
    seen_by_the_reviewer = words["exact"] == "minstens zestig gewonden"
    assert seen_by_the_reviewer or changed_words().filter(claim=claim).exists()
