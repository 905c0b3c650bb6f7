"""How much in a sentence can be checked: a score made of reasons that people can read.

The weights are set by hand and rank sentences; they decide nothing.
"""

import re
from dataclasses import dataclass

from annotations.domain.sensitive import MONTHS_AND_DAYS, NUMBER_WORDS
from annotations.suggesting.lexicon import Lexicon, lexicon, without_elision
from annotations.suggesting.speakers import PRONOUNS


@dataclass(frozen=True, slots=True)
class Reason:
    """One thing that can be checked: a stable code, and the words that show it in plain English."""

    code: str
    words: str


@dataclass(frozen=True, slots=True)
class Score:
    """0..1, higher is more to check; the reasons stand strongest first."""

    value: float
    reasons: tuple[Reason, ...]


# code: (weight, what it is called). Weights join as chances do: each takes its share of what is left.
_FEATURES: dict[str, tuple[float, str]] = {
    "office": (0.60, "a change of office"),
    "money": (0.45, "an amount of money"),
    "percentage": (0.45, "a percentage"),
    "figure": (0.42, "a figure"),
    "utterance": (0.35, "an utterance with a speaker"),
    "act": (0.34, "a reported act"),
    "comparison": (0.22, "a comparison"),
    "date": (0.20, "a date or time"),
    "name": (0.14, "a name"),
}
_QUESTION, _OPINION, _SHORT, _UNFINISHED = 0.35, 0.75, 0.6, 0.7

_WORD = re.compile(r"[^\W\d_]+(?:['’.-][^\W\d_]+)*")
_FIGURE = re.compile(r"\d[\d.,]*(?:\s?(?:km|kg|m²|MW|GW|°C)\b)?")
_DIGIT = re.compile(r"\d")
_PERCENT = re.compile(r"\d[\d.,]*\s?[%‰٪]")
_MONEY = re.compile(r"(?:[€$£¥]|\b(?:EUR|USD|US\$))\s?\d[\d.,]*|\d[\d.,]*\s?(?:[€$£¥]|EUR\b|USD\b)")
_YEAR_OR_TIME = re.compile(r"\b(?:1[5-9]|20)\d\d\b|\b\d{1,2}[:.h]\d{2}\b|\b\d{1,2}[-/.]\d{1,2}[-/.]\d{2,4}\b")
_DAY = r"\d{1,2}(?:er|st|nd|rd|th|[.º])?"
# The word beside the day is looked up, which is far quicker than a pattern of a hundred months and days.
_DAY_BEFORE = re.compile(rf"\b{_DAY}\s+(?:de\s+)?([^\W\d]+)")
_DAY_AFTER = re.compile(rf"\b([^\W\d]+)\s+{_DAY}\b(?!\s+(?:de\s+)?[^\W\d])")
_HOUR = re.compile(
    r"\b\d{1,2}(?:[.:]\d{2})?\s+(?:uur|h|Uhr|heures?|horas|o['’]clock|[ap]\.?m\b)", re.IGNORECASE
)
# A capital after a word or a comma; one after a full stop or an opening quote says nothing.
_NAME = re.compile(r"(?<=[\w,] )[^\W\d_a-zß-öø-ÿ][\w\-]+(?: [^\W\d_a-zß-öø-ÿ][\w\-]+)*")
_QUOTE = re.compile('[“”„«»"‘]')
# Number words that mostly mean something else.
_RARELY_NUMBERS = frozenset(
    "één uno um un eerste second first double doble dobro half null cero once".split()
)


def score(sentence: str, language: str) -> Score:
    """Score one sentence; a language without own words counts figures, dates, money and names only."""
    words = lexicon(language)
    tokens = [match.group() for match in _WORD.finditer(sentence)]
    lowered = [without_elision(token.casefold()) for token in tokens]
    if not lowered and not _FIGURE.search(sentence):
        return Score(0.0, ())
    found = _figures(sentence, lowered, words)
    found |= _words(sentence, tokens, lowered, words)
    reasons = [Reason(code, f"{_FEATURES[code][1]}: {shown}") for code, shown in found.items()]
    reasons.sort(key=lambda reason: -_FEATURES[reason.code][0])
    left = 1.0
    for reason in reasons:
        left *= 1 - _FEATURES[reason.code][0]
    return Score(round((1 - left) * _doubt(sentence, lowered, words), 3), tuple(reasons))


