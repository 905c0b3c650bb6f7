"""The schedule of the watch: which pages are watched, and which of them are due to be checked.

Nobody asks for a page to be watched. The sweep derives the watched pages from the verdicts in force, so no
code that gives a verdict, withdraws evidence or attaches a new reference can forget to do it.
"""

from dataclasses import dataclass

from django.db import connection, transaction
from django.db.models.functions import Now

from annotations.domain.fetches.watch import next_check
from annotations.models import Reference, Watch
from annotations.workflow.fetches.enqueue import order_checks
from annotations.workflow.leased_jobs import database_time

ORDERED_AT_ONCE = 200


@dataclass(frozen=True)
class Watched:
    """What a sweep of the watch did: how many references it began, stopped, and queued for a check."""

    begun: int
    ended: int
    ordered: int


def keep_watch() -> Watched:
    """Bring the watch in line with the verdicts in force, and queue due checks. Safe twice at once."""
    begun, ended = _follow_verdicts()
    return Watched(begun, ended, _order_due())


_RELIED_ON = """
    SELECT evidence.reference_id
    FROM annotations_evidence evidence
    JOIN annotations_claim claim ON claim.id = evidence.claim_id
    WHERE evidence.withdrawn_at IS NULL AND claim.verdict_id IS NOT NULL AND claim.state <> 'dismissed'
"""
# The first check comes after the first interval of the schedule, give or take a tenth by chance.
_BEGIN = f"""
    INSERT INTO annotations_watch
        (reference_id, since, next_check_at, page_status, page_status_since, moved_to, gone_count)
    SELECT reference.id, statement_timestamp(),
        statement_timestamp() + interval '6 hours' * (0.9 + 0.2 * random()),
        'live', statement_timestamp(), '', 0
    FROM annotations_reference reference
    LEFT JOIN annotations_watch watch ON watch.reference_id = reference.id
    WHERE reference.id IN ({_RELIED_ON}) AND NOT reference.is_file AND reference.latest_capture_id IS NOT NULL
        AND watch.next_check_at IS NULL
    ORDER BY reference.id
    ON CONFLICT (reference_id) DO UPDATE
    SET since = excluded.since, next_check_at = excluded.next_check_at,
        -- Checks from before the pause confirm nothing today.
        gone_count = 0, gone_since = NULL
    WHERE annotations_watch.next_check_at IS NULL
"""  # noqa: S608 - put together from constants
_END = f"""
    UPDATE annotations_watch SET next_check_at = NULL
    WHERE next_check_at IS NOT NULL AND reference_id NOT IN ({_RELIED_ON})
"""  # noqa: S608 - put together from constants


@transaction.atomic(durable=True)
def _follow_verdicts() -> tuple[int, int]:
    with connection.cursor() as cursor:
        cursor.execute(_BEGIN)
        begun = cursor.rowcount
        cursor.execute(_END)
        return begun, cursor.rowcount


@transaction.atomic(durable=True)
def _order_due() -> int:
    due = Watch.objects.filter(next_check_at__lte=Now()).order_by("next_check_at", "pk")
    wanted = list(due.values_list("pk", flat=True)[:ORDERED_AT_ONCE])
    references = (
        Reference.objects.select_for_update(of=("self",), no_key=True, skip_locked=True)
        .filter(pk__in=wanted)
        .order_by("pk")
    )
    by_id = {reference.pk: reference for reference in references}
    # Locked rows are skipped, so that two sweeps at once never wait for each other.
    watches = list(due.filter(pk__in=by_id).select_for_update(skip_locked=True))
    jobs = order_checks([by_id[watch.pk] for watch in watches])
    now = database_time()
    for watch in watches:
        # The check itself sets the time of the next one. This is for a check that is lost or cancelled.
        watch.next_check_at = next_check(since=watch.since, now=now)
    Watch.objects.bulk_update(watches, ["next_check_at"])
    return len(jobs)
