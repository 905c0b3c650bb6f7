"""Whoever acts on what somebody else has in hand waits before reading it, on two real connections.

An act that reads first and waits only when it writes would rest on what it read: of two people, one undoes
what the other has just done. So each act is shown to stop at the statement that locks, and none further on.
"""

import re
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from threading import Event
from typing import Any

import pytest
from django.db import OperationalError, connection, transaction
from django.db.models import QuerySet
from django.db.models.functions import Now
from django.utils import timezone

from annotations.domain.proof.kinds import EntryKind
from annotations.fetching import FetchFailed
from annotations.models import (
    Alert,
    Document,
    EarlierEntries,
    Evidence,
    FetchJob,
    Host,
    IdempotencyKey,
    Invitation,
    OutsideIdentity,
    ProofChain,
    Reference,
    Report,
    SecondFactor,
    User,
    Watch,
)
from annotations.workflow.alerts.decide import confirm_alert
from annotations.workflow.claims import edit, organise
from annotations.workflow.desks import (
    accounts,
    email_address,
    invitations,
    manage,
    outside_identity,
    second_factor,
)
from annotations.workflow.desks.outside_identity import Identity
from annotations.workflow.documents import load, revise
from annotations.workflow.entries import seal_earlier
from annotations.workflow.evidence.attach import attach_addresses
from annotations.workflow.evidence.edit import withdraw_evidence
from annotations.workflow.evidence.upload import upload_capture
from annotations.workflow.fetches import request
from annotations.workflow.fetches.finish import finish_job
from annotations.workflow.fetches.sweep import sweep
from annotations.workflow.fetches.watch_schedule import keep_watch
from annotations.workflow.idempotency import begin
from annotations.workflow.proof.chain import chain_entries
from annotations.workflow.reports.freeze import build_report
from tests.factories import (
    TEXT,
    Team,
    give_verdict,
    make_alert,
    make_claim,
    make_claim_in_review,
    make_document,
    make_evidence,
    make_reference,
    make_verified_claim,
)
from tests.fakes.site import Site
from tests.watched import story, watched_page
from tests.without_rules import as_owner
from tests.workflow.fetches.steps import attach, lapse, leased, make_due

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("open_loopback")]


@dataclass(frozen=True)
class Meeting:
    """The rows that somebody else has in hand, and what a person or a worker does meanwhile."""

    in_hand: QuerySet[Any]
    act: Callable[[], object]


@contextmanager
def in_anothers_hand(rows: QuerySet[Any]) -> Iterator[None]:
    held, over = Event(), Event()

    def hold() -> None:
        try:
            with transaction.atomic():
                assert list(rows.select_for_update(of=("self",)))
                held.set()
                over.wait(30)
        finally:
            held.set()
            connection.close()

    with ThreadPoolExecutor(1) as pool:
        holding = pool.submit(hold)
        assert held.wait(30)
        try:
            yield
        finally:
            over.set()
            holding.result(30)


def stops_at(act: Callable[[], object]) -> str:
    """Return the statement at which an act waits longer than a moment."""
    said: list[str] = []

    def note(execute: Callable[..., Any], sql: str, *given: Any) -> Any:
        said.append(" ".join(str(sql).split()))
        return execute(sql, *given)

    with connection.cursor() as cursor:
        cursor.execute("SET lock_timeout = '300ms'")
    try:
        with connection.execute_wrapper(note), pytest.raises(OperationalError, match="lock timeout"):
            act()
    finally:
        connection.close()
    return said[-1]


def of(row: Any) -> QuerySet[Any]:
    return type(row)._default_manager.filter(pk=row.pk)


def a_fetch(team: Team, url: str = "https://192.0.2.1/page") -> FetchJob:
    _, job = attach(team, make_claim(team), url)
    make_due(job)
    return job


# --- Claims, sources and articles


def editing_a_claim(team: Team) -> Meeting:
    claim = make_claim(team)
    return Meeting(of(claim), lambda: give_verdict(team, claim))


