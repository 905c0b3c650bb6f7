"""What stands between the paragraphs of an article stays there; what stands around it stays out."""

import pytest

from annotations.extraction import extract_document, extract_page

SENTENCES = [
    f"The minister said on Tuesday that {number} people were injured in the protest at the square."
    for number in range(20, 26)
]
MENU = '<nav><h2>Menu</h2><ul><li><a href="/">Home</a></li><li><a href="/sport">Sport</a></li></ul></nav>'
FOOTER = "<footer><h3>Follow us</h3><p>© The Courier</p></footer>"
FRAMES = [
    "{}",
    "<div>{}</div>",
    '<div class="article-content">{}</div>',
    "<main>{}</main>",
    "<article>{}</article>",
]


def page(body: str, frame: str = "{}") -> bytes:
    head = "<!doctype html><html><head><title>Unrest</title></head>"
    return f"{head}<body>{MENU}{frame.format(body)}{FOOTER}</body></html>".encode()


def paragraphs(content: bytes) -> list[str]:
    return extract_document(content, "article.html").text.split("\n\n")


@pytest.mark.parametrize("heading", ["h1", "h2", "h3"])
@pytest.mark.parametrize("frame", FRAMES)
@pytest.mark.parametrize("count", [1, 2, 6])
def test_a_short_heading_survives_in_its_place_and_that_of_a_menu_does_not(
    frame: str, heading: str, count: int
) -> None:
    expected = [line for number, text in enumerate(SENTENCES[:count]) for line in (f"Part {number}", text)]
    body = "".join(
        f"<{heading}>Part {number}</{heading}><p>{text}</p>" for number, text in enumerate(SENTENCES[:count])
    )
    assert paragraphs(page(body, frame)) == expected


def test_the_items_of_a_list_in_the_article_survive_and_a_list_of_links_does_not() -> None:
    body = (
        f"<h2>In short</h2><ul><li>Some <a href='/a'>links</a> and 41 dead</li><li>Two</li></ul>"
        f"<p>{SENTENCES[0]}</p><h3>Read more</h3><ul><li><a href='/b'>Another article</a></li></ul>"
        f"<p>{SENTENCES[1]}</p><ol><li>The end</li></ol>"
    )
    assert paragraphs(page(body)) == [
        "In short",
        "Some links and 41 dead",
        "Two",
        SENTENCES[0],
        SENTENCES[1],
        "The end",
    ]


def test_quotes_numbers_and_the_words_of_links_survive() -> None:
    words = "He said: “Not 1,200 but 1.5 million euros”, on 30 April 2019, and "
    linked = f"{words}<a href='/x'>the report of 2018</a> agrees."
    body = f"<h2>Why</h2><p>{linked}</p><blockquote>“I saw 3 of them.”</blockquote>"
    assert paragraphs(page(body)) == ["Why", f"{words}the report of 2018 agrees.", "“I saw 3 of them.”"]


def test_the_banner_of_a_site_and_the_column_beside_stay_out() -> None:
    body = (
        "<header><h1>The Courier</h1></header>"
        f"<h2>What happened</h2><p>{SENTENCES[0]}</p><p>{SENTENCES[1]}</p>"
        f"<aside><h3>Most read</h3><p>{SENTENCES[5]}</p></aside>"
    )
    found = paragraphs(page(body))
    assert found[:3] == ["What happened", SENTENCES[0], SENTENCES[1]]
    assert not {"The Courier", "Most read", "Menu", "Follow us"} & set(found)


def test_a_heading_that_stands_twice_is_kept_twice_and_no_more() -> None:
    body = "".join(f"<h3>Update</h3><p>{text}</p>" for text in SENTENCES[:3])
    for frame in FRAMES:
        read = extract_page(page(body, frame), "text/html")
        assert read.text.split("\n\n").count("Update") == 3, frame
