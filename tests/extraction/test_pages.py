import gzip
from datetime import date

import pytest

from annotations.domain.fetches.outcomes import WARNINGS
from annotations.extraction import ExtractionLimits, Unreadable, extract_document, extract_page
from annotations.extraction.result import MAX_TEXT_LENGTH
from tests.fakes.site import ARTICLE

PARAGRAPH = (
    "The city council voted on Tuesday to close the bridge for two years, at a cost of 41 million euros. "
)
NEWS = f"""<!doctype html><html lang="nl-NL"><head><meta charset="utf-8">
<title>Brug twee jaar dicht - De Courant</title>
<meta property="og:title" content="Brug twee jaar dicht"><meta property="og:site_name" content="De Courant">
<meta property="og:description" content="De gemeenteraad stemde voor.">
<script type="application/ld+json">{{"@context": "https://schema.org", "@graph": [
 {{"@type": "NewsArticle", "headline": "Brug twee jaar dicht",
  "datePublished": "2026-02-03T10:00:00+01:00", "isAccessibleForFree": false,
  "author": [{{"@type": "Person", "name": "Sanne de Vries"}},
  {{"@type": "Person", "name": "Omar Haddad"}}],
  "publisher": {{"@type": "Organization", "name": "De Courant"}}}}]}}
</script><style>p {{ color: red }}</style></head><body>
<nav><a href="/">Home</a> <a href="/sport">Sport</a></nav>
<main><article><h1>Brug twee jaar dicht</h1><p>{PARAGRAPH * 3}</p><h2>Waarom nu</h2>
<p>De wethouder zei: “Het kan niet anders.” {PARAGRAPH * 2}</p><ul><li>Eerste gevolg: omrijden</li></ul>
</article></main><footer>© De Courant</footer><script>alert("x")</script></body></html>""".encode()


def test_a_news_page_gives_its_text_and_says_where_each_fact_came_from() -> None:
    read = extract_page(NEWS, "text/html")
    assert read.title == "Brug twee jaar dicht"
    assert read.author == "Sanne de Vries, Omar Haddad"
    assert (read.published_on, read.site, read.language) == (date(2026, 2, 3), "De Courant", "nl")
    assert read.excerpt == "De gemeenteraad stemde voor."
    assert read.provenance["author"] == "json-ld"
    assert read.provenance["published_on"] == "json-ld"
    assert read.provenance["language"] == "html lang"
    assert "De wethouder zei: “Het kan niet anders.”" in read.text
    assert "Waarom nu" in read.text.split("\n\n")
    assert "41 million" in read.text
    assert "alert" not in read.text
    assert "color: red" not in read.text
    assert read.warnings == ("paywall",)


def test_a_short_page_loses_nothing() -> None:
    read = extract_page(ARTICLE, "text/html")
    assert read.title == "The bridge opened on Monday"
    assert "It cost 41 million euros." in read.text
    assert "Some 300 people walked across it" in read.text
    assert read.warnings == ()


@pytest.mark.parametrize(
    ("charset", "words"),
    [
        ("windows-1252", "De burgemeester zei: “Dat was één jaar geleden”, en sloot af met een café-bezoek."),
        ("iso-8859-1", "El año pasado la policía detuvo a más de 300 personas en la región de Aragón."),
        ("utf-16", "El año pasado la policía detuvo a más de 300 personas."),
        ("gb18030", "据北京市政府星期二公布的数字，大桥的建设费用为四千一百万欧元，市长当天上午宣布通车。"),
        ("shift_jis", "市長は月曜日の朝、新しい橋を開通させた。建設費は四千百万ユーロだった。"),
        ("windows-1256", "قال رئيس البلدية يوم الاثنين إن الجسر الجديد كلف واحدا وأربعين مليون يورو"),
        ("koi8-r", "Мэр города открыл новый мост в понедельник утром, он стоил 41 миллион евро."),
    ],
)
def test_letters_arrive_whole_when_the_header_names_the_charset(charset: str, words: str) -> None:
    read = extract_page(words.encode(charset), "text/plain", charset)
    assert read.text == words
    assert "undecodable_bytes" not in read.warnings


@pytest.mark.parametrize(
    "words",
    [
        "El año pasado la policía detuvo a más de 300 personas en la región. El niño comió piña mañana.",
        "Policja zatrzymała wczoraj trzystu ludzi, powiedział rzecznik. Źródło: sąd w Łodzi, część druga.",
        "Мэр города открыл новый мост в понедельник утром. Строительство стоило 41 миллион евро, сказал он.",
    ],
)
def test_a_page_that_names_no_charset_is_guessed_and_marked(words: str) -> None:
    charset = {"M": "cp1251", "P": "cp1250", "E": "cp1252"}[words[0].replace("М", "M")]
    read = extract_page(words.encode(charset), "text/plain")
    assert read.text == words
    assert read.warnings == ("charset_guessed",)