def tagging_claims(team: Team) -> Meeting:
    claim = make_claim(team)
    return Meeting(of(claim), lambda: organise.tag_claims([claim.pk], add=["x"], by=team.editor))


def withdrawing_a_source(team: Team) -> Meeting:
    evidence = make_evidence(team, make_claim(team))
    return Meeting(of(evidence), lambda: withdraw_evidence(evidence.pk, by=team.editor))


def making_a_claim(team: Team) -> Meeting:
    document = make_document(team)
    return Meeting(
        of(document),
        lambda: edit.create_claim_from_words(document.pk, words="onrustige dag", by=team.editor),
    )


def adding_a_version(team: Team) -> Meeting:
    document = make_document(team)
    return Meeting(of(document), lambda: revise.add_version(document.pk, text=TEXT + "!", by=team.editor))


def _loading(team: Team, code: str = "") -> Document:
    document = load.load_address(desk=team.desk, by=team.editor, url="https://192.0.2.1/story")
    if code:
        FetchJob.objects.filter(document=document).update(
            state="failed", error_code=code, finished_at=Now(), next_attempt_at=None
        )
    return document


def failing_to_load(team: Team) -> Meeting:
    document = _loading(team, "http_404")
    return Meeting(of(document), lambda: load.complete_loading(document.pk))


def loading_again(team: Team) -> Meeting:
    document = _loading(team, "http_404")
    load.complete_loading(document.pk)
    return Meeting(of(document), lambda: load.retry_loading(document.pk, by=team.editor))


def loading_the_page(team: Team) -> Meeting:
    document = load.load_address(desk=team.desk, by=team.editor, url="https://192.0.2.1/story")
    reference = Reference.objects.get(jobs__document=document)
    upload_capture(reference.pk, filename="a.html", content=story(), by=team.editor)
    FetchJob.objects.filter(document=document).update(
        state="fetched", finished_at=Now(), next_attempt_at=None
    )
    return Meeting(of(document), lambda: load.complete_loading(document.pk))


# --- Desks, people and their accounts


def renaming_a_desk(team: Team) -> Meeting:
    return Meeting(of(team.desk), lambda: manage.rename_desk(team.desk.pk, name="Other", by=team.manager))


def removing_a_member_with_a_claim(team: Team) -> Meeting:
    claim = make_claim(team)
    organise.assign_claims([claim.pk], assignee=team.colleague, by=team.manager)
    return Meeting(
        of(claim),
        lambda: manage.remove_member(team.desk.pk, user_id=team.colleague.pk, by=team.manager),
    )


def _new_account(team: Team) -> User:
    return accounts.create_account(
        team.desk.pk, username=f"nora{team.desk.pk}", role="editor", by=team.manager
    ).user


def making_a_link(team: Team) -> Meeting:
    user = _new_account(team)
    return Meeting(of(user), lambda: accounts.make_link(team.desk.pk, user_id=user.pk, by=team.manager))


def setting_a_first_password(team: Team) -> Meeting:
    user = _new_account(team)
    link = accounts.make_link(team.desk.pk, user_id=user.pk, by=team.manager)
    return Meeting(
        of(user), lambda: accounts.set_first_password(link.uid, link.token, password="correct horse")
    )


def _asked(team: Team) -> Invitation:
    return invitations.invite(team.desk.pk, username=team.outsider.username, role="editor", by=team.manager)


def withdrawing_an_invitation(team: Team) -> Meeting:
    invitation = _asked(team)
    return Meeting(
        of(invitation),
        lambda: invitations.withdraw_invitation(team.desk.pk, invitation.pk, by=team.manager),
    )


def joining_a_desk(team: Team) -> Meeting:
    invitation = _asked(team)
    return Meeting(of(team.desk), lambda: invitations.accept_invitation(invitation.pk, by=team.outsider))


def declining_an_invitation(team: Team) -> Meeting:
    invitation = _asked(team)
    return Meeting(of(invitation), lambda: invitations.decline_invitation(invitation.pk, by=team.outsider))


