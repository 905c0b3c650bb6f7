"""Verdicts, drafts and reviews of one claim, as the API gives them."""

from annotations.domain.errors import Invalid, Missing
from annotations.models import Claim, Rating, Review, SignedRecord, User, Verdict, VerdictDraft
from annotations.queries.paging import Page, newest_first
from annotations.visibility import check_visible, get_visible


class UnknownRating(Invalid):
    """The desk's scale has no rating of this name."""

    code = "unknown_rating"


def verdicts_page(user: User, claim_id: int, *, after: str = "", size: int | None = None) -> Page[Verdict]:
    """Return the verdicts of a claim, newest first; raises Missing or BadCursor. Two queries."""
    check_visible(user, Claim, claim_id)
    rows = Verdict.objects.filter(claim_id=claim_id).select_related("rating", "created_by")
    return newest_first(rows, after=after, size=size)


def reviews_of(claim_id: int) -> list[Review]:
    """Return the decisions on a claim, oldest first; one query. The caller checks who may see the claim."""
    rows = Review.objects.filter(claim_id=claim_id).select_related("reviewer", "verdict")
    return list(rows.order_by("pk"))


def rating_named(user: User, claim_id: int, slug: str) -> Rating:
    """Return the rating of this name on the current scale of the claim's desk.

    Raises Missing or UnknownRating.
    """
    check_visible(user, Claim, claim_id)
    found = Rating.objects.filter(slug=slug, scale__desk__claims=claim_id, scale__is_current=True).first()
    if found is None:
        sentence = "This rating is not on the desk's scale."
        raise UnknownRating(sentence, fields={"rating": sentence})
    return found


def draft_for(user: User, claim_id: int) -> VerdictDraft:
    """Return the person's own draft on a claim; raises Missing. Two queries."""
    check_visible(user, Claim, claim_id)
    drafts = VerdictDraft.objects.filter(claim_id=claim_id, user=user).select_related("base", "rating")
    draft = drafts.first()
    if draft is None:
        raise Missing("You have no draft on this claim.")
    return draft


def record_for(user: User, claim_id: int) -> SignedRecord:
    """Return the record of a claim in review or verified; raises Missing. Two queries."""
    claim = get_visible(user, Claim.objects.all(), claim_id)
    record = SignedRecord.objects.in_force(claim_id) if claim.is_signed else None
    if record is None:
        raise Missing("This claim is neither in review nor verified, so there is no record to decide on.")
    return record