def test_a_page_declares_its_own_charset() -> None:
    page = (
        '<html><head><meta charset="windows-1252"></head><body><p>Één café aan het plein.</p></body></html>'
    )
    assert "Één café" in extract_page(page.encode("cp1252"), "text/html").text


def test_a_page_in_utf_8_that_claims_another_charset_is_read_as_utf_8() -> None:
    page = "<html><body><p>De prijs is € 41 – zei zij. Ünïcödé.</p></body></html>".encode()
    read = extract_page(page, "text/html", "shift_jis")
    assert "€ 41 – zei zij. Ünïcödé." in read.text
    assert "charset_mismatch" in read.warnings


def test_letters_that_cannot_be_read_are_counted_and_never_fatal() -> None:
    read = extract_page(b"Goede tekst " * 50 + b"\xff\xfe\xff", "text/plain", "utf-8")
    assert read.text.startswith("Goede tekst")
    assert "undecodable_bytes" in read.warnings


def test_text_nested_too_deeply_is_not_lost_in_silence() -> None:
    words = "These words stand at the bottom of a well of elements. " * 5
    for depth in (400, 5000):
        page = b"<html><body>" + b"<div>" * depth + words.encode() + b"</div>" * depth
        read = extract_page(page, "text/html")
        assert "These words stand at the bottom" in read.text, depth
        assert "text_dropped" in read.warnings, depth


def test_a_file_of_another_type_than_claimed_is_read_as_what_it_is() -> None:
    read = extract_page(b"\x89PNG\r\n\x1a\n" + b"\x00" * 50, "text/html")
    assert (read.text, read.media_type) == ("", "image/png")
    assert read.warnings == ("type_mismatch", "type_unsupported")
    packed = extract_page(gzip.compress(b"x" * 1000), "text/html")
    assert packed.warnings == ("type_mismatch", "type_unsupported")


def test_an_empty_page_has_no_text() -> None:
    assert extract_page(b"", "text/html").warnings == ("no_text",)
    assert extract_page(b"<html></html>", "text/html").warnings == ("no_text",)


def test_a_reader_that_takes_too_long_is_killed_and_the_plain_words_are_kept() -> None:
    page = b"<p>" + b"<p>x</p>" * 400_000
    read = extract_page(page, "text/html", limits=ExtractionLimits(wall_seconds=0.5))
    assert read.warnings == ("read_timeout", "whole_page")
    assert read.text == " ".join(["x"] * 400_000)


def test_a_reader_that_takes_too_much_memory_is_stopped_and_the_plain_words_are_kept() -> None:
    page = b"<p>" + b"<p>some words to keep</p>" * 60_000
    read = extract_page(page, "text/html", limits=ExtractionLimits(memory_bytes=60 * 1024 * 1024))
    assert (read.warnings[0] in {"read_memory", "read_failed"}, read.warnings[1:]) == (True, ("whole_page",))
    assert read.text == " ".join(["some words to keep"] * 60_000)


@pytest.mark.parametrize("words", ["The hospital counted {} people.", "وصل {} جريحا إلى المستشفى."])
def test_of_the_largest_page_that_is_fetched_the_bare_words_are_kept(words: str) -> None:
    paragraph = f"<p>{words}</p>"
    body = "".join(paragraph.format(number) for number in range(1_200_000)).encode()[: 50 * 1024 * 1024]
    read = extract_page(body, "text/html", "utf-8", "https://news.example/")
    assert read.text.startswith(f"{words.format(0)} {words.format(1)} ")
    assert len(read.text) == MAX_TEXT_LENGTH
    assert {"whole_page", "text_cut"} <= set(read.warnings)


def test_an_upload_of_which_only_bare_words_can_be_had_is_refused() -> None:
    page = b"<p>" + b"<p>x</p>" * 400_000
    with pytest.raises(Unreadable) as refused:
        extract_document(page, "a.html", limits=ExtractionLimits(wall_seconds=0.5))
    assert refused.value.sentence.startswith("Reading the text took too long and was stopped.")


def test_every_warning_has_a_sentence() -> None:
    assert all(sentence.endswith(".") for sentence in WARNINGS.values())
