"""One thing by its number with all that belongs to it, and the short lists on it, as the API gives them.

What is not on the person's desks is Missing, as if it were not there.
"""

from dataclasses import dataclass
from typing import TypeVar

from django.db import models

from annotations.domain.claims.states import ClaimState, Move, moves_from
from annotations.domain.desks.roles import Action
from annotations.domain.errors import Invalid, Missing
from annotations.models import (
    Anchor,
    Claim,
    Document,
    DocumentVersion,
    Evidence,
    Membership,
    Rating,
    Review,
    SavedFilter,
    User,
    Verdict,
    VerdictDraft,
)
from annotations.permissions import can, can_review, check_can, visible_to
from annotations.queries.evidence.attached import EvidenceView, evidence_views
from annotations.queries.paging import Page, newest_first

Row = TypeVar("Row", bound=models.Model)


class UnknownRating(Invalid):
    """The desk's scale has no rating of this name."""

    code = "unknown_rating"


@dataclass(frozen=True, slots=True)
class ClaimRecord:
    """A claim with everything a person needs to judge it. `moves` are those this person may make now."""

    claim: Claim
    anchor: Anchor | None
    sources: list[EvidenceView]
    reviews: list[Review]
    moves: list[Move]


def membership_for(user: User, desk_id: int) -> Membership:
    """The person's membership of a desk, with the desk; raises Missing. One query."""
    found = Membership.objects.filter(user=user, desk_id=desk_id).select_related("desk").first()
    if found is None:
        raise Missing("There is no such desk, or you are not a member of it.")
    return found


def documents_page(
    user: User, *, desk_id: int | None = None, after: str = "", size: int | None = None
) -> Page[Document]:
    """One page of the articles this person may see, newest first, without text. Raises BadCursor."""
    rows = visible_to(Document.objects.select_related("created_by"), user)
    return newest_first(rows if desk_id is None else rows.filter(desk_id=desk_id), after=after, size=size)


def document_for(user: User, document_id: int) -> Document:
    """An article with its current text; raises Missing. One query."""
    rows = visible_to(Document.objects.select_related("current_version", "created_by"), user)
    return _found(rows, document_id, "article")


def versions_page(
    user: User, document_id: int, *, after: str = "", size: int | None = None
) -> Page[DocumentVersion]:
    """The versions of an article, newest first, without their texts. Raises Missing or BadCursor."""
    check_readable(user, Document, document_id, "article")
    rows = DocumentVersion.objects.filter(document_id=document_id).defer("text")
    return newest_first(rows, after=after, size=size)


def claim_for(user: User, claim_id: int) -> Claim:
    """A claim with its article's particulars, its verdict in force and its people; raises Missing."""
    joined = (
        *("document", "rating", "verdict__rating", "verdict__created_by", "assignee", "lease_holder"),
        *("created_by", "submitted_by", "verified_by"),
    )
    return _found(visible_to(Claim.objects.select_related(*joined), user), claim_id, "claim")


def claim_record(user: User, claim_id: int) -> ClaimRecord:
    """A claim with its place in the current text, its sources and reviews; raises Missing. Five queries."""
    claim = claim_for(user, claim_id)
    version = claim.document.current_version_id
    anchor = Anchor.objects.filter(claim=claim, document_version_id=version).first()
    moves = [
        rule.move
        for rule in moves_from(ClaimState(claim.state))
        if can(user, rule.action, claim.desk_id) and (rule.action != Action.REVIEW or can_review(user, claim))
    ]
    return ClaimRecord(claim, anchor, evidence_views(claim.pk), reviews_of(claim.pk), moves)


def check_readable(user: User, model: type[Row], row_id: int, word: str = "claim") -> None:
    """Raise Missing unless the row is on one of the person's desks; one query."""
    if not visible_to(model._default_manager.filter(pk=row_id), user).exists():
        raise _missing(word)


def evidence_for(user: User, evidence_id: int) -> Evidence:
    """A piece of evidence with its claim's desk checked; raises Missing. One query."""
    rows = visible_to(Evidence.objects.select_related("claim"), user, desk="claim__desk")
    return _found(rows, evidence_id, "source")


def verdicts_page(user: User, claim_id: int, *, after: str = "", size: int | None = None) -> Page[Verdict]:
    """The verdicts of a claim, newest first; raises Missing or BadCursor. Two queries."""
    check_readable(user, Claim, claim_id)
    rows = Verdict.objects.filter(claim_id=claim_id).select_related("rating", "created_by")
    return newest_first(rows, after=after, size=size)


def reviews_of(claim_id: int) -> list[Review]:
    """The decisions on a claim, oldest first; one query. The caller checks who may read the claim."""
    rows = Review.objects.filter(claim_id=claim_id).select_related("reviewer", "verdict")
    return list(rows.order_by("pk"))


def rating_named(user: User, claim_id: int, slug: str) -> Rating:
    """The rating of this name on the scale of the claim's desk now; raises Missing or UnknownRating."""
    check_readable(user, Claim, claim_id)
    found = Rating.objects.filter(slug=slug, scale__desk__claims=claim_id, scale__is_current=True).first()
    if found is None:
        sentence = "This rating is not on the desk's scale."
        raise UnknownRating(sentence, fields={"rating": sentence})
    return found


def draft_for(user: User, claim_id: int) -> VerdictDraft:
    """The person's own draft on a claim; raises Missing. Two queries."""
    check_readable(user, Claim, claim_id)
    drafts = VerdictDraft.objects.filter(claim_id=claim_id, user=user).select_related("base", "rating")
    draft = drafts.first()
    if draft is None:
        raise Missing("You have no draft on this claim.")
    return draft


def filters_page(
    user: User, *, desk_id: int | None = None, after: str = "", size: int | None = None
) -> Page[SavedFilter]:
    """The person's saved filters, newest first; raises BadCursor. One query."""
    rows = visible_to(SavedFilter.objects.filter(user=user), user)
    return newest_first(rows if desk_id is None else rows.filter(desk_id=desk_id), after=after, size=size)


def colleague_for(user: User, person_id: int) -> User:
    """Someone who shares a desk with `user`; raises Missing. One query."""
    shared = Membership.objects.filter(desk__memberships__user=user, user_id=person_id)
    found = User.objects.filter(pk__in=shared.values("user")).first()
    if found is None:
        raise Missing("There is no such person on your desks.")
    return found


def check_reads(user: User, desk_id: int) -> None:
    """Raise Missing unless the desk is one of the person's."""
    check_can(user, Action.READ, desk_id)


def _found(rows: models.QuerySet[Row], row_id: int, word: str) -> Row:
    row = rows.filter(pk=row_id).first()
    if row is None:
        raise _missing(word)
    return row


def _missing(word: str) -> Missing:
    return Missing(f"There is no such {word}, or it belongs to a desk you are not a member of.")
