"""The differences between two readings of one page, and whether they matter.

Pages change all the time without saying anything new: counters, “read also”, the hour of the last update,
another kind of quotation mark. Nobody is alerted to these. The headline, the author, the date, a large part
of the text and any correction, however short, do count.
"""

import re
import unicodedata
from collections import Counter
from dataclasses import dataclass
from datetime import date

from annotations.domain.alerts import AlertLevel
from annotations.domain.captures.page_furniture import announces_correction, is_furniture
from annotations.domain.claims.anchoring import fold_marks

SUBSTANTIAL_SHARE = 0.1
"""If at least this share of the words changed, the text of a page counts as another."""

SUBSTANTIAL_WORDS = 150
"""This many changed words make another text, whatever its length."""

_FEWEST_WORDS = 8
_LONGEST_DETAIL = 1000
DETAIL_NAMES: dict[str, str] = {"title": "Headline", "author": "Author", "published_on": "Date"}


@dataclass(frozen=True)
class PageContent:
    """The content of one capture: the text, and what the page says about itself.

    `site` is the site's own name, so that it can be recognised in a headline. `file_sha256` is the hash of a
    file that does not consist of text, such as an image or a scan.
    """

    text: str
    title: str = ""
    site: str = ""
    author: str = ""
    published_on: date | None = None
    file_sha256: str = ""


@dataclass(frozen=True)
class TextChange:
    """The share of the text with different words. `correction` is a paragraph that announces one."""

    share: float
    removed: int
    added: int
    correction: str = ""

    @property
    def is_substantial(self) -> bool:
        """Return whether to alert the people who rely on the page for a verdict."""
        changed = max(self.removed, self.added)
        large = changed >= SUBSTANTIAL_WORDS or self.share >= SUBSTANTIAL_SHARE
        return bool(self.correction) or (changed >= _FEWEST_WORDS and large)


@dataclass(frozen=True)
class PageChange:
    """The differences: details by name with their values before and after, and the text.

    `other_file` says that a file without text has been replaced by another.
    """

    details: dict[str, tuple[str, str]]
    text: TextChange
    same_words: bool
    other_file: bool = False

    @property
    def level(self) -> AlertLevel | None:
        """Return how much it matters apart from any passage; None for no difference or a cosmetic one."""
        if self.details:
            return AlertLevel.DETAILS
        return AlertLevel.TEXT if self.text.is_substantial or self.other_file else None

    @property
    def is_cosmetic(self) -> bool:
        """Return whether something differs that nobody needs to know about."""
        return self.level is None and not self.same_words

    def as_json(self) -> dict[str, object]:
        """Return the differences alone, as they are stored with the check and shown."""
        found: dict[str, object] = {}
        if self.details:
            found["details"] = {name: list(pair) for name, pair in self.details.items()}
        if not self.same_words:
            found["text"] = {
                "share": round(self.text.share, 4),
                "removed": self.text.removed,
                "added": self.text.added,
                **({"correction": self.text.correction[:600]} if self.text.correction else {}),
            }
        if self.other_file:
            found["text"] = {"file": True}
        if self.is_cosmetic:
            found["cosmetic"] = True
        return found


def compare(before: PageContent, after: PageContent) -> PageChange:
    """Compare two readings of one page. The time is proportional to their length, whatever they hold."""
    return PageChange(
        details=_details(before, after),
        text=_text_change(before.text, after.text),
        same_words=before.text == after.text,
        other_file=not (before.text or after.text)
        and bool(before.file_sha256 and after.file_sha256)
        and before.file_sha256 != after.file_sha256,
    )


def _details(before: PageContent, after: PageContent) -> dict[str, tuple[str, str]]:
    sites = frozenset(filter(None, (_plain(before.site), _plain(after.site))))
    same = {
        "title": _title(before.title, sites) == _title(after.title, sites),
        "author": _names(before.author) == _names(after.author),
        "published_on": before.published_on == after.published_on,
    }
    return {
        name: (_shown(getattr(before, name)), _shown(getattr(after, name)))
        for name, alike in same.items()
        if not alike
    }


def _shown(value: str | date | None) -> str:
    return value.isoformat() if isinstance(value, date) else value or ""


_BLANKS = re.compile(r"\s+")
_BEFORE_SITE = (" | ", " - ", " · ", " • ", " » ", " : ")
_UNREAD_COUNT = re.compile(r"^\(\d{1,3}\+?\) *")
_BYLINE = re.compile(
    r"^(?:by|door|van onze|par|von|por|de) +(?:(?:our|onze|notre|unserem?r?|nuestr[oa]) +)?", re.IGNORECASE
)
_BETWEEN_NAMES = re.compile(r" *(?:[,;/&+|]|\b(?:and|en|und|et|y|e)\b) *")


def _plain(words: str) -> str:
    folded = fold_marks(unicodedata.normalize("NFKC", words[:_LONGEST_DETAIL])).casefold()
    return _BLANKS.sub(" ", folded).strip()


def _title(title: str, sites: frozenset[str]) -> str:
    """Return a headline without the name of its site, which sites add and remove."""
    plain = _UNREAD_COUNT.sub("", _plain(title))
    head, sign, tail = _last_part(plain)
    return head if sign and tail in sites else plain


def _last_part(title: str) -> tuple[str, str, str]:
    found = max((title.rfind(sign), sign) for sign in _BEFORE_SITE)
    at, sign = found
    return (title[:at].strip(), sign, title[at + len(sign) :].strip()) if at > 0 else (title, "", "")


def _names(author: str) -> frozenset[str]:
    line = _BYLINE.sub("", _plain(author))
    return frozenset(name.strip(" .") for name in _BETWEEN_NAMES.split(line) if name.strip(" ."))


_WORD = re.compile(r"\w+(?:['.,-]\w+)*")


def _text_change(before: str, after: str) -> TextChange:
    if before == after:
        return TextChange(0.0, 0, 0)
    old, new = Counter(_sayings(before)), Counter(_sayings(after))
    # A paragraph that has moved still says the same.
    gone, come = old - new, new - old
    taken, put = _words(gone), _words(come)
    removed, added = (taken - put).total(), (put - taken).total()
    longer = max(_size(old), _size(new))
    correction = next((paragraph for paragraph in come if announces_correction(paragraph)), "")
    share = min(1.0, max(removed, added) / longer) if longer else 0.0
    return TextChange(share, removed, added, correction)


def _sayings(text: str) -> list[str]:
    """Return the paragraphs that say something, in one spelling."""
    found = []
    for line in text.split("\n"):
        words = _BLANKS.sub(" ", fold_marks(unicodedata.normalize("NFKC", line))).strip()
        if words and not is_furniture(words):
            found.append(words)
    return found


def _words(paragraphs: Counter[str]) -> Counter[str]:
    words: Counter[str] = Counter()
    for paragraph, times in paragraphs.items():
        found = _WORD.findall(paragraph.casefold())
        # A paragraph that occurs a thousand times is read once.
        words.update(found if times == 1 else {word: times * n for word, n in Counter(found).items()})
    return words


def _size(paragraphs: Counter[str]) -> int:
    """Return about how many words there are. Counting blanks is fast even in a long text."""
    return sum(times * (paragraph.count(" ") + 1) for paragraph, times in paragraphs.items())