def _figures(sentence: str, lowered: list[str], words: Lexicon) -> dict[str, str]:
    found: dict[str, str] = {}
    percent = money = figure = None
    dates: list[str] = []
    # Most sentences hold no digit, and the patterns below are the dear part of scoring.
    if _DIGIT.search(sentence):
        percent, money = _PERCENT.search(sentence), _MONEY.search(sentence)
        remaining = _PERCENT.sub(" ", _MONEY.sub(" ", sentence))
        for pattern in (_DAY_BEFORE, _DAY_AFTER):
            days = (match for match in pattern.finditer(remaining) if match[1].casefold() in MONTHS_AND_DAYS)
            dates += [day.group() for day in days]
        for pattern in (_HOUR, _YEAR_OR_TIME):
            dates += pattern.findall(remaining)
        for date in dates:
            remaining = remaining.replace(date, " ")
        figure = _FIGURE.search(remaining)
    numbers = [word for word in lowered if word in NUMBER_WORDS and word not in _RARELY_NUMBERS]
    compound = next((word for word in lowered if _is_number_compound(word)), "")
    named_date = _first(lowered, MONTHS_AND_DAYS)
    named_percent = _first(lowered, words.percent)
    named_money = _first(lowered, words.money)
    if percent or (named_percent and (figure or numbers)):
        found["percentage"] = percent.group() if percent else named_percent
    if money or (named_money and (figure or numbers)):
        found["money"] = money.group().strip(".,") if money else named_money
    if (figure and not found) or numbers or compound:
        found["figure"] = (
            numbers[0] if numbers else compound or (figure.group().strip(".,") if figure else "")
        )
    if dates or (named_date and (figure or named_date not in {"may", "march", "mars", "morgen"})):
        found["date"] = dates[0] if dates else named_date
    return found


def _words(sentence: str, tokens: list[str], lowered: list[str], words: Lexicon) -> dict[str, str]:
    found: dict[str, str] = {}
    names = [match.group() for match in _NAME.finditer(sentence)]
    said = _first(lowered, words.said)
    role = _first(lowered, words.roles | words.organisations)
    opens_with_speaker = lowered[1:2] == [said] and lowered[0] not in PRONOUNS
    if said and (names or role or opens_with_speaker or _QUOTE.search(sentence)):
        found["utterance"] = said
    act = _first(lowered, words.acts)
    office = _first(lowered, words.office)
    change = _first(lowered, words.change)
    if office and change and office != change:
        found["office"] = f"{office}, {change}"
    elif act:
        found["act"] = act
    comparison = _first(lowered, words.comparison)
    if comparison:
        found["comparison"] = comparison
    if names:
        found["name"] = names[0]
    return found


def _doubt(sentence: str, lowered: list[str], words: Lexicon) -> float:
    """What lowers the score: a question, an opinion or a wish, a heading or a scrap."""
    factor = 1.0
    if sentence.rstrip("\"'”’») ").endswith(("?", "？", "؟")):
        factor *= _QUESTION
    if _first(lowered, words.opinion):
        factor *= _OPINION
    if 0 < len(lowered) < 5:
        factor *= _SHORT
    if not re.search(r"[.!?…。！？؟۔:;]", sentence[-3:]):
        factor *= _UNFINISHED
    return factor


def _first(lowered: list[str], wanted: frozenset[str]) -> str:
    return next((word for word in lowered if word in wanted), "")


def _is_number_compound(word: str) -> bool:
    """Dutch and German write numbers as one word: zevenendertig, vierundfünfzig, tweehonderd."""
    return (
        len(word) > 7
        and word.endswith(_NUMBER_ENDINGS)
        and word.startswith(_NUMBER_STARTS)
        and any(joint in word for joint in _NUMBER_JOINTS)
    )


_NUMBER_ENDINGS = ("tig", "zig", "ßig", "honderd", "hundert", "duizend", "tausend")
_NUMBER_JOINTS = ("en", "ën", "und", "honderd", "hundert", "duizend", "tausend")
_NUMBER_STARTS = tuple(
    (
        "een één twee drie vier vijf zes zeven acht negen tien elf twaalf twin der veer vijft "
        "ein zwei drei fünf sechs sieben neun zehn zwölf hundert honderd"
    ).split()
)
