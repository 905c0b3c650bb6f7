"""Faults in ClaimReview markup that its readers refuse, misread or drop.

The rules hold for markup of any origin. A rule is a small function that yields problems; `RULES` is all of
them.
"""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date

from annotations.domain.reports.claimreview import host_of

LONG_CLAIM = 75
LONG_RATING = 40
SHORTENERS = frozenset(
    {
        "bit.ly",
        "t.co",
        "goo.gl",
        "tinyurl.com",
        "ow.ly",
        "is.gd",
        "buff.ly",
        "t.ly",
        "rb.gy",
        "cutt.ly",
        "lnkd.in",
    }
)


@dataclass(frozen=True, slots=True)
class Problem:
    """A fault with a stable code. A `warning` is bad style; an error loses readers or misleads them."""

    code: str
    sentence: str
    warning: bool = False


@dataclass(frozen=True, slots=True)
class Place:
    """The destination of the markup: its publisher's host, the labels of the scale, and today's date.

    Without a host or labels, the rules that need them are silent.
    """

    today: date
    host: str = ""
    labels: Collection[str] = ()


Markup = Mapping[str, object]


def lint(markup: Markup, place: Place) -> list[Problem]:
    """Return every problem of one ClaimReview object, errors first."""
    return sorted((p for rule in RULES for p in rule(markup, place)), key=lambda problem: problem.warning)


def lint_all(markups: Iterable[Markup], place: Place) -> Iterator[tuple[int, Problem]]:
    """Yield every problem of the objects of one page, each with the index of its object.

    In addition to `lint` it finds addresses that an earlier object already has.
    """
    seen: set[str] = set()
    for index, markup in enumerate(markups):
        for problem in lint(markup, place):
            yield index, problem
        url = str(markup.get("url", ""))
        if url and url in seen:
            yield (
                index,
                Problem("url_not_unique", "Two claims share an address. Give each its own #fragment."),
            )
        seen.add(url)


def _kind(markup: Markup, place: Place) -> Iterator[Problem]:
    if str(markup.get("@context", "")).rstrip("/") not in ("https://schema.org", "http://schema.org"):
        yield Problem("context_wrong", "Set @context to https://schema.org.")
    if markup.get("@type") != "ClaimReview":
        yield Problem("type_wrong", "Set @type to ClaimReview.")


def _address(markup: Markup, place: Place) -> Iterator[Problem]:
    url = markup.get("url")
    host = host_of(url) if isinstance(url, str) else ""
    if not url:
        yield Problem("url_missing", "Give the address of the page that holds this check.")
    elif not host:
        yield Problem("url_not_absolute", "Give the address as one absolute http or https address.")
    elif host in SHORTENERS:
        yield Problem("url_shortened", "Give the page's own address: short links are not followed.")
    elif place.host and host != place.host and not host.endswith(f".{place.host}"):
        yield Problem("url_other_host", f"The address must be on {place.host}, where the check is published.")


def _statement(markup: Markup, place: Place) -> Iterator[Problem]:
    statement = markup.get("claimReviewed")
    if not isinstance(statement, str) or not statement.strip():
        yield Problem("claim_missing", "Say in claimReviewed what was claimed.")
        return
    rating = _part(markup.get("reviewRating"))
    label = rating.get("alternateName")
    if isinstance(label, str) and f" {label.casefold()} " in f" {_words(statement)} ":
        yield Problem(
            "claim_states_rating", f"The claim itself says “{label}”. Restate it without the verdict.", True
        )
    if len(statement) > LONG_CLAIM:
        sentence = f"The claim is longer than {LONG_CLAIM} characters; search tools may cut it."
        yield Problem("claim_long", sentence, True)


def _rating(markup: Markup, place: Place) -> Iterator[Problem]:
    rating = _part(markup.get("reviewRating"))
    if not rating:
        yield Problem("rating_missing", "Give a reviewRating.")
        return
    if rating.get("@type") != "Rating":
        yield Problem("rating_type_wrong", "Set the @type of reviewRating to Rating.")
    label = rating.get("alternateName")
    if not isinstance(label, str) or not label.strip():
        yield Problem("rating_name_missing", "Give the rating in words as alternateName.")
    elif place.labels and label not in place.labels:
        yield Problem("rating_not_on_scale", f"“{label}” is not a rating of the scale in use.")
    elif len(label) > LONG_RATING:
        yield Problem("rating_name_long", "Give the rating as a few words, not as a sentence.", True)
    yield from _numbers(rating)