def _with_an_app(team: Team) -> list[str]:
    secret = second_factor.new_secret()
    code = second_factor.code_at(secret, timezone.now())
    return second_factor.set_up_app(by=team.editor, secret=secret, code=code, keep_session=None).codes


def setting_up_a_second_factor(team: Team) -> Meeting:
    return Meeting(of(team.editor), lambda: _with_an_app(team))


def showing_a_second_factor(team: Team) -> Meeting:
    codes = _with_an_app(team)
    return Meeting(
        SecondFactor.objects.filter(user=team.editor),
        lambda: second_factor.prove(team.editor, code=codes[0]),
    )


def asking_for_a_mail(team: Team) -> Meeting:
    return Meeting(
        of(team.editor),
        lambda: email_address.ask_to_confirm("eva@example.org", by=team.editor, link="{token}"),
    )


def removing_an_address(team: Team) -> Meeting:
    return Meeting(of(team.editor), lambda: email_address.remove(by=team.editor))


EVA = Identity("https://id.example.org", "eva", "eva")


def connecting_the_newsrooms_sign_in(team: Team) -> Meeting:
    return Meeting(of(team.editor), lambda: outside_identity.connect(EVA, by=team.editor))


def disconnecting_the_newsrooms_sign_in(team: Team) -> Meeting:
    outside_identity.connect(EVA, by=team.editor)
    return Meeting(
        OutsideIdentity.objects.filter(user=team.editor),
        lambda: outside_identity.disconnect(by=team.editor),
    )


# --- Fetching


def _failed(team: Team) -> Reference:
    reference = make_reference(team, "https://192.0.2.1/failed")
    Reference.objects.filter(pk=reference.pk).update(fetch_state="failed", fetch_code="http_404")
    return reference


def attaching_a_known_address(team: Team) -> Meeting:
    evidence, _ = attach(team, make_claim(team), "https://192.0.2.1/page")
    claim = make_claim(team, words="onrustige dag")
    return Meeting(
        of(evidence.reference),
        lambda: attach_addresses(
            claim_id=claim.pk, addresses=["https://192.0.2.1/page"], stance="supports", by=team.editor
        ),
    )


def asking_for_a_fetch(team: Team) -> Meeting:
    reference = _failed(team)
    return Meeting(of(reference), lambda: request.retry_fetch(reference.pk, by=team.editor))


def asking_for_a_fetch_that_is_queued(team: Team) -> Meeting:
    job = a_fetch(team)
    return Meeting(of(job), lambda: request.retry_fetch(job.reference_id, by=team.editor))


def asking_for_all_fetches(team: Team) -> Meeting:
    reference = _failed(team)
    return Meeting(of(reference), lambda: request.retry_fetches(team.desk.pk, by=team.editor))


def asking_for_all_fetches_of_which_one_is_queued(team: Team) -> Meeting:
    job = a_fetch(team)
    Reference.objects.filter(pk=job.reference_id).update(fetch_state="failed")
    return Meeting(of(job), lambda: request.retry_fetches(team.desk.pk, by=team.editor))


def asking_a_site_that_is_left_in_peace(team: Team) -> Meeting:
    reference = _failed(team)
    host = Host.objects.create(name=reference.host, open_until=Now() + timedelta(hours=1))
    return Meeting(of(host), lambda: request.retry_fetches(team.desk.pk, by=team.editor))


def cancelling_a_fetch(team: Team) -> Meeting:
    job = a_fetch(team)
    return Meeting(of(job), lambda: request.cancel_fetch(job.reference_id, by=team.editor))


def ending_a_fetch_of_a_page_in_hand(team: Team) -> Meeting:
    job = a_fetch(team)
    lease = leased(job)
    failed = FetchFailed("http_404")
    return Meeting(Reference.objects.filter(pk=job.reference_id), lambda: finish_job(lease, failed))


def ending_a_fetch_that_is_being_ended(team: Team) -> Meeting:
    job = a_fetch(team)
    lease = leased(job)
    return Meeting(of(job), lambda: finish_job(lease, FetchFailed("http_404")))


