"""What is proposed from an article stays as it is until somebody means to change it."""

import json
from pathlib import Path
from typing import Any

import pytest

from annotations.suggesting import propose
from annotations.suggesting.vocabulary import vocabulary

ARTICLES = json.loads(Path(__file__).with_name("proposals.json").read_text(encoding="utf-8"))


def proposed(article: dict[str, Any]) -> list[list[Any]]:
    return [
        [
            found.start,
            found.end,
            found.score,
            found.language,
            [list(reason) for reason in found.reasons],
            found.claimant_name,
            found.claimant_kind,
            found.claimant_role,
        ]
        for found in propose(article["text"], article["language"])
    ]


@pytest.mark.parametrize("article", ARTICLES, ids=[article["language"] for article in ARTICLES])
def test_an_article_gives_the_proposals_it_always_gave(article: dict[str, Any]) -> None:
    assert proposed(article) == article["proposals"]
    # The second time every word is known already.
    assert proposed(article) == article["proposals"]


def test_a_word_is_known_without_its_marks_and_blanks() -> None:
    words = vocabulary("nl")
    assert words["“Ziekenhuis”,"].marked == (("role", "ziekenhuis"),)
    assert words["12,5"] == words["–"] == (0, ())
    assert words["tafel-laken"].words == 1
    assert words["oud/nieuw"].words == 2


def test_languages_without_own_words_share_one_vocabulary() -> None:
    assert vocabulary("xx") is vocabulary("ar")
    assert vocabulary("nl-BE") is vocabulary("nl")


def test_what_is_kept_of_words_does_not_grow_without_end() -> None:
    words = vocabulary("xx")
    for number in range(60_000):
        # Letters only, since figures are not kept.
        assert words["".join(chr(ord("a") + int(digit)) for digit in str(number))].words == 1
    assert len(words) <= 20_000
