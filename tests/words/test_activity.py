"""The log speaks in words, whatever was done."""

import pytest

from annotations.domain.activity import Verb
from annotations.words.activity import verb_words


def test_each_verb_has_words_of_its_own() -> None:
    words = {verb: verb_words(verb) for verb in Verb}
    assert len(set(words.values())) == len(words)
    assert [verb for verb, said in words.items() if not said or "_" in said] == []


def test_what_is_no_verb_has_no_words() -> None:
    with pytest.raises(ValueError, match="froze"):
        verb_words("froze")