def setting_a_site_free(team: Team) -> Meeting:
    job = a_fetch(team)
    lease = leased(job)
    return Meeting(Host.objects.filter(name=job.host), lambda: finish_job(lease, FetchFailed("http_404")))


def uploading_what_one_sees(team: Team) -> Meeting:
    reference = _failed(team)
    return Meeting(
        of(reference),
        lambda: upload_capture(reference.pk, filename="a.txt", content=b"Fifty.", by=team.editor),
    )


def uploading_for_a_claim_in_review(team: Team) -> Meeting:
    claim = make_claim_in_review(team)
    reference = Evidence.objects.get(claim=claim).reference_id
    return Meeting(
        of(claim),
        lambda: upload_capture(reference, filename="a.txt", content=b"Fifty.", by=team.colleague),
    )


# --- Alerts, proof


def deciding_on_an_alert(team: Team) -> Meeting:
    alert = make_alert(team, make_verified_claim(team))
    return Meeting(of(alert), lambda: confirm_alert(alert.pk, version=alert.version, by=team.manager))


def deciding_while_the_page_is_checked(team: Team) -> Meeting:
    alert = make_alert(team, make_verified_claim(team))
    watch = Watch.objects.create(reference=alert.reference)
    return Meeting(of(watch), lambda: confirm_alert(alert.pk, version=alert.version, by=team.manager))


def chaining_entries(team: Team) -> Meeting:
    make_claim(team)
    chain_entries()
    edit.create_claim_from_words(Document.objects.get().pk, words="onrustige dag", by=team.editor)
    return Meeting(ProofChain.objects.filter(pk=team.desk.pk), chain_entries)


def _checked_page(team: Team, site: Site) -> tuple[Watch, FetchJob]:
    watched = watched_page(team, site)
    watched.shows(story("Nobody was hurt on Tuesday, says the hospital."))
    watched.look()
    Watch.objects.update(next_check_at=Now())
    keep_watch()
    job = FetchJob.objects.get(state="queued")
    make_due(job)
    watched.shows(story("Two people were hurt on Tuesday, says the hospital now."))
    return watched.watch, job


def ending_a_check_of_a_watched_page(team: Team) -> Meeting:
    with Site(listen="0.0.0.0") as site:
        watch, job = _checked_page(team, site)
        lease, result = leased(job), FetchFailed("http_410")
    return Meeting(of(watch), lambda: finish_job(lease, result))


def alerting_while_somebody_decides(team: Team) -> Meeting:
    with Site(listen="0.0.0.0") as site:
        _, job = _checked_page(team, site)
        alert = Alert.objects.get(state="open")
        Watch.objects.update(gone_count=2, gone_since=Now() - timedelta(days=3))
        lease, result = leased(job), FetchFailed("http_410")
    return Meeting(of(alert), lambda: finish_job(lease, result))


def sealing_what_was_there_before(team: Team) -> Meeting:
    with as_owner():
        # The migration wrote it; other tests may have emptied the table.
        EarlierEntries.objects.update_or_create(
            kind=EntryKind.ACTIVITY.value, defaults={"done_id": 0, "until_id": 5, "since": Now()}
        )
    return Meeting(EarlierEntries.objects.all(), seal_earlier)


WAITING = [
    editing_a_claim, tagging_claims, withdrawing_a_source, making_a_claim, adding_a_version, failing_to_load,
    loading_again, loading_the_page, renaming_a_desk, removing_a_member_with_a_claim, making_a_link,
    setting_a_first_password, withdrawing_an_invitation, joining_a_desk, declining_an_invitation,
    setting_up_a_second_factor, showing_a_second_factor, asking_for_a_mail, removing_an_address,
    connecting_the_newsrooms_sign_in, disconnecting_the_newsrooms_sign_in, attaching_a_known_address,
    asking_for_a_fetch, asking_for_a_fetch_that_is_queued, asking_for_all_fetches,
    asking_for_all_fetches_of_which_one_is_queued, asking_a_site_that_is_left_in_peace, cancelling_a_fetch,
    ending_a_fetch_of_a_page_in_hand, ending_a_fetch_that_is_being_ended, setting_a_site_free,
    uploading_what_one_sees, uploading_for_a_claim_in_review, deciding_on_an_alert,
    deciding_while_the_page_is_checked, chaining_entries, ending_a_check_of_a_watched_page,
    alerting_while_somebody_decides, sealing_what_was_there_before,
]  # fmt: skip


