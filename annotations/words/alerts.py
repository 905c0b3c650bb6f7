"""The content of an alert, in one sentence built from the findings."""

from collections.abc import Mapping, Sequence
from typing import Any

from annotations.domain.alerts import AlertLevel
from annotations.domain.evidence.passages import PassageState
from annotations.domain.fetches.outcomes import sentence_of
from annotations.domain.fetches.watch import PageStatus

_PASSAGE = {
    PassageState.FOUND: "The passage relied on stands there again",
    PassageState.MOVED: "The passage relied on stands there again, in another place",
    PassageState.CHANGED: "The passage relied on reads differently now",
    PassageState.GONE: "The passage relied on no longer stands on the page",
}
_NAMES = {"title": "headline", "author": "author", "published_on": "date"}


def alert_words(level: AlertLevel, findings: Mapping[str, Any]) -> str:
    """Return what happened to the source, without a full stop."""
    if level is AlertLevel.PASSAGE:
        return _PASSAGE[PassageState(findings.get("passage", PassageState.CHANGED))]
    if level is AlertLevel.PAGE:
        gone = findings.get("page", {}).get("page_status") != PageStatus.SOFT_404
        return "The page is gone" if gone else "The site shows a “not found” instead of the page"
    if level is AlertLevel.DETAILS:
        names = [_NAMES[name] for name in _NAMES if name in findings.get("details", {})]
        return f"{_listed(names).capitalize()} changed" if names else "Headline, author and date are back"
    text = findings.get("text", {})
    if text.get("correction"):
        return "A correction was added to the page"
    if text.get("file"):
        return "The file at this address is another one"
    return f"Much of the text changed: {max(1, round(100 * text.get('share', 0)))}% of its words"


def page_words(findings: Mapping[str, Any]) -> str:
    """Return how a missing page answers, in a sentence; empty if the alert is about something else."""
    page = findings.get("page")
    if not page:
        return ""
    if page["page_status"] == PageStatus.SOFT_404:
        return "The site answers as if all were well, but what it shows says that the page is missing."
    return sentence_of(page["code"])


def _listed(names: Sequence[str]) -> str:
    return f"{', '.join(names[:-1])} and {names[-1]}" if len(names) > 1 else "".join(names)
