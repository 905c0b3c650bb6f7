"""The sample site answers as its pages promise, and only from its own table of paths."""

import http.client
import json
import re
import threading
from collections.abc import Iterator
from io import BytesIO

import pypdfium2
import pytest

from annotations.sample.pdf import one_page_pdf
from annotations.sample.site import HOST, SampleSite, inflation_bulletin, sample_pages


@pytest.fixture
def site() -> Iterator[SampleSite]:
    running = SampleSite(0, slow_seconds=0)
    thread = threading.Thread(target=running.serve_forever)
    thread.start()
    yield running
    running.stop()
    thread.join()


def get(site: SampleSite, path: str, method: str = "GET") -> tuple[http.client.HTTPResponse, bytes]:
    connection = http.client.HTTPConnection(HOST, site.server_port, timeout=10)
    try:
        connection.request(method, path)
        response = connection.getresponse()
        return response, response.read()
    finally:
        connection.close()


def test_every_path_answers_its_own_status_type_and_bytes(site: SampleSite) -> None:
    for path, page in sample_pages().items():
        response, body = get(site, path)
        assert (path, response.status, response.headers["Content-Type"], body) == (
            path,
            page.status,
            page.media_type,
            page.body,
        )


def test_head_answers_the_length_without_a_body(site: SampleSite) -> None:
    response, body = get(site, "/slow/count", "HEAD")
    assert response.headers["Content-Length"] == str(len(sample_pages()["/slow/count"].body))
    assert body == b""


@pytest.mark.parametrize("path", ["/../texts/artikel.txt", "/pages/index.html", "//etc/passwd", "/nothing"])
def test_a_path_outside_the_table_is_not_found(site: SampleSite, path: str) -> None:
    response, body = get(site, path)
    assert response.status == 404
    assert body == sample_pages()["/gone/eyewitness"].body


def test_a_query_does_not_hide_a_page(site: SampleSite) -> None:
    response, _ = get(site, "/gazette/appointment?utm_source=newsletter")
    assert response.status == 200


def test_the_moved_page_leads_to_the_hospital_statement(site: SampleSite) -> None:
    response, _ = get(site, "/moved/statement")
    assert (response.status, response.headers["Location"]) == (301, "/hospital/statement-30-april")


def test_the_busy_page_says_when_to_come_back(site: SampleSite) -> None:
    response, _ = get(site, "/busy/registry")
    assert (response.status, response.headers["Retry-After"]) == (503, "900")


def test_stopping_cuts_a_slow_answer_instead_of_waiting_for_it() -> None:
    running = SampleSite(0, slow_seconds=3600)
    serving = threading.Thread(target=running.serve_forever)
    serving.start()
    connection = http.client.HTTPConnection(HOST, running.server_port, timeout=10)
    connection.request("GET", "/slow/count")
    response = connection.getresponse()
    running.stop()
    serving.join()
    with pytest.raises(http.client.IncompleteRead):
        response.read()
    connection.close()


def test_every_page_with_a_body_says_that_it_is_for_demonstration() -> None:
    marks = re.compile(r"demonstra|demostraci|for practice", re.IGNORECASE)
    for path, page in sample_pages().items():
        if page.media_type.startswith("text/html") and page.body:
            charset = "cp1252" if path == "/aid/figures" else "utf-8"
            assert marks.search(page.body.decode(charset)), path


def test_the_index_links_every_other_page() -> None:
    pages = sample_pages()
    linked = set(re.findall(r'href="([^"]+)"', pages["/"].body.decode()))
    assert linked == set(pages) - {"/"}


def test_the_two_hospital_pages_carry_whole_json_ld_and_the_interview_broken_json_ld() -> None:
    blocks = {
        path: re.findall(
            r'<script type="application/ld\+json">(.*?)</script>', sample_pages()[path].body.decode(), re.S
        )
        for path in ("/hospital/statement-30-april", "/hospital/update-1-may", "/interview/release")
    }
    assert (
        json.loads(blocks["/hospital/statement-30-april"][0])["datePublished"] == "2019-04-30T15:20:00-04:00"
    )
    assert len(json.loads(blocks["/hospital/update-1-may"][0])["author"]) == 2
    with pytest.raises(json.JSONDecodeError):
        json.loads(blocks["/interview/release"][0])


def test_the_pdf_is_real_and_always_the_same() -> None:
    assert inflation_bulletin() == inflation_bulletin()
    document = pypdfium2.PdfDocument(BytesIO(inflation_bulletin()))
    assert len(document) == 1
    assert document.get_metadata_dict()["Title"] == "Bulletin on inflation"
    assert "10,000,000 per cent in 2019" in document[0].get_textpage().get_text_range()


def test_the_pdf_keeps_brackets_and_backslashes() -> None:
    document = pypdfium2.PdfDocument(BytesIO(one_page_pdf(title="t", author="a", lines=[r"a (b) \ c – €"])))
    assert document[0].get_textpage().get_text_range() == r"a (b) \ c – €"
