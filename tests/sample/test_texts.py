"""The bundled texts hold what the tutorial, the sample desk and the demonstrations rely on."""

import pytest

from annotations.sample.texts import SampleText, sample_texts


@pytest.fixture(scope="module")
def article() -> SampleText:
    return sample_texts()[0]


def test_the_texts_are_in_dutch_spanish_and_english() -> None:
    assert [text.language for text in sample_texts()] == ["nl", "es", "en"]


def test_every_text_says_in_its_first_line_that_it_is_demonstration_material() -> None:
    marks = {
        "nl": "Demonstratiemateriaal.",
        "es": "Material de demostración.",
        "en": "Demonstration material.",
    }
    for text in sample_texts():
        assert text.text.startswith(marks[text.language])


def test_the_article_is_of_newspaper_length(article: SampleText) -> None:
    assert 700 <= len(article.text.split()) <= 1000


@pytest.mark.parametrize(
    "words",
    [
        "zijn minstens vijftig gewonden binnengebracht, zei een woordvoerder van het ziekenhuis",
        "President Maduro heeft het hoofd van de inlichtingendienst SEBIN vervangen.",
        "López zei dat hij ’s-nachts door soldaten was bevrijd.",
    ],
)
def test_the_article_holds_the_three_statements_of_the_demonstration_once(
    article: SampleText, words: str
) -> None:
    assert article.text.count(words) == 1


@pytest.mark.parametrize(
    "words", ["’s-ochtends", "mr. dr. J.A. de Wit", "d.w.z.", "ca. € 117 mln.", "‘", "“"]
)
def test_the_article_holds_what_breaks_careless_sentence_splitters(article: SampleText, words: str) -> None:
    assert words in article.text


def test_the_article_has_a_sub_heading_run_into_its_paragraph(article: SampleText) -> None:
    assert "\nNieuwe chef bij de SEBIN\nPresident Maduro" in article.text
