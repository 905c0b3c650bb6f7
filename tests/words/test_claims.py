"""Why a claim is worth checking is said in words, the strongest reason first."""

from annotations.domain.claims.check_reasons import CheckReason
from annotations.words.claims import reason_words


def test_each_reason_has_words_of_its_own() -> None:
    words = {words for reason in CheckReason for words in reason_words({reason.value: "so"})}
    assert len(words) == len(CheckReason)
    assert "an utterance with a speaker: so" in words


def test_reasons_are_said_strongest_first_however_they_are_kept() -> None:
    kept = {"name": "Maduro", "act": "vervangen", "office": "president, vervangen"}
    assert reason_words(kept) == [
        "a change of office: president, vervangen",
        "a reported act: vervangen",
        "a name: Maduro",
    ]
    assert reason_words({}) == []


def test_what_was_kept_before_there_were_codes_is_said_as_it_was() -> None:
    assert reason_words({"other": "someone is quoted", "figure": ""}) == ["a figure", "someone is quoted"]
