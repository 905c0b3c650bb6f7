"""Pages, their fetches and their sites that somebody else has in hand."""

from datetime import timedelta

from django.db.models.functions import Now

from annotations.fetching import FetchFailed
from annotations.models import (
    Evidence,
    Host,
    Reference,
)
from annotations.workflow.evidence.attach import attach_addresses
from annotations.workflow.evidence.upload import upload_capture
from annotations.workflow.fetches import request
from annotations.workflow.fetches.finish import finish_job
from tests.factories import (
    Team,
    make_claim,
    make_claim_in_review,
    make_reference,
)
from tests.workflow.fetches.steps import attach, leased
from tests.workflow.meetings.meeting import Meeting, a_fetch, of


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
