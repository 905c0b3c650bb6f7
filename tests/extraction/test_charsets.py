"""The letters of a page are those that its reader sees in a browser."""

import pytest

from annotations.extraction.charsets import decode


@pytest.mark.parametrize(
    ("markup", "charset"),
    [
        ("<!-- <meta charset=koi8-r> --><meta charset=utf-8><p>één café, € 41</p>", "utf-8"),
        ("<meta name=description content='on charset=koi8-r'><meta charset=utf-8><p>één café</p>", "utf-8"),
        ("<meta data-charset=windows-1251><meta charset=utf-8><p>één café</p>", "utf-8"),
        ("<body><p>één</p><meta charset=koi8-r></body>", "utf-8"),
        ("<meta charset=utf-16><p>één café</p>", "utf-8"),
        ("<meta content='a > b' charset='windows-1251'><p>Мэр города</p>", "cp1251"),
        ("<meta http-equiv=Content-Type content='text/html; charset=x-sjis'><p>市長は</p>", "cp932"),
        ("<?xml version='1.0' encoding='iso-8859-9'?><p>İstanbul’da</p>", "cp1254"),
        ("<meta charset=big5><p>嘅喺啲</p>", "big5hkscs"),
    ],
)
def test_only_what_declares_a_charset_counts_as_its_declaration(markup: str, charset: str) -> None:
    decoded = decode(markup.encode(charset), markup=True)
    assert (decoded.text, decoded.charset, decoded.warnings) == (markup, charset, ())


@pytest.mark.parametrize(
    "label",
    ["utf-7", "unicode_escape", "raw_unicode_escape", "punycode", "idna", "hex", "zip", "rot13", "nonsense"],
)
def test_a_name_that_no_browser_takes_for_a_charset_is_none(label: str) -> None:
    words = r"1 +ADw- 2 \u0041 a-b: El año pasado la policía detuvo a más de 300 personas en Aragón."
    for body, warnings in ((words.encode(), ()), (words.encode("cp1252"), ("charset_guessed",))):
        by_header = decode(body, label)
        by_page = decode(f"<meta charset={label}>".encode() + body, markup=True)
        assert (by_header.text, by_header.warnings) == (words, warnings)
        assert by_page.text.endswith(words)
        assert by_page.warnings == warnings


def test_the_euro_sign_of_chinese_pages_is_one() -> None:
    assert decode(b"\x80 41", "gbk").text == "€ 41"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16-le", "utf-16-be", "utf-32-le", "utf-32-be"])
def test_a_byte_order_mark_outweighs_what_else_is_said(encoding: str) -> None:
    decoded = decode("\ufeffÉén".encode(encoding), "koi8-r")
    assert (decoded.text, decoded.charset) == ("Één", encoding)
