"""What is known about an article besides its text, and the check of it; what is empty is not known."""

import re
from dataclasses import dataclass
from datetime import date

from annotations.domain.errors import Invalid
from annotations.workflow.fetches.enqueue import checked_address

LONGEST = {"title": 500, "outlet": 200, "author": 300}
_LANGUAGE = re.compile(r"[a-z]{2,3}(?:-[a-z0-9]{2,8}){0,2}")
_HEADING_LENGTH = 120


class DocumentRefused(Invalid):
    """The particulars of an article cannot be used; `fields` says what is wrong where."""

    code = "document_invalid"


@dataclass(frozen=True)
class About:
    """What is known about an article besides its text; empty where nothing is."""

    title: str = ""
    url: str = ""
    outlet: str = ""
    author: str = ""
    published_on: date | None = None
    language: str = ""


NOTHING_KNOWN = About()


def checked_about(given: About, *, title_needed: bool) -> About:
    """Trim the particulars and check them; raises DocumentRefused with what is wrong, field by field."""
    title, outlet, author = (" ".join(words.split()) for words in (given.title, given.outlet, given.author))
    fields: dict[str, str] = {}
    if title_needed and not title:
        fields["title"] = "Give the article a title."
    for name, words in (("title", title), ("outlet", outlet), ("author", author)):
        if len(words) > LONGEST[name]:
            fields[name] = f"At most {LONGEST[name]} characters; this has {len(words)}."
    url = given.url.strip()
    if url:
        try:
            url = checked_address(url).url
        except Invalid as refusal:
            fields["url"] = refusal.sentence
        if len(url) > 2000:
            fields["url"] = "An address has at most 2,000 characters."
    language = given.language.strip().lower()
    if language and not _LANGUAGE.fullmatch(language):
        fields["language"] = "Give a language code such as nl, en or pt-br."
    if fields:
        raise DocumentRefused("Some particulars of the article cannot be used.", fields=fields)
    return About(title, url, outlet, author, given.published_on, language)


def title_from(text: str) -> str:
    """Return a title for an untitled article: its first line, shortened at a blank."""
    line = text.partition("\n")[0]
    if len(line) <= _HEADING_LENGTH:
        return line
    return line[:_HEADING_LENGTH].rpartition(" ")[0] + "…"
