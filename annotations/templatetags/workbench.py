"""What templates need beyond Django's own tags: icons, badges, moments and writing direction."""

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import Any

from django import template
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

from annotations.domain.alerts import AlertLevel
from annotations.domain.claims.anchoring import AnchorState
from annotations.domain.claims.states import STATE_MEANINGS, ClaimState
from annotations.domain.desks.roles import Role
from annotations.domain.differences import Change, Kind
from annotations.domain.evidence.passages import PassageState
from annotations.domain.evidence.stance import Stance
from annotations.domain.fetches.states import FetchState
from annotations.domain.fetches.watch import PageStatus
from annotations.domain.verdicts.scale import Decision
from annotations.web.icons import ICONS
from annotations.words.claims import reason_words
from annotations.words.origins import origin_words
from annotations.words.records import part_words

register = template.Library()
register.filter(reason_words)
register.filter(part_words)

_RIGHT_TO_LEFT = frozenset({"ar", "dv", "fa", "he", "ps", "sd", "ug", "ur", "yi"})

_CLAIM_LOOKS: dict[ClaimState, tuple[str, str]] = {
    ClaimState.PROPOSED: ("idea", "dashed"),
    ClaimState.OPEN: ("info", "open"),
    ClaimState.IN_REVIEW: ("wait", "half"),
    ClaimState.RETURNED: ("alert", "returned"),
    ClaimState.VERIFIED: ("good", "full"),
    ClaimState.DISMISSED: ("neutral", "none"),
}
_FETCH_LOOKS: dict[FetchState, tuple[str, str]] = {
    FetchState.QUEUED: ("neutral", "clock"),
    FetchState.FETCHING: ("info", "half"),
    FetchState.FETCHED: ("good", "check"),
    FetchState.FAILED: ("bad", "wrong"),
    FetchState.CANCELLED: ("neutral", "none"),
}
_STANCE_LOOKS: dict[Stance, tuple[str, str]] = {
    Stance.SUPPORTS: ("good", "plus"),
    Stance.REFUTES: ("bad", "close"),
    Stance.CONTEXT: ("info", "info"),
}
_ANCHOR_LOOKS: dict[AnchorState, tuple[str, str, str]] = {
    AnchorState.EXACT: ("good", "check", "In place"),
    AnchorState.MOVED: ("info", "arrow", "Moved along"),
    AnchorState.EDITED: ("alert", "alert", "Words changed"),
    AnchorState.AMBIGUOUS: ("wait", "help", "Place unclear"),
    AnchorState.ORPHANED: ("bad", "wrong", "Words gone"),
    AnchorState.CONFIRMED: ("good", "full", "Place confirmed"),
}
_ALERT_LOOKS: dict[AlertLevel, tuple[str, str]] = {
    AlertLevel.PASSAGE: ("bad", "alert"),
    AlertLevel.PAGE: ("bad", "wrong"),
    AlertLevel.DETAILS: ("alert", "flag"),
    AlertLevel.TEXT: ("wait", "document"),
}
_PASSAGE_LOOKS: dict[PassageState, tuple[str, str]] = {
    PassageState.FOUND: ("good", "check"),
    PassageState.MOVED: ("info", "arrow"),
    PassageState.CHANGED: ("alert", "alert"),
    PassageState.GONE: ("bad", "wrong"),
}
_WATCH_LOOKS: dict[PageStatus, tuple[str, str]] = {
    PageStatus.LIVE: ("good", "check"),
    PageStatus.CHANGED: ("alert", "alert"),
    PageStatus.MOVED: ("info", "arrow"),
    PageStatus.SOFT_404: ("bad", "wrong"),
    PageStatus.BLOCKED: ("wait", "lock"),
    PageStatus.DEAD: ("bad", "wrong"),
}
_DECISION_LOOKS: dict[Decision, tuple[str, str]] = {
    Decision.APPROVED: ("good", "full"),
    Decision.RETURNED: ("alert", "returned"),
}
_RATING_LOOKS: dict[str, tuple[str, str]] = {
    "true": ("good", "full"),
    "mostly": ("good", "check"),
    "misleading": ("wait", "alert"),
    "false": ("bad", "wrong"),
    "unproven": ("idea", "help"),
    "none": ("neutral", "none"),
}


@register.simple_tag
def icon(name: str) -> SafeString:
    """Return the icon called `name`. Screen readers skip it, since words stand beside it."""
    return mark_safe(  # noqa: S308 - our own table
        '<svg class="icon" viewBox="0 0 16 16" fill="none" stroke="currentColor" stroke-width="1.5" '
        'stroke-linecap="round" stroke-linejoin="round" aria-hidden="true" focusable="false">'
        f"{ICONS[name]}</svg>"
    )


# A page of claims shows the same few badges hundreds of times.
@lru_cache(maxsize=256)
def _badge(tone: str, drawing: str, words: str, title: str = "") -> SafeString:
    return format_html(
        '<span class="badge tone-{}"{}>{}{}</span>',
        tone,
        format_html(' title="{}"', title) if title else "",
        icon(drawing),
        words,
    )


@register.simple_tag
def state_badge(state: str) -> SafeString:
    """Return the badge of a claim's state; its title says what the state means."""
    known = ClaimState(state)
    return _badge(*_CLAIM_LOOKS[known], known.label, STATE_MEANINGS[known])


