"""Pages that send their visitors on by themselves: the `Refresh` header and its twin in the markup."""

import html
import re

from annotations.fetching.markup import LOOKED_AT, live_tags

# A page that means to be seen first, or reloads itself, waits longer than that.
_AT_ONCE_SECONDS = 5
_CONTENT = re.compile(
    r"\s*(\d{1,6})(?:\.\d*)?\s*[;,]\s*(?:url\s*=\s*|(?!url\s*=))(?:\"([^\"]*)|'([^']*)|([^\"'\s]\S*))",
    re.IGNORECASE,
)


def where_the_page_leads(refresh_header: str, body: bytes) -> str:
    """The address, as written, to which a visitor is sent within seconds; empty when there is none.

    What stands in scripts, comments or templates does not count, nor what only shows without
    scripts: the page with its scripts is the one that people see.
    """
    found = _target(refresh_header)
    if found or b"refresh" not in body[:LOOKED_AT].lower():
        return found
    for tag in live_tags(body):
        if tag.name == "meta" and tag.attribute("http-equiv").strip().lower() == "refresh":
            return _target(tag.attribute("content"))
    return ""


def _target(content: str) -> str:
    match = _CONTENT.match(content)
    if match is None or int(match[1]) > _AT_ONCE_SECONDS:
        return ""
    return html.unescape(match[2] or match[3] or match[4] or "").strip()