def _numbers(rating: Markup) -> Iterator[Problem]:
    given = [rating[name] for name in ("worstRating", "ratingValue", "bestRating") if name in rating]
    if not given:
        return
    if len(given) < 3:
        yield Problem(
            "rating_numbers_incomplete", "Give ratingValue, worstRating and bestRating, or none of them."
        )
        return
    if any(isinstance(number, bool) or not isinstance(number, int | float) for number in given):
        yield Problem("rating_not_a_number", "Give the three rating numbers as numbers, not as text.")
        return
    worst, value, best = (float(str(number)) for number in given)
    if worst < 1:
        yield Problem("rating_worst_below_one", "worstRating must be 1 or more.")
    if worst >= best:
        yield Problem("rating_range_empty", "bestRating must be greater than worstRating.")
    elif not worst <= value <= best:
        yield Problem("rating_out_of_range", "ratingValue must lie between worstRating and bestRating.")


def _publisher(markup: Markup, place: Place) -> Iterator[Problem]:
    author = _part(markup.get("author"))
    if not author.get("name"):
        yield Problem("author_missing", "Name the organisation or person who checked the claim.")
    elif author.get("@type") not in ("Organization", "Person"):
        yield Problem("author_type_wrong", "Say whether the author is an Organization or a Person.")


def _claim(markup: Markup, place: Place) -> Iterator[Problem]:
    if "itemReviewed" not in markup:
        return
    claim = _part(markup["itemReviewed"])
    if claim.get("@type") != "Claim":
        yield Problem("item_type_wrong", "Set the @type of itemReviewed to Claim.")
    if "author" not in claim:
        sentence = (
            "The claimant is left out: record who said it, and whether that is a person or an organisation."
        )
        yield Problem("claimant_missing", sentence, True)
    else:
        claimant = _part(claim["author"])
        if not claimant.get("name"):
            yield Problem("claimant_without_name", "Name the claimant, or leave the claimant out.")
        if claimant.get("@type") not in ("Organization", "Person"):
            yield Problem("claimant_type_wrong", "Say whether the claimant is an Organization or a Person.")
        if any(not host_of(str(same)) for same in _many(claimant.get("sameAs"))):
            yield Problem("same_as_not_absolute", "Give sameAs as absolute addresses.")
        if claimant.get("name") and claimant.get("name") == _part(markup.get("author")).get("name"):
            yield Problem("claimant_is_checker", "The claimant and the checker are the same.", True)
    for name in ("firstAppearance", "appearance"):
        for appearance in _many(claim.get(name)):
            yield from _appearance(appearance, host_of(str(markup.get("url", ""))))


def _appearance(appearance: object, own_host: str) -> Iterator[Problem]:
    url = _part(appearance).get("url", appearance)
    host = host_of(url) if isinstance(url, str) and not set(url) & set(" ,\n") else ""
    if not host:
        yield Problem("appearance_not_one_address", "Give each appearance as one absolute address.")
    elif host == own_host:
        yield Problem(
            "appearance_on_own_host", "An appearance is where the claim was made, not where it is checked."
        )


def _dates(markup: Markup, place: Place) -> Iterator[Problem]:
    reviewed = _date(markup.get("datePublished"))
    claimed_text = _part(markup.get("itemReviewed")).get("datePublished")
    claimed = _date(claimed_text)
    if reviewed is None:
        yield Problem("review_date_missing", "Give the date of the check as YYYY-MM-DD.")
    elif reviewed > place.today:
        yield Problem("review_in_future", "The check is dated in the future.")
    if claimed_text is not None and claimed is None:
        yield Problem("claim_date_unreadable", "Give the date of the claim as YYYY-MM-DD.")
    elif claimed and claimed > (reviewed or place.today):
        yield Problem("claim_after_review", "The claim is dated after its check.")


RULES: tuple[Callable[[Markup, Place], Iterator[Problem]], ...] = (
    _kind,
    _address,
    _statement,
    _rating,
    _publisher,
    _claim,
    _dates,
)


def _part(value: object) -> Markup:
    return value if isinstance(value, Mapping) else {}


def _many(value: object) -> list[object]:
    if value is None:
        return []
    return list(value) if isinstance(value, list | tuple) else [value]


def _date(value: object) -> date | None:
    try:
        return date.fromisoformat(str(value)[:10])
    except ValueError:
        return None


def _words(text: str) -> str:
    return " ".join("".join(c if c.isalnum() else " " for c in text.casefold()).split())
