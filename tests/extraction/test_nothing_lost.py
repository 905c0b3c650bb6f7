"""What stands in an article stands in its text, or is reported; the same bytes are read the same."""

import random

import pytest

from annotations.extraction import Extracted, extract_page, html
from annotations.extraction.plain import stripped

WORDS = (
    "council bridge minister protest hospital square report injured budget river evening spokesman police"
    " union court statement witness village border election market winter school harbour station"
).split()
MENU = '<nav><ul><li><a href="/">Home 90001</a></li><li><a href="/sport">Sport</a></li></ul></nav>'
FOOTER = "<footer><p>© 90002 The Courier</p></footer>"


class Article:
    """A generated article that remembers what it holds."""

    def __init__(self, seed: int) -> None:
        self._chance = random.Random(seed)
        self.numbers: list[str] = []
        self.quotes: list[str] = []
        self.links: list[str] = []
        self.headings: list[str] = []
        self.body = "".join(self._part() for _ in range(14))

    def sentence(self) -> str:
        words = " ".join(self._chance.choice(WORDS) for _ in range(self._chance.randint(8, 16)))
        return f"The {words} counted {self.number()} of them."

    def number(self) -> str:
        number = f"{self._chance.randint(1000, 99999)}{self._chance.choice(['', '.5', ',25'])}"
        self.numbers.append(number)
        return number

    def _paragraph(self) -> str:
        return f"<p>{self.sentence()} {self.sentence()} {self.sentence()}</p>"

    def _part(self) -> str:
        kind = self._chance.choice(["p", "p", "quote", "link", "h2", "ul", "table", "caption", "said"])
        if kind == "quote":
            return f"<blockquote><p>{self.sentence()} {self.sentence()}</p></blockquote>{self._paragraph()}"
        if kind == "said":
            said = " ".join(self._chance.choice(WORDS) for _ in range(6))
            self.quotes.append(f"“{said}”")
            return f"<p>{self.sentence()} “{said}”, she said. {self.sentence()}</p>"
        if kind == "link":
            words = " ".join(self._chance.choice(WORDS) for _ in range(3))
            self.links.append(words)
            link = f'<a href="/x/{len(self.links)}">{words}</a>'
            return f"<p>{self.sentence()} As {link} says. {self.sentence()}</p>"
        if kind == "h2":
            heading = f"On the {' '.join(self._chance.choice(WORDS) for _ in range(3))}"
            self.headings.append(heading)
            return f"<h2>{heading}</h2>{self._paragraph()}"
        if kind == "ul":
            return f"<ul><li>{self.sentence()}</li><li>{self.sentence()}</li></ul>{self._paragraph()}"
        if kind == "table":
            rows = "".join(f"<tr><td>Row</td><td>{self.number()}</td></tr>" for _ in range(3))
            return f"<table><tr><th>What</th><th>Count</th></tr>{rows}</table>{self._paragraph()}"
        if kind == "caption":
            caption = f"<figcaption>Picture: {self.sentence()}</figcaption>"
            return f'<figure><img src="/a.jpg" alt="">{caption}</figure>{self._paragraph()}'
        return self._paragraph()

    def page(self, frame: str) -> bytes:
        first, last = self._paragraph(), self._paragraph()
        inner = frame.format(f"<h1>The headline of it</h1>{first}{self.body}{last}")
        head = "<head><title>The headline of it</title></head>"
        return f"<!doctype html><html lang='en'>{head}<body>{MENU}{inner}{FOOTER}</body></html>".encode()


@pytest.mark.parametrize("frame", ["{}", "<div>{}</div>", "<main><article>{}</article></main>"])
@pytest.mark.parametrize("seed", range(25))
def test_numbers_quotes_links_headings_lists_tables_and_captions_survive(seed: int, frame: str) -> None:
    article = Article(seed)
    read = html.read(article.page(frame), {})
    for kind in (article.numbers, article.quotes, article.links, article.headings):
        assert [one for one in kind if one not in read.text] == []
    assert "text_left_out" not in read.warnings
    assert "90001" not in read.text
    assert "90002" not in read.text


def page_with(rows: str) -> tuple[bytes, list[str]]:
    numbers = [str(number) for number in range(7000, 7090)]
    before, after = Article(1), Article(2)
    inner = "".join(
        rows.format(f"In this district {number} people were counted in all") for number in numbers
    )
    return f"<html><body><article>{before.body}{inner}{after.body}</article></body></html>".encode(), numbers


def test_numbers_that_extraction_drops_from_the_article_are_reported() -> None:
    page, numbers = page_with('<div class="row">{}</div>')
    read = html.read(page, {})
    assert [number for number in numbers if f"district {number} people" in read.text] == []
    assert "text_left_out" in read.warnings


@pytest.mark.parametrize("rows", ["<div hidden>{}</div>", '<div style="display: none">{}</div>'])
def test_what_the_page_itself_hides_is_not_reported(rows: str) -> None:
    page, _ = page_with(rows)
    assert "text_left_out" not in html.read(page, {}).warnings


@pytest.mark.parametrize("seed", range(3))
def test_the_same_bytes_give_the_same_reading_and_say_by_which_versions(seed: int) -> None:
    page = Article(seed).page("{}")

    def again() -> Extracted:
        return extract_page(page, "text/html", url="https://news.example/2026/02/03/a")

    assert again() == again()
    names = [part.partition("/")[0] for part in again().extractor.split(" ")]
    libraries = ["trafilatura", "htmldate", "lxml", "charset-normalizer", "w3lib", "libxml2"]
    assert names == ["factcheck-reading", *libraries]
    assert len(again().extractor) <= 200


@pytest.mark.parametrize(
    ("markup", "words"),
    [
        ("<p>One<br>two</p><script>no</script>three", "One two three"),
        ("<SCRIPT>no</script >two", "two"),
        ("a < b and c > d", "a < b and c > d"),
        ("one<!-- no --> two <!-- never closed", "one two"),
        ("<style>p{}</style>one &amp; <b>two", "one & two"),
        ("<script>never closed, so its words count", "never closed, so its words count"),
        ("<select><option>no</option></select>yes", "yes"),
        ("", ""),
    ],
)
def test_the_plain_words_of_markup_are_those_a_reader_would_see(markup: str, words: str) -> None:
    assert stripped(markup) == words


def test_the_plain_words_of_broken_markup_take_time_with_its_length_alone() -> None:
    assert stripped("<script>" * 300_000) == ""
    assert len(stripped("<" * 500_000)) == 500_000
