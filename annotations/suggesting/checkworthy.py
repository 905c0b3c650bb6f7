"""How much in a sentence can be checked: a score made of reasons, each with the words that show it.

The weights are set by hand; they rank sentences and decide nothing. Every sentence of every article is
scored here, so a pattern begins with what is rarest in a text and is tried only where it can match.
"""

import re
from collections.abc import Sequence
from functools import lru_cache
from itertools import islice
from typing import NamedTuple

from annotations.domain.claims.check_reasons import MAX_SHOWN, CheckReason
from annotations.domain.claims.guarded_words import MONTHS_AND_DAYS
from annotations.suggesting.speakers import PRONOUNS
from annotations.suggesting.vocabulary import HOUR, WORD, lower, vocabulary


class Reason(NamedTuple):
    """One thing that can be checked: a code of `CheckReason`, and the words of the sentence that show it."""

    code: str
    shown: str


class Score(NamedTuple):
    """A value from 0 to 1, where higher means more to check, and the reasons, strongest first."""

    value: float
    reasons: tuple[Reason, ...]


# Strongest first. Weights combine as probabilities do: each takes its share of what is left. The codes are
# plain strings here, which are looked up faster than members of an enum.
_WEIGHTS: dict[str, float] = {
    CheckReason.OFFICE.value: 0.60,
    CheckReason.PERCENTAGE.value: 0.45,
    CheckReason.MONEY.value: 0.45,
    CheckReason.FIGURE.value: 0.42,
    CheckReason.UTTERANCE.value: 0.35,
    CheckReason.ACT.value: 0.34,
    CheckReason.COMPARISON.value: 0.22,
    CheckReason.DATE.value: 0.20,
    CheckReason.NAME.value: 0.14,
}
_QUESTION, _OPINION, _SHORT, _UNFINISHED = 0.35, 0.75, 0.6, 0.7

_DIGIT = re.compile(r"\d")
_FIGURE = re.compile(r"\d[\d.,]*(?:\s?(?:km|kg|m²|MW|GW|°C)\b)?")
_PERCENT = re.compile(r"\d[\d.,]*\s?[%‰٪]")
_PERCENT_SIGNS = ("%", "‰", "٪")
_MONEY = re.compile(r"(?:[€$£¥]|\b(?:EUR|USD|US\$))\s?\d[\d.,]*|\d[\d.,]*\s?(?:[€$£¥]|EUR\b|USD\b)")
_MONEY_SIGNS = ("€", "$", "£", "¥", "EUR", "USD")
# A digit that opens a number. It comes first: a pattern that begins with a word boundary would be tried
# at every character.
_OPENING_DIGIT = r"\d(?<!\w\d)"
_YEAR_OR_TIME = re.compile(
    rf"{_OPENING_DIGIT}(?:(?:(?<=1)[5-9]|(?<=2)0)\d\d\b|\d?[:.h]\d{{2}}\b|\d?[-/.]\d{{1,2}}[-/.]\d{{2,4}}\b)"
)
_ORDINAL = r"(?:er|st|nd|rd|th|[.º])?"
# The word beside the day is looked up, which is much faster than a pattern of a hundred months and days.
_DAY_BEFORE = re.compile(rf"{_OPENING_DIGIT}\d?{_ORDINAL}\s+(?:de\s+)?([^\W\d]+)")
_DAY_AFTER = re.compile(rf"\s\s*+\d{{1,2}}{_ORDINAL}\b(?!\s+(?:de\s+)?[^\W\d])")
_LAST_LETTERS = re.compile(r"\b[^\W\d]+\Z")
_LONGEST_MONTH = max(map(len, MONTHS_AND_DAYS))
_HOUR = re.compile(rf"{_OPENING_DIGIT}\d?(?:[.:]\d{{2}})?\s+{HOUR}")
# A capital after a word or a comma; one after a full stop or an opening quote says nothing.
_CAPITAL = r"[^\W\d_a-zß-öø-ÿ]"
_NAME = re.compile(rf"{_CAPITAL}(?<=[\w,] .)[\w\-]+(?: {_CAPITAL}[\w\-]+)*")
_QUOTE = re.compile('[“”„«»"‘]')
_MARK_AT_END = re.compile(r"[.!?…。！？؟۔:;]")


