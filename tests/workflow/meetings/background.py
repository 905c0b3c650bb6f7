"""What is done in the background, and passes by instead of waiting."""

from datetime import timedelta

from django.db.models.functions import Now
from django.utils import timezone

from annotations.models import (
    IdempotencyKey,
    Reference,
    Report,
    Watch,
)
from annotations.workflow.fetches.sweep import sweep
from annotations.workflow.fetches.watch_schedule import keep_watch
from annotations.workflow.idempotency import begin
from annotations.workflow.reports.freeze import build_report
from tests.factories import (
    Team,
    make_verified_claim,
)
from tests.fakes.site import Site
from tests.watched import watched_page
from tests.without_rules import as_owner
from tests.workflow.fetches.steps import lapse, leased
from tests.workflow.meetings.meeting import Meeting, a_fetch, of


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
