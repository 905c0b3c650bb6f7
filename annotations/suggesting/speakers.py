"""Find who is speaking in a sentence, as a suggestion for the claimant, from clear patterns only."""

import itertools
import re
from functools import cache, lru_cache
from typing import NamedTuple

from annotations.suggesting.lexicon import SPLIT_LANGUAGES, Lexicon, lexicon, without_elision

PERSON = "person"
ORGANISATION = "organization"
UNKNOWN = ""


class Speaker(NamedTuple):
    """A guess: the name as written; `person`, `organization` or empty; and a role that stands beside it."""

    name: str
    kind: str
    role: str = ""


_CAPITAL = re.compile(r"[^\W\d_a-zß-öø-ÿ]")
_LONGEST_PHRASE = 90
_QUOTES = '”“»"’'
# How many of the patterns begin with the end of a quotation.
_AFTER_QUOTES = 2
PRONOUNS = frozenset(
    """
    hij zij ze wij we ik jij u jullie er dit dat die deze men iemand niemand velen
    he she it they we i you this that these those who one there
    él ella ellos ellas yo nosotros usted ustedes esto eso quien
    er sie es wir ich ihr das dies man wer
    il elle ils elles on nous vous je ce cela qui
    ele ela eles elas eu nós você vocês isto isso quem
    """.split()
)


def speaker(sentence: str, language: str) -> Speaker | None:
    """Return the speaker named beside a word of saying, or None where no clear pattern matches."""
    code = language.partition("-")[0].lower()
    if code not in SPLIT_LANGUAGES:
        return None
    quoted = any(map(sentence.__contains__, _QUOTES))
    for pattern in _patterns(code) if quoted else _patterns(code)[_AFTER_QUOTES:]:
        for match in pattern.finditer(sentence):
            found = _read(match.group("who"), code)
            if found is not None:
                return found
    return None


@lru_cache(maxsize=len(SPLIT_LANGUAGES))
def _patterns(code: str) -> tuple[re.Pattern[str], ...]:
    words = lexicon(code)
    said = "|".join(sorted(map(re.escape, words.said_after), key=len, reverse=True))
    according = "|".join(sorted(map(re.escape, words.according_to), key=len, reverse=True))
    according += r"(?:\s+to)" if code == "en" else ""
    who = rf"(?P<who>[^,.;:!?“”„«»\"()]{{2,{_LONGEST_PHRASE}}})"
    return (
        # “…”, said X.
        re.compile(rf"[{_QUOTES}][,.]?\s*(?:{said})\s+{who}"),
        # “…”, X said.
        re.compile(rf"[{_QUOTES}][,.]?\s*{who}\s+(?:{said})\b"),
        re.compile(rf"\b(?i:{according})\s+{who}"),
        # X said: “…”, X said that …; a verb followed by its subject is another pattern: Daarna zei X.
        re.compile(rf"(?:^|[,;]\s+){who}\s+(?:{said})(?=\s*[:,“«„\"]|\s+(?:dat|that|que|dass|qu[’']|op)\b)"),
        re.compile(rf",\s*(?:{said})\s+{who}"),
    )


def _read(phrase: str, code: str) -> Speaker | None:
    """Take a noun phrase apart into role and name."""
    words = lexicon(code)
    tokens = phrase.split()
    while tokens and tokens[0].casefold() in words.articles:
        tokens.pop(0)
    if not tokens or tokens[0].casefold() in PRONOUNS:
        return None
    if code == "fr":
        tokens[0] = without_elision(tokens[0])
    lowered = [token.casefold().strip("’'") for token in tokens[:4]]
    head = next((place for place, token in enumerate(lowered) if _is_one_of(token, words.roles)), None)
    body = next(
        (place for place, token in enumerate(lowered) if _is_one_of(token, words.organisations)), None
    )
    if head is not None and (body is None or head < body):
        named, _ = _leading_name(tokens[head + 1 :], words.particles)
        if named:
            return Speaker(named, PERSON, " ".join(tokens[: head + 1]))
        return Speaker("", PERSON, _phrase(tokens, head, words))
    if body is not None:
        return Speaker(_phrase(tokens, body, words), ORGANISATION)
    name, length = _leading_name(tokens, words.particles)
    possessive = name.endswith(("'s", "’s"))
    if name and length <= 5 and not possessive and (length == len(tokens) or tokens[length][0].islower()):
        # One word alone may be a person, a country or a company.
        return Speaker(name, PERSON if length > 1 else UNKNOWN)
    return None


@lru_cache(maxsize=8192)
def _is_one_of(token: str, nouns: frozenset[str]) -> bool:
    """Whether it is one of these nouns, or a compound that ends in one: Franciscusziekenhuis."""
    return token in nouns or token.endswith(_long(nouns))


@cache
def _long(nouns: frozenset[str]) -> tuple[str, ...]:
    return tuple(noun for noun in nouns if len(noun) > 5)


def _leading_name(tokens: list[str], particles: frozenset[str]) -> tuple[str, int]:
    """Return the capitalised words at the start, with particles between them, and how many words that is."""
    taken: list[str] = []
    for token in tokens:
        if _CAPITAL.match(token) or (taken and token.casefold() in particles):
            taken.append(token)
        else:
            break
    while taken and not _CAPITAL.match(taken[-1]):
        taken.pop()
    return " ".join(taken), len(taken)


def _phrase(tokens: list[str], noun: int, words: Lexicon) -> str:
    """Return a noun with the words before it and what follows it: particles, articles after them, names."""
    taken = tokens[: noun + 1]
    for before, token in itertools.pairwise(tokens[noun:]):
        linked = before.casefold() in words.particles or before.casefold() in words.articles
        if token.casefold() in words.said or not (
            linked or token[0].isupper() or token.casefold() in words.particles
        ):
            break
        taken.append(token)
    return " ".join(taken)