def score(sentence: str, language: str, pieces: Sequence[str] | None = None) -> Score:
    """Score one sentence; a language without own words counts figures, dates, money and names only.

    `pieces` is the sentence split at blanks, where the caller has it already.
    """
    count = 0
    first: dict[str, str] = {}
    known = vocabulary(language)
    for words, marked in map(known.__getitem__, sentence.split() if pieces is None else pieces):
        count += words
        for kind, word in marked:
            if kind not in first:
                first[kind] = word
    if not count and not _FIGURE.search(sentence):
        return Score(0.0, ())
    found = _figures(sentence, first)
    _words(sentence, first, found)
    codes = tuple(code for code in _WEIGHTS if code in found)
    value = _joint_weight(codes) * _doubt(sentence, count, first)
    return Score(round(value, 3), tuple([_reason(code, found[code]) for code in codes]))


@lru_cache(maxsize=8192)
def _reason(code: str, shown: str) -> Reason:
    return Reason(code, shown[:MAX_SHOWN])


@lru_cache(maxsize=512)
def _joint_weight(codes: tuple[str, ...]) -> float:
    left = 1.0
    for code in codes:
        left *= 1 - _WEIGHTS[code]
    return 1 - left


def _figures(sentence: str, first: dict[str, str]) -> dict[str, str]:
    found: dict[str, str] = {}
    percent = money = figure = None
    dates: list[str] = []
    # Most sentences hold no digit, and the patterns below are the expensive part of scoring.
    digit = _DIGIT.search(sentence)
    if digit:
        remaining = sentence
        if any(map(sentence.__contains__, _MONEY_SIGNS)):
            money = _MONEY.search(sentence)
            remaining = _MONEY.sub(" ", remaining)
        if any(map(sentence.__contains__, _PERCENT_SIGNS)):
            percent = _PERCENT.search(sentence)
            remaining = _PERCENT.sub(" ", remaining)
        # None of these begins before the first digit, unless something before it was cut out.
        at = digit.start() if remaining is sentence else 0
        if "month" in first:
            dates += _days(remaining, at)
        if "hour" in first:
            dates += _HOUR.findall(remaining, at)
        dates += _YEAR_OR_TIME.findall(remaining, at)
        for date in dates:
            remaining = remaining.replace(date, " ")
        figure = _FIGURE.search(remaining)
    number = first.get("number", "") or first.get("compound", "")
    named_date = first.get("date", "")
    if percent or ("percent" in first and (figure or "number" in first)):
        found["percentage"] = percent.group() if percent else first["percent"]
    if money or ("money" in first and (figure or "number" in first)):
        found["money"] = money.group().strip(".,") if money else first["money"]
    if (figure and not found) or number:
        found["figure"] = number or (figure.group().strip(".,") if figure else "")
    if dates or (named_date and (figure or named_date not in {"may", "march", "mars", "morgen"})):
        found["date"] = dates[0] if dates else named_date
    return found


def _days(text: str, at: int) -> list[str]:
    """30 april, 1er de mayo; then April 30. No digit stands before `at`."""
    found = [day.group() for day in _DAY_BEFORE.finditer(text, at) if day[1].casefold() in MONTHS_AND_DAYS]
    for day in _DAY_AFTER.finditer(text):
        blank = day.start()
        month = _LAST_LETTERS.search(text, max(0, blank - _LONGEST_MONTH), blank)
        if month and month.group().casefold() in MONTHS_AND_DAYS:
            found.append(text[month.start() : day.end()])
    return found


def _words(sentence: str, first: dict[str, str], found: dict[str, str]) -> None:
    name = _NAME.search(sentence)
    said = first.get("said", "")
    if said and (name or "role" in first or _opens_with_speaker(sentence, said) or _QUOTE.search(sentence)):
        found["utterance"] = said
    act = first.get("act", "")
    office = first.get("office", "")
    change = first.get("change", "")
    if office and change and office != change:
        found["office"] = f"{office}, {change}"
    elif act:
        found["act"] = act
    if "comparison" in first:
        found["comparison"] = first["comparison"]
    if name:
        found["name"] = name.group()


def _opens_with_speaker(sentence: str, said: str) -> bool:
    opening = [lower(word.group()) for word in islice(WORD.finditer(sentence), 2)]
    return opening[1:] == [said] and opening[0] not in PRONOUNS


def _doubt(sentence: str, count: int, first: dict[str, str]) -> float:
    """What lowers the score: a question, an opinion or a wish, a heading or a scrap."""
    factor = 1.0
    if sentence.rstrip("\"'”’») ").endswith(("?", "？", "؟")):
        factor *= _QUESTION
    if "opinion" in first:
        factor *= _OPINION
    if 0 < count < 5:
        factor *= _SHORT
    if not _MARK_AT_END.search(sentence[-3:]):
        factor *= _UNFINISHED
    return factor
