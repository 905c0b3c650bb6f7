"""Guess the language of a text; people can correct the guess."""

import re
from functools import lru_cache

from py3langid.langid import MODEL_FILE, LanguageIdentifier

from annotations.suggesting.lexicon import SPLIT_LANGUAGES

# Fewer candidates make better guesses: the six with word lists of their own, and others that newsrooms meet.
DETECTED = (
    *SPLIT_LANGUAGES,
    "it",
    "pl",
    "tr",
    "ru",
    "uk",
    "ar",
    "fa",
    "he",
    "zh",
    "ja",
    "ko",
    "el",
    "hi",
    "id",
)
UNKNOWN = "und"
"""The ISO 639 code for an unknown language."""

_SAMPLE_LENGTH = 20_000
_PASSAGE_SAMPLE = 300
_FEWEST_WORDS = 5
_FEWEST_IN_PASSAGE = 15
_LITTLE_SHARE = 0.08
# Frequent words of each language that the other five do not have.
_LITTLE_WORDS = {
    "nl": frozenset("het een van zijn niet dat voor".split()),
    "en": frozenset("the of and was that to".split()),
    "es": frozenset("el los las del una".split()),
    "de": frozenset("der und den ist das".split()),
    "fr": frozenset("les des est une et".split()),
    "pt": frozenset("os do da uma em".split()),
}
_WORD = re.compile(r"[^\W\d_]+")
_UNSPACED = re.compile("[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")


@lru_cache(maxsize=1)
def _identifier() -> LanguageIdentifier:
    identifier = LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
    identifier.set_languages(DETECTED)
    return identifier


def detect(text: str, hint: str | None = None) -> str:
    """ISO 639-1 code of the text's language.

    Text of fewer than five words says too little: it gets `hint`, or `und` without one.
    """
    sample = text[:_SAMPLE_LENGTH]
    if not _enough(sample, _FEWEST_WORDS):
        return hint or UNKNOWN
    return str(_identifier().classify(sample)[0])


def passage_language(passage: str, document_language: str) -> str:
    """The language of a paragraph: the document's own unless another is near certain."""
    words = _WORD.findall(passage[:_PASSAGE_SAMPLE])
    if len(words) < _FEWEST_IN_PASSAGE and not _enough(passage, _FEWEST_IN_PASSAGE):
        return document_language
    if _read_as(words, document_language):
        return document_language
    language, confidence = _identifier().classify(passage[:_PASSAGE_SAMPLE])
    return str(language) if confidence > 0.95 else document_language


def _read_as(words: list[str], language: str) -> bool:
    """Whether the frequent words of a language are as frequent here; this costs less than classifying."""
    little = _LITTLE_WORDS.get(language.partition("-")[0], frozenset())
    return sum([word.casefold() in little for word in words]) > _LITTLE_SHARE * len(words)


def _enough(text: str, words: int) -> bool:
    if len(_UNSPACED.findall(text)) >= 2 * words:
        return True
    return len(_WORD.findall(text)) >= words