@register.simple_tag
def fetch_badge(state: str, uploader: str = "") -> SafeString:
    """Return the badge of a fetch's state, or of a copy that `uploader` uploaded instead."""
    known = FetchState(state)
    if known is FetchState.FETCHED and uploader:
        return _badge("info", "document", "Uploaded", f"Uploaded by {uploader}, not fetched")
    return _badge(*_FETCH_LOOKS[known], known.label)


@register.simple_tag
def stance_badge(stance: str) -> SafeString:
    """Return the badge of what a source does to a claim."""
    known = Stance(stance)
    return _badge(*_STANCE_LOOKS[known], known.label)


@register.simple_tag
def alert_mark(level: str) -> SafeString:
    """Return the icon of an alert's level; the words beside it say the same."""
    tone, drawing = _ALERT_LOOKS[AlertLevel(level)]
    return format_html('<span class="alert-mark tone-{}">{}</span>', tone, icon(drawing))


@register.simple_tag
def passage_badge(state: str) -> SafeString:
    """Return the badge of where a passage stands in a later capture."""
    known = PassageState(state)
    return _badge(*_PASSAGE_LOOKS[known], known.label)


@register.simple_tag
def watch_badge(page_status: str) -> SafeString:
    """Return the badge of a watched page's status."""
    known = PageStatus(page_status)
    return _badge(*_WATCH_LOOKS[known], known.label)


@register.simple_tag
def anchor_badge(state: str) -> SafeString:
    """Return the badge of an anchor's state."""
    return _badge(*_ANCHOR_LOOKS[AnchorState(state)])


@register.simple_tag
def decision_badge(decision: str) -> SafeString:
    """Return the badge of a review's decision."""
    known = Decision(decision)
    return _badge(*_DECISION_LOOKS[known], known.label)


@register.simple_tag
def rating_badge(tone: str, label: str) -> SafeString:
    """Return the badge of a rating; an unknown tone shows without colour."""
    return _badge(*_RATING_LOOKS.get(tone, ("neutral", "flag")), label)


@register.simple_tag
def marked_changes(changes: Iterable[Change]) -> SafeString:
    """Return a compared text with what was removed and added marked as such, its white space as it is."""
    marks = {Kind.SAME: "{}", Kind.REMOVED: "<del>{}</del>", Kind.ADDED: "<ins>{}</ins>"}
    return mark_safe("".join(format_html(marks[change.kind], change.text) for change in changes))  # noqa: S308


@register.simple_tag
def role_badge(role: str) -> SafeString:
    """Return the badge of a role on a desk."""
    known = Role(role)
    tone = {Role.MANAGER: "accent", Role.REVIEWER: "good", Role.EDITOR: "info"}.get(known, "neutral")
    return format_html('<span class="badge badge--square tone-{}">{}</span>', tone, known.label)


def _distance(away: timedelta) -> str:
    minutes = int(abs(away).total_seconds() // 60)
    if minutes < 1:
        return "a moment"
    for size, word in ((60 * 24, "day"), (60, "hour"), (1, "minute")):
        if minutes >= size:
            number = minutes // size
            return f"{number} {word}{'s' if number != 1 else ''}"
    raise AssertionError("unreachable: a minute is the smallest step")


@register.simple_tag
def when(moment: datetime | date | None) -> str:
    """Return a `<time>` in everyday words, with the full moment as its title; empty for None.

    Within two weeks it says how far away the moment is, further off it gives the date.
    """
    if moment is None:
        return ""
    if not isinstance(moment, datetime):
        return format_html('<time datetime="{}">{}</time>', moment.isoformat(), date_format(moment, "j F Y"))
    local = timezone.localtime(moment)
    away = moment - timezone.now()
    if abs(away) > timedelta(days=14):
        words = date_format(local, "j M Y")
    elif away > timedelta(0):
        words = f"in {_distance(away)}"
    else:
        words = f"{_distance(away)} ago"
    full = date_format(local, "j F Y, H:i")
    machine = local.isoformat(timespec="seconds")
    return format_html('<time datetime="{}" title="{}">{}</time>', machine, full, words)


@register.filter
def from_iso(text: str | None) -> datetime | date | None:
    """Return the day or the moment that text in ISO 8601 names; None for nothing."""
    if not text:
        return None
    return datetime.fromisoformat(text) if "T" in text else date.fromisoformat(text)


@register.filter
def is_past(moment: datetime | None) -> bool:
    """Say whether a moment is past; None is not."""
    return moment is not None and moment <= timezone.now()


@register.filter
def is_coming(moment: datetime | None) -> bool:
    """Say whether a moment is still to come; None is not."""
    return moment is not None and moment > timezone.now()


@register.filter
def origin(place: str) -> str:
    """Return in words where a particular of a page was found."""
    return origin_words(place)


@register.filter
def direction(language: str) -> str:
    """Return the writing direction of a language code, for `dir` attributes."""
    return "rtl" if language.partition("-")[0] in _RIGHT_TO_LEFT else "ltr"


@register.filter
def widget_kind(field: Any) -> str:
    """Return the widget's input type of a bound form field, or "group" for several inputs in one."""
    widget = field.field.widget
    if getattr(widget, "use_fieldset", False):
        return "group"
    return getattr(widget, "input_type", "") or ""
