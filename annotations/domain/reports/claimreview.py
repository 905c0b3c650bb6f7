"""ClaimReview, the markup with which search tools and other newsrooms read a verdict.

`claim_review` builds one object from a frozen row. `to_script_json` writes it so that it is safe inside
`<script>`. `annotations.domain.reports.claimreview_lint` finds faults in such markup of any origin.
"""

from functools import lru_cache
from urllib.parse import urlsplit

import orjson

from annotations.domain.reports.contents import ReportedRating, ReportHead, ReportRow

_CLAIMANT_TYPES = {"person": "Person", "organization": "Organization"}

# Characters that would end a script element early, start a comment in it, or break a line of JavaScript.
_FOR_SCRIPT = (
    ("<", "\\u003c"),
    (">", "\\u003e"),
    ("&", "\\u0026"),
    ("\u2028", "\\u2028"),
    ("\u2029", "\\u2029"),
)


def claim_review(row: ReportRow, head: ReportHead) -> dict[str, object]:
    """Return one schema.org ClaimReview for one reported claim.

    Unknown values are omitted: a claimant without a name, or the appearance of an article without an address.
    An article on the publisher's own host is also omitted as an appearance, because readers of the markup
    take it for the check itself. Numbers appear only in ratings of an ordered scale.
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
    """Return `(value, worst, best)` if a number is meaningful, else None.

    A number needs an ordered scale that counts up from one or more and contains the value.
    """
    value, worst, best = rating["value"], rating["worst"], rating["best"]
    if not rating["ordered"] or value is None or worst is None or best is None:
        return None
    if not 1 <= worst < best or not worst <= value <= best:
        return None
    return value, worst, best


def to_script_json(markup: object) -> str:
    """Return JSON that reads the same anywhere and cannot leave the `<script>` element around it."""
    text = orjson.dumps(markup).decode()
    for character, escaped in _FOR_SCRIPT:
        text = text.replace(character, escaped)
    return text


@lru_cache(maxsize=4096)
def host_of(url: str) -> str:
    """Return the lower-case host of an absolute http(s) address without `www.`; empty for anything else."""
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
