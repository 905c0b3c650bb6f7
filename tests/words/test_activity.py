"""The log speaks in words, whatever was done."""

import pytest
from django.utils import timezone

from annotations.domain.activity import Verb
from annotations.words.activity import detail_words, verb_words


def test_each_verb_has_words_of_its_own() -> None:
    words = {verb: verb_words(verb) for verb in Verb}
    assert len(set(words.values())) == len(words)
    assert [verb for verb, said in words.items() if not said or "_" in said] == []


def test_what_is_no_verb_has_no_words() -> None:
    with pytest.raises(ValueError, match="froze"):
        verb_words("froze")


@pytest.mark.parametrize(
    ("details", "words"),
    [
        ({"priority": 2}, "priority 2"),
        ({"due_at": "2019-05-03T08:00:00+00:00"}, "due 3 May 2019, 10:00"),
        ({"priority": 1, "due_at": None}, "priority 1 · no due date"),
        ({"reason": "holiday", "until": "2019-05-03T08:00:00+00:00"}, "holiday · until 3 May 2019, 10:00"),
        ({"anchor": "orphaned"}, "The words are gone from the article"),
        ({"anchor": "edited"}, "The article reads differently there now"),
        ({"from": "Eva"}, "from Eva"),
        ({"from": "Desk", "to": "Newsroom"}, "Desk → Newsroom"),
        ({"changed": {"statement": ["a"], "said_on": []}}, "the statement, when it was made"),
        ({"from": {"outlet": ""}, "to": {"outlet": "De Gids"}}, "the outlet"),
        ({"from": [], "to": ["caracas", "oil"]}, "none → caracas, oil"),
        ({"verdict": 7, "start": 3}, ""),
    ],
)
def test_a_line_says_what_was_changed_as_people_say_it(details: dict[str, object], words: str) -> None:
    with timezone.override("Europe/Amsterdam"):
        assert detail_words(details) == words
