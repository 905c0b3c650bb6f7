"""Decode bytes: by the byte-order mark, then the HTTP header, then the page itself, then a guess."""

from dataclasses import dataclass

import charset_normalizer
from w3lib.encoding import html_body_declared_encoding, read_bom, resolve_encoding, to_unicode

# What a reader's name says of the libraries that had a say here.
LIBRARIES = ("charset-normalizer", "w3lib")
_UNREADABLE = "\ufffd"
# The charsets of the web, as Python calls them. It knows others under which a page would say something else
# than in a browser ("utf-7", "unicode_escape"), and codecs that are no charsets ("hex", "idna").
_OF_THE_WEB = frozenset(
    """
    utf-8 utf-16 utf-16-le utf-16-be cp866 koi8-r koi8-u mac-roman mac-cyrillic
    cp874 cp1250 cp1251 cp1252 cp1253 cp1254 cp1255 cp1256 cp1257 cp1258
    iso8859-2 iso8859-3 iso8859-4 iso8859-5 iso8859-6 iso8859-7 iso8859-8
    iso8859-10 iso8859-13 iso8859-14 iso8859-15 iso8859-16
    gb18030 big5hkscs euc_jp iso2022_jp cp932 cp949
    """.split()
)
_GUESSES = [
    "cp1252", "cp1250", "cp1251", "cp1253", "cp1254", "cp1255", "cp1256", "cp1257", "iso8859_15",
    "koi8_r", "gb18030", "big5", "cp932", "euc_jp", "cp949", "utf_16", "utf_16_le", "utf_16_be",
]  # fmt: skip
_LATIN = frozenset({"cp1250", "cp1254", "cp1257", "iso8859_15"})
_MESS_MARGIN = 0.02
_GUESSED_FROM = 200_000
_BAD_SHARE = 0.01


@dataclass(frozen=True)
class Decoded:
    """The text, the charset it was read in, and warnings about how that went."""

    text: str
    charset: str
    warnings: tuple[str, ...] = ()


def decode(body: bytes, hint: str = "", *, markup: bool = False) -> Decoded:
    """Decode `body`. Never fails: what cannot be decoded becomes U+FFFD, with a warning.

    `hint` is the charset named in the HTTP header. With `markup`, the page's own declaration counts. If the
    declared charset plainly does not fit, UTF-8 is used if it fits, and otherwise a guess.
    """
    charset, mark = read_bom(body)
    if charset and mark:
        return _loose(body[len(mark) :], charset, ())
    declared = _known(hint) or (_declared(body) if markup else "")
    if declared:
        return _as_declared(body, declared)
    try:
        return Decoded(body.decode("utf-8"), "utf-8")
    except UnicodeDecodeError:
        return _guess(body)


def _declared(body: bytes) -> str:
    name = _known(html_body_declared_encoding(body) or "")
    # A declaration that could be read as ASCII cannot be in UTF-16; the standard says to read UTF-8.
    return "utf-8" if name.startswith("utf-16") else name


def _known(label: str) -> str:
    """The charset that browsers read under this label, as Python calls it; empty for none."""
    name = resolve_encoding(label.strip()) if label.strip() else None
    return name if name in _OF_THE_WEB else ""


def _as_declared(body: bytes, declared: str) -> Decoded:
    try:
        return Decoded(body.decode(declared), declared)
    except UnicodeDecodeError:
        pass
    if declared != "utf-8":
        try:
            return Decoded(body.decode("utf-8"), "utf-8", ("charset_mismatch",))
        except UnicodeDecodeError:
            pass
    loose = _loose(body, declared, ())
    if loose.text.count(_UNREADABLE) <= max(1, len(loose.text) * _BAD_SHARE):
        return loose
    guess = _guess(body)
    return Decoded(guess.text, guess.charset, ("charset_mismatch", *guess.warnings))


def _loose(body: bytes, charset: str, warnings: tuple[str, ...]) -> Decoded:
    text = to_unicode(body, charset)
    bad = _UNREADABLE in text and _UNREADABLE.encode() not in body
    return Decoded(text, charset, (*warnings, "undecodable_bytes") if bad else warnings)


def _guess(body: bytes) -> Decoded:
    matches = charset_normalizer.from_bytes(body[:_GUESSED_FROM], cp_isolation=_GUESSES)
    found = matches.best()
    if found is not None and found.encoding in _LATIN:
        # Latin code pages differ in only a few letters, and Western European is by far the most common:
        # it wins unless its result is plainly worse.
        western = next((match for match in matches if match.encoding == "cp1252"), None)
        if western is not None and western.chaos <= found.chaos + _MESS_MARGIN:
            found = western
    charset = (_known(found.encoding) if found else "") or "cp1252"
    return _loose(body, charset, ("charset_guessed",))
