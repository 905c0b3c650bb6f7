"""Each alert says what happened, and all levels have their words."""

from typing import Any

import pytest

from annotations.domain.alerts import AlertLevel
from annotations.words.alerts import alert_words, page_words


@pytest.mark.parametrize(
    ("level", "findings", "words"),
    [
        (AlertLevel.PASSAGE, {"passage": "changed"}, "The passage relied on reads differently now"),
        (AlertLevel.PASSAGE, {"passage": "gone"}, "The passage relied on no longer stands on the page"),
        (AlertLevel.PASSAGE, {"passage": "found"}, "The passage relied on stands there again"),
        (
            AlertLevel.PASSAGE,
            {"passage": "moved"},
            "The passage relied on stands there again, in another place",
        ),
        (AlertLevel.PAGE, {"page": {"page_status": "dead", "code": "http_410"}}, "The page is gone"),
        (
            AlertLevel.PAGE,
            {"page": {"page_status": "soft_404", "code": "ok"}},
            "The site shows a “not found” instead of the page",
        ),
        (AlertLevel.DETAILS, {"details": {"title": ["a", "b"]}}, "Headline changed"),
        (
            AlertLevel.DETAILS,
            {"details": {"published_on": ["", "x"], "author": ["", "x"], "title": ["a", "b"]}},
            "Headline, author and date changed",
        ),
        (AlertLevel.DETAILS, {}, "Headline, author and date are back"),
        (AlertLevel.TEXT, {"text": {"share": 0.126}}, "Much of the text changed: 13% of its words"),
        (AlertLevel.TEXT, {"text": {"file": True}}, "The file at this address is another one"),
        (AlertLevel.TEXT, {"text": {"share": 0.001}}, "Much of the text changed: 1% of its words"),
        (
            AlertLevel.TEXT,
            {"text": {"share": 0.01, "correction": "Correction: x"}},
            "A correction was added to the page",
        ),
    ],
)
def test_an_alert_says_what_happened(level: AlertLevel, findings: dict[str, Any], words: str) -> None:
    assert alert_words(level, findings) == words


@pytest.mark.parametrize(
    ("findings", "words"),
    [
        (
            {"page": {"page_status": "dead", "code": "http_410"}},
            "The site has removed the page for good (410).",
        ),
        (
            {"page": {"page_status": "soft_404", "code": "ok"}},
            "The site answers as if all were well, but what it shows says that the page is missing.",
        ),
        ({"text": {"share": 0.5}}, ""),
    ],
)
def test_a_page_that_is_not_there_says_how_it_answers(findings: dict[str, Any], words: str) -> None:
    assert page_words(findings) == words
