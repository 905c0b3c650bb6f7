"""Links to words of a live page, followed by a real Chromium."""

from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import pytest
from playwright.sync_api import Page

from annotations.domain.evidence.text_fragments import link_to_words

pytestmark = pytest.mark.browser

# Where a paragraph stands in the window.
WHERE = """(id) => { const box = document.getElementById(id).getBoundingClientRect();
  return { top: box.top, bottom: box.bottom, low: innerHeight }; }"""
FILLING = [f"Alinea {number} gaat over iets anders." for number in range(40)]
Serve = Callable[[str], str]


@pytest.fixture
def serve() -> Iterator[Serve]:
    """A function that puts a page on a loopback address and tells that address."""
    pages: list[bytes] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            self.end_headers()
            self.wfile.write(pages[-1])

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()

    def put(body: str) -> str:
        pages.append(f"<!doctype html><meta charset=utf-8><body>{body}</body>".encode())
        return f"http://127.0.0.1:{server.server_port}/page"

    yield put
    server.shutdown()
    server.server_close()
    thread.join()


def markup(paragraphs: list[str]) -> str:
    return "".join(f'<p id="p{number}">{words}</p>' for number, words in enumerate(paragraphs))


def assert_opens_at(page: Page, link: str, number: int) -> None:
    """Fail unless following the link brings this paragraph, far down the page, into the window."""
    page.goto(link)
    page.wait_for_function("document.scrollingElement.scrollTop > 0", timeout=5_000)
    at = page.evaluate(WHERE, f"p{number}")
    assert at["top"] >= 0, at
    assert at["bottom"] <= at["low"], at


@pytest.mark.parametrize(
    ("paragraph", "words"),
    [
        ("Er werden vijftig gewonden geteld, zei de ex-minister.", "vijftig gewonden"),
        ("Er werden vijftig gewonden geteld, zei de ex-minister.", "geteld, zei de ex-minister"),
        ("Een & twee, drie - vier: 100% #1 + “vijf” / zes?", "& twee, drie - vier: 100% #1 + “vijf” / zes?"),
        ("Een woordvoerder zei het.", "oordvoer"),
        ("Het waren er zo'n 1,5 miljoen.", "5 miljoen"),
        ("消息人士说，医院收治了五十名伤员。", "医院收治了五十名伤员"),
        ("وصل خمسون جريحا إلى المستشفى.", "خمسون جريحا"),
        ("En toen 👩‍⚕️🚑 kwamen ze aan.", "👩‍⚕️🚑 kwamen"),
    ],
)
def test_a_link_opens_the_page_at_the_words(page: Page, serve: Serve, paragraph: str, words: str) -> None:
    paragraphs = [*FILLING, paragraph, *FILLING]
    url = serve(markup([part.replace("&", "&amp;") for part in paragraphs]))
    text = "\n\n".join(paragraphs)
    start = text.index(words)

    assert_opens_at(page, link_to_words(url, text, start, start + len(words)), len(FILLING))


def test_of_words_that_stand_often_the_very_place_is_opened(page: Page, serve: Serve) -> None:
    paragraphs = [f"In stad {number} waren vijftig gewonden, zei men daar." for number in range(80)]
    url = serve(markup(paragraphs))
    text = "\n\n".join(paragraphs)
    start = text.index("vijftig gewonden", text.index("In stad 61 "))

    assert_opens_at(page, link_to_words(url, text, start, start + 16), 61)


def test_a_passage_over_paragraphs_opens_where_it_begins(page: Page, serve: Serve) -> None:
    paragraphs = [*FILLING, "Zo begint de passage hier.", "En zo eindigt zij daar.", *FILLING]
    url = serve(markup(paragraphs))
    text = "\n\n".join(paragraphs)
    start, end = text.index("begint de"), text.index("eindigt zij") + 11

    assert_opens_at(page, link_to_words(url, text, start, end), len(FILLING))


def test_a_long_passage_opens_where_it_begins(page: Page, serve: Serve) -> None:
    long = (
        "Dit is het begin van een lange passage, "
        + "met steeds maar weer dezelfde woorden, " * 20
        + "tot het einde."
    )
    paragraphs = [*FILLING, long, *FILLING]
    url = serve(markup(paragraphs))
    text = "\n\n".join(paragraphs)

    link = link_to_words(url, text, text.index(long), text.index(long) + len(long))

    assert len(link) < 600
    assert_opens_at(page, link, len(FILLING))


def test_soft_hyphens_and_decomposed_letters_of_the_live_page_do_not_matter(page: Page, serve: Serve) -> None:
    url = serve(markup([*FILLING, "De woord&shy;voer&shy;der sprak in een cafe&#x301; met hen.", *FILLING]))
    text = "\n\n".join([*FILLING, "De woordvoerder sprak in een café met hen.", *FILLING])
    start = text.index("woordvoerder")

    assert_opens_at(
        page, link_to_words(url, text, start, start + len("woordvoerder sprak in een café")), len(FILLING)
    )
