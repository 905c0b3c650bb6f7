"""What a finished fetch means for a page that is watched; private to this package.

This runs in the transaction that ends the fetch, with the reference and the job locked. After them it locks
the watch and then the alerts of the page, in the same order as people's decisions do.
"""

from dataclasses import dataclass
from typing import Any

from annotations.domain.alerts import AlertLevel
from annotations.domain.fetches.outcomes import outcome
from annotations.domain.fetches.states import FetchKind
from annotations.domain.fetches.watch import PageCheck, PageHealth, PageStatus, judge, next_check
from annotations.fetching import FetchFailed
from annotations.models import Capture, Evidence, FetchJob, Reference, Watch, WatchCheck
from annotations.workflow.alerts.open import PageObservation, raise_alerts
from annotations.workflow.captures.compare import difference, is_missing, moved_for_good
from annotations.workflow.captures.fetch_results import Result, UnkeptPage, code_of
from annotations.workflow.captures.passages import PassageMove, place_again
from annotations.workflow.captures.reextract import FAILED
from annotations.workflow.leased_jobs import database_time


@dataclass(frozen=True)
class _Found:
    """What a check of the page found, before it is judged."""

    check: PageCheck
    level: AlertLevel | None
    findings: dict[str, Any]
    moves: list[PassageMove]


def conclude(
    job: FetchJob, reference: Reference, result: Result, *, before: Capture | None, capture: Capture | None
) -> None:
    """Find the passages again, record the check, judge the page, and alert the people whom a change concerns.

    `before` is the latest capture of the page until now, `capture` the one just made, if any. Does nothing
    for the first capture of a page, nor for a page on which no verdict rests, unless the watch asked for it.
    """
    if before is None:
        return
    found = _found(reference, result, before, capture)
    leaning = list(Evidence.objects.in_force().filter(reference=reference).select_related("claim", "capture"))
    if job.kind != FetchKind.WATCH and not leaning:
        return
    Watch.objects.bulk_create([Watch(reference=reference)], ignore_conflicts=True)
    watch = Watch.objects.select_for_update(of=("self",)).get(pk=reference.pk)
    was = PageHealth(PageStatus(watch.page_status), watch.moved_to, watch.gone_count, watch.gone_since)
    now = database_time()
    health = judge(was, found.check, now=now)
    check = WatchCheck.objects.create(
        reference=reference,
        job=job,
        attempt=job.attempt,
        checked_at=now,
        page_status=health.page_status.value,
        code=found.check.code,
        status=None if isinstance(result, FetchFailed) else result.fetched.status,
        capture=capture,
        findings=found.findings,
    )
    watch.page_status, watch.moved_to = health.page_status.value, health.moved_to
    watch.gone_count, watch.gone_since = health.gone_count, health.gone_since
    watch.last_checked_at = now
    if health.page_status is not was.page_status:
        watch.page_status_since = now
    if found.check.changed:
        watch.since = now
    watch.next_check_at = (
        next_check(since=watch.since, now=now, confirming=health.confirming) if leaning else None
    )
    watch.save()
    observed = PageObservation(
        reference,
        check,
        before=before,
        after=capture,
        level=found.level,
        new_status=health.page_status if health.page_status is not was.page_status else None,
        moves={move.evidence.pk: move for move in found.moves},
    )
    raise_alerts(observed, leaning)


def _found(reference: Reference, result: Result, before: Capture, capture: Capture | None) -> _Found:
    code = code_of(result)
    if isinstance(result, FetchFailed) or not outcome(code).succeeded:
        return _Found(PageCheck(code), None, {}, [])
    moved_to = moved_for_good(result.fetched, before, reference)
    if isinstance(result, UnkeptPage):
        check = PageCheck(code, looks_missing=result.is_missing, moved_to=moved_to)
        return _Found(check, None, result.findings, [])
    assert capture is not None
    unread = sorted(FAILED & set(capture.warnings))
    if unread:
        return _Found(PageCheck(code, moved_to=moved_to), None, {"unread": unread[0]}, [])
    if is_missing(capture, before):
        return _Found(PageCheck(code, looks_missing=True), None, {}, [])
    moves = place_again(capture)
    change = difference(before, capture)
    findings = change.as_json()
    passages = {
        str(move.evidence.pk): move.now.state.value
        for move in moves
        if move.now.state is not move.was_state or move.matters
    }
    if passages:
        findings["passages"] = passages
    changed = change.level is not None or any(move.matters for move in moves)
    return _Found(PageCheck(code, changed=changed, moved_to=moved_to), change.level, findings, moves)
