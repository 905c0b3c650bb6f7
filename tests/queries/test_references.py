from typing import Any

import pytest

from annotations.domain.background import BackgroundPart
from annotations.domain.errors import Missing
from annotations.domain.evidence.stance import Stance
from annotations.domain.fetches.states import FetchState
from annotations.models import Claim, Reference, WorkerHeartbeat
from annotations.queries.captures.time_line import captures_page
from annotations.queries.evidence.attached import evidence_view, evidence_views
from annotations.queries.fetches.views import fetch_of
from annotations.queries.heartbeats import part_alive
from annotations.queries.references.lists import ReferenceFilter, references_page
from annotations.queries.references.page import reference_record
from annotations.workflow.evidence.attach import attach_addresses, attach_file
from annotations.workflow.evidence.edit import withdraw_evidence
from annotations.workflow.heartbeat import beat
from tests.factories import Team, make_claim

PAGE = ("Before. " * 60 + "The words relied on stand here. " + "After. " * 60).encode()


@pytest.fixture
def claim(team: Team) -> Claim:
    return make_claim(team)


def attach(team: Team, claim: Claim, number: int) -> None:
    attach_addresses(
        claim_id=claim.pk,
        addresses=[f"https://a.example/{claim.pk}/{index}" for index in range(number)],
        stance="supports",
        by=team.editor,
    )


def test_a_source_is_shown_with_its_passage_in_context(team: Team, claim: Claim) -> None:
    evidence = attach_file(
        claim_id=claim.pk,
        filename="a.txt",
        content=PAGE,
        stance="refutes",
        passage="The words relied on stand here.",
        by=team.editor,
    )
    [source] = evidence_views(claim.pk)
    assert source.evidence == evidence
    assert (source.stance, source.has_text) == (Stance.REFUTES, True)
    assert (source.fetch.state, source.fetch.waiting, source.fetch.retryable) == (
        FetchState.FETCHED,
        False,
        False,
    )
    passage = source.passage
    assert (passage.words, passage.found) == ("The words relied on stand here.", True)
    # 240 characters at most on each side, and no half words.
    assert passage.before == "… " + "Before. " * 29
    assert passage.after == " " + " ".join(["After."] * 34) + " …"


def test_a_passage_that_the_page_does_not_hold_is_said_to_be_missing(team: Team, claim: Claim) -> None:
    attach_file(
        claim_id=claim.pk,
        filename="a.txt",
        content=PAGE,
        stance="context",
        passage="Other words",
        by=team.editor,
    )
    attach_addresses(
        claim_id=claim.pk, addresses=["https://a.example/"], stance="context", passage="Words", by=team.editor
    )
    read, unread = evidence_views(claim.pk)
    assert (read.passage.found, read.passage.before, read.passage.after) == (False, "", "")
    assert unread.passage.found is None


def test_withdrawn_sources_are_shown_only_when_asked_for(team: Team, claim: Claim) -> None:
    attach(team, claim, 2)
    first = evidence_views(claim.pk)[0].evidence
    withdraw_evidence(first.pk, by=team.editor)
    assert [source.evidence.pk for source in evidence_views(claim.pk)] != [first.pk]
    assert len(evidence_views(claim.pk)) == 1
    assert len(evidence_views(claim.pk, withdrawn=True)) == 2
    assert evidence_view(first.pk).evidence == first
    with pytest.raises(Missing):
        evidence_view(first.pk + 1000)


def test_where_a_fetch_stands_is_said_in_words(team: Team, claim: Claim) -> None:
    attach(team, claim, 1)
    reference = Reference.objects.get()
    assert (fetch_of(reference).problem, fetch_of(reference).next_at) == ("", None)
    assert fetch_of(reference).cancellable
    reference.fetch_code = "http_503"
    assert fetch_of(reference).problem == "The site is out of service for now (503)."
    assert fetch_of(reference).next_at == reference.fetch_next_at is not None
    reference.fetch_state, reference.fetch_code = "failed", "http_410"
    assert (fetch_of(reference).retryable, fetch_of(reference).cancellable) == (True, False)


@pytest.mark.parametrize("number", [2, 40])
def test_sources_take_one_query_however_many_there_are(
    team: Team, claim: Claim, number: int, django_assert_num_queries: Any
) -> None:
    attach(team, claim, number)
    with django_assert_num_queries(1):
        sources = evidence_views(claim.pk)
        assert len(sources) == number
        assert all(source.reference.host and source.evidence.created_by.username for source in sources)


@pytest.mark.parametrize("number", [2, 40])
def test_the_references_of_a_desk_take_one_query(
    team: Team, claim: Claim, number: int, django_assert_num_queries: Any
) -> None:
    attach(team, claim, number)
    with django_assert_num_queries(1):
        page = references_page(team.desk.pk, ReferenceFilter())
    assert len(page.rows) == number
    assert [row.use_count for row in page.rows] == [1] * number
    assert references_page(team.desk.pk, ReferenceFilter(state=FetchState.FAILED)).rows == []
    assert references_page(team.desk.pk + 1000, ReferenceFilter()).rows == []


def test_a_reference_of_another_desk_is_not_there(team: Team, claim: Claim) -> None:
    attach(team, claim, 1)
    reference = Reference.objects.get()
    assert reference_record(team.viewer, reference.pk).reference == reference
    assert captures_page(team.viewer, reference.pk).rows == []
    for ask in (reference_record, captures_page):
        with pytest.raises(Missing):
            ask(team.outsider, reference.pk)


@pytest.mark.django_db
def test_a_worker_is_alive_while_its_last_beat_is_recent() -> None:
    assert not part_alive(BackgroundPart.FETCHER)
    beat(name="w1", part=BackgroundPart.FETCHER)
    assert part_alive(BackgroundPart.FETCHER)
    WorkerHeartbeat.objects.update(beat_at="2020-01-01T00:00:00Z")
    assert not part_alive(BackgroundPart.FETCHER)
