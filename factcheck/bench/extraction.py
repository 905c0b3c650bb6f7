"""Measure how well and how fast pages are read, on a folder of pages with known content.

    make bench ARGS="extraction FOLDER"

Two layouts are supported, those of two public sets:

- `articles.json`, an object of entries with `title`, `authors` (names with commas between), `date`
  (YYYY-MM-DD), `articleBody` and `url`; the page of the entry `NAME` is `html/NAME.html`.
- `evaldata.json`, an object by address of entries with `file` (under `cache/` or `eval/`), `with` and
  `without`: passages that belong to the main text and passages that do not.

Each page is read the way the workbench reads it and, for comparison, by trafilatura alone.
"""

import json
import re
import statistics
import sys
import time
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import trafilatura

from annotations.domain.documents.text import normalise_text
from annotations.extraction import extract_page
from annotations.extraction.names import authors, key

_BLANKS = re.compile(r"\s+")
_WORDS = re.compile(r"\w+")


@dataclass(frozen=True)
class Page:
    """One page and the known facts about it. A fact that is None is unknown and not counted."""

    body: bytes
    url: str
    title: str | None = None
    authors: str | None = None
    date: str | None = None
    text: str | None = None
    belongs: Sequence[str] = ()
    foreign: Sequence[str] = ()


@dataclass(frozen=True)
class Answer:
    """The result of an extractor for a page."""

    text: str
    title: str
    authors: str
    date: str


@dataclass
class Score:
    """The counts of one extractor. A share with an empty base is not shown."""

    seconds: list[float] = field(default_factory=list)
    right: Counter[str] = field(default_factory=Counter)
    asked: Counter[str] = field(default_factory=Counter)
    answered: Counter[str] = field(default_factory=Counter)
    words: list[float] = field(default_factory=list)
    passages: Counter[str] = field(default_factory=Counter)

    def add(self, page: Page, answer: Answer) -> None:
        """Compare one answer with the truth."""
        for name, truth, given, same in (
            ("title", page.title, answer.title, _same_title),
            ("author", page.authors, answer.authors, _same_authors),
            ("date", page.date, answer.date, _same_day),
        ):
            if truth:
                self.asked[name] += 1
                self.answered[name] += bool(given)
                self.right[name] += same(truth, given)
        if page.text:
            self.words.append(_overlap(page.text, answer.text))
        text = _plain(answer.text)
        self.passages["kept"] += sum(_plain(passage) in text for passage in page.belongs)
        self.passages["wanted"] += len(page.belongs)
        self.passages["foreign"] += sum(_plain(passage) in text for passage in page.foreign)

    def lines(self) -> Iterator[str]:
        """Return one line for each measure."""
        for name, asked in self.asked.items():
            right, answered = self.right[name], self.answered[name]
            precision = right / max(1, answered)
            yield f"{name:8}{right / asked:.3f} of {asked}; {precision:.3f} of the {answered} answered"
        if self.words:
            yield f"words   {statistics.mean(self.words):.3f} F1 of words, mean of {len(self.words)} pages"
        if self.passages["wanted"]:
            kept, foreign, wanted = (self.passages[name] for name in ("kept", "foreign", "wanted"))
            f1 = 2 * kept / (kept + foreign + wanted)
            precision = kept / max(1, kept + foreign)
            yield f"text    {f1:.4f} F1; precision {precision:.4f}, recall {kept / wanted:.4f}"
        times = sorted(1000 * second for second in self.seconds)
        slow = times[int(0.99 * (len(times) - 1))]
        yield f"time    median {statistics.median(times):.1f} ms, 99 % within {slow:.0f} ms"


def main(arguments: Sequence[str]) -> int:
    """Measure the folder named by the only argument."""
    folder = Path(arguments[0]) if len(arguments) == 1 else None
    pages = [*(_pages(folder) if folder else ())]
    if not pages:
        print(
            'Name a folder with articles.json or evaldata.json: make bench ARGS="extraction FOLDER"',
            file=sys.stderr,
        )
        return 2
    scores: dict[str, Score] = {}
    extractors: dict[str, Callable[[Page], Answer]] = {"workbench": _workbench, "trafilatura": _trafilatura}
    for page in pages:
        for name, extract in extractors.items():
            score = scores.setdefault(name, Score())
            start = time.perf_counter()
            answer = extract(page)
            score.seconds.append(time.perf_counter() - start)
            score.add(page, answer)
    for name, score in scores.items():
        print(f"{name}, {len(pages)} pages", *score.lines(), sep="\n  ")
    return 0


def _pages(folder: Path) -> Iterator[Page]:
    for name, entry in _entries(folder / "articles.json"):
        file = folder / "html" / f"{name}.html"
        if file.is_file():
            yield Page(
                file.read_bytes(),
                entry.get("url", ""),
                title=entry.get("title"),
                authors=entry.get("authors"),
                date=entry.get("date"),
                text=entry.get("articleBody"),
            )
    for url, entry in _entries(folder / "evaldata.json"):
        for place in ("cache", "eval"):
            file = folder / place / entry["file"]
            if file.is_file():
                yield Page(file.read_bytes(), url, belongs=entry["with"], foreign=entry["without"])
                break


def _entries(file: Path) -> Iterator[tuple[str, dict[str, Any]]]:
    if file.is_file():
        yield from json.loads(file.read_text("utf-8")).items()


def _workbench(page: Page) -> Answer:
    """Return what the workbench keeps of the page: its text as it is stored."""
    read = extract_page(page.body, "text/html", url=page.url)
    day = read.published_on.isoformat() if read.published_on else ""
    return Answer(normalise_text(read.text), read.title, read.author, day)


def _trafilatura(page: Page) -> Answer:
    found = trafilatura.bare_extraction(
        page.body, url=page.url or None, with_metadata=True, include_comments=False
    )
    text, *others = (getattr(found, name, None) or "" for name in ("text", "title", "author", "date"))
    # Letters are composed as its `extract` does.
    return Answer(unicodedata.normalize("NFC", text), *others)


def _plain(text: str) -> str:
    return _BLANKS.sub(" ", text).strip()


def _same_title(truth: str, given: str) -> bool:
    shorter, longer = sorted((key(truth), key(given)), key=len)
    return bool(shorter) and longer.startswith(shorter)


def _same_authors(truth: str, given: str) -> bool:
    return {key(name) for name in authors(truth)} == {key(name) for name in authors(given)} != set()


def _same_day(truth: str, given: str) -> bool:
    return truth[:10] == given


def _overlap(truth: str, given: str) -> float:
    wanted, found = Counter(_WORDS.findall(truth.casefold())), Counter(_WORDS.findall(given.casefold()))
    total = wanted.total() + found.total()
    return 2 * (wanted & found).total() / total if total else 1.0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
