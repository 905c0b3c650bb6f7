"""Differences between a capture and the one before it, and results of checks of a page, in words."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from annotations.domain.captures.changes import DETAIL_NAMES
from annotations.domain.evidence.passages import PassageState
from annotations.domain.fetches.outcomes import outcome, sentence_of
from annotations.domain.fetches.watch import PageStatus

_PASSAGES: tuple[tuple[PassageState, str], ...] = (
    (PassageState.GONE, "A passage relied on no longer stands on the page."),
    (PassageState.CHANGED, "A passage relied on reads differently."),
    (PassageState.MOVED, "A passage relied on stands in another place."),
)
UNCHANGED = "unchanged"
TRIFLES = "unchanged except for small things such as a counter"


class CheckKind(StrEnum):
    """The level of concern about a check of a page."""

    CALM = "calm"
    DOUBT = "doubt"
    GONE = "gone"


def found_words(findings: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the differences that a watch found, one sentence each, most serious first; empty for none."""
    sentences = []
    states = set(findings.get("passages", {}).values())
    sentences += [words for state, words in _PASSAGES if state.value in states]
    names = [DETAIL_NAMES[name] for name in DETAIL_NAMES if name in findings.get("details", {})]
    if names:
        sentences.append(f"{_listed(names)} changed.")
    text = findings.get("text", {})
    if text.get("correction"):
        sentences.append("A correction was added.")
    if text:
        sentences.append(_share_words(float(text.get("share", 0))))
    if "unread" in findings:
        sentences.append(sentence_of(str(findings["unread"])))
    return tuple(sentences)


def differing_words(before: Mapping[str, object] | None, after: Mapping[str, object]) -> tuple[str, ...]:
    """Return the differences between two captures that their rows reveal without their texts.

    Both hold `body_sha256`, `text_sha256` and the details of the page by name. `before` is None for the first
    capture, and then the result is empty.
    """
    if before is None:
        return ()
    if before["body_sha256"] == after["body_sha256"]:
        return ("Not a byte differs.",)
    names = [DETAIL_NAMES[name] for name in DETAIL_NAMES if before.get(name) != after.get(name)]
    sentences = (f"{_listed(names)} changed.",) if names else ()
    if before["text_sha256"] == after["text_sha256"]:
        return (*sentences, "The text is the same." if after["text_sha256"] else "Neither has a text.")
    if not after["text_sha256"]:
        return (*sentences, "No text could be read this time.")
    return (*sentences, "The text differs." if before["text_sha256"] else "A text could be read this time.")


def first_words(uploader: str) -> str:
    """Return the sentence for the first capture of a page.

    `uploader` is the name of the person who uploaded it, or empty if it was fetched.
    """
    return f"The first capture, uploaded by {uploader}." if uploader else "The first capture."


def check_words(code: str, page_status: PageStatus, findings: Mapping[str, Any]) -> tuple[CheckKind, str]:
    """Return the level of concern about a check that kept nothing, and a sentence."""
    if not outcome(code).succeeded:
        return CheckKind.DOUBT, sentence_of(code)
    if page_status is PageStatus.SOFT_404:
        return CheckKind.GONE, "The site sent a “not found” instead of the page."
    if "unread" in findings:
        return CheckKind.DOUBT, "The page came, but could not be read."
    if findings.get("cosmetic"):
        return CheckKind.CALM, TRIFLES
    return CheckKind.CALM, UNCHANGED


def _share_words(share: float) -> str:
    per_cent = round(100 * share)
    return f"{per_cent}% of the words differ." if per_cent else "A few words differ."


def _listed(names: Sequence[str]) -> str:
    listed = f"{', '.join(names[:-1])} and {names[-1]}" if len(names) > 1 else "".join(names)
    return listed.capitalize()


@dataclass(frozen=True)
class Standing:
    """A short answer that is seen at once: a tone, a few words, and a longer sentence."""

    tone: str
    words: str
    more: str


def standing_words(
    *,
    is_file: bool,
    is_kept: bool,
    leaning: int,
    page_status: PageStatus | None,
    misses: int,
    passages: Sequence[PassageState],
) -> Standing:
    """Return whether a page is still what it was when the verdicts that rely on it were given.

    `leaning` counts those verdicts. `passages` holds the present state of the passages they rely on.
    `page_status` is the state of the page. `misses` is how many checks in a row did not find the page.
    """
    if is_file:
        return Standing("good", "A file, kept as it was uploaded", "It cannot change any more.")
    if not is_kept:
        return Standing("neutral", "Nothing is kept yet", "There is no capture of the page so far.")
    if not leaning:
        return Standing(
            "neutral", "No verdict leans on it", "As soon as one does, it is looked at again by itself."
        )
    lost = _lost(passages)
    if page_status is PageStatus.DEAD:
        return Standing("bad", "The page is gone", "What it said is kept below.")
    if page_status is PageStatus.SOFT_404:
        return Standing("bad", "A “not found” stands in its place", "What it said is kept below.")
    if lost is not None:
        return lost
    if misses:
        more = "It counts as gone after three looks over three days. What it said is kept below."
        return Standing("wait", "It was not there at the last look", more)
    if page_status is PageStatus.BLOCKED:
        return Standing(
            "wait", "The site does not let us look", "Open the page yourself to see what it says."
        )
    if page_status is PageStatus.CHANGED:
        more = "The passages relied on still stand there." if passages else "No passage was chosen in it."
        return Standing("alert", "It changed after a verdict", more)
    if page_status is PageStatus.MOVED:
        return Standing("info", "It moved to another address", "It says the same there.")
    if page_status is None:
        return Standing("neutral", "Not looked at again yet", "The first look is planned within a minute.")
    more = "The passages relied on stand there." if passages else "Nothing changed that matters."
    return Standing("good", "Still what it was", more)


def _lost(passages: Sequence[PassageState]) -> Standing | None:
    for state, words in (
        (PassageState.GONE, "A passage relied on is gone"),
        (PassageState.CHANGED, "A passage relied on reads differently"),
    ):
        if state in passages:
            number = passages.count(state)
            which = f"{number} of {len(passages)} passages. " if len(passages) > 1 else ""
            more = f"{which}What it said before is kept below."
            return Standing("bad", words, more)
    return None


def proof_words(*, copies: int, leans: bool, signed: int, authorities: Sequence[str], asks: bool) -> Standing:
    """Return whether the copies that verdicts rely on, or else the newest copy, can be proved.

    `signed` of them are in the desk's chain. `authorities` vouch for the time of all of them.
    """
    if not copies:
        return Standing("neutral", "Nothing to prove yet", "A capture is hashed and signed when it arrives.")
    which = "The newest capture is" if not leans else "The capture that verdicts lean on is"
    if copies > 1:
        which = f"All {copies} captures that verdicts lean on are"
    if signed < copies:
        return Standing("wait", "Not signed yet", "That happens by itself within a minute.")
    if authorities:
        return Standing(
            "good",
            "Signed and time-stamped",
            f"{which} signed in this desk’s chain. {' and '.join(authorities)} vouched for the time.",
        )
    if asks:
        return Standing("info", "Signed, stamp on its way", f"{which} signed in this desk’s chain.")
    more = f"{which} signed in this desk’s chain. No authority vouches for the time: none is set up."
    return Standing("info", "Signed, without a time stamp", more)
