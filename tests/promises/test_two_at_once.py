"""What two people do at the same moment, on two real connections, ends as if one had been first."""

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from threading import Event
from types import ModuleType
from typing import Any

import pytest
from django.db import connection

from annotations.domain.claims.anchoring import AnchorMismatch
from annotations.domain.verdicts.records import read_record
from annotations.models import Anchor, Capture, Document, Evidence, SignedRecord, User
from annotations.workflow.claims import edit
from annotations.workflow.documents import revise
from annotations.workflow.evidence import upload
from annotations.workflow.verdicts import give
from tests.factories import TEXT, Team, give_verdict, make_claim, make_document, make_evidence
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


def held_at(
    monkeypatch: pytest.MonkeyPatch,
    module: ModuleType,
    name: str,
    first: Callable[[], Any],
    then: Callable[[], Any],
) -> tuple[Future[Any], Future[Any]]:
    """Hold `first` where it calls this function until `then` waits for its lock; return both, ended."""
    reached, go_on, called = Event(), Event(), getattr(module, name)

    def late(*given: Any, **named: Any) -> Any:
        reached.set()
        assert go_on.wait(20)
        return called(*given, **named)

    monkeypatch.setattr(module, name, late)
    with ThreadPoolExecutor(2) as pool:
        earlier = on_a_connection_of_its_own(pool, first)
        assert reached.wait(20)
        later = on_a_connection_of_its_own(pool, then)
        until(waiting_for_a_lock)
        go_on.set()
    return earlier, later


def test_a_claim_sent_in_while_the_article_changes_is_not_signed_before_its_place_is_decided(
    team: Team, monkeypatch: pytest.MonkeyPatch
) -> None:
    claim = make_claim(team)
    make_evidence(team, claim)
    give_verdict(team, claim)

    adding, sending = held_at(
        monkeypatch,
        revise,
        "_log",
        lambda: revise.add_version(claim.document_id, text=TEXT.replace("vijftig", "zestig"), by=team.editor),
        lambda: give.submit_for_review(claim.pk, by=team.editor),
    )
    adding.result()
    with pytest.raises(give.PlaceUndecided):
        sending.result()

    claim.refresh_from_db()
    assert claim.state == "open"
    assert not SignedRecord.objects.exists()


def test_a_place_chosen_while_the_article_changes_is_refused_or_carried_over_never_lost(
    team: Team, monkeypatch: pytest.MonkeyPatch
) -> None:
    claim = make_claim(team)
    start = TEXT.index("SEBIN")

    adding, choosing = held_at(
        monkeypatch,
        revise,
        "_log",
        lambda: revise.add_version(
            claim.document_id, text="Nieuw.\n\n" + TEXT.replace("vijftig", "zestig"), by=team.editor
        ),
        lambda: edit.confirm_anchor(claim.pk, start=start, end=start + 5, exact="SEBIN", by=team.editor),
    )
    adding.result()
    with pytest.raises(AnchorMismatch):
        choosing.result()

    anchor = claim.anchors.order_by("-document_version__number")[0]
    assert (anchor.document_version_id, anchor.state) == (
        Document.objects.get(pk=claim.document_id).current_version_id,
        "edited",
    )


def test_a_claim_made_while_the_article_changes_has_a_place_in_the_new_version(
    team: Team, monkeypatch: pytest.MonkeyPatch
) -> None:
    document = make_document(team)

    adding, making = held_at(
        monkeypatch,
        revise,
        "_log",
        lambda: revise.add_version(document.pk, text=f"Eerst dit.\n\n{TEXT}", by=team.editor),
        lambda: edit.create_claim_from_words(document.pk, words="soldaten", by=team.editor),
    )
    adding.result()
    claim = making.result()

    document.refresh_from_db()
    [anchor] = Anchor.objects.filter(claim=claim)
    assert anchor.document_version_id == document.current_version_id
    assert anchor.exact == "soldaten"


def test_an_article_changes_only_after_the_claim_that_is_just_being_made(
    team: Team, monkeypatch: pytest.MonkeyPatch
) -> None:
    document = make_document(team)

    making, adding = held_at(
        monkeypatch,
        edit,
        "_create",
        lambda: edit.create_claim_from_words(document.pk, words="soldaten", by=team.editor),
        lambda: revise.add_version(document.pk, text=f"Eerst dit.\n\n{TEXT}", by=team.editor),
    )
    claim = making.result()
    adding.result()

    assert Anchor.objects.filter(claim=claim).count() == 2


def test_two_versions_added_at_once_come_one_after_the_other(
    team: Team, monkeypatch: pytest.MonkeyPatch
) -> None:
    document = make_document(team)

    first, second = held_at(
        monkeypatch,
        revise,
        "_log",
        lambda: revise.add_version(document.pk, text=f"Eerst dit.\n\n{TEXT}", by=team.editor),
        lambda: revise.add_version(document.pk, text=f"Of dit.\n\n{TEXT}", by=team.colleague),
    )
    first.result()
    second.result()

    assert Document.objects.get(pk=document.pk).current_version.number == 3  # type: ignore[union-attr]


def test_a_copy_uploaded_while_the_claim_is_sent_in_is_on_its_record(
    team: Team, monkeypatch: pytest.MonkeyPatch
) -> None:
    claim = make_claim(team)
    source = make_evidence(team, claim)
    give_verdict(team, claim)

    uploading, sending = held_at(
        monkeypatch,
        upload,
        "record_of_reference",
        lambda: uploaded_by(team.manager, source),
        lambda: give.submit_for_review(claim.pk, by=team.editor),
    )
    capture = uploading.result()
    sending.result()

    [signed] = SignedRecord.objects.filter(claim=claim)
    assert read_record(signed.body)["evidence"][0]["capture"]["body_sha256"] == capture.body_sha256
    assert team.manager.pk in signed.hand_ids


def test_a_copy_uploaded_a_moment_after_the_claim_was_sent_in_makes_a_newer_record(
    team: Team, monkeypatch: pytest.MonkeyPatch
) -> None:
    claim = make_claim(team)
    source = make_evidence(team, claim)
    give_verdict(team, claim)

    sending, uploading = held_at(
        monkeypatch,
        give,
        "_record_in_force",
        lambda: give.submit_for_review(claim.pk, by=team.editor),
        lambda: uploaded_by(team.manager, source),
    )
    sending.result()
    capture = uploading.result()

    first, second = SignedRecord.objects.filter(claim=claim).order_by("pk")
    assert read_record(first.body)["evidence"][0]["capture"] is None
    assert read_record(second.body)["evidence"][0]["capture"]["body_sha256"] == capture.body_sha256
    assert team.manager.pk not in first.hand_ids
    assert team.manager.pk in second.hand_ids


def uploaded_by(person: User, source: Evidence) -> Capture:
    return upload.upload_capture(
        source.reference_id, filename="seen.txt", content=b"Minstens vijftig.", by=person
    )
