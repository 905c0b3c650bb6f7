"""Numbers about the background work of the whole deployment, for those who run it."""

from dataclasses import dataclass

from django.db import connection

# One round trip, because a scraper asks every few seconds and should cost next to nothing.
# Queued and asking are counted separately, because each of the two has its own index.
_COUNTS = """
SELECT
    (SELECT count(*) FROM annotations_host WHERE open_until > statement_timestamp()),
    (SELECT count(*) FROM annotations_stamp WHERE state = 'queued')
        + (SELECT count(*) FROM annotations_stamp WHERE state = 'asking'),
    (SELECT count(*) FROM annotations_stamp WHERE state = 'failed'),
    (SELECT count(*) FROM annotations_witnessjob WHERE state = 'queued')
        + (SELECT count(*) FROM annotations_witnessjob WHERE state = 'asking'),
    (SELECT count(*) FROM annotations_watch WHERE next_check_at IS NOT NULL),
    (SELECT count(*) FROM annotations_watch WHERE next_check_at <= statement_timestamp()),
    (SELECT count(*) FROM annotations_alert WHERE state = 'open'),
    (SELECT coalesce(sum(number - kept_number), 0) FROM annotations_proofchain),
    (SELECT coalesce(sum(size), 0) FROM annotations_keptfile),
    (SELECT count(*) FROM annotations_keptfile)
"""


@dataclass(frozen=True, slots=True)
class Operations:
    """Counts of rows, and bytes, over all desks."""

    hosts_resting: int
    stamps_waiting: int
    stamps_failed: int
    witnesses_waiting: int
    pages_watched: int
    checks_due: int
    alerts_open: int
    manifests_unkept: int
    kept_bytes: int
    kept_files: int


def operations_now() -> Operations:
    """Count what is waiting, what failed and what is kept; one query."""
    with connection.cursor() as cursor:
        cursor.execute(_COUNTS)
        return Operations(*(int(number) for number in cursor.fetchone()))
