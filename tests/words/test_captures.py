"""What differs, what a look brought, whether a page is what it was, and whether it is proved: in words."""

from typing import Any

import pytest

from annotations.domain.evidence.passages import PassageState
from annotations.domain.fetches.watch import PageStatus
from annotations.words.captures import (
    TRIFLES,
    UNCHANGED,
    CheckKind,
    check_words,
    differing_words,
    first_words,
    found_words,
    proof_words,
    standing_words,
)
from annotations.words.origins import origin_words


@pytest.mark.parametrize(
    ("findings", "told"),
    [
        ({}, ()),
        ({"passages": {"1": "found"}}, ()),
        (
            {"passages": {"1": "gone", "2": "changed"}},
            ("A passage relied on no longer stands on the page.", "A passage relied on reads differently."),
        ),
        ({"details": {"title": ["a", "b"]}}, ("Headline changed.",)),
        (
            {"details": {"published_on": ["", ""], "title": ["", ""], "author": ["", ""]}},
            ("Headline, author and date changed.",),
        ),
        ({"text": {"share": 0.291}}, ("29% of the words differ.",)),
        ({"text": {"share": 0.001}}, ("A few words differ.",)),
        (
            {"text": {"share": 0.2, "correction": "Correction: not fifty."}},
            ("A correction was added.", "20% of the words differ."),
        ),
        ({"unread": "read_timeout"}, ("Reading the text took too long and was stopped.",)),
    ],
)
def test_what_a_watch_found_is_told_the_most_serious_first(
    findings: dict[str, Any], told: tuple[str, ...]
) -> None:
    assert found_words(findings) == told


def row(body: str = "b", text: str = "t", **details: object) -> dict[str, object]:
    return {"body_sha256": body, "text_sha256": text, "title": "T", "author": "", **details}


@pytest.mark.parametrize(
    ("before", "after", "told"),
    [
        (None, row(), ()),
        (row(), row(), ("Not a byte differs.",)),
        (row(), row("c"), ("The text is the same.",)),
        (row(), row("c", "u"), ("The text differs.",)),
        (row(), row("c", ""), ("No text could be read this time.",)),
        (row(text=""), row("c"), ("A text could be read this time.",)),
        (row(text=""), row("c", ""), ("Neither has a text.",)),
        (row(), row("c", "u", title="U"), ("Headline changed.", "The text differs.")),
    ],
)
def test_two_captures_are_told_apart_without_their_texts(
    before: dict[str, object] | None, after: dict[str, object], told: tuple[str, ...]
) -> None:
    assert differing_words(before, after) == told


@pytest.mark.parametrize(
    ("code", "page_status", "findings", "found"),
    [
        ("not_modified", PageStatus.LIVE, {}, (CheckKind.CALM, UNCHANGED)),
        ("ok", PageStatus.CHANGED, {"cosmetic": True}, (CheckKind.CALM, TRIFLES)),
        ("ok", PageStatus.SOFT_404, {}, (CheckKind.GONE, "The site sent a “not found” instead of the page.")),
        ("http_404", PageStatus.LIVE, {}, (CheckKind.DOUBT, "The site has no such page (404).")),
        (
            "ok",
            PageStatus.LIVE,
            {"unread": "read_failed"},
            (CheckKind.DOUBT, "The page came, but could not be read."),
        ),
    ],
)
def test_a_look_is_told_with_how_calm_one_may_stay(
    code: str, page_status: PageStatus, findings: dict[str, Any], found: tuple[CheckKind, str]
) -> None:
    assert check_words(code, page_status, findings) == found


def standing(
    page_status: PageStatus | None = PageStatus.LIVE,
    *passages: PassageState,
    leaning: int = 1,
    misses: int = 0,
    is_file: bool = False,
    is_kept: bool = True,
) -> tuple[str, str]:
    found = standing_words(
        is_file=is_file,
        is_kept=is_kept,
        leaning=leaning,
        page_status=page_status,
        misses=misses,
        passages=passages,
    )
    return found.tone, found.words


@pytest.mark.parametrize(
    ("found", "told"),
    [
        (standing(), ("good", "Still what it was")),
        (standing(PageStatus.LIVE, PassageState.MOVED), ("good", "Still what it was")),
        (standing(None), ("neutral", "Not looked at again yet")),
        (standing(PageStatus.CHANGED), ("alert", "It changed after a verdict")),
        (standing(PageStatus.MOVED), ("info", "It moved to another address")),
        (standing(PageStatus.BLOCKED), ("wait", "The site does not let us look")),
        (standing(PageStatus.SOFT_404), ("bad", "A “not found” stands in its place")),
        (standing(PageStatus.DEAD), ("bad", "The page is gone")),
        (standing(misses=1), ("wait", "It was not there at the last look")),
        (
            standing(PageStatus.CHANGED, PassageState.FOUND, PassageState.CHANGED),
            ("bad", "A passage relied on reads differently"),
        ),
        (
            standing(PageStatus.CHANGED, PassageState.GONE, PassageState.CHANGED),
            ("bad", "A passage relied on is gone"),
        ),
        (standing(PageStatus.DEAD, leaning=0), ("neutral", "No verdict leans on it")),
        (standing(is_kept=False), ("neutral", "Nothing is kept yet")),
        (standing(is_file=True), ("good", "A file, kept as it was uploaded")),
    ],
)
def test_whether_a_page_is_still_what_it_was_is_said_at_once(
    found: tuple[str, str], told: tuple[str, str]
) -> None:
    assert found == told


def test_the_first_copy_is_told_with_who_uploaded_it() -> None:
    assert first_words("") == "The first capture."
    assert first_words("Eva") == "The first capture, uploaded by Eva."


@pytest.mark.parametrize(
    ("copies", "signed", "authorities", "asks", "told"),
    [
        (0, 0, [], True, ("neutral", "Nothing to prove yet")),
        (2, 1, ["a"], True, ("wait", "Not signed yet")),
        (1, 1, [], False, ("info", "Signed, without a time stamp")),
        (1, 1, [], True, ("info", "Signed, stamp on its way")),
        (2, 2, ["a.example", "b.example"], True, ("good", "Signed and time-stamped")),
    ],
)
def test_whether_it_is_proved_is_said_no_better_than_it_is(
    copies: int, signed: int, authorities: list[str], asks: bool, told: tuple[str, str]
) -> None:
    found = proof_words(copies=copies, leans=True, signed=signed, authorities=authorities, asks=asks)
    assert (found.tone, found.words) == told


def test_only_the_authorities_that_vouch_are_named() -> None:
    found = proof_words(copies=2, leans=True, signed=2, authorities=["a.example", "b.example"], asks=True)
    assert found.more == (
        "All 2 captures that verdicts lean on are signed in this desk’s chain. "
        "a.example and b.example vouched for the time."
    )


@pytest.mark.parametrize(
    ("origin", "words"),
    [
        ("h1", "the headline on the page"),
        ("json-ld created", "what it tells search engines"),
        ("meta author", "the head of the page (author)"),
        ("something new", "something new"),
        ("", ""),
    ],
)
def test_where_a_value_came_from_is_told_in_words(origin: str, words: str) -> None:
    assert origin_words(origin) == words
