"""Days as machines and careless people write them. An impossible day is None."""

import re
from datetime import date, datetime, timedelta
from email.utils import parsedate_to_datetime

EARLIEST = date(1990, 1, 1)
_ISO = re.compile(
    r"(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})(?!\d)"
    r"(?:[T ]\d{1,2}:\d{2}(?::\d{2}(?:[.,]\d+)?)?\s*(Z|[+-]\d{2}:?\d{2})?)?"
)
_COMPACT = re.compile(r"(\d{4})(\d{2})(\d{2})(?:T?\d{4,6}Z?)?$")
_STAMP = re.compile(r"(\d{10})(?:\d{3})?$")
_MONTHS = "jan feb mar apr may jun jul aug sep oct nov dec".split()
_WRITTEN = re.compile(
    r"(?:(?P<first>\d{1,2})(?:st|nd|rd|th)?\s+)?(?P<month>[A-Z][a-z]{2,8})\.?\s+(?:(?P<last>\d{1,2})(?:st|nd|rd|th)?,?\s+)?"
    r"(?P<year>\d{4})"
)
_IN_ADDRESS = re.compile(r"(?<!\d)((?:19|20)\d{2})([/\-_]?)(\d{2})\2(\d{2})(?!\d)")
_ONE_DAY = timedelta(days=1)


def day_of(value: object) -> tuple[date | None, bool]:
    """Return the day, and whether it was written with a time zone offset other than UTC."""
    if not isinstance(value, str):
        return None, False
    text = value.strip()
    match = _ISO.match(text)
    if match:
        offset = match[4] or ""
        local = offset not in ("", "Z") and offset.strip("+-").strip("0:") != ""
        return _day(match[1], match[2], match[3]), local
    match = _COMPACT.match(text)
    if match:
        return _day(match[1], match[2], match[3]), False
    match = _STAMP.match(text)
    if match:
        day = date(1970, 1, 1) + int(match[1]) // 86400 * _ONE_DAY
        return (day if day >= EARLIEST else None), False
    return _written(text), False


def day_in_address(url: str) -> date | None:
    """Return the day in the path of an address, such as `/2026/02/03/`."""
    match = _IN_ADDRESS.search(url.partition("?")[0])
    return _day(match[1], match[3], match[4]) if match else None


def _written(text: str) -> date | None:
    try:
        return _sane(parsedate_to_datetime(text))
    except ValueError:
        pass
    match = _WRITTEN.search(text)
    if not match or match["month"][:3].lower() not in _MONTHS or not (match["first"] or match["last"]):
        return None
    return _day(
        match["year"], str(_MONTHS.index(match["month"][:3].lower()) + 1), match["first"] or match["last"]
    )


def _sane(moment: datetime) -> date | None:
    return moment.date() if moment.date() >= EARLIEST else None


def _day(year: str, month: str, day: str) -> date | None:
    try:
        found = date(int(year), int(month), int(day))
    except ValueError:
        return None
    return found if found >= EARLIEST else None