@pytest.mark.parametrize("meet", WAITING, ids=lambda meet: meet.__name__)
def test_an_act_waits_before_it_reads_what_somebody_else_has_in_hand(
    team: Team, meet: Callable[[Team], Meeting], settings: Any
) -> None:
    settings.EMAIL_HOST = "mail.example.org"
    meeting = meet(team)

    with in_anothers_hand(meeting.in_hand):
        statement = stops_at(meeting.act)

    assert re.search(r"SELECT .* FOR (NO KEY )?UPDATE", statement), statement
    assert f'"{meeting.in_hand.model._meta.db_table}"' in statement
    # Nobody has it in hand any more: now it is done.
    meeting.act()


# --- What passes by instead of waiting


def checking_a_page_in_hand(team: Team) -> Meeting:
    with Site(listen="0.0.0.0") as site:
        watched = watched_page(team, site)
    Watch.objects.update(next_check_at=Now())
    return Meeting(Reference.objects.filter(pk=watched.reference.pk), keep_watch)


def checking_a_watch_in_hand(team: Team) -> Meeting:
    with Site(listen="0.0.0.0") as site:
        watched = watched_page(team, site)
    Watch.objects.update(next_check_at=Now())
    return Meeting(of(watched.watch), keep_watch)


def taking_back_the_fetch_of_a_page_in_hand(team: Team) -> Meeting:
    job = a_fetch(team)
    leased(job)
    lapse(job)
    return Meeting(Reference.objects.filter(pk=job.reference_id), sweep)


def taking_back_a_fetch_that_is_being_ended(team: Team) -> Meeting:
    job = a_fetch(team)
    leased(job)
    lapse(job)
    return Meeting(of(job), sweep)


def building_a_report_that_another_worker_builds(team: Team) -> Meeting:
    make_verified_claim(team)
    report = Report.objects.create(
        desk=team.desk, number=1, title="R", criteria={}, state="queued", created_by=team.manager
    )
    return Meeting(of(report), lambda: build_report(report.pk))


def forgetting_answers_that_another_request_forgets(team: Team) -> Meeting:
    old = IdempotencyKey.objects.create(user=team.editor, key="old", request_sha256="0" * 64)
    with as_owner():
        IdempotencyKey.objects.filter(pk=old.pk).update(created_at=Now() - timedelta(days=30))
    return Meeting(of(old), lambda: begin(team.colleague, f"key-{timezone.now()}", "1" * 64))


PASSING = [
    checking_a_page_in_hand, checking_a_watch_in_hand, taking_back_the_fetch_of_a_page_in_hand,
    taking_back_a_fetch_that_is_being_ended, building_a_report_that_another_worker_builds,
    forgetting_answers_that_another_request_forgets,
]  # fmt: skip


@pytest.mark.parametrize("meet", PASSING, ids=lambda meet: meet.__name__)
def test_what_is_done_in_the_background_passes_by_what_somebody_has_in_hand(
    team: Team, meet: Callable[[Team], Meeting]
) -> None:
    meeting = meet(team)
    before = list(meeting.in_hand.values())

    with in_anothers_hand(meeting.in_hand):
        with connection.cursor() as cursor:
            cursor.execute("SET lock_timeout = '300ms'")
        meeting.act()
        assert list(meeting.in_hand.values()) == before
        connection.close()

    meeting.act()
    assert list(meeting.in_hand.values()) != before or meeting.in_hand.model is Reference
