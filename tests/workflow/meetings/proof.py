"""Alerts and chains of proof that somebody else has in hand."""

from datetime import timedelta

from django.db.models.functions import Now

from annotations.domain.proof.kinds import EntryKind
from annotations.fetching import FetchFailed
from annotations.models import (
    Alert,
    Document,
    EarlierEntries,
    FetchJob,
    ProofChain,
    Watch,
)
from annotations.workflow.alerts.decide import confirm_alert
from annotations.workflow.claims import edit
from annotations.workflow.entries import seal_earlier
from annotations.workflow.fetches.finish import finish_job
from annotations.workflow.fetches.watch_schedule import keep_watch
from annotations.workflow.proof.chain import chain_entries
from tests.factories import (
    Team,
    make_alert,
    make_claim,
    make_verified_claim,
)
from tests.fakes.site import Site
from tests.watched import story, watched_page
from tests.without_rules import as_owner
from tests.workflow.fetches.steps import leased, make_due
from tests.workflow.meetings.meeting import Meeting, of


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
