import pytest

from annotations.fetching.refreshing import where_the_page_leads


def meta(content: str) -> bytes:
    return f'<html><head><meta http-equiv="refresh" content="{content}"></head></html>'.encode()


@pytest.mark.parametrize(
    ("content", "target"),
    [
        ("0;url=/next", "/next"),
        ("0; URL='/next page'", "/next page"),
        ("5, url=https://example.org/?a=1&amp;b=2", "https://example.org/?a=1&b=2"),
        (" 0.5 ; next.html ", "next.html"),
        ("6;url=/next", ""),
        ("300", ""),
        ("0", ""),
        ("0;url=", ""),
        ("soon;url=/next", ""),
    ],
)
def test_a_page_leads_on_when_it_names_an_address_and_does_not_wait(content: str, target: str) -> None:
    assert where_the_page_leads("", meta(content)) == target


def test_the_header_says_the_same_as_the_markup() -> None:
    assert where_the_page_leads("0; url=/next", b"") == "/next"
    assert where_the_page_leads("", b"<META HTTP-EQUIV=Refresh CONTENT=0;url=/next>") == "/next"


@pytest.mark.parametrize("wrapper", ["script", "noscript", "template", "style", "textarea", "svg"])
def test_what_a_visitor_never_gets_leads_nowhere(wrapper: str) -> None:
    inside = meta("0;url=/elsewhere").decode()
    assert where_the_page_leads("", f"<{wrapper}>{inside}</{wrapper}><p>Text".encode()) == ""
    assert where_the_page_leads("", f"<!-- {inside} --><p>Text".encode()) == ""
    assert where_the_page_leads("", f"<{wrapper}>{inside}".encode()) == ""


def test_an_article_about_the_tag_leads_nowhere() -> None:
    page = b"<p>Write <code>&lt;meta http-equiv=refresh content=0;url=/x&gt;</code> to refresh a page."
    assert where_the_page_leads("", page) == ""
