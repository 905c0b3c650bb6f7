"""Days and moments that people type, in the newsroom's time zone."""

from datetime import UTC, datetime, time

from django.utils import timezone
from django.utils.dateparse import parse_date, parse_datetime

from annotations.domain.errors import Invalid

# A due day ends when the newsroom closes its pages: work handed in that evening is in time.
DUE_AT = time(18, 0)
# A parked claim wakes at the start of a working day.
WAKE_AT = time(8, 0)


class MomentUnreadable(Invalid):
    """A date that cannot be read."""

    code = "moment_unreadable"


def moment_of(text: str, *, at: time) -> datetime | None:
    """Return the day or moment that a field holds; a day means `at` on it. None for an empty text.

    Raises MomentUnreadable for anything else that is no date.
    """
    words = text.strip()
    if not words:
        return None
    try:
        day = parse_date(words)
        moment = datetime.combine(day, at) if day else parse_datetime(words)
        if moment is not None:
            moment = moment if timezone.is_aware(moment) else timezone.make_aware(moment)
            # The database counts in UTC, where the last evening of the calendar may lie beyond it.
            moment.astimezone(UTC)
    except (ValueError, OverflowError):
        moment = None
    if moment is None:
        raise MomentUnreadable("That is not a date. Write it as 2026-12-31.", fields={"until": "Not a date."})
    return moment
