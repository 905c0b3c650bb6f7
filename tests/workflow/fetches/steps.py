"""Small steps that tests of fetching share."""

from datetime import timedelta

from django.db.models.functions import Now

from annotations.models import Claim, Evidence, FetchJob, Host
from annotations.workflow.evidence.attach import attach_addresses
from annotations.workflow.fetches.lease import FetchLease, lease_job
from tests.factories import Team


def attach(team: Team, claim: Claim, url: str, passage: str = "") -> tuple[Evidence, FetchJob]:
    """Attach one address as an editor would."""
    [evidence] = attach_addresses(
        claim_id=claim.pk, addresses=[url], stance="supports", passage=passage, by=team.editor
    )
    return evidence, FetchJob.objects.get(reference=evidence.reference)


def leased(job: FetchJob, worker: str = "w1") -> FetchLease:
    """Lease a job that can be leased."""
    lease = lease_job(job.pk, worker=worker)
    assert lease is not None
    return lease


def make_due(job: FetchJob) -> None:
    """Let the wait for the next try be over, and the pause of its host too."""
    FetchJob.objects.filter(pk=job.pk).update(next_attempt_at=Now())
    Host.objects.filter(name=job.host).update(free_at=Now(), open_until=None)


def lapse(job: FetchJob) -> None:
    """Let the lease of a job and of its host lapse, as if the worker had been silent."""
    past = Now() - timedelta(seconds=1)
    FetchJob.objects.filter(pk=job.pk).update(lease_until=past)
    Host.objects.filter(name=job.host).update(busy_until=past)
