"""Pages that send their visitors on: the `Refresh` header and the `meta` tag that means the same."""

import html
import re

from annotations.fetching.markup import LOOKED_AT, live_tags

# A page that visitors should see first, or that reloads itself, waits longer than this.
_AT_ONCE_SECONDS = 5
_CONTENT = re.compile(
    r"\s*(\d{1,6})(?:\.\d*)?\s*[;,]\s*(?:url\s*=\s*|(?!url\s*=))(?:\"([^\"]*)|'([^']*)|([^\"'\s]\S*))",
    re.IGNORECASE,
)


def where_the_page_leads(refresh_header: str, body: bytes) -> str:
    """The address, as written, that a visitor is sent to within 5 seconds, or an empty string.

    A tag inside a script, comment or template does not count. A tag inside `noscript` does not
    count either, because people see the page with its scripts.
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
