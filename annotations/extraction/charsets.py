"""Bytes to letters: byte-order mark, then the HTTP header, then the page itself, then a guess."""

import codecs
import re
from dataclasses import dataclass

import charset_normalizer

_PRESCAN = 4096
_META = re.compile(rb"<meta[^>]+charset\s*=\s*[\"']?\s*([A-Za-z0-9_.:\-]{1,40})", re.IGNORECASE)
_XML = re.compile(rb"^\s*<\?xml[^>]+encoding\s*=\s*[\"']([A-Za-z0-9_.:\-]{1,40})", re.IGNORECASE)
_UNREADABLE = "\ufffd"
_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
# Browsers read these labels as their larger sisters, and pages rely on it.
_WIDER = {
    "iso8859-1": "cp1252",
    "ascii": "cp1252",
    "iso8859-9": "cp1254",
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "shift_jis": "cp932",
    "euc_kr": "cp949",
    "tis-620": "cp874",
}
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
    """Letters of `body`. Never fails: what cannot be read becomes U+FFFD, with a warning.

    `hint` is what an HTTP header named. `markup` lets the page's own declaration count. A
    declared charset that plainly does not fit gives way to UTF-8 if that fits, else to a guess.
    """
    for mark, name in _MARKS:
        if body.startswith(mark):
            return _loose(body[len(mark) :], name, ())
    declared = _known(hint) or (_declared(body) if markup else "")
    if declared:
        return _as_declared(body, declared)
    try:
        return Decoded(body.decode("utf-8"), "utf-8")
    except UnicodeDecodeError:
        return _guess(body)


def _declared(body: bytes) -> str:
    head = body[:_PRESCAN]
    match = _XML.search(head) or _META.search(head)
    name = _known(match[1].decode("ascii")) if match else ""
    # A declaration that could be read as ASCII cannot be in UTF-16; the standard says to read UTF-8.
    return "utf-8" if name.startswith("utf-16") else name


def _known(label: str) -> str:
    try:
        name = codecs.lookup(label.strip().lower()).name if label.strip() else ""
    except LookupError:
        return ""
    return _WIDER.get(name, name)


def _as_declared(body: bytes, declared: str) -> Decoded:
    try:
        return Decoded(body.decode(declared), declared)
    except (UnicodeDecodeError, LookupError):
        pass
    except Exception as error:
        # Codecs such as "zip" or "idna" are no charsets and fail in ways of their own.
        raise ValueError(f"{declared} is no charset") from error
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
    text = body.decode(charset, "replace")
    bad = _UNREADABLE in text and _UNREADABLE.encode() not in body
    return Decoded(text, charset, (*warnings, "undecodable_bytes") if bad else warnings)


def _guess(body: bytes) -> Decoded:
    matches = charset_normalizer.from_bytes(body[:_GUESSED_FROM], cp_isolation=_GUESSES)
    found = matches.best()
    if found is not None and found.encoding in _LATIN:
        # Latin code pages differ in a few letters only, and Western European is by far the most common:
        # it wins unless it makes plainly more of a mess.
        western = next((match for match in matches if match.encoding == "cp1252"), None)
        if western is not None and western.chaos <= found.chaos + _MESS_MARGIN:
            found = western
    charset = _known(found.encoding) if found else "cp1252"
    return _loose(body, charset, ("charset_guessed",))
