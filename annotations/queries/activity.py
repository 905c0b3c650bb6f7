"""The log of changes, newest first."""

from django.db.models import Q, QuerySet, Subquery

from annotations.domain.activity import Verb
from annotations.models import Activity, Claim, Origin, User
from annotations.queries.paging import Page, newest_first
from annotations.visibility import visible_to


def activity_of_desk(user: User, desk_id: int, *, after: str = "", size: int | None = None) -> Page[Activity]:
    """Return one page of what happened on a desk; one query. Raises BadCursor."""
    return newest_first(_visible(user).filter(desk_id=desk_id), after=after, size=size)


def activity_of_claim(
    user: User, claim_id: int, *, after: str = "", size: int | None = None
) -> Page[Activity]:
    """Return one page of what happened to a claim; one query. Raises BadCursor.

    The log of a proposed claim begins with the line of its article that records the proposal of all its
    claims.
    """
    article = Claim.objects.filter(pk=claim_id, origin=Origin.PROPOSED).values("document_id")
    proposing = Activity.objects.filter(verb=Verb.PROPOSED_CLAIMS, document_id=Subquery(article))
    of_claim = Q(claim_id=claim_id) | Q(pk=Subquery(proposing.order_by("pk").values("pk")[:1]))
    return newest_first(_visible(user).filter(of_claim), after=after, size=size)


def activity_of_document(
    user: User, document_id: int, *, after: str = "", size: int | None = None
) -> Page[Activity]:
    """Return one page of what happened to an article and its claims; one query. Raises BadCursor."""
    return newest_first(_visible(user).filter(document_id=document_id), after=after, size=size)


def _visible(user: User) -> QuerySet[Activity]:
    return visible_to(Activity.objects.select_related("actor"), user)
