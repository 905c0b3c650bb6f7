"""ClaimReview, the markup by which search tools and other newsrooms read a verdict.

`claim_review` builds one object of a frozen row, `to_script_json` spells it so that it can
stand inside `<script>`, and `annotations.domain.reports.claimreview_lint` finds faults in such markup,
ours or anybody's.
"""

from functools import lru_cache
from urllib.parse import urlsplit

import orjson

from annotations.domain.reports.contents import ReportedRating, ReportHead, ReportRow

_CLAIMANT_TYPES = {"person": "Person", "organization": "Organization"}

# What would end a script element early, start a comment in it, or break a line of JavaScript.
_FOR_SCRIPT = (
    ("<", "\\u003c"),
    (">", "\\u003e"),
    ("&", "\\u0026"),
    ("\u2028", "\\u2028"),
    ("\u2029", "\\u2029"),
)


def claim_review(row: ReportRow, head: ReportHead) -> dict[str, object]:
    """One schema.org ClaimReview of one reported claim.

    What is not known is left out: a claimant without a name, the appearance of an article without
    an address. An article on the publisher's own host is left out as an appearance too, since
    readers of the markup take it for the check itself. Numbers stand only in ratings of an ordered scale.
    """
    publisher: dict[str, object] = {"@type": "Organization", "name": head.publisher}
    if head.publisher_url:
        publisher["url"] = head.publisher_url
    review: dict[str, object] = {
        "@context": "https://schema.org",
        "@type": "ClaimReview",
        "url": head.claim_url(row),
        "claimReviewed": row["statement"],
        "itemReviewed": _claim(row, head),
        "reviewRating": _rating(row["rating"]),
        "author": publisher,
        "publisher": publisher,
        "datePublished": head.frozen_at.date().isoformat(),
    }
    if row["language"]:
        review["inLanguage"] = row["language"]
    return review


def rating_numbers(rating: ReportedRating) -> tuple[int, int, int] | None:
    """`(value, worst, best)` where a number means something, else None.

    A number needs an ordered scale that counts up from one or more and holds the value.
    """
    value, worst, best = rating["value"], rating["worst"], rating["best"]
    if not rating["ordered"] or value is None or worst is None or best is None:
        return None
    if not 1 <= worst < best or not worst <= value <= best:
        return None
    return value, worst, best


def to_script_json(markup: object) -> str:
    """JSON that reads the same anywhere and cannot leave the `<script>` element it stands in."""
    text = orjson.dumps(markup).decode()
    for character, escaped in _FOR_SCRIPT:
        text = text.replace(character, escaped)
    return text


@lru_cache(maxsize=4096)
def host_of(url: str) -> str:
    """The lower-case host of an absolute http(s) address, without `www.`; empty for anything else."""
    try:
        parts = urlsplit(url)
        host = parts.hostname or ""
    except ValueError:
        return ""
    return host.removeprefix("www.") if parts.scheme in ("http", "https") else ""


def _claim(row: ReportRow, head: ReportHead) -> dict[str, object]:
    claim: dict[str, object] = {"@type": "Claim", "text": row["exact"]}
    claimant = row["claimant"]
    kind = _CLAIMANT_TYPES.get(claimant["kind"])
    if claimant["name"] and kind:
        author: dict[str, object] = {"@type": kind, "name": claimant["name"]}
        if kind == "Person" and claimant["role"]:
            author["jobTitle"] = claimant["role"]
        claim["author"] = author
    if row["said_on"]:
        claim["datePublished"] = row["said_on"]
    document = row["document"]
    host = host_of(document["url"])
    if host and host != host_of(head.url):
        appearance: dict[str, object] = {"@type": "CreativeWork", "url": document["url"]}
        if document["title"]:
            appearance["headline"] = document["title"]
        if document["published_on"]:
            appearance["datePublished"] = document["published_on"]
        claim["appearance"] = appearance
    return claim


def _rating(rating: ReportedRating) -> dict[str, object]:
    markup: dict[str, object] = {"@type": "Rating", "alternateName": rating["label"]}
    numbers = rating_numbers(rating)
    if numbers:
        markup["ratingValue"], markup["worstRating"], markup["bestRating"] = numbers
    if rating["definition"]:
        markup["ratingExplanation"] = rating["definition"]
    return markup
